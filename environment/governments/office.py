"""The statistical office: what everybody may know of output and trade, some quarters late, and of prices at once."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from lodeflow.agents import guards
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
        traded: sold by form, buyer's country, seller's country and metal, t, shape (forms, C, C, M); home trade included.
        months: months counted.
    """

    output: np.ndarray
    traded: np.ndarray
    months: int = 0


class Office:
    """Counts every month, publishes whole quarters.

    Args:
        world: a world before its first month.
        past: whether an endless or earlier past is known that was like the first month.

    Attributes:
        price: mean price of refined metal over its anchor in the last month, by country and metal, shape (C, M); nan: nobody buys.
        world_price: the same of the world, shape (M,).
    """

    def __init__(self, world: State, past: bool) -> None:
        self.countries, self.metals = len(world.layout.countries), len(world.layout.metals)
        self.whole: deque[Quarter] = deque(maxlen=KEPT)
        self.now = self._blank()
        self.cells = {form: self._cell(world, form) for form in FORMS}
        self.price = np.full((self.countries, self.metals), np.nan)
        self.world_price = np.ones(self.metals)
        if past:
            base = self._blank()
            self._add(
                base, world, {form: world.markets[form].base for form in FORMS}, world.miners.base, world.refiners.base
            )
            base.output, base.traded, base.months = 3.0 * base.output, 3.0 * base.traded, 3
            self.whole.extend([base] * KEPT)

    def _blank(self) -> Quarter:
        shape = (len(FORMS), self.countries, self.metals)
        return Quarter(np.zeros(shape), np.zeros((len(FORMS), self.countries, *shape[1:])))

    def _cell(self, world: State, form: str) -> np.ndarray:
        """Where each edge is counted: buyer's country, seller's country, metal, flat, shape (E,)."""
        market = world.markets[form]
        return (market.buyer_country * self.countries + market.seller_country) * self.metals + market.metal

    def _add(
        self, quarter: Quarter, world: State, flows: dict[str, np.ndarray], mined: np.ndarray, refined: np.ndarray
    ) -> None:
        size = self.countries * self.metals
        for row, form in enumerate(FORMS):
            counted = np.bincount(self.cells[form], flows[form], self.countries * size)
            quarter.traded[row] += counted.reshape(self.countries, self.countries, self.metals)
        for row, (firms, output) in enumerate(((world.miners, mined), (world.refiners, refined))):
            counted = np.bincount(firms.country * self.metals + firms.metal, output, size)
            quarter.output[row] += counted.reshape(self.countries, self.metals)

    def count(self, world: State) -> None:
        """Count the month that is over."""
        flows = {form: world.markets[form].flow for form in FORMS}
        self._add(self.now, world, flows, world.miners.output, world.refiners.output)
        self.now.months += 1
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

    def published(self, name: str, delay: int) -> np.ndarray | None:
        """Output or trade of a year, t, by the last four quarters that are published, fewer where there are no more; None: none.

        Args:
            name: ``output`` or ``traded``; shape as in :class:`Quarter`.
            delay: quarters that have ended and are not published yet.
        """
        known = list(self.whole)[: max(len(self.whole) - delay, 0)][-YEAR:]
        if not known:
            return None
        share = YEAR / len(known)
        first, *others = (getattr(quarter, name) for quarter in known)
        year: np.ndarray = first.copy()
        for other in others:
            year += other
        return share * year
