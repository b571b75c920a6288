"""What agents count on over the horizons when all is as usual, compiled; tonnes over a horizon, growth as the plan has it."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import guards, metal_desk
from lodeflow.environment.market.rules import compiled_with, rule

_notice_missing = rule(metal_desk.notice_missing)


@compiled_with(guards)
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


@compiled_with(guards)
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


@compiled_with(guards)
def normal_inflow(
    months: np.ndarray, use: np.ndarray, growth: np.ndarray, metal: np.ndarray, at_sellers: np.ndarray
) -> np.ndarray:
    """What buyers take in when all is normal, t, shape (H, B): :func:`over`, and the normal stock of their sellers, shape (B,)."""
    return np.maximum(over(months, use, growth, metal) + at_sellers, guards.NOTHING)


@compiled_with(metal_desk)
def missing(
    before: np.ndarray, got: np.ndarray, usual: np.ndarray, expected: np.ndarray, rise: float, fall: float
) -> np.ndarray:
    """:func:`lodeflow.agents.metal_desk.notice_missing` of the horizon over which most is missing, a share, shape (B,).

    Args:
        before: share seen missing so far, shape (B,).
        got: allocated, t, shape (H, B).
        usual: :func:`normal_inflow`, t, shape (H, B).
        expected: what was expected of that, a share, shape (H, B).
        rise, fall: parameters ``missing_rise`` and ``missing_fall``.
    """
    least = np.full(len(before), np.inf)
    for h in range(len(got)):
        for b in range(len(before)):
            least[b] = min(least[b], got[h, b] / usual[h, b] / expected[h, b])
    return _notice_missing(before, least, rise, fall)
