"""Whom countries depend on in the last twelve months: routes, origin, and how central every country is in the trade of a metal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lodeflow.experiments.analysis.network.graph import traders
from lodeflow.experiments.analysis.network.metrics import of_places
from lodeflow.viz.app.world.frame import Frame
from lodeflow.viz.app.world.track import View

MONTHS, USERS, CENTRAL, NAMED = 12, 5, 5, 2
"""Months that are added up; countries and origins that are shown."""


@dataclass(frozen=True)
class Supply:
    """How the makers of a country were supplied.

    Attributes:
        region: the country.
        routes: shares of the four routes, in the order of ROUTES.
        origins: (country, share) of what was mined for it, the largest first.
    """

    region: str
    routes: tuple[float, ...]
    origins: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Central:
    """A country in the trade of refined metal: partners, t in the months added up, betweenness, and what others would lose.

    lost: share of the refined metal that others buy that it mined or refined.
    """

    region: str
    suppliers: int
    customers: int
    exports: float
    imports: float
    betweenness: float
    lost: float


@dataclass(frozen=True)
class Flows:
    """Feed, primary and recycled metal of one metal between countries, t, shape (C, C); foreign share of scrap, shape (C,)."""

    feed: np.ndarray
    primary: np.ndarray
    recycled: np.ndarray
    foreign: np.ndarray

    @property
    def from_mines(self) -> np.ndarray:
        """Share of each country's feed by where it was mined, shape (C, C)."""
        total = self.feed.sum(axis=0)
        return np.divide(self.feed, total, out=np.zeros_like(self.feed), where=total > 0.0)

    def origins(self) -> np.ndarray:
        """Primary metal that countries buy by where it was mined, t, shape (mines, buyers)."""
        mined: np.ndarray = self.from_mines @ self.primary
        return mined


def between(view: View, metal: str) -> Flows:
    """Trade of a metal between countries in the last months, t."""
    world, first = view.world, max(view.t - MONTHS, 0)
    count, index = len(world.layout.countries), world.layout.metal_index[metal]

    def pairs(name: str, keep: np.ndarray) -> np.ndarray:
        market = world.markets[name]
        own = np.flatnonzero((market.metal == index) & keep)
        cell = market.seller_country[own] * count + market.buyer_country[own]
        tonnes = view.flows[name][first : view.t][:, own].sum(axis=0, dtype=float)
        return np.bincount(cell, tonnes, count**2).reshape(count, count)

    refined = world.markets["refined"]
    primary = refined.seller < len(world.refiners)
    scrap = view.scrap[first : view.t, :, :, index].sum(axis=0)
    foreign = np.divide(scrap[0], scrap[1], out=np.zeros(count), where=scrap[1] > 0.0)
    everything = np.ones(len(world.markets["feed"]), bool)
    return Flows(pairs("feed", everything), pairs("refined", primary), pairs("refined", ~primary), foreign)


def supplies(view: View, metal: str) -> list[Supply]:
    """Routes and origins of the countries that buy most refined metal; empty before the first month."""
    if view.t == 0:
        return []
    flows, names = between(view, metal), view.world.layout.countries
    bought = (flows.primary + flows.recycled).sum(axis=0)
    origins = flows.origins()
    order = [place for place in np.argsort(-bought, kind="stable") if names[place] != "ROW" and bought[place] > 0.0]
    return [_supply(flows, origins, bought, place, names) for place in order[:USERS]]


def _supply(flows: Flows, origins: np.ndarray, bought: np.ndarray, place: int, names: list[str]) -> Supply:
    own = flows.primary[place, place] * flows.from_mines[place, place]
    at_home = flows.recycled[place, place]
    second = at_home * (1.0 - flows.foreign[place]), at_home * flows.foreign[place]
    routes = np.array([own, bought[place] - own - at_home, *second]) / bought[place]
    first = np.argsort(-origins[:, place], kind="stable")[:NAMED]
    shares = tuple(
        (names[one], float(origins[one, place] / bought[place])) for one in first if origins[one, place] > 0.0
    )
    return Supply(names[place], tuple(float(share) for share in routes), shares)


def central(view: View, metal: str) -> list[Central]:
    """The countries that others would miss most, the first first; empty before the first month."""
    if view.t == 0:
        return []
    flows, names = between(view, metal), view.world.layout.countries
    traded = flows.primary + flows.recycled
    seller, buyer = np.nonzero(traded)
    told = {"exporter": np.array(names, object)[seller], "importer": np.array(names, object)[buyer]}
    places = of_places(traders(pd.DataFrame(told | {"tonnes": traded[seller, buyer]})))
    bought, mines = traded.sum(axis=0), flows.from_mines
    found = []
    for place, name in enumerate(names):
        others = np.arange(len(names)) != place
        total = bought[others].sum()
        if name not in places or name == "ROW" or total <= 0.0:
            continue
        refined = traded[place, others].sum()
        mined = (mines[place] * others) @ flows.primary[:, others].sum(axis=1)
        one = places[name]
        numbers = (float(one["exports"]), float(one["imports"]), float(one["betweenness"]))
        found.append(Central(name, one["suppliers"], one["customers"], *numbers, float((refined + mined) / total)))
    return sorted(found, key=lambda one: -one.lost)[:CENTRAL]


def both(frame: Frame, metal: str) -> tuple[list[Supply], dict[str, Supply]]:
    """Supplies with the shocks, and the same countries without them."""
    live = supplies(frame.live, metal)
    return live, {one.region: one for one in supplies(frame.base, metal)} if frame.fired else {}
