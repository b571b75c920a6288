"""Trade in products: what is made comes into use where it is sold, to the gram."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeflow.environment.calendar import parse_month
from lodeflow.environment.market.product_trade import ProductTrade


def two_by_two(share: np.ndarray) -> ProductTrade:
    """One product of one metal: made in countries 0 and 1 (inputs 0 and 1), used in both (stocks 0 and 1).

    ``share``: of each maker's sales that stays in country 0, shape (years, 2).
    """
    to = np.stack([share[:, 0], 1.0 - share[:, 0], share[:, 1], 1.0 - share[:, 1]], axis=1)
    maker, user, edges = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), np.arange(4)
    return ProductTrade(np.zeros(4, int), maker, user, to, edges, to, maker, user, 2020)


def test_what_is_sold_abroad_comes_into_use_abroad() -> None:
    trade = two_by_two(np.array([[1.0, 0.25]]))
    assert trade.into_use(np.array([8.0, 4.0]), parse_month("2020-05"), 2) == pytest.approx([9.0, 3.0])


def test_a_maker_that_makes_less_leaves_its_own_customers_short() -> None:
    trade = two_by_two(np.array([[0.5, 0.0]]))
    full, half = (trade.into_use(np.array([made, 4.0]), parse_month("2020-05"), 2) for made in (8.0, 4.0))
    assert full - half == pytest.approx([2.0, 2.0])
    assert two_by_two(np.array([[1.0, 0.0]])).into_use(np.array([4.0, 4.0]), 0, 2) == pytest.approx([4.0, 4.0])


@pytest.mark.parametrize(
    ("month", "at_home"), [("2015-01", 0.1), ("2020-12", 0.1), ("2021-01", 0.7), ("2021-12", 0.7), ("2060-06", 0.7)]
)
def test_the_shares_of_the_year_hold_from_january_on(month: str, at_home: float) -> None:
    trade = two_by_two(np.array([[0.1, 0.0], [0.7, 0.0]]))
    assert trade.into_use(np.array([10.0, 0.0]), parse_month(month), 2)[0] == pytest.approx(10.0 * at_home)


def test_products_that_leave_no_stock_enter_none() -> None:
    trade = two_by_two(np.array([[0.5, 0.5]]))
    trade.row = np.array([0, 2, 0, 2])
    assert trade.into_use(np.array([8.0, 4.0]), 0, 2) == pytest.approx([6.0, 0.0])


shares = st.floats(0.0, 1.0)


@given(shares, shares, st.floats(0.0, 1e6), st.floats(0.0, 1e6))
def test_no_gram_is_lost_on_the_way(first: float, second: float, made: float, more: float) -> None:
    trade, goods = two_by_two(np.array([[first, second]])), np.array([made, more])
    used = trade.into_use(goods, 0, 2)
    carried = goods[trade.maker] * trade.share[0]
    abroad = trade.maker != trade.user
    imports, exports = (np.bincount(end[abroad], carried[abroad], 2) for end in (trade.user, trade.maker))
    assert used == pytest.approx(goods + imports - exports, abs=1e-9 * max(goods.sum(), 1.0))
    assert used.sum() == pytest.approx(goods.sum())
