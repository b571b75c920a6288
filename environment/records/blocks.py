"""What was written down: preallocated blocks (months x rows), one for each channel."""

from __future__ import annotations

import numpy as np

from lodeflow.environment.month.reasons import COMPONENTS
from lodeflow.environment.records.channels import CHANNELS, ONLY_IN_TABLES, ONLY_WITH_SHOCKS
from lodeflow.environment.records.purse import Purse
from lodeflow.environment.state import State


class Blocks:
    """Blocks of recorded arrays.

    Args:
        world: before its first month.
        watched: whether a shock is watched, so that what measures let through is written down.
        tables: whether what only tables of a run folder are made from is written down too.

    Attributes:
        blocks: recorded arrays by channel, shape (months, n).
        why: bid components, ln points, shape (months, B, components).
        purse: what is written down beside for the account of money, and where ways or borders changed.
        written: months recorded so far.
        first: the month with which the records begin, 0; a window of them may begin later.
    """

    first = 0

    def __init__(self, world: State, watched: bool, tables: bool = True) -> None:
        left_out = (() if watched else ONLY_WITH_SHOCKS) + (() if tables else ONLY_IN_TABLES)
        self.world, self.months = world, world.settings.months
        self.places = self._places(world)
        self.blocks: dict[str, np.ndarray] = {
            name: np.zeros((self.months, len(self.places[channel.place][0])), channel.dtype)
            for name, channel in CHANNELS.items()
            if name not in left_out
        }
        self._reads = [(CHANNELS[name].read, block) for name, block in self.blocks.items()]
        self.why = np.zeros((self.months, len(world.desks), len(COMPONENTS)))
        self.purse = Purse(world, self.months)
        self.written = 0

    @staticmethod
    def _places(world: State) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """(metal, country) of the rows of each index set; (metal, product) of "product"."""
        metals, countries = len(world.layout.metals), len(world.layout.countries)
        products = len(world.layout.products)
        refiners, desks, ore_desks, secondary = world.refiners, world.desks, world.ore_desks, world.secondary
        feed, refined = world.markets["feed"], world.markets["refined"]
        return {
            "desk": (desks.metal, desks.country),
            "refiner": (refiners.metal, refiners.country),
            "ore desk": (ore_desks.metal, ore_desks.country),
            "secondary": (secondary.metal, secondary.country),
            "in use": (world.in_use.metal, world.in_use.country),
            "input": (world.inputs.metal, world.inputs.country),
            "manufacturer": (world.manufacturers.product, world.manufacturers.country),
            "seller": (np.r_[refiners.metal, secondary.metal], np.r_[refiners.country, secondary.country]),
            "product": (np.tile(np.arange(metals), products), np.repeat(np.arange(products), metals)),
            "cell": (np.tile(np.arange(metals), countries), np.repeat(np.arange(countries), metals)),
            "feed edge": (feed.metal, feed.seller_country),
            "refined edge": (refined.metal, refined.seller_country),
        }

    def record(self, world: State) -> None:
        """Write down the month."""
        t = world.t
        for read, block in self._reads:
            block[t] = read(world)
        self.purse.record(world)
        if world.now.why is not None:
            self.why[t] = world.now.why
        self.written = t + 1

    def take_over(self, other: Blocks) -> None:
        """Take over what the records of a world with the same past hold; nothing was restricted where it was not recorded."""
        for name, block in self.blocks.items():
            block[: other.written] = other.block(name) if name in other.blocks else 1.0
        self.purse.take_over(other.purse, other.written)
        self.why[: other.written] = other.why[: other.written]
        self.written = other.written

    def block(self, name: str) -> np.ndarray:
        """What a channel recorded so far, shape (written, n), in the channel's own unit (prices: relative to base)."""
        return self.blocks[name][: self.written]

    def since(self, name: str, month: int) -> np.ndarray:
        """What a channel recorded from a month of the run on, shape (written - month, n)."""
        return self.blocks[name][month : self.written]
