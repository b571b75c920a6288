"""Cases of history in which the map of a metal changed: output of countries, simulated, published and by simple forecasts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lodeflow.data.problems import DataError, Problem, did_you_mean
from lodeflow.experiments.judge import simple
from lodeflow.experiments.judge.structure.runs import PROTOCOL
from lodeflow.experiments.judge.structure.shares import FORECASTS, LEAST_YEARS
from lodeflow.experiments.judge.validate import observed

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables
    from lodeflow.experiments.judge.structure.runs import Past

COLUMNS = ["case", "title", "run", "base", "metal", "stage", "iso3", "role", "year", "assumed", "world"]
COLUMNS += ["observed", *FORECASTS]


def check_cases(tables: Tables) -> None:
    """Raise DataError for cases that name a run which there is not."""
    problems = [
        Problem("structure_cases.csv", line, "run", f"there is no run {name!r}", did_you_mean(str(name), PROTOCOL))
        for line, name in enumerate(tables.structure_cases["run"], start=2)
        if name not in PROTOCOL
    ]
    if problems:
        raise DataError(problems)


def case_years(tables: Tables, pasts: Mapping[str, Past]) -> pd.DataFrame:
    """Output of the countries of every case whose run was made, by year from the base year on, t/year; see COLUMNS.

    pasts: runs by name. `world`: published output of all countries; persistence and momentum are its shares of the base year,
    as they were or moved on, times `world`. `assumed`: the data of the year are estimates of ours.
    """
    import pandas as pd

    rows = []
    for case in tables.structure_cases.to_dict("records"):
        past = pasts.get(str(case["run"]))
        if past is not None and case["metal"] in past.metals:
            about = {name: case[name] for name in ("case", "title", "run", "metal", "stage", "iso3", "role")}
            rows += [about | row for row in _years(tables, past, about)]
    return pd.DataFrame(rows, columns=COLUMNS)


def _years(tables: Tables, past: Past, case: dict[str, Any]) -> list[dict[str, Any]]:
    metal, stage, country = (str(case[name]) for name in ("metal", "stage", "iso3"))
    base, out = past.protocol.base, past.output
    before, now = (observed.published(tables, metal, stage, year) for year in (base - simple.MEMORY, base))
    own = out[(out["metal"] == metal) & (out["stage"] == stage) & (out["iso3"] == country)]
    made = own.set_index("year")["tonnes"]
    rows = []
    for year in range(base, int(out["year"].max()) + 1):
        there = observed.published(tables, metal, stage, year)
        world = float(there.sum())
        moving = simple.momentum(now, before, year - base)
        rows.append(
            {
                "base": base,
                "year": year,
                "assumed": observed.is_assumed(tables, metal, stage, year),
                "world": world,
                "observed": float(there.get(country, 0.0)),
                "model": float(made.get(year, 0.0)),
                "persistence": float(simple.shares(now).get(country, 0.0)) * world,
                "momentum": float(moving.get(country, 0.0)) * world,
            }
        )
    return rows


def case_scores(years: pd.DataFrame) -> pd.DataFrame:
    """Mean error of a country's share of world output (1) by case and country, from LEAST_YEARS after the base year on.

    Columns: case, title, run, metal, stage, iso3, role, year (the last), observed and forecasts (t/year in it), rows (years
    scored; those with assumed data are not), and error_model, error_persistence, error_momentum (nan without rows).
    """
    import pandas as pd

    about = ["case", "title", "run", "metal", "stage", "iso3", "role"]
    rows = []
    for key, own in years.groupby(about, sort=False):
        scored = own[(own["year"] >= own["base"] + LEAST_YEARS) & ~own["assumed"].astype(bool)]
        last = own.iloc[-1]
        errors = {
            f"error_{name}": float(((scored[name] - scored["observed"]).abs() / scored["world"]).mean())
            for name in FORECASTS
        }
        values = {name: float(last[name]) for name in ("observed", *FORECASTS)}
        rows.append(
            {**dict(zip(about, key, strict=True)), "year": int(last["year"]), **values, "rows": len(scored), **errors}
        )
    return pd.DataFrame(rows)
