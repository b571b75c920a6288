"""Rules of the countries: collection and strategic reserves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeflow.agents.country import achievable, collection_rate, reserve_order, reserve_release


def collected(base: float, price: float, elasticity: float = 0.3, ceiling: float = 0.95) -> float:
    return float(collection_rate(np.array([base]), np.array([price]), elasticity, ceiling)[0])


def released(reserve: float, cover: float, price: float) -> float:
    parts = (np.array([value]) for value in (reserve, cover, price))
    return float(reserve_release(*parts, months=6.0, low_cover=0.5, high_price=1.3)[0])


def ordered(reserve: float, target: float, price: float) -> float:
    parts = (np.array([value]) for value in (reserve, target, price))
    return float(reserve_order(*parts, months=24.0, calm_price=1.1)[0])


@given(st.floats(0.0, 1.0))
def test_collection_is_the_base_rate_at_base_prices(base: float) -> None:
    assert collected(base, 1.0) == base


@given(st.floats(0.0, 1.0), st.floats(0.01, 100.0), st.floats(1.0, 5.0))
def test_collection_never_falls_with_the_scrap_price(base: float, price: float, factor: float) -> None:
    assert collected(base, price * factor) >= collected(base, price)


def test_collection_has_a_ceiling_that_does_not_cut_what_a_rule_reached() -> None:
    assert collected(0.6, 1e6) == 0.95
    assert collected(0.98, 5.0) == 0.98


def most_collected(kinds: float, life: float) -> float:
    return float(achievable(0.95, np.array([kinds]), np.array([life / 15.0]), by_kinds=0.5, by_life=0.5)[0])


@given(st.floats(1.0, 50.0), st.floats(0.5, 60.0), st.floats(1.01, 5.0))
def test_less_can_be_collected_of_many_kinds_of_goods_with_short_cycles(
    kinds: float, life: float, factor: float
) -> None:
    assert most_collected(kinds * factor, life) < most_collected(kinds, life)
    assert most_collected(kinds, life / factor) <= most_collected(kinds, life) <= 0.95


def test_all_that_can_be_collected_is_collected_of_one_kind_of_goods_that_last() -> None:
    assert most_collected(1.0, 15.0) == most_collected(1.0, 40.0) == 0.95
    assert most_collected(4.0, 4.0) == pytest.approx(0.95 ** (2.0 * 3.75**0.5))


def test_a_reserve_opens_only_when_firms_are_short_and_prices_high() -> None:
    assert released(60.0, cover=0.2, price=2.0) == pytest.approx(10.0)
    assert released(60.0, cover=0.9, price=2.0) == 0.0
    assert released(60.0, cover=0.2, price=1.0) == 0.0


def test_a_reserve_is_refilled_only_while_prices_are_calm() -> None:
    assert ordered(40.0, target=64.0, price=1.0) == pytest.approx(1.0)
    assert ordered(40.0, target=64.0, price=1.5) == 0.0
    assert ordered(64.0, target=40.0, price=1.0) == 0.0
