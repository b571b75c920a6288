"""The ledger: every tonne of every metal, every month, between reserve and loss."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lodeflow.agents.scrap_pool import content
from lodeflow.environment.calendar import format_month
from lodeflow.environment.state import State

FLOWS = {
    "mined": "source",
    "tailings": "beside",
    "slag": "sink",
    "refined primary": "transfer",
    "secondary supply": "transfer",
    "use": "transfer",
    "new scrap": "transfer",
    "dissipated": "sink",
    "into use": "transfer",
    "end of life": "transfer",
    "exported used": "transfer",
    "into hibernation": "transfer",
    "collected": "transfer",
    "landfilled": "sink",
    "treated scrap": "transfer",
    "recycling loss": "sink",
}
"""Flows and what they are: sources bring metal into the world's stocks, sinks take it out, transfers move it."""
STOCKS = (
    "mines",
    "feed under way",
    "refiners' feed",
    "refined at sellers",
    "refined under way",
    "manufacturers",
    "reserves",
    "in use",
    "hibernating",
    "scrap",
)
TOLERANCE = 1e-9
"""Largest imbalance of a month, as a share of the world's stock of the metal."""


class MassBalanceError(ArithmeticError):
    """Raised when metal appeared or vanished."""


class Ledger:
    """Monthly flows and stocks of each metal, with the balance checked every month.

    Attributes:
        flows: t/month, shape (T, flows, metals), in the order of ``FLOWS``.
        stocks: t at the end of the month, shape (T, stocks, metals), in the order of ``STOCKS``.
        imbalance: t, shape (T, metals).
    """

    def __init__(self, world: State) -> None:
        months, metals = world.settings.months, len(world.layout.metals)
        self.metals, self.first_month, self.written = world.layout.metals, world.first_month, 0
        self.flows = np.zeros((months, len(FLOWS), metals))
        self.stocks = np.zeros((months, len(STOCKS), metals))
        self.imbalance = np.zeros((months, metals))
        self.last = stocks_by_metal(world).sum(axis=0)

    def close(self, world: State) -> None:
        """Write the month and check that sources less sinks equal the change of stocks.

        Raises:
            MassBalanceError: when they differ by more than ``TOLERANCE`` of the stock.
        """
        t = world.t
        stocks = stocks_by_metal(world)
        self.stocks[t] = stocks
        for row, name in enumerate(FLOWS):
            self.flows[t, row] = world.now.flows[name]
        sign = np.array([{"source": 1.0, "sink": -1.0}.get(kind, 0.0) for kind in FLOWS.values()])
        total = stocks.sum(axis=0)
        self.imbalance[t] = total - self.last - sign @ self.flows[t]
        wrong = np.abs(self.imbalance[t]) > TOLERANCE * np.maximum(total, 1e-9)
        if wrong.any() or not np.isfinite(total).all():
            lost = wrong | ~np.isfinite(total)
            names = ", ".join(f"{self.metals[m]} {self.imbalance[t, m]:.3g} t" for m in np.flatnonzero(lost))
            raise MassBalanceError(f"{format_month(world.month)}: metal is not conserved: {names}")
        self.last = total
        self.written = t + 1

    def frame(self) -> pd.DataFrame:
        """All flows and stock changes: columns ``date, metal, flow, kind, tonnes``; tonnes per month."""
        dates = month_starts(self.first_month, self.written)
        parts = [
            _tidy(dates, self.metals, name, kind, self.flows[: self.written, row])
            for row, (name, kind) in enumerate(FLOWS.items())
        ]
        parts += [
            _tidy(dates, self.metals, f"stock: {name}", "stock", self.stocks[: self.written, row])
            for row, name in enumerate(STOCKS)
        ]
        return pd.concat(parts, ignore_index=True)


def month_starts(first_month: int, months: int) -> pd.DatetimeIndex:
    """First days of consecutive months."""
    return pd.date_range(f"{format_month(first_month)}-01", periods=months, freq="MS", unit="ns")


def _tidy(dates: pd.DatetimeIndex, metals: list[str], name: str, kind: str, values: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "date": np.repeat(dates.to_numpy(), len(metals)),
            "metal": np.tile(np.array(metals, object), len(dates)),
            "flow": name,
            "kind": kind,
            "tonnes": values.ravel(),
        }
    )


def stocks_by_metal(world: State) -> np.ndarray:
    """Every stock of every metal, t, shape (stocks, metals), in the order of :data:`STOCKS`."""
    miners, refiners, secondary, desks = world.miners, world.refiners, world.secondary, world.desks
    in_use, pools, by_metal = world.in_use, world.pools, world.by_metal
    scrap = content(pools.scrap + pools.new_scrap).sum(axis=0) + content(world.recyclers.yard).sum(axis=0)
    return np.stack(
        [
            by_metal(miners.stock, miners.metal),
            by_metal(world.markets["feed"].in_transit(), refiners.metal),
            by_metal(refiners.feed_stock, refiners.metal),
            by_metal(refiners.stock, refiners.metal) + by_metal(secondary.stock, secondary.metal),
            by_metal(world.markets["refined"].in_transit(), desks.metal),
            by_metal(world.inputs.stock, world.inputs.metal),
            by_metal(desks.reserve + desks.investors, desks.metal),
            by_metal(in_use.stock, in_use.metal),
            by_metal(in_use.hibernating, in_use.metal),
            scrap,
        ]
    )
