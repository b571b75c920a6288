"""Reserves beside demand: years that a country's own reserves cover what its makers need, and published forecasts beside a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables
    from lodeflow.experiments.judge.validate.yearly import YearlyRun

ENERGY = ("wind", "pv", "csp", "nuclear", "ev", "storage")
"""Technologies of the table `technologies` that count as the energy transition: generation, electric vehicles, storage."""
COVER = ("metal", "country", "reserves_t", "energy_years", "all_years")
BAND = ("metal", "year", "low", "high", "demand", "verdict", "growth_low", "growth_high", "growth", "growth_verdict")
SINCE = 2010
"""Year that the growth of published forecasts counts from."""


def reserves_of(tables: Tables, metal: str) -> pd.Series:
    """Return the latest reserves of a metal by country, t (index iso3); empty where none are published."""
    table = tables.reserves[tables.reserves["metal"] == metal]
    table = table[table["year"] == table["year"].max()]
    tonnes = table["observed_t"].fillna(table["assumed_t"])
    return tonnes.groupby(table["iso3"].astype(str)).sum()


def energy_products(tables: Tables) -> tuple[str, ...]:
    """Return the products of the energy transition."""
    table = tables.technologies[tables.technologies["technology"].isin(ENERGY)]
    return tuple(dict.fromkeys(name for text in table["products"].fillna("") for name in str(text).split()))


def years_covered(demand: np.ndarray, reserves: float) -> float:
    """Return the years for which reserves (t) cover a demand (t/year, shape (years,)); nan: longer than the years given.

    The last year counts by the part of it that is covered.
    """
    total = np.cumsum(demand)
    if not total.size or total[-1] <= reserves:
        return float("nan")
    at = int(np.searchsorted(total, reserves, side="right"))
    return at + float((reserves - (total[at] - demand[at])) / demand[at])


def cover(run: YearlyRun, metal: str, tables: Tables) -> pd.DataFrame:
    """Return the years of cover by own reserves, nothing imported, exported, recycled or found: columns COVER.

    Args:
        run: with `use` by region and product.
        metal: a metal.
        tables: ``reserves``, ``technologies``.
    """
    import pandas as pd

    energy = energy_products(tables)
    rows = []
    for country, reserves in reserves_of(tables, metal).sort_values(ascending=False).items():
        if country not in run.regions:
            continue
        years = [
            years_covered(run.series("use", metal, str(country), products).to_numpy(float), float(reserves))
            for products in (energy, ())
        ]
        rows.append((metal, country, reserves, *years))
    return pd.DataFrame(rows, columns=list(COVER))


def beside_forecasts(run: YearlyRun, metal: str, tables: Tables) -> pd.DataFrame:
    """Return the published forecasts of a metal with the run beside them: columns BAND, t/year and 1.

    verdict, growth_verdict: inside, above or below; empty where no level or growth was published.
    """
    import pandas as pd

    base = world_use(tables, metal, SINCE)
    use, rows = run.series("use", metal), []
    for row in tables.forecasts[tables.forecasts["metal"] == metal].to_dict("records"):
        if row["year"] not in use.index:
            continue
        demand = float(use[row["year"]])
        growth = demand / base
        rows.append(
            {
                **{name: row[name] for name in ("metal", "year", "low", "high", "growth_low", "growth_high")},
                "demand": demand,
                "growth": growth,
                "verdict": _where(demand, row["low"], row["high"]),
                "growth_verdict": _where(growth, row["growth_low"], row["growth_high"]),
            }
        )
    return pd.DataFrame(rows, columns=list(BAND))


def world_use(tables: Tables, metal: str, year: int) -> float:
    """Return the refined metal from ore of a year, t: what stands for use before the run."""
    rows = tables.production
    rows = rows[(rows["metal"] == metal) & (rows["stage"] == "refine") & (rows["year"] == year)]
    return float(rows["reconciled_t"].sum())


def _where(value: float, low: float, high: float) -> str:
    if not np.isfinite(low) and not np.isfinite(high):
        return ""
    return "below" if value < low else "above" if value > high else "inside"
