"""The accounts: every stock of metal is one, and every flow leads from one to another, or out of or into the world's books."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lodeflow.environment.state import State

Column = Callable[[State], np.ndarray]


@dataclass(frozen=True)
class Account:
    """One kind of stock.

    Attributes:
        tonnes: takes the world, gives what lies there, t, shape (n,).
        metal: takes the world, gives the metal of each entry, shape (n,).
    """

    tonnes: Column
    metal: Column


@dataclass(frozen=True)
class Flow:
    """Metal that moves, t/month.

    Attributes:
        kind: ``source`` brings metal into the stocks above ground, ``sink`` takes it out for good, ``transfer`` moves it,
            ``beside`` stands beside their balance, ``ground`` moves only ore in the ground.
        origin, target: accounts; empty: outside of all accounts. Both empty: a sum of other flows, shown only.
    """

    kind: str
    origin: str = ""
    target: str = ""


def _scrap(tonnes: Column) -> Account:
    """An account of scrap, whose columns are content, recoverable and old metal, shape (rows, 4 x metals); the content counts."""

    def content(world: State) -> np.ndarray:
        return tonnes(world)[:, : len(world.layout.metals)].ravel()

    def metal(world: State) -> np.ndarray:
        return np.tile(np.arange(len(world.layout.metals)), len(tonnes(world)))

    return Account(content, metal)


STOCKS: dict[str, Account] = {
    "mines": Account(lambda w: w.miners.stock, lambda w: w.miners.metal),
    "feed under way": Account(lambda w: w.markets["feed"].in_transit(), lambda w: w.refiners.metal),
    "refiners' feed": Account(lambda w: w.refiners.feed_stock, lambda w: w.refiners.metal),
    "refined at refiners": Account(lambda w: w.refiners.stock, lambda w: w.refiners.metal),
    "refined at recyclers": Account(lambda w: w.secondary.stock, lambda w: w.secondary.metal),
    "refined under way": Account(lambda w: w.markets["refined"].in_transit(), lambda w: w.desks.metal),
    "manufacturers": Account(lambda w: w.inputs.stock, lambda w: w.inputs.metal),
    "strategic reserves": Account(lambda w: w.desks.reserve, lambda w: w.desks.metal),
    "investors": Account(lambda w: w.desks.investors, lambda w: w.desks.metal),
    "in use": Account(lambda w: w.in_use.stock, lambda w: w.in_use.metal),
    "hibernating": Account(lambda w: w.in_use.hibernating, lambda w: w.in_use.metal),
    "factory scrap": _scrap(lambda w: w.pools.new_scrap),
    "scrap pools": _scrap(lambda w: w.pools.scrap),
    "yards": _scrap(lambda w: w.recyclers.yard),
}
"""Stocks above ground."""
GROUND = "ore in the ground"
ACCOUNTS = STOCKS | {GROUND: Account(lambda w: w.miners.reserve, lambda w: w.miners.metal)}

FLOWS: dict[str, Flow] = {
    "found": Flow("ground", "", GROUND),
    "mined": Flow("source", GROUND, "mines"),
    "tailings": Flow("beside", GROUND, ""),
    "feed sent": Flow("transfer", "mines", "feed under way"),
    "feed arrived": Flow("transfer", "feed under way", "refiners' feed"),
    "slag": Flow("sink", "refiners' feed", ""),
    "refined primary": Flow("transfer", "refiners' feed", "refined at refiners"),
    "secondary supply": Flow("transfer", "yards", "refined at recyclers"),
    "primary sent": Flow("transfer", "refined at refiners", "refined under way"),
    "recycled sent": Flow("transfer", "refined at recyclers", "refined under way"),
    "refined sent": Flow("transfer"),
    "refined arrived": Flow("transfer"),
    "to manufacturers": Flow("transfer", "refined under way", "manufacturers"),
    "to strategic reserves": Flow("transfer", "refined under way", "strategic reserves"),
    "to investors": Flow("transfer", "refined under way", "investors"),
    "released": Flow("transfer", "strategic reserves", "manufacturers"),
    "use": Flow("transfer"),
    "new scrap": Flow("transfer", "manufacturers", "factory scrap"),
    "dissipated": Flow("sink", "manufacturers", ""),
    "into use": Flow("transfer", "manufacturers", "in use"),
    "end of life": Flow("transfer"),
    "exported used": Flow("transfer"),
    "into hibernation": Flow("transfer", "in use", "hibernating"),
    "collected": Flow("transfer", "in use", "scrap pools"),
    "landfilled": Flow("sink", "in use", ""),
    "new scrap collected": Flow("transfer", "factory scrap", "scrap pools"),
    "scrap to recyclers": Flow("transfer", "scrap pools", "yards"),
    "treated scrap": Flow("transfer"),
    "recycling loss": Flow("sink", "yards", ""),
}
"""Flows in the order of the month; ``into hibernation`` is net of what leaves it."""


def signs() -> np.ndarray:
    """What each flow does to each account: 1 into it, -1 out of it, shape (accounts, flows)."""
    return np.array(
        [[float(flow.target == name) - float(flow.origin == name) for flow in FLOWS.values()] for name in ACCOUNTS]
    )


class Balances:
    """What lies on the accounts of a world, read in one go."""

    def __init__(self, world: State) -> None:
        self.metals = len(world.layout.metals)
        self.cell = np.concatenate(
            [row * self.metals + account.metal(world) for row, account in enumerate(ACCOUNTS.values())]
        )

    def read(self, world: State) -> np.ndarray:
        """Balances, t, shape (accounts, metals)."""
        tonnes = np.concatenate([account.tonnes(world) for account in ACCOUNTS.values()])
        return np.bincount(self.cell, tonnes, len(ACCOUNTS) * self.metals).reshape(-1, self.metals)
