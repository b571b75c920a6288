"""Rules of the investors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeflow.agents import investor

SHARES = st.floats(0.0, 3.0)


def one(value: float) -> np.ndarray:
    return np.array([value])


def test_a_forecast_that_was_met_asks_for_the_plan() -> None:
    assert investor.forecast(one(0.0), one(0.0), one(36.0), 24.0, 0.5)[0] == 1.0


def test_growth_beyond_the_plan_is_expected_to_go_on_in_part() -> None:
    ahead = investor.forecast(one(0.2), one(0.1), one(24.0), 24.0, 0.5)[0]
    assert ahead == pytest.approx(np.exp(0.2 + 0.5 * 0.1))
    assert investor.forecast(one(-0.2), one(-0.1), one(24.0), 24.0, 0.5)[0] == pytest.approx(1.0 / ahead)


@given(st.floats(-2.0, 4.0), SHARES, st.floats(0.01, 1.0))
def test_what_is_being_built_makes_the_next_investor_expect_less(margin: float, coming: float, more: float) -> None:
    before, after = (investor.expected_margin(one(margin), one(c), one(0.5))[0] for c in (coming, coming + more))
    assert after < before <= margin


@given(st.floats(-2.0, 4.0, allow_subnormal=False))
def test_a_loss_makes_nobody_build(margin: float) -> None:
    wanted = investor.wanted_by_margin(one(margin), 0.5, 0.4)[0]
    assert (wanted > 0.0) == (margin > 0.0)
    assert wanted <= 0.4 / 12.0


@given(SHARES, SHARES, SHARES)
def test_the_pipeline_counts_as_coming_supply(forecast: float, standing: float, coming: float) -> None:
    """Nobody builds what is being built already, and nobody spares what is still lacking."""
    lacking = investor.lacking(one(forecast), one(standing), one(coming), 12.0, 0.5)[0]
    spared = investor.withheld(one(forecast), one(standing), one(coming), one(0.01), 12.0)[0]
    assert lacking == pytest.approx(min(max(forecast - standing - coming, 0.0) / 12.0, 0.5 / 12.0 * standing))
    assert lacking == 0.0 or spared == 0.0
    assert 0.0 <= spared <= 0.01


@given(st.floats(-2.0, 2.0), st.floats(0.01, 1.0), SHARES)
def test_new_capacity_goes_where_it_earns_and_where_feed_waits(margin: float, more: float, chance: float) -> None:
    draw = investor.draw(np.array([margin, margin + more]), np.array([chance, chance]), 1.0)
    assert draw[1] > draw[0]
    waiting = investor.draw(np.array([margin, margin]), np.array([chance, chance + more]), 1.0)
    assert waiting[1] > waiting[0]


def test_prospects_move_a_part_of_new_mines_to_ore_in_the_ground() -> None:
    capacity, ground = np.array([0.6, 0.4 - 1e-6, 1e-6]), np.array([0.5, 0.1, 0.4])
    spread = investor.prospects(capacity, ground, 0.1)
    assert (capacity * spread).sum() == pytest.approx(1.0)
    assert capacity * spread == pytest.approx(0.9 * capacity + 0.1 * ground)
    assert investor.prospects(capacity, ground, 0.0) == pytest.approx(np.ones(3))


def rebuilt(standing: float, coming: float, margin: float) -> float:
    parts = (np.array([value]) for value in (standing, coming, margin))
    return float(investor.rebuilt(*parts, loss=np.log(0.7), months=12.0)[0])


def test_what_was_closed_is_built_anew_where_the_whole_cost_is_earned() -> None:
    assert rebuilt(0.7, 0.1, 0.0) == pytest.approx(0.2 / 12.0)
    assert rebuilt(0.7, 0.1, 0.5) == pytest.approx(0.2 / 12.0)
    assert rebuilt(1.0, 0.0, 0.0) == rebuilt(1.4, 0.0, 0.3) == 0.0


def test_nothing_is_built_anew_that_does_not_pay() -> None:
    assert rebuilt(0.5, 0.0, -0.5) == 0.0
    assert 0.0 < rebuilt(0.5, 0.0, -0.2) < rebuilt(0.5, 0.0, -0.1)
