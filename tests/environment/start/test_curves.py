"""Curves through points: those of scipy to the digit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.interpolate import PchipInterpolator

from lodeflow.environment.start.curves import Monotone


@given(
    arrays(
        float,
        st.tuples(st.integers(3, 12), st.integers(1, 4)),
        elements=st.integers(-9000, 9000).map(lambda n: n / 7.0),
    )
)
def test_a_curve_is_that_of_scipy_to_the_digit(values: np.ndarray) -> None:
    ends = 12.0 * np.arange(2000.0, 2000.0 + len(values))
    at = np.arange(ends[0], ends[-1] + 1.0)
    np.testing.assert_array_equal(Monotone(ends, values)(at), PchipInterpolator(ends, values)(at))
    np.testing.assert_array_equal(Monotone(ends, values[:, 0])(at), PchipInterpolator(ends, values[:, 0])(at))


def test_a_rising_total_gives_a_rising_curve() -> None:
    total = np.cumsum([0.0, 5.0, 0.1, 0.1, 40.0, 3.0])
    curve = Monotone(12.0 * np.arange(6.0), total)(np.arange(61.0))
    assert (np.diff(curve) >= 0.0).all()
    assert curve[::12].tolist() == total.tolist()


def test_values_that_are_not_finite_are_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        Monotone(np.arange(3.0), np.array([0.0, np.nan, 1.0]))
