"""Scrap in parts by pool and metal: content, what formal plants and informal workshops can recover, and what is old."""

from __future__ import annotations

import numpy as np

from lodeflow.agents.scrap_pool import FORMAL, INFORMAL, OLD, PARTS


def scrap_by_pool(
    pool: np.ndarray, metal: np.ndarray, scrap: np.ndarray, separation: np.ndarray, size: tuple[int, int], old: bool
) -> np.ndarray:
    """Scrap by pool: content, formally and informally recoverable and old metal, t, shape (Q, 4 x metals).

    Args:
        pool, metal: where each flow goes and its metal, shape (n,).
        scrap: t, shape (n,).
        separation: recoverable shares, shape (2, n).
        size: numbers of pools and metals.
        old: whether it comes from products at the end of their life.
    """
    rows, metals = size
    cell = pool * PARTS * metals + metal
    total = np.bincount(cell, scrap, rows * PARTS * metals)
    total += np.bincount(cell + FORMAL * metals, scrap * separation[0], rows * PARTS * metals)
    total += np.bincount(cell + INFORMAL * metals, scrap * separation[1], rows * PARTS * metals)
    if old:
        total += np.bincount(cell + OLD * metals, scrap, rows * PARTS * metals)
    return total.reshape(rows, PARTS * metals)
