"""The ledger: every tonne of every metal, every month, on every account between the ground and what is lost."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lodeflow.environment.accounts import ACCOUNTS, FLOWS, GROUND, STOCKS, Balances, signs
from lodeflow.environment.calendar import format_month
from lodeflow.environment.records.columns import Columns, tidy_table
from lodeflow.environment.state import State

TOLERANCE = 1e-12
"""Largest imbalance of an account in a month, as a share of what lies on it and flows through it, and of one tonne: sums of some
thousand entries in double precision come to within 1e-15."""


class MassBalanceError(ArithmeticError):
    """Raised when metal appeared or vanished."""


class Ledger:
    """Monthly flows and balances of each metal; every account is checked every month.

    Attributes:
        flows: t/month, shape (T, flows, metals), in the order of ``FLOWS``.
        balances: t at the end of the month, shape (T, accounts, metals), in the order of ``ACCOUNTS``.
        imbalance: opening balance + what flows in - what flows out - closing balance, t, shape (T, accounts, metals).
    """

    def __init__(self, world: State) -> None:
        months, metals = world.settings.months, len(world.layout.metals)
        self.metals, self.first_month, self.written = world.layout.metals, world.first_month, 0
        self.flows = np.zeros((months, len(FLOWS), metals))
        self.balances = np.zeros((months, len(ACCOUNTS), metals))
        self.imbalance = np.zeros((months, len(ACCOUNTS), metals))
        self.books, self.signs = Balances(world), signs()
        self.through = np.abs(self.signs)
        self.open(world)

    def open(self, world: State) -> None:
        """Take what lies on every account as its opening balance: at the start, and after a stock was set by hand on purpose."""
        self.last = self.books.read(world)

    def take_over(self, other: Ledger) -> None:
        """Take over the books of a world with the same past."""
        for name in ("flows", "balances", "imbalance"):
            getattr(self, name)[: other.written] = getattr(other, name)[: other.written]
        self.last, self.written = other.last.copy(), other.written

    @property
    def stocks(self) -> np.ndarray:
        """Stocks above ground, t at the end of the month, shape (T, stocks, metals), in the order of ``STOCKS``."""
        return self.balances[:, : len(STOCKS)]

    def close(self, world: State) -> None:
        """Write the month and check every account of every metal.

        Raises:
            MassBalanceError: when what flowed in less what flowed out is not the change of a balance.
        """
        t, opening, closing = world.t, self.last, self.books.read(world)
        flows = self.flows[t] = np.concatenate([world.now.flows[name] for name in FLOWS]).reshape(len(FLOWS), -1)
        self.balances[t] = closing
        gap = self.imbalance[t] = opening + self.signs @ flows - closing
        size = np.abs(opening) + np.abs(closing) + self.through @ np.abs(flows)
        if not (np.abs(gap) <= TOLERANCE * (size + 1.0)).all():
            self._complain(format_month(world.month), gap, size)
        self.last = closing
        self.written = t + 1

    def _complain(self, month: str, gap: np.ndarray, size: np.ndarray) -> None:
        """Name every account and metal that does not balance."""
        wrong = ~(np.abs(gap) <= TOLERANCE * (size + 1.0))
        names, lines = list(ACCOUNTS), []
        for m in np.flatnonzero(wrong.any(axis=0)):
            parts = [f"{names[a]} {-gap[a, m]:+.3g} t" for a in np.flatnonzero(wrong[:, m])]
            lines.append(f"{self.metals[m]} ({', '.join(parts)})")
        raise MassBalanceError(f"{month}: metal is not conserved: {'; '.join(lines)}")

    def columns(self) -> Columns:
        """All flows and balances side by side: labels ``metal, flow, kind``; ``tonnes`` per month, or at its end for balances.

        Balances are named ``stock: ...``; their kind is ``stock`` above ground and ``ground`` for ore in the ground.
        """
        rows = [(name, flow.kind) for name, flow in FLOWS.items()]
        rows += [(f"stock: {name}", "ground" if name == GROUND else "stock") for name in ACCOUNTS]
        flow, kind = (np.repeat(np.array(words, object), len(self.metals)) for words in zip(*rows, strict=True))
        metal = np.tile(np.array(self.metals, object), len(rows))
        tonnes = np.concatenate([self.flows[: self.written], self.balances[: self.written]], axis=1)
        return Columns({"metal": metal, "flow": flow, "kind": kind}, {"tonnes": tonnes.reshape(self.written, -1)})

    def frame(self) -> pd.DataFrame:
        """The same as a tidy table: columns ``date, metal, flow, kind, tonnes``."""
        order = ["date", "metal", "flow", "kind", "tonnes"]
        return tidy_table([self.columns()], month_starts(self.first_month, self.written), order, ["tonnes"])


def month_starts(first_month: int, months: int) -> pd.DatetimeIndex:
    """First days of consecutive months."""
    return pd.date_range(f"{format_month(first_month)}-01", periods=months, freq="MS", unit="ns")
