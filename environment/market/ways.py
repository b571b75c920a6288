"""Ways between countries: distances by sea and over land, passages, freight for the gross weight, duties at the border.

The base price holds usual freight and duty, so they move nothing; what a closure or a tariff adds to them does (ODD 7.16).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from lodeflow.agents import carrier
from lodeflow.environment.market.edges import Market


@dataclass(frozen=True)
class Atlas:
    """What the tables say of ways; the last row of every array stands for places of which nothing is known.

    Attributes:
        index: row of each country.
        sea: shortest way by sea, km, shape (C, C); nan where none is known.
        detour: the same while a passage is closed, by passage; nan where nothing changes, inf where no way is left.
        passes: whether the shortest way uses a passage, boolean, shape (C, C), by passage.
        toll: of each passage, USD/t gross.
        land: number of the land that can be crossed without a ship, shape (C,); -1: not known.
        inland: way over land to the ports of countries whose ports lie abroad, else 0, km, shape (C,).
        next_port: way over land to the next port abroad, km, shape (C,); inf where none can be reached.
        rate: USD per t gross and km, by mode.
        duty: import duty before any shock, share of the price, shape (C,), by form.
        union: whether it is a member of the customs union, boolean, shape (C,).
        content: metal in a t of what is shipped, t/t, shape (C,), by metal and form.
        air: share of the exports that flies, shape (C,), by metal and form.
    """

    index: Mapping[str, int]
    sea: np.ndarray
    detour: Mapping[str, np.ndarray]
    passes: Mapping[str, np.ndarray]
    toll: Mapping[str, float]
    land: np.ndarray
    inland: np.ndarray
    next_port: np.ndarray
    rate: Mapping[str, float]
    duty: Mapping[str, np.ndarray]
    union: np.ndarray
    content: Mapping[tuple[str, str], np.ndarray]
    air: Mapping[tuple[str, str], np.ndarray]


@dataclass(frozen=True)
class EdgeWays:
    """How the trade of each edge of a market travels, shape (E,) each; nothing at home.

    Attributes:
        out, to: rows of the atlas of both ends.
        abroad: trade between countries, boolean.
        by_sea, by_land, by_air: shares of the trade.
        km: way by sea, km; the great circle where no way by sea is known.
        content: metal in a t of what is shipped, t/t.
        rate: freight by sea, USD/t gross/km.
        sea, land, air, tolls: freight by part, USD/t metal.
        duty: import duty before any shock, share of the price.
    """

    out: np.ndarray
    to: np.ndarray
    abroad: np.ndarray
    by_sea: np.ndarray
    by_land: np.ndarray
    by_air: np.ndarray
    km: np.ndarray
    content: np.ndarray
    rate: np.ndarray
    sea: np.ndarray
    land: np.ndarray
    air: np.ndarray
    tolls: np.ndarray
    duty: np.ndarray


@dataclass(frozen=True)
class Closure:
    """What the closure of passages or ports means for each edge of a market, shape (E,) each.

    Attributes:
        touched: share of the trade that uses them.
        cut: share of the trade that has no other way.
        more_km, more_land_km: how much longer the other way is by sea and over land, km.
        more_sea, more_land, saved: freight of that, and tolls that it saves, USD/t metal.
    """

    touched: np.ndarray
    cut: np.ndarray
    more_km: np.ndarray
    more_land_km: np.ndarray
    more_sea: np.ndarray
    more_land: np.ndarray
    saved: np.ndarray


@dataclass(slots=True, eq=False)
class Ways:
    """The ways between the countries of a world, worked out when they are first asked for and kept; they never change.

    Attributes:
        read: gives what the tables say.
        countries, metals: names of the world.
        longest: farthest that goods go over land, km (parameter ``land_km``).
        port_room: share of a country's trade that ports abroad can take over (parameter ``port_room``).
    """

    read: Callable[[], Atlas]
    countries: list[str]
    metals: list[str]
    longest: float
    port_room: float
    _atlas: Atlas | None = None
    _edges: dict[str, EdgeWays] = field(default_factory=dict)
    _closures: dict[tuple[str, tuple[str, ...], tuple[int, ...]], Closure] = field(default_factory=dict)

    @property
    def atlas(self) -> Atlas:
        """What the tables say."""
        if self._atlas is None:
            self._atlas = self.read()
        return self._atlas

    def of(self, market: Market) -> EdgeWays:
        """How the trade of each edge of ``feed`` or ``refined`` travels."""
        if market.name not in self._edges:
            self._edges[market.name] = self._of(market)
        return self._edges[market.name]

    def forms(self, market: Market) -> np.ndarray:
        """Form that each edge carries: ore, intermediate or refined, shape (E,)."""
        if market.name == "refined":
            return np.full(len(market), "refined", object)
        return np.where(market.intermediate, "intermediate", "ore").astype(object)

    def _of(self, market: Market) -> EdgeWays:
        atlas, unknown = self.atlas, len(self.atlas.land) - 1
        row = np.array([atlas.index.get(name, unknown) for name in self.countries], np.int64)
        out, to, abroad, forms = (
            row[market.seller_country],
            row[market.buyer_country],
            ~market.domestic,
            self.forms(market),
        )
        duty, content, fly = np.zeros(len(market)), np.ones(len(market)), np.zeros(len(market))
        for form in set(forms):
            mask = forms == form
            duty[mask] = np.where(atlas.union[out] & atlas.union[to], 0.0, atlas.duty[form][to])[mask]
            for m, metal in enumerate(self.metals):
                own = mask & (market.metal == m)
                content[own], fly[own] = atlas.content[metal, form][out[own]], atlas.air[metal, form][out[own]]
        same = (atlas.land[out] == atlas.land[to]) & (atlas.land[out] >= 0)
        near = carrier.over_land(same, market.distance, self.longest)
        rate = np.where(forms == "ore", atlas.rate["bulk"], atlas.rate["container"])
        way = atlas.sea[out, to]
        km = np.where(np.isnan(way), market.distance, way)
        by_air, by_land = abroad * fly, abroad * (1.0 - fly) * near
        by_sea = abroad * (1.0 - fly) * ~near
        tolls = sum((atlas.toll[name] * used[out, to] for name, used in atlas.passes.items()), np.zeros(len(market)))
        legs = by_land * market.distance + by_sea * (atlas.inland[out] + atlas.inland[to])
        return EdgeWays(
            *(out, to, abroad, by_sea, by_land, by_air, km, content, rate),
            sea=carrier.freight(by_sea * km, rate, content),
            land=carrier.freight(legs, atlas.rate["land"], content),
            air=carrier.freight(by_air * market.distance, atlas.rate["air"], content),
            tolls=carrier.toll(by_sea * tolls, content),
            duty=abroad * duty,
        )

    def closure(self, market: Market, passages: tuple[str, ...], ports: tuple[int, ...]) -> Closure:
        """What the closure of passages and of the ports of some countries means for each edge.

        Args:
            market: ``feed`` or ``refined``.
            passages: names of the passages that are closed.
            ports: indices of the countries whose ports are closed.
        """
        key = (market.name, passages, ports)
        if key not in self._closures:
            self._closures[key] = self._closure(market, passages, ports)
        return self._closures[key]

    def _closure(self, market: Market, passages: tuple[str, ...], ports: tuple[int, ...]) -> Closure:
        edges, atlas = self.of(market), self.atlas
        at = edges.out, edges.to
        other = np.full(len(market), np.nan)
        for name in passages:
            other = np.fmax(other, atlas.detour[name][at])
        needed = ~np.isnan(other)
        more_km = np.where(np.isfinite(other), other - edges.km, 0.0)
        saved = np.zeros(len(market))
        for name, used in atlas.passes.items():
            avoided = (
                needed & used[at] & np.isclose(atlas.detour[name][at], other)
            )  # the other way is round this one as well
            saved += atlas.toll[name] * avoided
        shut = np.zeros(len(self.countries), bool)
        shut[list(ports)] = True
        more_land_km = np.zeros(len(market))
        for place, row in ((market.seller_country, edges.out), (market.buyer_country, edges.to)):
            more_land_km += np.where(shut[place], atlas.next_port[row], 0.0)
        needed |= shut[market.seller_country] | shut[market.buyer_country]
        touched = edges.by_sea * needed
        no_way = np.isinf(other) | np.isinf(more_land_km)
        cut = carrier.left_behind(touched, no_way, more_land_km > 0.0, self.port_room)
        more_land_km = np.where(np.isfinite(more_land_km), more_land_km, 0.0)
        return Closure(
            *(touched, cut, more_km, more_land_km),
            more_sea=carrier.freight(more_km, edges.rate, edges.content),
            more_land=carrier.freight(more_land_km, atlas.rate["land"], edges.content),
            saved=carrier.toll(saved, edges.content),
        )
