"""Rules of the scrap pools."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeflow.agents.scrap_pool import handed_over


@given(st.floats(0.001, 0.999), st.floats(0.001, 0.999))
def test_what_workshops_hand_over_goes_to_plants(before: float, now: float) -> None:
    plant, workshop = handed_over(np.full(2, before), np.full(2, now), np.array([True, False]))
    assert (1.0 - before) * plant + before * workshop == pytest.approx(1.0)
    assert before * workshop == pytest.approx(now)


def test_who_took_nothing_stays_with_nothing() -> None:
    assert handed_over(np.array([0.0, 1.0]), np.array([0.5, 0.5]), np.array([False, True])).tolist() == [1.0, 1.0]
