"""Arithmetic on short columns."""

from __future__ import annotations

from typing import Any

import numpy as np

ONE = np.ones(1)
"""A one to put beside a column, for rows that stand in it nowhere."""


def bounded(values: Any, low: Any, high: Any) -> np.ndarray:
    """Values kept between two bounds, numbers or arrays: what numpy's clip gives, at half its price for short columns."""
    inside: np.ndarray = np.minimum(np.maximum(values, low), high)
    return inside


def anything(values: np.ndarray) -> bool:
    """Whether any value is other than zero: what numpy's any gives, at a fifth of its price for short columns."""
    return bool(np.count_nonzero(values))


def of_each(values: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """What stands in some columns of a table, ``values[:, rows]``, shape (H, n): side by side in memory, a fifth of its price."""
    return values.take(rows, axis=1)
