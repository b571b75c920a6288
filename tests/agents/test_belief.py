"""What agents expect of a measure."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeflow.agents.belief import Belief, expected_belief

HORIZONS = np.array([3.0, 6.0, 12.0, 24.0])
PARAMETERS = {
    "duration_stretch": 2.0,
    "duration_least": 0.7,
    "duration_law": 60.0,
    "duration_open": 3.0,
    "duration_elapsed": 0.65,
    "credibility_announced": 0.6,
}
BELIEFS = st.builds(Belief, lead=st.floats(0, 48), duration=st.floats(0.5, 500), credibility=st.floats(0, 1))


def belief(
    month: int, start: int = 100, end: int | None = None, permanent: bool = False, credibility: float | None = None
) -> Belief:
    return expected_belief(month, start, end, permanent, credibility, PARAMETERS)


@given(BELIEFS)
def test_restricted_months_lie_between_zero_and_the_horizon(held: Belief) -> None:
    months = held.restricted_months(HORIZONS)
    assert (months >= 0.0).all()
    assert (months <= np.maximum(HORIZONS - held.lead, 0.0) + 1e-12).all()


@given(BELIEFS)
def test_restricted_months_rise_with_the_horizon(held: Belief) -> None:
    assert (np.diff(held.restricted_months(HORIZONS)) >= 0.0).all()


@given(BELIEFS, st.floats(1.0, 3.0))
def test_restricted_months_rise_with_duration_and_fall_with_lead(held: Belief, factor: float) -> None:
    months = held.restricted_months(HORIZONS)
    longer = Belief(held.lead, held.duration * factor, held.credibility)
    later = Belief(held.lead * factor, held.duration, held.credibility)
    assert (longer.restricted_months(HORIZONS) >= months - 1e-9).all()
    assert (later.restricted_months(HORIZONS) <= months + 1e-9).all()


def test_restricted_months_follow_the_formula() -> None:
    assert Belief(2.0, 10.0, 0.6).restricted_months(np.array([12.0]))[0] == pytest.approx(6.0 * (1.0 - np.exp(-1.0)))


def test_a_long_measure_in_force_fills_the_horizon() -> None:
    assert Belief(0.0, 1e6, 1.0).restricted_months(HORIZONS) == pytest.approx(HORIZONS, rel=1e-4)


def test_an_announced_end_is_stretched() -> None:
    assert belief(100, end=105) == Belief(0.0, 12.0, 1.0)
    assert belief(103, end=105) == Belief(0.0, 6.0, 1.0)


def test_an_open_end_is_expected_further_off_the_longer_it_lasts() -> None:
    assert belief(100).duration == 3.0
    assert belief(110).duration == pytest.approx(9.5)


def test_a_law_is_expected_to_last() -> None:
    assert belief(130, permanent=True).duration == 60.0


def test_before_the_start_a_measure_is_believed_in_part() -> None:
    assert belief(96) == Belief(4.0, 3.0, 0.6)
    assert belief(96, credibility=0.15).credibility == 0.15
    assert belief(100, credibility=0.15).credibility == 1.0
