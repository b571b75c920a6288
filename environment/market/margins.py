"""The compiled loop that fits flows to their margins, adding in the order of numpy's sums: the fit is the same to the digit.

Pure numpy takes some microseconds a sum, and a fit of thirty by sixty needs hundreds of them.
"""

from __future__ import annotations

import numpy as np

from lodeflow.environment.market.clearing import compiled

LEAST = 1e-300
"""Least sum that a margin is divided by."""
LANES = 8
"""Sums that numpy adds side by side."""
BLOCK = 128
"""Most numbers that numpy adds in one go; of more it adds halves."""


@compiled()
def in_order_of_numpy(row: np.ndarray, part: np.ndarray) -> float:
    """Sum of at least one and at most ``BLOCK`` numbers, in the order in which ``numpy.sum`` adds what lies side by side.

    ``part``: room for ``LANES`` numbers.
    """
    count, total = row.shape[0], row[0]
    if count < LANES:
        for i in range(1, count):
            total += row[i]
        return total
    whole = count - count % LANES
    part[:] = row[:LANES]
    for i in range(LANES, whole, LANES):
        for k in range(LANES):
            part[k] += row[i + k]
    left = LANES
    while left > 1:  # neighbours two by two
        left //= 2
        for k in range(left):
            part[k] = part[2 * k] + part[2 * k + 1]
    total = part[0]
    for i in range(whole, count):
        total += row[i]
    return total


@compiled()
def _column_sums(flow: np.ndarray, sums: np.ndarray) -> None:
    sums[:] = flow[0]
    for i in range(1, flow.shape[0]):
        for j in range(flow.shape[1]):
            sums[j] += flow[i, j]


@compiled()
def fit(  # noqa: C901  (compiled: the loops of one rule stay together)
    flow: np.ndarray, rows: np.ndarray, columns: np.ndarray, across_first: bool, tolerance: float, sweeps: int
) -> None:
    """Scale flows to their margins in turns, in place, until the side that is scaled first is met as well.

    Args:
        flow: t/month, shape (S, B), in the order of C, with 2 to ``BLOCK`` columns.
        rows, columns: margins, shape (S,), (B,).
        across_first: whether a sweep scales the rows first, then the columns; else the columns first.
        tolerance: largest gap of a margin, t/month.
        sweeps: most repetitions.
    """
    down, part = np.empty(flow.shape[1]), np.empty(LANES)
    for _ in range(sweeps):
        for turn in range(2):
            if (turn == 0) == across_first:
                for i in range(flow.shape[0]):
                    factor = rows[i] / max(in_order_of_numpy(flow[i], part), LEAST)
                    for j in range(flow.shape[1]):
                        flow[i, j] *= factor
            else:
                _column_sums(flow, down)
                for j in range(flow.shape[1]):
                    down[j] = columns[j] / max(down[j], LEAST)
                for i in range(flow.shape[0]):
                    for j in range(flow.shape[1]):
                        flow[i, j] *= down[j]
        gap = 0.0
        if across_first:
            for i in range(flow.shape[0]):
                gap = max(gap, abs(in_order_of_numpy(flow[i], part) - rows[i]))
        else:
            _column_sums(flow, down)
            for j in range(flow.shape[1]):
                gap = max(gap, abs(down[j] - columns[j]))
        if gap <= tolerance:
            break
