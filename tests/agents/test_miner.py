"""Rules of the miners."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeflow.agents import Population
from lodeflow.agents.miner import plan_output, utilisation_target

COSTS = st.floats(0.05, 1.0)


def target(ask: float, cost: float = 0.7, ceiling: float = 1.18, elasticity: float = 0.25) -> float:
    result = utilisation_target(
        np.array([ask]), np.array([cost]), np.array([elasticity]), steepness=8.0, ceiling=np.array([ceiling])
    )
    return float(result[0])


def miners(**columns: list[float]) -> Population:
    base = {"planned": [10.0], "reserve": [1e9]} | columns
    return Population("miner", ["a"], **{name: np.array(values) for name, values in base.items()})


def output(population: Population, host_ratio: float = 1.0, normal_stock: float = 5.0, trapped: float = 8.0) -> float:
    one = np.ones(1)
    return float(plan_output(population, host_ratio * one, normal_stock * one, trapped)[0])


@given(COSTS)
def test_target_is_exactly_one_at_the_base_price(cost: float) -> None:
    assert target(1.0, cost) == 1.0


@given(COSTS, st.floats(0.05, 20.0), st.floats(1.0, 2.0))
def test_target_never_falls_with_the_ask(cost: float, ask: float, factor: float) -> None:
    assert target(ask * factor, cost) >= target(ask, cost) - 1e-12


@given(COSTS, st.floats(1e-3, 1e3), st.floats(1.0, 2.0))
def test_target_stays_between_zero_and_the_ceiling(cost: float, ask: float, ceiling: float) -> None:
    assert 0.0 <= target(ask, cost, ceiling) <= ceiling


def test_a_high_ask_reaches_the_ceiling() -> None:
    assert target(50.0) == 1.18


def test_a_dear_mine_stops_before_a_cheap_one() -> None:
    assert target(0.6, cost=0.95) < 0.3 < target(0.6, cost=0.3)


def test_output_is_the_plan_in_a_normal_month() -> None:
    assert output(miners()) == 10.0
    assert output(miners(expansion=[1.5])) == 15.0


@given(st.floats(0.0, 1.0), st.floats(0.0, 2.0))
def test_output_follows_the_host_one_to_one_by_its_share(share: float, ratio: float) -> None:
    by_product = miners(host_share=[share])
    assert output(by_product, ratio) == pytest.approx(10.0 * (1.0 + share * (ratio - 1.0)), rel=1e-12)


def test_recovery_rises_with_price_up_to_the_technical_limit() -> None:
    normal, keen, limited = (
        output(miners(host_share=[1.0], utilisation=[utilisation], recovery_limit=[1.3]))
        for utilisation in (1.0, 1.2, 3.0)
    )
    assert normal == 10.0
    assert keen == pytest.approx(12.0)
    assert limited == pytest.approx(13.0)


def test_a_trapped_stock_stops_the_mine() -> None:
    limit = 5.0 + 8.0 * 10.0
    full, half, stopped = (output(miners(stock=[stock])) for stock in (limit, 1.5 * limit, 2.0 * limit))
    assert full == 10.0
    assert half == pytest.approx(5.0)
    assert stopped == 0.0


def test_nobody_mines_more_than_the_reserve() -> None:
    assert output(miners(reserve=[4.0])) == 4.0
    assert output(miners(reserve=[0.0])) == 0.0
