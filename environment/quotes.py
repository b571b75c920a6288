"""Published prices, and the rules by which the early warning reads them (:mod:`lodeflow.environment.alert`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

YEAR = 12
"""Months of a year."""


@dataclass(frozen=True)
class Alert:
    """Rules of the warning and prices before the first month.

    Attributes:
        mean_months: months over which a usual price is the mean.
        own_weight: weight of a metal's own price beside the tide.
        threshold: index from which it warns, ln points.
        monthly: whether the price of a metal is published every month, else once a year, shape (metals,).
        past: price over that of the base year in the months before the first, oldest first, shape (kept, metals).
    """

    mean_months: int
    own_weight: float
    threshold: float
    monthly: np.ndarray
    past: np.ndarray


def kept(mean_months: int) -> int:
    """Months of prices that the index needs: those of the mean, and up to two years before them for yearly prices."""
    return mean_months + 2 * YEAR
