"""The statistical office: what everybody may know of output and trade, some quarters late, and of prices at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from lodeflow.agents import guards
from lodeflow.environment.governments.partners import Side, side
from lodeflow.environment.governments.seats import Seats
from lodeflow.environment.shocks.written import TRADE_MARKETS
from lodeflow.environment.state import State

if TYPE_CHECKING:
    from lodeflow.agents.population import Population
    from lodeflow.environment.market.edges import Market

FORMS = TRADE_MARKETS
"""Traded forms, in the order of the first dimension of what is published: feed (ore, intermediates), refined metal."""
YEAR = 4
"""Quarters of a year, over which figures are summed."""
KEPT = 2 * YEAR
"""Quarters that the office keeps: those of a year, and as many of delay."""


@dataclass
class Quarter:
    """What happened in a quarter.

    Attributes:
        output: of each mine, then of each refinery, t, shapes (I,) and (R,).
        traded: on each edge, by form, home trade included, t, shapes (E,).
        months: months counted.
    """

    output: list[np.ndarray]
    traded: list[np.ndarray]
    months: int = 0


@dataclass(frozen=True)
class Pairs:
    """Who may buy what of whom: every form, buyer's country, seller's country and metal that has edges, once and in this order.

    Attributes:
        shape: forms, countries, countries, metals.
        of: pair of each edge, of one form after the other, shape (E,).
        where: form, buyer, seller, metal of each pair, indices, shape (4, P).
        seats: governments.
    """

    shape: tuple[int, ...]
    of: np.ndarray
    where: np.ndarray
    seats: Seats

    def __len__(self) -> int:
        """Number of pairs."""
        return self.where.shape[1]

    @cached_property
    def sides(self) -> tuple[Side, Side]:
        """Who trades with whom by government, as buyers see it and as sellers do."""
        buying, selling = (side(self.seats, self.where, self.shape, buys) for buys in (True, False))
        return buying, selling

    def bought(self, traded: np.ndarray, form: int) -> np.ndarray:
        """What countries buy of each metal in a form, at home and abroad, shape (C, M)."""
        _, countries, _, metals = self.shape
        own, cell = self._purchases[form]
        return np.bincount(cell, traded[own], countries * metals).reshape(countries, metals)

    @cached_property
    def _purchases(self) -> list[tuple[slice, np.ndarray]]:
        """Pairs of each form, which stand together, and where each is counted among purchases by country and metal."""
        forms, _, _, metals = self.shape
        ends = np.searchsorted(self.where[0], np.arange(forms + 1))
        parts = [slice(ends[form], ends[form + 1]) for form in range(forms)]
        return [(part, self.where[1, part] * metals + self.where[3, part]) for part in parts]


def pairs(world: State, seats: Seats) -> Pairs:
    """Pairs of countries that have edges, of all forms and metals."""
    countries = len(world.layout.countries)
    shape = len(FORMS), countries, countries, len(world.layout.metals)
    cells = [
        np.ravel_multi_index((np.full(len(one.metal), row), one.buyer_country, one.seller_country, one.metal), shape)
        for row, one in enumerate(_markets(world))
    ]
    there, of = np.unique(np.concatenate(cells), return_inverse=True)
    return Pairs(shape, of, np.stack(np.unravel_index(there, shape)), seats)


class Office:
    """Counts every month, publishes whole quarters.

    Args:
        world: a world before its first month.
        seats: governments.
        past: whether an endless or earlier past is known that was like the first month.

    Attributes:
        price: mean price of refined metal over its anchor in the last month, by country and metal, shape (C, M); nan: nobody buys.
        world_price: the same of the world, shape (M,).
        base: a quarter like the first month, which is published only where the past is known.
    """

    def __init__(self, world: State, seats: Seats, past: bool) -> None:
        self.countries, self.metals = len(world.layout.countries), len(world.layout.metals)
        self.pairs = pairs(world, seats)
        self.whole: deque[Quarter] = deque(maxlen=KEPT)
        self.now = _blank(world)
        self.price = np.full((self.countries, self.metals), np.nan)
        self.world_price = np.ones(self.metals)
        self.base = Quarter(
            [3.0 * firms.base for firms in _firms(world)], [3.0 * one.base for one in _markets(world)], 3
        )
        self.cells = [firms.country * self.metals + firms.metal for firms in _firms(world)]
        if past:
            self.whole.extend([self.base] * KEPT)

    def count(self, world: State) -> None:
        """Count the month that is over."""
        for total, firms in zip(self.now.output, _firms(world), strict=True):
            total += firms.output
        for total, market in zip(self.now.traded, _markets(world), strict=True):
            total += market.flow
        self.now.months += 1

    def look(self, world: State) -> None:
        """See the prices of the month that is over."""
        desks, bought = world.desks, world.markets["refined"].by_buyer(world.markets["refined"].flow)
        weight = bought + guards.NOTHING
        cell, size = desks.country * self.metals + desks.metal, self.countries * self.metals
        paid, total = (np.bincount(cell, values, size) for values in (weight * desks.price, weight))
        self.price = np.divide(paid, total, out=np.full(size, np.nan), where=total > 0.0).reshape(self.countries, -1)
        self.world_price = world.by_metal(weight * desks.price, desks.metal) / world.by_metal(weight, desks.metal)

    def close(self) -> None:
        """End a quarter; one that was not counted in all its months is not published."""
        if self.now.months == 3:
            self.whole.append(self.now)
        self.now = Quarter(
            [np.zeros(len(own)) for own in self.now.output], [np.zeros(len(own)) for own in self.now.traded]
        )

    def output(self, delay: int, first: bool = False) -> np.ndarray | None:
        """Mined and refined in a year by country and metal, t, shape (F, C, M); arguments as of :meth:`traded`."""
        known, size = self._known(delay, first), self.countries * self.metals
        if not known:
            return None
        years = (_year(own) for own in zip(*(quarter.output for quarter in known), strict=True))
        made = [np.bincount(cell, year, size) for cell, year in zip(self.cells, years, strict=True)]
        return np.stack(made).reshape(-1, self.countries, self.metals)

    def traded(self, delay: int, first: bool = False) -> np.ndarray | None:
        """Trade of a year of each pair (:class:`Pairs`), by four published quarters, fewer where there are no more.

        Args:
            delay: quarters that have ended and are not published yet.
            first: whether a year like the first month stands in where nothing is published.

        Returns:
            t/year, shape (P,); None where nothing is published.
        """
        known = self._known(delay, first)
        if not known:
            return None
        years = [_year(own) for own in zip(*(quarter.traded for quarter in known), strict=True)]
        return np.bincount(self.pairs.of, np.concatenate(years), len(self.pairs))

    def _known(self, delay: int, first: bool) -> list[Quarter]:
        """Quarters that are published, of a year at most."""
        return list(self.whole)[: max(len(self.whole) - delay, 0)][-YEAR:] or [self.base] * first


def _year(quarters: Sequence[np.ndarray]) -> np.ndarray:
    """Sum of some quarters, scaled to a year."""
    year: np.ndarray = quarters[0].copy()
    for quarter in quarters[1:]:
        year += quarter
    year *= YEAR / len(quarters)
    return year


def _firms(world: State) -> tuple[Population, Population]:
    """Whose output is counted: mines and refineries, in the order of :data:`FORMS`."""
    return world.miners, world.refiners


def _markets(world: State) -> tuple[Market, ...]:
    """Where trade is counted, in the order of :data:`FORMS`."""
    return tuple(world.markets[form] for form in FORMS)


def _blank(world: State) -> Quarter:
    """A quarter of which no month is counted."""
    firms, markets = _firms(world), _markets(world)
    return Quarter([np.zeros(len(one.base)) for one in firms], [np.zeros(len(one.base)) for one in markets])
