"""Products in use: cohorts by age, lifetimes, hibernation, and what becomes of products at the end of life."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from lodeflow.agents import country
from lodeflow.agents.arrays import anything
from lodeflow.environment.guarded import Guarded
from lodeflow.environment.market import clearing

LONGEST = 12 * 400
"""Longest life of any product, months."""
GONE = 0.999
"""Share that has left use when the distribution of lifetimes is cut off."""


def lifetime_probabilities(distribution: str, mean_years: float, sd_years: float) -> np.ndarray:
    """Probability of leaving use at the age of 1, 2, ... months; sums to exactly 1.

    Args:
        distribution: ``normal`` (cut at 0) or ``weibull``, by mean and standard deviation.
        mean_years, sd_years: of the lifetime.

    Returns:
        shape (months,), cut where fewer than one in a thousand is left.
    """
    from scipy import (
        special,
    )  # takes as long to import as a year to simulate, and a start that is kept needs none of it

    ages = np.arange(LONGEST + 1) / 12.0
    if distribution == "weibull":
        shape = weibull_shape(sd_years / mean_years)
        gone = -np.expm1(-((ages * special.gamma(1 + 1 / shape) / mean_years) ** shape))
    else:
        below = special.ndtr(-mean_years / sd_years)
        gone = (special.ndtr((ages - mean_years) / sd_years) - below) / (1.0 - below)
    months = max(int(np.searchsorted(gone, GONE)), 2)
    probabilities = np.diff(gone[: months + 1])
    result: np.ndarray = probabilities / probabilities.sum()
    return result


def weibull_shape(variation: float) -> float:
    """Weibull shape with a given coefficient of variation (standard deviation over mean)."""
    from scipy import special

    def gap(shape: float) -> float:
        return float(special.gamma(1 + 2 / shape) / special.gamma(1 + 1 / shape) ** 2 - 1 - variation**2)

    return zero_of(gap, 0.3, 60.0)


CLOSE, LEAST_STEP, PART = 2e-12, 4.0 * np.finfo(float).eps, 3.0
"""How closely a zero is found: absolute, and as a share of it; longest step beyond the last over half of what is left."""


def zero_of(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a function that changes its sign between two places is zero: ``scipy.optimize.brentq`` to the digit.

    Inverse quadratic steps where they are short enough, else halves. Importing scipy.optimize takes 0.1 s and 15 MB.
    Source: Brent (1973), Algorithms for Minimization Without Derivatives, chapter 4.

    Raises:
        ValueError: where the sign is the same at both places.
    """
    before, here, other = low, high, 0.0
    f_before, f_here, f_other = function(low), function(high), 0.0
    if f_before == 0.0:
        return low
    if f_here != 0.0 and (f_before < 0.0) == (f_here < 0.0):
        raise ValueError(f"no zero is known between {low:g} and {high:g}: the sign is the same at both")
    last = step = 0.0
    while True:
        if f_here != 0.0 and f_before != 0.0 and (f_before < 0.0) != (f_here < 0.0):
            other, f_other, last, step = before, f_before, here - before, here - before
        if abs(f_other) < abs(f_here):
            before, here, other = here, other, here
            f_before, f_here, f_other = f_here, f_other, f_here
        least, half = (CLOSE + LEAST_STEP * abs(here)) / 2, (other - here) / 2
        if f_here == 0.0 or abs(half) < least:
            return here
        if abs(last) > least and abs(f_here) < abs(f_before):
            if before == other:
                tried = -f_here * (here - before) / (f_here - f_before)
            else:
                to_before = (f_before - f_here) / (before - here)
                to_other = (f_other - f_here) / (other - here)
                tried = -f_here * (f_other * to_other - f_before * to_before)
                tried /= to_other * to_before * (f_other - f_before)
            short = 2 * abs(tried) < min(abs(last), PART * abs(half) - least)
            last, step = (step, tried) if short else (half, half)
        else:
            last = step = half
        before, f_before = here, f_here
        here += step if abs(step) > least else (least if half > 0.0 else -least)
        f_here = function(here)


