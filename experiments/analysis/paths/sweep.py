"""Gross, recovered and net demand of a run under recycling rates: arithmetic on what the run uses and discards.

With gross use U, new scrap N and metal at end of life E of year y (t), a recycling rate r, and metal C kept from the year before:

    recovered R = r E
    secondary S = min(U, N + R + C)          C' = N + R + C - S
    primary   P = U - S

so secondary plus primary is supply in every year, and what is recovered beyond use is kept, not lost. The rate of the model is
its own: R is then the old scrap that its recyclers sold. Prices do not answer a rate that is set. ODD 7.18.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lodeflow.experiments.judge.validate.readers import FLAT
from lodeflow.experiments.judge.validate.yearly import YearlyRun

if TYPE_CHECKING:
    import pandas as pd

MODEL = "as the model has it"
"""Name of the path whose recycling is that of the run."""
COLUMNS = ("year", "gross", "new_scrap", "recovered", "secondary", "primary", "kept", "end_of_life", "rate", "in_use")


@dataclass(frozen=True)
class Flows:
    """What a run gives, one value per year: gross use, new scrap, old scrap recycled, end of life (t/year), in use (t)."""

    years: np.ndarray
    gross: np.ndarray
    new_scrap: np.ndarray
    old_recycled: np.ndarray
    end_of_life: np.ndarray
    in_use: np.ndarray

    @property
    def rate(self) -> np.ndarray:
        """Recycling rate of the model, old scrap recycled over end of life, 1, shape (years,)."""
        return self.old_recycled / np.where(self.end_of_life > 0.0, self.end_of_life, 1.0)


def flows_of(run: YearlyRun, metal: str) -> Flows:
    """Return the flows of a metal in the world."""

    def series(name: str) -> np.ndarray:
        return np.asarray(run.series(name, metal), float)

    old = series("old scrap recycled")
    return Flows(
        years=np.array(run.years),
        gross=series("use"),
        new_scrap=np.maximum(series("secondary supply") - old, 0.0),
        old_recycled=old,
        end_of_life=series("end of life"),
        in_use=series("in-use stock"),
    )


def path(flows: Flows, rate: float | None = None, by: int | None = None) -> pd.DataFrame:
    """Return a path: COLUMNS, flows t/year, kept and in_use t at the end of the year, rate 1.

    Args:
        flows: of the run.
        rate: recycling rate of what reaches end of life, 0 to 1; None: that of the model.
        by: year in which the rate is reached, evenly from that of the model's first year; None: at once.
    """
    import pandas as pd

    recovered = flows.old_recycled if rate is None else _rates(flows, rate, by) * flows.end_of_life
    came = flows.new_scrap + recovered
    secondary, kept, left = np.zeros_like(came), np.zeros_like(came), 0.0
    for year in range(len(came)):
        there = came[year] + left
        secondary[year] = min(flows.gross[year], there)
        left = kept[year] = there - secondary[year]
    share = recovered / np.where(flows.end_of_life > 0.0, flows.end_of_life, 1.0)
    values = (flows.years, flows.gross, flows.new_scrap, recovered, secondary, flows.gross - secondary, kept,
              flows.end_of_life, share, flows.in_use)  # fmt: skip
    return pd.DataFrame(dict(zip(COLUMNS, values, strict=True)))


def _rates(flows: Flows, rate: float, by: int | None) -> np.ndarray:
    """The rate of every year, shape (years,)."""
    first = flows.years[0]
    if by is None or by <= first:
        return np.full(len(flows.years), rate)
    risen = np.clip((flows.years - first) / (by - first), 0.0, 1.0)
    start = flows.rate[0]
    rates: np.ndarray = start + (rate - start) * risen
    return rates


def peak_year(values: pd.Series) -> float:
    """Year of the highest value (index: years); nan where it still rises or has come to rest at the end, so that nothing turned."""
    at = int(values.to_numpy().argmax())
    return float("nan") if values.iloc[-1] >= (1.0 - FLAT) * values.iloc[at] else float(values.index[at])


def first_year(holds: pd.Series) -> float:
    """First year from which on a condition holds to the end (index: years); nan where it does not hold in the last one."""
    fails = np.flatnonzero(~holds.to_numpy(bool))
    if fails.size and fails[-1] == len(holds) - 1:
        return float("nan")
    return float(holds.index[int(fails[-1]) + 1 if fails.size else 0])


def summary(table: pd.DataFrame, reserves: float) -> dict[str, float]:
    """Return what a path comes to.

    Args:
        table: of :func:`path`.
        reserves: of the world in the first year, t; nan: none are published.

    Returns:
        gross_sum, recovered_sum, primary_sum (t, all years); gross_last, primary_last (t/year); rate_last, 1;
        primary_peak and gross_peak (year; nan: still rising at the end); secondary_passes: first year from which on secondary is
        more than primary supply (nan: never); gross_over_reserves, primary_over_reserves, 1; reserves_end: year in which primary
        demand has used up today's reserves; urban_passes: year from which on more metal is in use than is left of them.
    """
    by_year = table.set_index("year")
    left = reserves - by_year["primary"].cumsum()
    last = by_year.iloc[-1]
    return {
        "gross_sum": float(by_year["gross"].sum()),
        "recovered_sum": float((by_year["secondary"]).sum()),
        "primary_sum": float(by_year["primary"].sum()),
        "gross_last": float(last["gross"]),
        "primary_last": float(last["primary"]),
        "rate_last": float(last["rate"]),
        "gross_peak": peak_year(by_year["gross"]),
        "primary_peak": peak_year(by_year["primary"]),
        "secondary_passes": first_year(by_year["secondary"] > by_year["primary"]),
        "gross_over_reserves": float(by_year["gross"].sum() / reserves),
        "primary_over_reserves": float(by_year["primary"].sum() / reserves),
        "reserves_end": first_year(left < 0.0),
        "urban_passes": first_year(by_year["in_use"] > left),
    }
