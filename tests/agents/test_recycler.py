"""Rules of the recyclers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeflow.agents import Population
from lodeflow.agents.recycler import plan_throughput, scrap_bid


def treated(held: float, bid: float = 1.0) -> float:
    recyclers = Population("recycler", ["a"], planned=np.array([10.0]), held=np.array([held]), bid=np.array([bid]))
    return float(plan_throughput(recyclers, response=0.35, ceiling=1.25)[0])


@given(st.floats(0.0, 0.9))
def test_scrap_bid_is_one_at_base_prices(cost: float) -> None:
    assert scrap_bid(np.ones(1), cost, cost)[0] == pytest.approx(1.0, rel=1e-12)


def test_scrap_bid_is_what_is_left_after_the_separation_cost() -> None:
    assert scrap_bid(np.array([2.0, 0.5, 0.1]), 0.35, 0.35) == pytest.approx([1.65 / 0.65, 0.15 / 0.65, 0.05])


def test_recyclers_treat_what_lies_in_the_yard_up_to_capacity() -> None:
    assert treated(held=4.0) == 4.0
    assert treated(held=100.0) == pytest.approx(12.5)
    assert treated(held=0.0) == 0.0


def test_plants_run_harder_when_scrap_pays() -> None:
    assert treated(100.0, bid=2.0) == pytest.approx(12.5 * 2.0**0.35)
    assert treated(100.0, bid=0.5) < treated(100.0)
