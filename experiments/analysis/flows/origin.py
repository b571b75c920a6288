"""Where metal was mined: origin carried through refining, making and trade.

What leaves a place has the mix of what it held and took in, so with ``q`` the origins of what lies at a place, ``S`` its stock and
``F`` what flows to it in a year

    q_n = (S_n q_n(before) + sum_m F_mn q_m) / (S_n + sum_m F_mn)

a linear input-output calculation: with all places one above the other, ``q = (I - A)^-1 b``. Scrap is an origin of its own, named
after the country in which it arose, so no loop is left and the system is solved stage by stage. In the first year of a run stocks
have the mix of that year's flows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lodeflow.environment.records.stages import (
    FEED_WAY,
    MAKING,
    METAL_WAY,
    RECYCLED,
    REFINED,
    REFINING,
    RESERVES,
    USE,
)
from lodeflow.experiments.analysis.flows.account import Account

if TYPE_CHECKING:
    import pandas as pd

MINED, FROM_SCRAP = "mined", "recycled"
"""Kinds of origin: mined in a country, or recycled from scrap that arose in it."""
COLUMNS = ("metal", "year", "stage", "region", "product", "kind", "origin", "tonnes", "share")
LEAST_SHARE = 1e-12
"""Smallest share that the table shows."""
Mixes = dict[str, np.ndarray]
"""Origins by stage, shares, shape (countries, 2 x countries): mined in each country, then recycled from scrap of each."""


class MetalFlows:
    """Flows and stocks of one metal as numbers, sorted so that those of a year and movement stand together."""

    def __init__(self, account: Account, metal: str) -> None:
        import pandas as pd

        one, place = account.part([metal]), {name: number for number, name in enumerate(account.regions)}
        self.years, self.count = one.years, len(place)
        flows, stocks = one.flows, one.stocks
        self.products = sorted(flows["product"].unique())
        self.names = sorted(flows["movement"].unique())
        codes = [
            pd.Categorical(flows["movement"], self.names).codes,
            pd.Categorical(flows["product"], self.products).codes,
        ]
        key = (flows["year"].to_numpy() * len(self.names) + codes[0]) * len(self.products) + codes[1]
        order = np.argsort(key, kind="stable")
        self.key, self.tonnes = key[order], flows["tonnes"].to_numpy()[order]
        ends = [flows[name].map(place).to_numpy(np.int64)[order] for name in ("from_region", "to_region")]
        self.cell = ends[0] * self.count + ends[1]
        ends_of = ["opening", "closing"]
        sums = stocks.groupby(["year", "stage", "region"], observed=True)[ends_of].sum().reset_index()
        self.stocks: dict[tuple[Any, Any], np.ndarray] = {}
        for (year, stage), own in sums.groupby(["year", "stage"], observed=True):
            found = np.zeros((2, self.count))
            found[:, own["region"].map(place).to_numpy(np.int64)] = own[ends_of].to_numpy().T
            self.stocks[year, stage] = found

    def rows(self, year: int, movement: str, product: str | None) -> slice:
        """Rows of a year and movement, of one product or all."""
        if movement not in self.names:
            return slice(0, 0)
        first = (year * len(self.names) + self.names.index(movement)) * len(self.products)
        last = first + len(self.products)
        if product is not None:
            first = first + self.products.index(product)
            last = first + 1
        return slice(*np.searchsorted(self.key, [first, last]))

    def year(self, year: int) -> YearFlows:
        """The flows of a year."""
        return YearFlows(self, year)


class YearFlows:
    """The flows of one metal and year as matrices from country to country, t, shape (n, n)."""

    def __init__(self, metal: MetalFlows, year: int) -> None:
        self.metal, self.year, self.count = metal, year, metal.count

    def moved(self, *movements: str, product: str | None = None) -> np.ndarray:
        """Tonnes from country to country."""
        found = np.zeros(self.count**2)
        for movement in movements:
            rows = self.metal.rows(self.year, movement, product)
            found += np.bincount(self.metal.cell[rows], self.metal.tonnes[rows], self.count**2)
        return found.reshape(self.count, self.count)

    def held(self, stage: str) -> np.ndarray:
        """Stock at the start of the year, t, shape (n,)."""
        return self.ends(stage)[0]

    def ends(self, stage: str) -> np.ndarray:
        """Stock at the start and at the end of the year, t, shape (2, n)."""
        return self.metal.stocks.get((self.year, stage), np.zeros((2, self.count)))

    def products_of(self, movement: str) -> list[str]:
        """Products of a movement, in the order of the alphabet."""
        key = self.metal.key[self.metal.rows(self.year, movement, None)]
        return [self.metal.products[code] for code in np.unique(key % len(self.metal.products))]


def mixed(held: np.ndarray, before: np.ndarray | None, flows: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Return the origins of what lies at places of one stage: shares that sum to 1, or 0 where nothing lies and comes.

    Args:
        held: stock at the start, t, shape (n,).
        before: its origins, shape (n, origins); None: those of what comes in.
        flows: (t from place to place, shape (m, n); origins where it comes from, shape (m, origins)) of each kind that comes in.
    """
    inflow = sum(tonnes.T @ origins for tonnes, origins in flows)
    assert isinstance(inflow, np.ndarray)
    if before is not None:
        known = before.sum(axis=1) > 0.5
        inflow = inflow + np.where(known, held, 0.0)[:, None] * before
    total = inflow.sum(axis=1, keepdims=True)
    shares: np.ndarray = np.divide(inflow, total, out=np.zeros_like(inflow), where=total > 0.0)
    return shares


