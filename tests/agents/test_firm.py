"""Rules that firms share: losses, closing, restarts, building."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeflow.agents import Population, firm


def one(value: float) -> np.ndarray:
    return np.array([value])


@given(st.floats(-2.0, 2.0), st.integers(0, 40))
def test_months_of_loss_count_in_a_row(profit: float, before: int) -> None:
    assert firm.losing(one(float(before)), one(profit))[0] == (before + 1 if profit < 0.0 else 0)


def test_firms_shut_only_after_months_of_loss() -> None:
    assert firm.shut(one(11.0), 12.0, 0.3)[0] == 0.0
    assert firm.shut(one(12.0), 12.0, 0.3)[0] == pytest.approx(0.025)


@given(st.floats(-1.0, 1.0))
def test_what_is_shut_comes_back_only_where_a_restart_pays(profit: float) -> None:
    back = firm.reopened(one(profit), 0.1, 6.0)[0]
    assert (back > 0.0) == (profit > np.log(1.1))


@given(st.floats(0.0, 1.0), st.floats(0.0, 0.1), st.floats(12.0, 72.0))
def test_building_loses_no_capacity_on_the_way(building: float, begun: float, lead: float) -> None:
    firms = Population("refiner", ["a"], sizes={"stage": firm.STAGES}, building=np.full((firm.STAGES, 1), building))
    pipeline, stands = firm.build(firms.building, firms.expansion, one(begun), one(0.0), lead)
    assert pipeline.sum() + stands[0] == pytest.approx(1.0 + firm.STAGES * building + begun)


def test_contracts_grow_with_what_is_built_and_do_not_shrink_with_what_is_shut() -> None:
    assert firm.signed(np.array([1.0, 1.0]), np.array([1.5, 0.5])).tolist() == [1.5, 1.0]


def test_what_was_built_before_a_plan_is_what_the_plan_asks_for() -> None:
    expansion, growth = np.array([6.0, 6.0, 1.0, 0.5, 6.0]), np.array([2.0, 1e3, 1e3, 2.0, 0.5])
    assert expansion * firm.met(expansion, growth) == pytest.approx([3.0, 1.0, 1.0, 0.5, 6.0])
