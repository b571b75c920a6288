"""Scrap in parts by pool and metal: content, what each channel can recover, and what is old."""

from __future__ import annotations

import numpy as np

from lodeflow.agents.scrap_pool import FORMAL, OLD, PARTS
from lodeflow.environment.market.clearing import compiled


@compiled()
def scrap_by_pool(
    pool: np.ndarray, metal: np.ndarray, scrap: np.ndarray, separation: np.ndarray, size: tuple[int, int], old: bool
) -> np.ndarray:
    """Scrap by pool: content, what each channel can recover and old metal, t, shape (Q, 5 x metals).

    Args:
        pool, metal: where each flow goes and its metal, shape (n,).
        scrap: t, shape (n,).
        separation: recoverable shares by channel, shape (channels, n).
        size: numbers of pools and metals.
        old: whether it comes from products at the end of their life.
    """
    pools, metals = size
    total = np.zeros((pools, PARTS * metals))
    for n in range(len(scrap)):
        row, column = pool[n], metal[n]
        total[row, column] += scrap[n]
        for k in range(len(separation)):
            total[row, (FORMAL + k) * metals + column] += scrap[n] * separation[k, n]
        if old:
            total[row, OLD * metals + column] += scrap[n]
    return total
