"""The past before the first month: how much of each metal came into use, and what of it is in hibernation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lodeflow.data.problems import DataError, Problem
from lodeflow.environment.market.clearing import left_use
from lodeflow.environment.start.demand import monthly_path

LEAST_PRIMARY = 0.02
"""Least share of primary metal in use for which an endless past makes sense."""
BURN_IN = 40
"""Years before the oldest product still in use, so that recycling of the earlier past has settled."""


@dataclass(frozen=True)
class Fate:
    """What becomes of a metal in a product, world means, shape (pairs,) each.

    Attributes:
        metal: metal index of the pair.
        new_scrap: share of the metal used that becomes new scrap in the factory.
        dissipated: share of what is left that is lost in use.
        hibernating: share of what leaves use that is kept for a while.
        collection: share of end-of-life metal that is collected.
        separation: share of collected metal that comes back as refined metal.
        new_separation: the same for new scrap.
    """

    metal: np.ndarray
    new_scrap: np.ndarray
    dissipated: np.ndarray
    hibernating: np.ndarray
    collection: np.ndarray
    separation: np.ndarray
    new_separation: np.ndarray

    def into_use(self) -> np.ndarray:
        """Share of the metal used that comes into use, shape (pairs,)."""
        return (1.0 - self.new_scrap) * (1.0 - self.dissipated)

    def recovered_at_once(self) -> np.ndarray:
        """Share of the metal used that comes back as new scrap, shape (pairs,)."""
        return self.new_scrap * self.new_separation

    def recovered_later(self) -> np.ndarray:
        """Share of end-of-life metal at hand that comes back, shape (pairs,)."""
        return self.collection * self.separation


@dataclass(frozen=True)
class Past:
    """World inflows into use before the first month.

    Attributes:
        inflow: t/month by month of the past, newest first, shape (K, pairs).
        hibernating: t, shape (pairs,).
        use: use in the first month, t/month, shape (metals,).
    """

    inflow: np.ndarray
    hibernating: np.ndarray
    use: np.ndarray


def metal_sum(values: np.ndarray, metal: np.ndarray, count: int) -> np.ndarray:
    """Sum of a pair column by metal, shape (metals,)."""
    return np.bincount(metal, values, count)


def steady_past(
    primary: np.ndarray,
    share: np.ndarray,
    fate: Fate,
    lifetimes: list[np.ndarray],
    growth: float,
    stocking: np.ndarray,
    hibernation_months: float,
) -> Past:
    """An endless past of constant growth: use solves ``use = primary + secondary(use) - stock building``.

    Raises:
        DataError: when use shrinks so fast that scrap alone would cover it, or faster than hibernating stocks are cleared.

    Args:
        primary: primary refined metal in the first month, t/month, shape (metals,).
        share: share of each pair in the use of its metal, shape (pairs,).
        fate: of each pair.
        lifetimes: probabilities of leaving by age in months, one array per pair.
        growth: of everything, 1/year.
        stocking: normal stocks in months of use, shape (metals,).
        hibernation_months: mean time in hibernation.
    """
    monthly = (1.0 + growth) ** (1.0 / 12.0)
    length = max(len(f) for f in lifetimes)
    fading = monthly ** -np.arange(1, length + 1, dtype=float)
    out = np.array([fading[: len(f)] @ f for f in lifetimes]) * fate.into_use()
    release = 1.0 / hibernation_months
    if monthly - 1.0 + release <= 0.0:
        wrong = f"with {growth:+.1%} a year products shrink faster than drawers and yards are cleared"
        raise DataError([Problem("scenario", "world", "growth", wrong, "choose a growth nearer to 0")])
    held = fate.hibernating * out / (monthly - 1.0 + release) if growth else fate.hibernating * out * hibernation_months
    at_hand = out * (1.0 - fate.hibernating) + held * release
    returned = share * (fate.recovered_at_once() + at_hand * fate.recovered_later())
    count = len(primary)
    left = 1.0 - metal_sum(returned, fate.metal, count) + stocking * (monthly - 1.0)
    if (left < LEAST_PRIMARY).any():
        wrong = f"with {growth:+.1%} a year old products bring back more metal than new ones need"
        raise DataError([Problem("scenario", "world", "growth", wrong, "choose a growth nearer to 0")])
    use = primary / left
    base = use[fate.metal] * share
    inflow = fading[:, None] * (base * fate.into_use())[None, :]
    return Past(inflow=inflow, hibernating=held * base, use=use)


def recorded_past(
    primary: dict[int, np.ndarray],
    shares: dict[int, np.ndarray],
    fate: Fate,
    lifetimes: list[np.ndarray],
    first_month: int,
    start: tuple[np.ndarray, np.ndarray],
    backcast: np.ndarray,
    stocking: np.ndarray,
    growth: np.ndarray,
    hibernation_months: float,
) -> Past:
    """A past built from yearly production.

    Year by year, use is primary metal plus what comes back from earlier use. Before the first year with data primary metal
    shrinks backwards at a constant rate.

    Args:
        primary: primary refined metal by year, t/year, shape (metals,) each; consecutive years up to the base year.
        shares: product shares by year, shape (pairs,) each; earlier years use the first.
        fate, lifetimes, stocking, hibernation_months: as in :func:`steady_past`.
        growth: expected growth of use in the first month, 1/month, shape (metals,).
        first_month: month number of the first simulated month.
        start: primary metal used in the first month, t/month, shape (metals,), and product shares then, shape (pairs,).
        backcast: growth before the first year with data, 1/year, shape (metals,).
    """
    length = max(len(f) for f in lifetimes)
    first_data, last_year = min(primary), first_month // 12
    years = np.arange(last_year - 2 * (length // 12) - BURN_IN, last_year + 1)
    count = len(backcast)
    yearly = np.zeros((len(years), len(fate.metal)))
    by_year = [np.add.reduceat(f, np.arange(0, len(f), 12)) for f in lifetimes]
    leave, length_of = np.concatenate(by_year), np.array([len(f) for f in by_year])
    held = np.zeros(len(fate.metal))
    release = 12.0 / hibernation_months
    at_once, later = fate.recovered_at_once(), fate.recovered_later()
    for i, year in enumerate(years.tolist()):
        if year < first_data:
            metal = primary[first_data] * (1.0 + backcast) ** (year - first_data)
        else:
            metal = primary[min(year, max(primary))]
        share = shares[min(max(year, min(shares)), max(shares))]
        out = left_use(yearly, i, leave, length_of)
        enter = fate.hibernating * out
        leaving_store = release / (1.0 + release) * (held + enter)
        returned = metal_sum((out - enter + leaving_store) * later, fate.metal, count)
        use = (metal + returned) / (1.0 - metal_sum(share * at_once, fate.metal, count))
        yearly[i] = use[fate.metal] * share * fate.into_use()
        held = held + enter - leaving_store
    primary_now, share_now = start
    path = monthly_path(pd.DataFrame(yearly, years) / 12.0, np.arange(12 * years[0], first_month))
    past = np.maximum(path, 0.0)[::-1]
    held = hibernating(past, fate, lifetimes, hibernation_months)
    inflow = past[:length].copy()
    out = np.array([inflow[: len(f), p] @ f for p, f in enumerate(lifetimes)])
    at_hand = out * (1.0 - fate.hibernating) + held * (1.0 / hibernation_months)
    returned = metal_sum(at_hand * later, fate.metal, count)
    back_at_once = metal_sum(share_now * at_once, fate.metal, count)
    return Past(
        inflow=inflow, hibernating=held, use=(primary_now + returned) / (1.0 - back_at_once + stocking * growth)
    )


def hibernating(inflow: np.ndarray, fate: Fate, lifetimes: list[np.ndarray], months: float) -> np.ndarray:
    """Metal kept in drawers and yards after a past of given inflows, t, shape (pairs,), with the arithmetic of a run.

    What came in ``a`` months ago left use at the age ``k`` and lies there since: of each month's stock 1/``months`` is cleared.

    Args:
        inflow: t/month by month of the past, newest first, shape (K, pairs).
        fate, lifetimes: of each pair.
        months: mean time in hibernation.
    """
    held, pairs = np.zeros(len(lifetimes)), np.flatnonzero(fate.hibernating > 0.0)
    kept = np.zeros((len(inflow), len(pairs)))
    for column, pair in enumerate(pairs):
        kept[1 : 1 + len(lifetimes[pair]), column] = lifetimes[pair][: len(inflow) - 1]
    stays = 1.0 - 1.0 / months
    for age in range(1, len(kept)):
        kept[age] += stays * kept[age - 1]
    for share, pair in zip(np.ascontiguousarray(kept.T), pairs, strict=True):
        held[pair] = fate.hibernating[pair] * (inflow[:, pair] @ share)
    return held
