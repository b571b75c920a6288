"""Smoothing of yearly use without scipy.signal."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import savgol_filter

from lodeflow.environment.start.demand import _lines


@pytest.mark.parametrize(("years", "window"), [(40, 3), (40, 5), (9, 9), (60, 11)])
def test_lines_are_those_of_savitzky_and_golay_to_the_digit(years: int, window: int) -> None:
    for seed in range(20):
        values = np.cumsum(np.random.default_rng(seed).normal(size=years))
        assert np.array_equal(_lines(values, window), savgol_filter(values, window, polyorder=1))
