"""What sellers see before they ask, compiled: how much they can place, where, and for what."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import guards
from lodeflow.environment.market.rules import compiled_with


@compiled_with(guards)
def outlets(
    sellers: np.ndarray,
    flow: np.ndarray,
    supply: np.ndarray,
    weight: np.ndarray,
    contracts: np.ndarray,
    kept: np.ndarray,
    net: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Where sellers can sell: a seller who has nothing counts what its contracts let through, not what it is allocated.

    Args:
        sellers: rows, shape (E,).
        flow: allocated, t, shape (E,).
        supply: of each seller, t, shape (S,).
        weight: contracts, t/month, shape (E,).
        contracts: their sum, t/month, shape (S,).
        kept: share of them that measures leave, shape (E,).
        net: ln of what a sale brings, shape (E,).

    Returns:
        (share, nothing, mean, has_outlet), shape (S,) each: share of its supply that a seller can place, whether it has nothing,
        mean of ``net`` where it sells, and whether it sells anywhere.
    """
    count = len(supply)
    share, mean, tonnes = np.zeros(count), np.zeros(count), np.zeros(count)
    nothing, has_outlet = np.empty(count, np.bool_), np.empty(count, np.bool_)
    for s in range(count):
        nothing[s] = supply[s] <= guards.NO_STOCK * max(contracts[s], guards.LEAST)
    for e in range(len(sellers)):
        s = sellers[e]
        sold = weight[e] * kept[e] if nothing[s] else flow[e]
        share[s] += flow[e]
        tonnes[s] += sold
        mean[s] += sold * net[e]
    for s in range(count):
        share[s] /= max(supply[s], guards.LEAST)
        mean[s] /= max(tonnes[s], guards.LEAST)
        has_outlet[s] = tonnes[s] > guards.NO_OUTLET * max(contracts[s], guards.LEAST)
    return share, nothing, mean, has_outlet
