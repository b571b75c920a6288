"""The statistical office: what everybody may know of output and trade, some quarters late, and of prices at once."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lodeflow.agents import guards
from lodeflow.environment.governments.seats import Seats
from lodeflow.environment.shocks.written import TRADE_MARKETS
from lodeflow.environment.state import State

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
        output: mined and refined, t, shape (forms, C, M).
        traded: sold by form, buyer's country, seller's country and metal (:class:`Pairs`), t, shape (P,); home trade included.
        months: months counted.
    """

    output: np.ndarray
    traded: np.ndarray
    months: int = 0


@dataclass(frozen=True)
class Pairs:
    """Who may buy what of whom: every form, buyer's country, seller's country and metal that has edges, once and in this order.

    Attributes:
        shape: forms, countries, countries, metals.
        of: pair of each edge, by form, shape (E,).
        where: form, buyer, seller, metal of each pair, indices, shape (4, P).
        seats: governments.
    """

    shape: tuple[int, ...]
    of: dict[str, np.ndarray]
    where: np.ndarray
    seats: Seats

    def __len__(self) -> int:
        """Number of pairs."""
        return self.where.shape[1]

    @cached_property
    def _places(self) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Pairs of two governments, and where each stands in what is laid out, by which side comes first, shape (P',)."""
        form, metal = self.where[0], self.where[3]
        buyer, seller = self.seats.single[self.where[1]], self.seats.single[self.where[2]]
        kept, rows = np.flatnonzero((buyer >= 0) & (seller >= 0)), len(self.seats.names)
        shape, sides = (rows, rows, self.shape[0], self.shape[3]), {"buyer": (buyer, seller), "seller": (seller, buyer)}
        return kept, {
            side: np.ravel_multi_index((one[kept], other[kept], form[kept], metal[kept]), shape)
            for side, (one, other) in sides.items()
        }

    def laid_out(self, traded: np.ndarray, first: str) -> np.ndarray:
        """What pairs trade by government of one country, of the other, form and metal, nothing for unions, shape (G, G, F, M).

        Args:
            traded: of each pair, shape (P,).
            first: ``buyer`` or ``seller``: which side comes first.
        """
        rows, (kept, places) = len(self.seats.names), self._places
        found = np.zeros(rows * rows * self.shape[0] * self.shape[3])
        found[places[first]] = traded[kept]
        return found.reshape(rows, rows, self.shape[0], self.shape[3])

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
    markets = [world.markets[form] for form in FORMS]
    cells = [
        np.ravel_multi_index((np.full(len(one.metal), row), one.buyer_country, one.seller_country, one.metal), shape)
        for row, one in enumerate(markets)
    ]
    there, of = np.unique(np.concatenate(cells), return_inverse=True)
    ends = np.cumsum([len(own) for own in cells])[:-1]
    return Pairs(
        shape, dict(zip(FORMS, np.split(of, ends), strict=True)), np.stack(np.unravel_index(there, shape)), seats
    )


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
        self.now = self._blank()
        self.price = np.full((self.countries, self.metals), np.nan)
        self.world_price = np.ones(self.metals)
        self.base = base = self._blank()
        self._add(
            base, world, {form: world.markets[form].base for form in FORMS}, world.miners.base, world.refiners.base
        )
        base.output, base.traded, base.months = 3.0 * base.output, 3.0 * base.traded, 3
        if past:
            self.whole.extend([base] * KEPT)

    def _blank(self) -> Quarter:
        return Quarter(np.zeros((len(FORMS), self.countries, self.metals)), np.zeros(len(self.pairs)))

    def _add(
        self, quarter: Quarter, world: State, flows: dict[str, np.ndarray], mined: np.ndarray, refined: np.ndarray
    ) -> None:
        size = self.countries * self.metals
        for form in FORMS:
            quarter.traded += np.bincount(self.pairs.of[form], flows[form], len(self.pairs))
        for row, (firms, output) in enumerate(((world.miners, mined), (world.refiners, refined))):
            counted = np.bincount(firms.country * self.metals + firms.metal, output, size)
            quarter.output[row] += counted.reshape(self.countries, self.metals)

    def count(self, world: State) -> None:
        """Count the month that is over."""
        flows = {form: world.markets[form].flow for form in FORMS}
        self._add(self.now, world, flows, world.miners.output, world.refiners.output)
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
        self.now = self._blank()

    def published(self, name: str, delay: int, first: bool = False) -> np.ndarray | None:
        """Output or trade of a year, t, by the last four quarters that are published, fewer where there are no more; None: none.

        Args:
            name: ``output`` or ``traded``; shape as in :class:`Quarter`.
            delay: quarters that have ended and are not published yet.
            first: whether a year like the first month stands in where nothing is published.
        """
        known = list(self.whole)[: max(len(self.whole) - delay, 0)][-YEAR:] or [self.base] * first
        if not known:
            return None
        share = YEAR / len(known)
        latest, *others = (getattr(quarter, name) for quarter in known)
        year: np.ndarray = latest.copy()
        for other in others:
            year += other
        return share * year
