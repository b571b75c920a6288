"""Memory: how agents let what they see sink in."""

from __future__ import annotations

import numpy as np


def remember(before: np.ndarray, seen: np.ndarray, months: float) -> np.ndarray:
    """Smoothed mean of what was seen: ``m + (x - m) / months``, in the unit of what is remembered, shape (n,). ODD 7.12, 7.14.

    Args:
        before: the mean so far, ln points, a share or t/month, shape (n,).
        seen: the same of this month, shape (n,), in the unit of ``before``: ln points, a share or t/month.
        months: length of the memory.
    """
    moved: np.ndarray = seen - before
    moved /= months
    moved += before
    return moved
