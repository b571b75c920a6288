"""The ledger: every tonne of every metal, every month, on every account between the ground and what is lost."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lodeflow.environment.accounts import ACCOUNTS, FLOWS, GROUND, STOCKS, Balances, signs
from lodeflow.environment.calendar import format_month
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
        flows = self.flows[t] = np.stack([world.now.flows[name] for name in FLOWS])
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

    def frame(self) -> pd.DataFrame:
        """All flows and balances: columns ``date, metal, flow, kind, tonnes``; tonnes per month, or at its end for balances.

        Balances are named ``stock: ...``; their kind is ``stock`` above ground and ``ground`` for ore in the ground.
        """
        dates = month_starts(self.first_month, self.written)
        parts = [
            _tidy(dates, self.metals, name, flow.kind, self.flows[: self.written, row])
            for row, (name, flow) in enumerate(FLOWS.items())
        ]
        parts += [
            _tidy(
                dates,
                self.metals,
                f"stock: {name}",
                "ground" if name == GROUND else "stock",
                self.balances[: self.written, row],
            )
            for row, name in enumerate(ACCOUNTS)
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