def _solve(year: YearFlows, before: Mixes) -> Mixes:
    """Origins at every stage of a year, from those at the end of the year before."""
    count = year.count
    own, none = np.eye(count), np.zeros((count, count))
    mined, scrapped = np.hstack([own, none]), np.hstack([none, own])
    now: Mixes = {"mining": mined}

    def mix(stage: str, *flows: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
        now[stage] = mixed(year.held(stage), before.get(stage), list(flows))
        return now[stage]

    way = mix(FEED_WAY, (year.moved("feed"), mined))
    feed = mix(REFINING, (year.moved("feed arrived"), way))
    refined = mix(REFINED, (year.moved("refined"), feed))
    recycled = mix(RECYCLED, (_recovered(year), scrapped))
    sold = mix(METAL_WAY, (year.moved("primary metal"), refined), (year.moved("recycled metal"), recycled))
    reserves = mix(RESERVES, (year.moved("to reserves"), sold))
    mix(MAKING, (year.moved("to makers"), sold), (year.moved("released"), reserves))
    return now


def _recovered(year: YearFlows) -> np.ndarray:
    """Metal recovered by the country in which its scrap arose and the one that recycled it, t, shape (n, n)."""
    found = np.zeros((year.count, year.count))
    for group in year.products_of("recovered"):
        bought, gained = year.moved("scrap", product=group), year.moved("recovered", product=group).sum(axis=0)
        total = bought.sum(axis=0)
        found += np.divide(bought, total, out=np.zeros_like(bought), where=total > 0.0) * gained
    return found


def origins(account: Account, years: Sequence[int] = ()) -> pd.DataFrame:
    """Return where the metal at each stage of each country was mined, or its scrap arose: COLUMNS.

    stage: ``refining`` (feed that is treated), ``refined metal`` (of refiners), ``making`` (what makers use), ``use`` (what comes
    into use, by product); product: "" where there is none; tonnes: t in the year; share: 1, sums to 1 by metal, year, stage, region
    and product. years: those that are shown, all of them if none are named; the mix of stocks comes from the years before.
    """
    import pandas as pd

    regions, parts = account.regions, []
    for metal in account.metals:
        before: Mixes = {}
        numbers = MetalFlows(account, metal)
        for year in numbers.years:
            now = numbers.year(year)
            before = _solve(now, before)
            if not years or year in years:
                parts += [part.assign(metal=metal, year=year) for part in _told(now, before, regions)]
    if not parts:
        return pd.DataFrame(columns=list(COLUMNS))
    return pd.concat(parts, ignore_index=True)[list(COLUMNS)]


def _told(year: YearFlows, mixes: Mixes, regions: Sequence[str]) -> list[pd.DataFrame]:
    """Rows of one metal and year."""
    treated = year.moved("refined", "slag").sum(axis=1)
    used = year.moved("new scrap", "dissipated", "products").sum(axis=1)
    parts = [
        _rows(REFINING, "", treated, mixes[REFINING], regions),
        _rows(REFINED, "", year.moved("refined").sum(axis=1), mixes[REFINED], regions),
        _rows(MAKING, "", used, mixes[MAKING], regions),
    ]
    for product in year.products_of("products"):
        bought = year.moved("products", product=product)
        shares = mixed(np.zeros(year.count), None, [(bought, mixes[MAKING])])
        parts.append(_rows(USE, product, bought.sum(axis=0), shares, regions))
    return parts


def _rows(stage: str, product: str, tonnes: np.ndarray, shares: np.ndarray, regions: Sequence[str]) -> pd.DataFrame:
    import pandas as pd

    place, origin = np.nonzero((shares > LEAST_SHARE) & (tonnes > 0.0)[:, None])
    names, count = np.array(regions, object), len(regions)
    return pd.DataFrame(
        {
            "stage": stage,
            "region": names[place],
            "product": product,
            "kind": np.where(origin < count, MINED, FROM_SCRAP),
            "origin": names[origin % count],
            "tonnes": tonnes[place] * shares[place, origin],
            "share": shares[place, origin],
        }
    )


def of_region(table: pd.DataFrame, members: Sequence[str]) -> pd.DataFrame:
    """Return the origins of what a region holds as one: metal, year, stage, product, kind, origin, tonnes, share."""
    rows = table[table["region"].isin(list(members))]
    keys = ["metal", "year", "stage", "product"]
    sums = rows.groupby([*keys, "kind", "origin"], sort=False)["tonnes"].sum().reset_index()
    sums["share"] = sums["tonnes"] / sums.groupby(keys)["tonnes"].transform("sum")
    order = [*keys, "tonnes"]
    return sums.sort_values(order, ascending=[True] * 4 + [False], kind="stable", ignore_index=True)
