"""Scrap in parts: content, and what formal plants and informal workshops can recover of it, by pool and metal."""

from __future__ import annotations

import numpy as np

from lodeflow.agents.scrap_pool import PARTS


def scrap_by_pool(
    pool: np.ndarray, metal: np.ndarray, scrap: np.ndarray, separation: np.ndarray, size: tuple[int, int]
) -> np.ndarray:
    """Scrap by pool: content, formally and informally recoverable metal, t, shape (Q, 3 x metals).

    Args:
        pool, metal: where each flow goes and its metal, shape (n,).
        scrap: t, shape (n,).
        separation: recoverable shares, shape (2, n).
        size: numbers of pools and metals.
    """
    rows, metals = size
    cell = pool * PARTS * metals + metal
    total = np.bincount(cell, scrap, rows * PARTS * metals)
    total += np.bincount(cell + metals, scrap * separation[0], rows * PARTS * metals)
    total += np.bincount(cell + 2 * metals, scrap * separation[1], rows * PARTS * metals)
    return total.reshape(rows, PARTS * metals)
