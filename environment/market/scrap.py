"""Scrap in parts by pool and metal: content, what formal plants and informal workshops can recover, and what is old."""

from __future__ import annotations

import numpy as np

from lodeflow.agents.scrap_pool import FORMAL, INFORMAL, OLD, PARTS
from lodeflow.environment.market.clearing import compiled


@compiled()
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
    pools, metals = size
    total = np.zeros((pools, PARTS * metals))
    for n in range(len(scrap)):
        row, column = pool[n], metal[n]
        total[row, column] += scrap[n]
        total[row, FORMAL * metals + column] += scrap[n] * separation[0, n]
        total[row, INFORMAL * metals + column] += scrap[n] * separation[1, n]
        if old:
            total[row, OLD * metals + column] += scrap[n]
    return total
