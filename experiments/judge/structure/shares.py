"""Who produces: shares by country of the runs of the protocol, beside persistence and momentum."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lodeflow.experiments.judge import simple
from lodeflow.experiments.judge.structure.runs import FIT, JUDGED, KEPT_FROM_FIT, LEFT_OUT, Past
from lodeflow.experiments.judge.validate import observed
from lodeflow.experiments.judge.validate.readers import NotComputable

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables

LEAST_YEARS = 3
"""Years after the base year from which on shares are judged: before that little can have been built."""
ROW_COLUMNS = ("run", "part", "metal", "stage", "year", "assumed", "model", "persistence", "momentum")
FORECASTS = ("model", "persistence", "momentum")


def share_rows(tables: Tables, past: Past, name: str) -> pd.DataFrame:
    """Share of world output in other countries than in the data, by metal, stage and year; see ROW_COLUMNS.

    past: a run of the protocol; name: its name. `assumed`: the data of the year are estimates, and the row is no part of any
    score. Years before LEAST_YEARS have passed, and stages without data, have no row.
    """
    import pandas as pd

    rows = []
    for (metal, stage), own in past.output.groupby(["metal", "stage"]):
        try:
            base = observed.published(tables, str(metal), str(stage), past.protocol.base)
        except NotComputable:
            continue
        for year in past.protocol.years[LEAST_YEARS - 1 :]:
            row = _row(tables, past, (str(metal), str(stage), year), own, base)
            if row is not None:
                rows.append({"run": name, "part": past.protocol.part, **row})
    return pd.DataFrame(rows, columns=list(ROW_COLUMNS))


def _row(
    tables: Tables, past: Past, key: tuple[str, str, int], own: pd.DataFrame, base: pd.Series
) -> dict[str, Any] | None:
    metal, stage, year = key
    try:
        there = observed.published(tables, metal, stage, year)
    except NotComputable:
        return None
    here = own[own["year"] == year].set_index("iso3")["tonnes"]
    known = set(here.index)
    try:
        moving = observed.by_momentum(tables, metal, stage, past.protocol.base, year)
    except NotComputable:
        moving = base
    return {
        "metal": metal,
        "stage": stage,
        "year": year,
        "assumed": observed.is_assumed(tables, metal, stage, year),
        "model": simple.misplaced(here, observed.pooled(there, known)),
        "persistence": simple.misplaced(base, there),
        "momentum": simple.misplaced(moving, there),
    }


def share_scores(rows: pd.DataFrame) -> pd.DataFrame:
    """Mean share misplaced by part of the protocol: part, rows, and one column per forecast; estimates are left out.

    Rows of the years of the judgement count once more, for the metals that were left out of the fit alone.
    """
    import pandas as pd

    counted = rows[~rows["assumed"].astype(bool)]
    kept = counted[(counted["part"] == JUDGED) & counted["metal"].isin(KEPT_FROM_FIT)].assign(part=LEFT_OUT)
    parts = pd.concat([counted, kept])
    found = parts.groupby("part")[list(FORECASTS)].mean()
    found.insert(0, "rows", parts.groupby("part").size())
    order = [part for part in (FIT, JUDGED, LEFT_OUT) if part in found.index]
    return found.loc[order].reset_index()


HORIZON = 10
"""Years over which the map of a metal is followed through history."""
BREAK = range(1991, 1994)
"""Years in which states dissolved: windows that cross them say nothing of metals."""


def history_rows(tables: Tables) -> pd.DataFrame:
    """How far the map of a metal moved in ten years, since 1975: metal, stage, base, persistence, momentum (misplaced).

    Read from the tables `production_history` and `production`; years with estimates are left out.
    """
    import pandas as pd

    rows = []
    old = tables.production_history
    for metal, stage in dict.fromkeys(zip(old["metal"], old["stage"], strict=True)):
        by_year = _by_year(tables, str(metal), str(stage))
        for base in sorted(by_year):
            years = (base - simple.MEMORY, base, base + HORIZON)
            crosses = any(years[0] < year <= years[2] for year in BREAK)
            if base % 5 or crosses or not set(years) <= set(by_year):
                continue
            before, now, then = (by_year[year] for year in years)
            moving = simple.momentum(now, before, HORIZON)
            errors = {"persistence": simple.misplaced(now, then), "momentum": simple.misplaced(moving, then)}
            rows.append({"metal": metal, "stage": stage, "base": base, **errors})
    return pd.DataFrame(rows, columns=["metal", "stage", "base", "persistence", "momentum"])


def _by_year(tables: Tables, metal: str, stage: str) -> dict[int, pd.Series]:
    """Published output by country of every year, t/year."""
    import pandas as pd

    new, old = tables.production, tables.production_history
    later = new[(new["metal"] == metal) & (new["stage"] == stage) & (new["status"] != "assumed")]
    earlier = old[(old["metal"] == metal) & (old["stage"] == stage)]
    whole = pd.concat(
        [
            earlier[["year", "iso3", "observed_t"]].rename(columns={"observed_t": "tonnes"}),
            later[["year", "iso3", "reconciled_t"]].rename(columns={"reconciled_t": "tonnes"}),
        ]
    )
    return {int(str(year)): own.groupby("iso3")["tonnes"].sum() for year, own in whole.groupby("year")}
