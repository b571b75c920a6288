"""Allowed flows of a restricted edge."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lodeflow.environment.shocks.narrow import allowed_flow

FLOWS = st.floats(1e-3, 1e6)
ROOMS = st.floats(0.0, 3.0)
FRACTIONS = st.floats(0.0, 1.0)
ROOM = 0.1


def allowed(fraction: float, normal: float, room: float) -> float:
    return float(allowed_flow(fraction, normal, normal * (1.0 + room), ROOM))


@given(FLOWS, ROOMS)
def test_no_restriction_leaves_the_largest_flow(normal: float, room: float) -> None:
    assert allowed(1.0, normal, room) == normal * (1.0 + room)


@given(FLOWS, ROOMS)
def test_a_full_ban_leaves_nothing(normal: float, room: float) -> None:
    assert allowed(0.0, normal, room) == 0.0


@given(FLOWS, ROOMS, FRACTIONS, FRACTIONS)
def test_more_is_allowed_the_weaker_the_restriction(normal: float, room: float, one: float, two: float) -> None:
    low, high = sorted((one, two))
    assert allowed(low, normal, room) <= allowed(high, normal, room) * (1.0 + 1e-12)


@given(FLOWS, ROOMS, FRACTIONS)
def test_a_little_more_restriction_changes_the_flow_only_a_little(normal: float, room: float, fraction: float) -> None:
    step = 1e-6
    jump = allowed(fraction, normal, room) - allowed(max(fraction - step, 0.0), normal, room)
    steepest = normal * (1.0 + room / ROOM)
    assert abs(jump) <= 1.01 * steepest * step + 1e-9 * normal


@given(FLOWS, ROOMS, st.floats(0.0, 0.9))
def test_a_strong_restriction_allows_its_share_of_the_normal_flow(normal: float, room: float, fraction: float) -> None:
    assert np.isclose(allowed(fraction, normal, room), fraction * normal)
