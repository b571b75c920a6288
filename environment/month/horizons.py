"""What agents count on over the horizons when all is as usual, compiled; tonnes over a horizon, growth as the plan has it."""

from __future__ import annotations

import numpy as np

from lodeflow.environment.market.clearing import compiled


@compiled()
def over(months: np.ndarray, monthly: np.ndarray, growth: np.ndarray, metal: np.ndarray) -> np.ndarray:
    """``months x monthly x growth of the metal``, t, shape (H, n).

    Args:
        months: length of each horizon, shape (H,).
        monthly: t/month, shape (n,).
        growth: of use, by horizon and metal, shape (H, metals).
        metal: of each entry, shape (n,).
    """
    total = np.empty((len(months), len(monthly)))
    for h in range(len(months)):
        for n in range(len(monthly)):
            total[h, n] = months[h] * monthly[n] * growth[h, metal[n]]
    return total


@compiled()
def wanted(
    months: np.ndarray,
    use: np.ndarray,
    growth: tuple[np.ndarray, np.ndarray],
    metal: np.ndarray,
    ahead: np.ndarray,
    normal: np.ndarray,
) -> np.ndarray:
    """What buyers need: use over each horizon and the normal stock at its end, t, shape (H, B).

    Args:
        months: length of each horizon, shape (H,).
        use: t/month, shape (B,).
        growth: of use over the horizons, and at their ends, shape (H, metals) each.
        metal: of each buyer, shape (B,).
        ahead: demand that is expected because of shocks, relative to none, shape (H, B).
        normal: normal stock, t, shape (B,).
    """
    (mean, end), need = growth, np.empty(ahead.shape)
    for h in range(len(months)):
        for b in range(len(use)):
            need[h, b] = months[h] * use[b] * (mean[h, metal[b]] * ahead[h, b]) + normal[b] * end[h, metal[b]]
    return need