@dataclass
class InUse(Guarded):
    """Stocks in use of every country, product and metal, by month of entry.

    Attributes (shape (V,) unless said):
        country, product, metal: indices.
        stock: metal in use, t.
        hibernating: metal in products kept but not used, t.
        history, offset, position: ring buffers of monthly inflows; see :func:`lodeflow.environment.market.clearing.outflow`.
        lifetime, lifetime_offset, length: probabilities of leaving by age in months, the oldest age first, per product.
        hibernating_share, export_share: shares of what leaves use, from the products table.
        collection: collection rate at base prices.
        collection_trend: its rise along a logistic line, ln points a month.
        achievable: largest share that can be collected.
        export_row: row of the same product and metal in ROW, where used goods go.
        pool: scrap pool that takes what is collected, -1 before it is set.
        leaving, collectable, collected, exported: what left use this month, could be collected, was, and went abroad used, t.
        hibernated: what went into drawers this month less what came out, t.
        recoverable: what of the collected comes back by the mix of recyclers at home, t.
        from_drawers: what came out of hibernation this month, t.
        prolonged, prolonged_months: metal that stays in use although its time had come, t, and the mean time for which it stays.
        saved: what stayed this month instead of leaving, less what left later than it would have, t.
    """

    country: np.ndarray
    product: np.ndarray
    metal: np.ndarray
    stock: np.ndarray
    hibernating: np.ndarray
    history: np.ndarray
    offset: np.ndarray
    position: np.ndarray
    length: np.ndarray
    lifetime: np.ndarray
    lifetime_offset: np.ndarray
    hibernating_share: np.ndarray
    export_share: np.ndarray
    collection: np.ndarray
    collection_trend: np.ndarray
    achievable: np.ndarray
    export_row: np.ndarray
    pool: np.ndarray = field(init=False)
    leaving: np.ndarray = field(init=False)
    collectable: np.ndarray = field(init=False)
    collected: np.ndarray = field(init=False)
    recoverable: np.ndarray = field(init=False)
    exported: np.ndarray = field(init=False)
    from_drawers: np.ndarray = field(init=False)
    hibernated: np.ndarray = field(init=False)
    prolonged: np.ndarray = field(init=False)
    prolonged_months: np.ndarray = field(init=False)
    saved: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.pool = np.full(len(self), -1)
        self.leaving, self.collectable, self.collected, self.recoverable = np.zeros((4, len(self)))
        self.exported, self.hibernated = np.zeros((2, len(self)))
        self.from_drawers = np.zeros(len(self))
        self.prolonged, self.saved = np.zeros((2, len(self)))
        self.prolonged_months = np.ones(len(self))

    def __len__(self) -> int:
        return len(self.country)

    def outflow(self) -> np.ndarray:
        """Metal that leaves use this month, t, shape (V,)."""
        leaving: np.ndarray = clearing.outflow(
            self.history, self.offset, self.length, self.position, self.lifetime, self.lifetime_offset, self.product
        )
        return leaving

    def outflow_of_young(self, months: int) -> np.ndarray:
        """Metal that leaves use this month of what came into use in the last ``months`` months, t, shape (V,)."""
        first = self.lifetime_offset
        age = np.diff(np.append(first, len(self.lifetime))).repeat(np.diff(np.append(first, len(self.lifetime))))
        age = age - (np.arange(len(self.lifetime)) - np.repeat(first, np.diff(np.append(first, len(self.lifetime)))))
        young = np.where(age <= months, self.lifetime, 0.0)
        leaving: np.ndarray = clearing.outflow(
            self.history, self.offset, self.length, self.position, young, first, self.product
        )
        return leaving

    def newest(self) -> np.ndarray:
        """Metal that came into use in the month that ended last, t, shape (V,)."""
        newest: np.ndarray = self.history[self.offset + self.position]
        return newest

    def stay_longer(self, leaving: np.ndarray, share: np.ndarray | None, months: np.ndarray | None) -> np.ndarray:
        """What leaves use when a share of it stays for longer; sets ``prolonged`` and ``saved``. ODD 7.14.

        ``leaving (1 - share) + prolonged / months``: metal is never lost, it leaves later.

        Args:
            leaving: what the cohorts give up this month, t, shape (V,).
            share: of it that stays, shape (V,); None: nothing.
            months: mean time for which it stays, shape (V,); 0 or None: as before.
        """
        if share is None and not anything(self.prolonged):
            self.saved = np.zeros(len(self))
            return leaving
        if months is not None:
            self.prolonged_months = np.where(months > 0.0, np.maximum(months, 1.0), self.prolonged_months)
        stays = np.zeros(len(self)) if share is None else leaving * share
        later = self.prolonged / self.prolonged_months
        self.prolonged = self.prolonged + stays - later
        self.saved = stays - later
        return leaving - stays + later

    def age(self, inflow: np.ndarray, leaving: np.ndarray) -> None:
        """End the month: add what came into use, take off what left.

        Args:
            inflow: t, shape (V,).
            leaving: t, shape (V,), from :meth:`outflow` of the same month.
        """
        self.position = np.where(self.position + 1 < self.length, self.position + 1, 0)
        self.history[self.offset + self.position] = inflow
        self.stock += inflow - leaving

    def released(self, hibernation_months: float, levers: Mapping[str, np.ndarray]) -> np.ndarray:
        """What comes out of drawers this month, t, shape (V,): ``H / tau``, and what a trade-in empties besides.

        Args:
            hibernation_months: tau, mean time in hibernation.
            levers: of policies, by name: ``emptied`` counts, share a month, shape (V,).
        """
        if "emptied" in levers:
            out: np.ndarray = self.hibernating * np.minimum(1.0 / hibernation_months + levers["emptied"], 1.0)
            return out
        return self.hibernating / hibernation_months

    def end_of_life(
        self, leaving: np.ndarray, hibernation_months: float, levers: Mapping[str, np.ndarray] | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """What can be collected this month, after hibernation and export of used goods.

        Args:
            leaving: metal that leaves use, t, shape (V,).
            hibernation_months: mean time in hibernation.
            levers: of policies, by name: ``returned``, ``emptied`` and ``kept_home`` count, shape (V,) each; None: none is pulled.

        Returns:
            (collectable, exported): t, shape (V,) each. Exported used goods are collectable in ROW in the same month.
        """
        levers = levers or {}
        kept, abroad = self.hibernating_share, self.export_share
        if "returned" in levers:
            kept = country.given_back(kept, levers["returned"])
        if "kept_home" in levers:
            abroad = country.given_back(abroad, levers["kept_home"])
        enter = kept * leaving
        release = self.from_drawers = self.released(hibernation_months, levers)
        self.hibernating += enter - release
        at_hand = leaving - enter + release
        exported = abroad * at_hand
        collectable = at_hand - exported + np.bincount(self.export_row, exported, len(self))
        return collectable, exported


def start_in_use(
    rows: pd.DataFrame,
    inflows: np.ndarray,
    share: np.ndarray,
    year: np.ndarray,
    lifetimes: list[np.ndarray],
    hibernating: np.ndarray,
    **columns: np.ndarray,
) -> InUse:
    """Build the stocks in use from the inflows of the past.

    Args:
        rows: columns ``country, product, metal, pair``: indices, and the row's column in ``inflows``.
        inflows: world inflow into use by month of the past, t/month, shape (K, pairs), newest (last month) first.
        share: share of each row in the inflow of its pair by year, shape (years, V).
        year: row of ``share`` that holds in each month of the past, shape (K,).
        lifetimes: probabilities by product.
        hibernating: metal in hibernation by pair, t, shape (pairs,); it lies where the pair's products leave use.
        columns: ``hibernating_share``, ``export_share``, ``collection``, ``collection_trend``, ``achievable``,
            ``export_row``.
    """
    product = rows["product"].to_numpy(np.int64)
    lengths = np.array([len(f) for f in lifetimes])
    length = lengths[product]
    if lengths.max() > len(year):
        raise ValueError(f"inflows of {lengths.max()} months are needed, {len(year)} are given")
    offset = np.concatenate([[0], np.cumsum(length)[:-1]])
    history = np.empty(int(length.sum()))
    stock, leaving = np.empty((2, len(rows)))
    survival = [np.cumsum(f[::-1])[::-1] for f in lifetimes]
    pair = rows["pair"].to_numpy(np.int64)
    for v in range(len(rows)):
        past = inflows[: length[v], pair[v]] * share[year[: length[v]], v]
        history[offset[v] : offset[v] + length[v]] = past[::-1]
        stock[v] = past @ survival[product[v]]
        leaving[v] = past @ lifetimes[product[v]]
    world = np.bincount(pair, leaving, len(hibernating))[pair]
    return InUse(
        country=rows["country"].to_numpy(np.int64),
        product=product,
        metal=rows["metal"].to_numpy(np.int64),
        stock=stock,
        hibernating=hibernating[pair] * np.divide(leaving, world, out=share[year[0]].copy(), where=world > 0.0),
        history=history,
        offset=offset,
        position=length - 1,
        length=length,
        lifetime=np.concatenate([f[::-1] for f in lifetimes]),
        lifetime_offset=np.concatenate([[0], np.cumsum(lengths)[:-1]]),
        **columns,
    )
