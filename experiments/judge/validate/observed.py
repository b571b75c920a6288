"""Data of the years after the base year beside the run that starts in it: who mines, who refines, how concentrated."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lodeflow.experiments.judge import simple
from lodeflow.experiments.judge.validate.readers import NotComputable
from lodeflow.experiments.judge.validate.runs import PAST, RUNS
from lodeflow.experiments.judge.validate.yearly import YearlyRun

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables

YEARS = (2015, 2020, 2024)
"""Years that are looked at, apart from the base year."""
STAGES = {"mine": "mine output", "refine": "refined output"}
"""Stage of the production table, and the quantity of a run that stands beside it."""
COUNTRY_COLUMNS = ["metal", "stage", "year", "region", "simulated", "observed"]
SMALL = 0.02
"""Share of world output from which a country that the run pools is named all the same in the table of countries."""
WORDS = {"mine": "mining", "refine": "refining"}
ASSUMED = 0.1
"""Share of the tonnage of a metal, stage and year from which on the data are assumed rather than observed."""


@dataclass(frozen=True)
class Pair:
    """Output of one stage of a metal in one year by country, t/year: as simulated and as published."""

    simulated: pd.Series
    observed: pd.Series


@dataclass(frozen=True)
class Measure:
    """One number that sums up who produces.

    Attributes:
        name: part of the row's id.
        what: the number in words; `{who}` is the largest producer, `{stage}` mining or refining.
        unit: its unit.
        of: takes output by country and the largest producer of the data, gives the number.
        tolerance: what counts as within: share of the published value, or absolute where `relative` is False.
        relative: see `tolerance`.
        kind, kind_reason: input or emergent, and why.
    """

    name: str
    what: str
    unit: str
    of: Callable[[pd.Series, str], float]
    tolerance: float
    relative: bool
    kind: str
    kind_reason: str


def total(output: pd.Series, _: str) -> float:
    """World output, t/year."""
    return float(output.sum())


def share(output: pd.Series, country: str) -> float:
    """Share of one country, 0 to 1."""
    return float(output.get(country, 0.0) / output.sum())


def hhi(output: pd.Series, _: str) -> float:
    """Herfindahl-Hirschman index: sum of squared country shares, 0 to 1."""
    return float(((output / output.sum()) ** 2).sum())


def misplaced(pair: Pair) -> float:
    """Share of world output that stands in another country than in the data, 0 to 1.

    Countries that the run pools are compared as one. Half the sum of the absolute differences of country shares.
    """
    return simple.misplaced(pair.simulated, pooled(pair.observed, set(pair.simulated.index)))


def pooled(output: pd.Series, known: set[str], small: float = math.inf) -> pd.Series:
    """Output by country; countries that are not in `known` are added up as ROW, if they make less than `small` of it."""
    shares = output / output.sum()
    return output.groupby([name if name in known or shares[name] >= small else "ROW" for name in output.index]).sum()


NO_DATA_AFTER = (
    "no data after the base year say who produces; shares are those of the base year and what prices make of them"
)
MEASURES: tuple[Measure, ...] = (
    Measure(
        "output",
        "world output of {stage}",
        "t/year",
        total,
        0.10,
        True,
        "input",
        "world use follows the data of world output: their five-year mean, scaled to meet the base year",
    ),
    Measure("largest", "share of {who} in {stage}", "1", share, 0.05, False, "emergent", NO_DATA_AFTER),
    Measure("hhi", "concentration of {stage} by country (HHI)", "1", hhi, 0.05, False, "emergent", NO_DATA_AFTER),
)
MISPLACED = 0.10
"""Share of world output that may stand in other countries than in the data."""


def published(tables: Tables, metal: str, stage: str, year: int) -> pd.Series:
    """Published output by country, t/year, as the model reads it (`reconciled_t`: totals that agree, primary metal only).

    Raises NotComputable where the table has none.
    """
    table = tables.production
    rows = table[(table["metal"] == metal) & (table["stage"] == stage) & (table["year"] == year)]
    output = rows.groupby("iso3")["reconciled_t"].sum()
    if not output.sum() > 0.0:
        raise NotComputable(f"the data have no output of {metal} ({WORDS[stage]}) in {year}")
    return output


def is_assumed(tables: Tables, metal: str, stage: str, year: int) -> bool:
    """Whether more than a tenth of the published-looking tonnage of a year is an estimate of ours."""
    table = tables.production
    rows = table[(table["metal"] == metal) & (table["stage"] == stage) & (table["year"] == year)]
    guessed = rows.loc[rows["status"] == "assumed", "reconciled_t"].sum()
    return bool(guessed > ASSUMED * rows["reconciled_t"].sum())


def by_momentum(tables: Tables, metal: str, stage: str, base: int, year: int) -> pd.Series:
    """Shares of a later year by damped momentum from the data up to the base year; as :func:`published` where there are none."""
    now, before = (published(tables, metal, stage, at) for at in (base, base - simple.MEMORY))
    return simple.momentum(now, before, year - base)


def largest_producer(output: pd.Series) -> str:
    """The country with the largest output; the rest of the world only where nothing else is known."""
    named = output.drop("ROW", errors="ignore")
    return str((named if len(named) else output).idxmax())


def pair(tables: Tables, run: YearlyRun, metal: str, stage: str, year: int) -> Pair:
    """Simulated and published output of one stage; raises NotComputable where either is missing."""
    if metal not in run.metals or year not in run.years:
        raise NotComputable(f"the run holds no {metal} in {year}")
    simulated = run.by_region(STAGES[stage], metal, year)
    return Pair(simulated[simulated > 0.0], published(tables, metal, stage, year))


def stages_of(tables: Tables, metal: str) -> list[str]:
    """Stages of a metal for which output is published."""
    table = tables.production
    return [stage for stage in STAGES if ((table["metal"] == metal) & (table["stage"] == stage)).any()]


RESERVES_REASON = "reserves are those of the table, and what is mined is found again on the expected path"
RESERVES_NOTE = "in the run only countries that mine in the base year hold reserves"
RESERVES_TOLERANCE = 0.20
"""Share by which the life of reserves may differ; estimates of reserves are revised by as much from year to year."""


def reserve_life(tables: Tables, run: YearlyRun, metal: str) -> tuple[int, float, float]:
    """Reserves over mine output, years: (year, simulated, from the tables); year: the last one with reserves.

    Raises NotComputable where the tables have no reserves of the metal, or the run not the year.
    """
    table = tables.reserves[tables.reserves["metal"] == metal]
    if table.empty:
        raise NotComputable(f"the data have no reserves of {metal}")
    year = int(table["year"].max())
    both = pair(tables, run, metal, "mine", year)
    table = table[table["year"] == year]
    there = float(table["observed_t"].fillna(table["assumed_t"]).sum() / both.observed.sum())
    here = float(run.series("reserves", metal).loc[year] / both.simulated.sum())
    return year, here, there


def country_table(tables: Tables, run: YearlyRun) -> pd.DataFrame:
    """Shares by country of the base year and of the years looked at.

    Returns:
        columns `metal, stage, year, region, simulated, observed` (shares of world output, 0 to 1); small countries that
        the run pools are part of ROW on both sides.
    """
    import pandas as pd

    rows = []
    for metal in run.metals:
        for stage in stages_of(tables, metal):
            for year in (int(RUNS[PAST].world["base_year"]), *YEARS):
                try:
                    both = pair(tables, run, metal, stage, year)
                except NotComputable:
                    continue
                observed = pooled(both.observed, set(both.simulated.index), SMALL)
                shares = pd.DataFrame(
                    {
                        "simulated": both.simulated / both.simulated.sum(),
                        "observed": observed / observed.sum(),
                    }
                ).fillna(0.0)
                shares = shares.rename_axis("region").reset_index()
                rows.append(shares.assign(metal=metal, stage=stage, year=year))
    return pd.concat(rows, ignore_index=True)[COUNTRY_COLUMNS] if rows else pd.DataFrame(columns=COUNTRY_COLUMNS)
