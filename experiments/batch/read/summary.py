"""What a batch says: the spread of its series and indicators, chances, and times to recover.

Quantiles come from DuckDB over the Parquet parts, a few series at a time, so that memory hardly grows with the number of runs
or series. A batch that is not finished is summarised as far as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lodeflow.data.catalogue import in_batches
from lodeflow.data.problems import DataError, Problem, did_you_mean
from lodeflow.experiments.batch.layout import PARTS
from lodeflow.experiments.batch.read.decided import decided
from lodeflow.experiments.batch.read.failures import failures, none_succeeded
from lodeflow.experiments.batch.store import reading
from lodeflow.experiments.kpis import KPIS
from lodeflow.experiments.shown import Shown

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from lodeflow.experiments.batch.store import Batch

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
NAMES = tuple(f"q{round(100 * quantile):02d}" for quantile in QUANTILES)
"""Columns of the quantiles: q05, q25, q50, q75, q95."""
FAN_COLUMNS = ("date", "case", "metal", "variable", "region", "unit", "runs", "mean", *NAMES)
PLACE_COLUMNS = (
    "metal",
    "region",
    "variable",
    "unit",
    "runs",
    "mean_without",
    "mean_with",
    "change_mean",
    *(f"change_{name}" for name in NAMES),
    "worst",
    "worst_run",
)
CELLS = 3_000_000
"""Values that are sorted at once for quantiles: bounds the memory."""
RECOVERY = "months_to_recover"
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Summary(Shown):
    """The tables of a batch.

    batch: what was summarised; runs, failed, asked: runs that are there, of them failed, asked for; indicators: spread of every
    indicator over the runs; exceedance: chance that an indicator is above a bound, with its 95 % confidence interval; recovery:
    share of the runs whose price is back after so many months, and share that is not back within the run; places: mean of every
    series over the time from the first news on, per metal and country, with its change by the shocks (mean, quantiles, worst
    run); series: quantiles by month; decisions: how often whom did what, where governments decide (see `decided.py`).
    """

    batch: Batch
    runs: int
    failed: int
    asked: int
    indicators: pd.DataFrame
    exceedance: pd.DataFrame
    recovery: pd.DataFrame
    places: pd.DataFrame
    series: pd.DataFrame
    decisions: pd.DataFrame | None = None

    @property
    def metals(self) -> list[str]:
        """Metals in the tables, in the order of the batch."""
        return list(dict.fromkeys(self.indicators["metal"]))

    def line(self, case: str, variable: str, metal: str, region: str = "WLD") -> pd.DataFrame:
        """Quantiles of one series, index date: runs, mean, q05, q25, q50, q75, q95; empty if there is no such series."""
        rows = self.series
        keep = (rows["case"] == case) & (rows["variable"] == variable)
        keep &= (rows["metal"] == metal) & (rows["region"] == region)
        return rows[keep].set_index("date")[["runs", "mean", *NAMES]]

    def about_runs(self) -> str:
        """Say how many runs are in it, in one sentence."""
        ok = self.runs - self.failed
        text = f"{ok:,} runs" if self.runs == self.asked else f"{ok:,} runs of {self.asked:,} that were asked for"
        return f"{text}; {failures(self.batch)}" if self.failed else f"{text}; none failed."

    def write(self, folder: Path, finish: Callable[[Path], None] | None = None, overwrite: bool = False) -> Path:
        """Write the tables into `folder`: all or nothing; finish(path) may add charts and a report.

        overwrite: whether the summary of another batch, or of other metals or series, may be replaced.
        """
        from lodeflow.experiments.batch.read.output import write_output

        names = ("indicators", "exceedance", "recovery", "places", "series")
        tables = {name: getattr(self, name) for name in names}
        tables |= {} if self.decisions is None else {"decisions": self.decisions}
        question = {"metals": self.metals, "variables": sorted(set(self.series["variable"]))}
        return write_output(self.batch, folder, tables, question, finish, overwrite)


def summarize(batch: Batch, metals: Sequence[str] | None = None, variables: Sequence[str] | None = None) -> Summary:
    """Return the summary of a batch, also of one that is not finished.

    metals, variables: names, all if left out (variables choose series; indicators are always there). Raises DataError for
    unknown names, a batch without a successful run, and where DuckDB is missing.
    """
    _check_duckdb()
    chosen = _chosen("--metal", metals, batch.manifest["metals"])
    wanted = _chosen("--variable", variables, list(dict.fromkeys(batch.columns["variable"])))
    runs, kpi = batch.runs(), batch.kpi()
    if kpi.empty:
        raise none_succeeded(batch)
    columns = batch.columns
    columns = columns[columns["metal"].isin(chosen) & columns["variable"].isin(wanted)]
    kpis = batch.kpis[batch.kpis["metal"].isin(chosen)].to_dict("records")
    series, places = _series(batch, columns)
    failed = int((runs["status"] == "failed").sum())
    return Summary(
        batch,
        len(runs),
        failed,
        int(batch.manifest["runs"]),
        _indicators(kpi, kpis),
        _exceedance(kpi, kpis),
        _recovery(kpi, kpis),
        places,
        series,
        decided(batch, len(runs) - failed),
    )


def _chosen(option: str, asked: Sequence[str] | None, known: list[str]) -> list[str]:
    if asked is None:
        return known
    problems = [
        Problem(option, None, "", f"the batch holds no {option.strip('-')} {name!r}", did_you_mean(name, known))
        for name in asked
        if name not in known
    ]
    if problems:
        raise DataError(problems)
    return [name for name in known if name in asked]


def _check_duckdb() -> None:
    from importlib.util import find_spec

    if find_spec("duckdb") is None:
        right = "pip install 'lodeflow[analysis]'"
        raise DataError([Problem("summarize", None, "", "the package duckdb is missing", right)])


# ---- indicators -----------------------------------------------------------------------------------------------------
def _indicators(kpi: pd.DataFrame, kpis: list[dict[Any, Any]]) -> pd.DataFrame:
    """Spread of every indicator over the runs in which it is defined."""
    import pandas as pd

    rows = []
    for item in kpis:
        values = kpi[item["name"]].dropna()
        numbers = dict(zip(NAMES, values.quantile(list(QUANTILES)), strict=True)) if len(values) else {}
        ends = {"lowest": values.min(), "highest": values.max(), "highest_run": values.idxmax()} if len(values) else {}
        rows.append(
            {
                "indicator": item["kpi"],
                "metal": item["metal"],
                "unit": item["unit"],
                "runs": len(values),
                "undefined": len(kpi) - len(values),
                "mean": values.mean(),
                **numbers,
                **ends,
                "what": item["what"],
            }
        )
    order = [
        "indicator",
        "metal",
        "unit",
        "runs",
        "undefined",
        "mean",
        *NAMES,
        "lowest",
        "highest",
        "highest_run",
        "what",
    ]
    return pd.DataFrame(rows).reindex(columns=order).astype({"highest_run": "Int64"})


def _exceedance(kpi: pd.DataFrame, kpis: list[dict[Any, Any]]) -> pd.DataFrame:
    """Chance that an indicator is above a bound, with Wilson's confidence interval."""
    import pandas as pd
    from scipy.stats import binomtest

    rows = []
    for item in kpis:
        values = kpi[item["name"]].dropna()
        bounds = KPIS[item["kpi"]].bounds if item["kpi"] in KPIS and len(values) else ()
        for bound in bounds:
            hits = int((values > bound).sum())
            interval = binomtest(hits, len(values)).proportion_ci(CONFIDENCE, method="wilson")
            share = hits / len(values)
            rows.append(
                (item["kpi"], item["metal"], item["unit"], bound, share, interval.low, interval.high, len(values))
            )
    return pd.DataFrame(
        rows, columns=["indicator", "metal", "unit", "above", "probability", "ci_low", "ci_high", "runs"]
    )


def _recovery(kpi: pd.DataFrame, kpis: list[dict[Any, Any]]) -> pd.DataFrame:
    """Share of all runs whose price is back to normal after so many months; the rest is not back within the run."""
    import pandas as pd

    parts = []
    for item in kpis:
        if item["kpi"] != RECOVERY:
            continue
        values = kpi[item["name"]]
        months = np.arange(0, int(values.max()) + 1) if values.notna().any() else np.zeros(1, int)
        back = np.array([(values <= month).sum() for month in months]) / len(values)
        never = float(values.isna().mean())
        parts.append(pd.DataFrame({"metal": item["metal"], "months": months, "recovered": back, "never": never}))
    columns = ["metal", "months", "recovered", "never"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


# ---- series ---------------------------------------------------------------------------------------------------------
def _series(batch: Batch, columns: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Quantiles by month of every series, and means over the time from the first news on of every place."""
    import duckdb
    import pandas as pd

    fans, places = [], []
    files = batch.path_files()
    with reading(batch.folder / PARTS, (duckdb.Error,)), duckdb.connect(config={"threads": 2}) as base:
        base.execute("SET enable_progress_bar = false")
        source = base.read_parquet(files)
        base.register("paths", source)
        at_once = max(1, CELLS // max(base.sql("SELECT count(*) FROM paths").fetchall()[0][0], 1))
        for rows in _groups(columns):
            for first in range(0, len(rows), at_once):
                fans += list(_fans(base, rows[first : first + at_once]))
            places += list(_places(base, rows, batch))
    return (
        pd.concat(fans, ignore_index=True)[list(FAN_COLUMNS)],
        pd.DataFrame(places, columns=list(PLACE_COLUMNS)).sort_values(
            ["metal", "variable", "region"], ignore_index=True
        ),
    )


def _groups(columns: pd.DataFrame) -> Iterator[list[dict[Any, Any]]]:
    """Columns of one variable of one metal at a time: all places, with and without the shocks."""
    for _, rows in columns.groupby(["metal", "variable"], sort=False):
        yield rows.to_dict("records")


def _number(name: str) -> str:
    """A column as SQL: what is not a number counts as missing."""
    return f'CASE WHEN isnan("{name}") THEN NULL ELSE "{name}"::DOUBLE END'


def _fans(base: duckdb.DuckDBPyConnection, rows: list[dict[Any, Any]]) -> Iterator[pd.DataFrame]:
    """Mean and quantiles over the runs, by month, of each column."""
    import pandas as pd

    wanted = ", ".join(
        f"count({_number(row['name'])}) AS n{i}, avg({_number(row['name'])}) AS m{i}, "
        f"quantile_cont({_number(row['name'])}, {list(QUANTILES)}) AS q{i}"
        for i, row in enumerate(rows)
    )
    found = base.execute(f"SELECT date, {wanted} FROM paths GROUP BY date ORDER BY date").fetchdf()
    for i, row in enumerate(rows):
        known = found[found[f"n{i}"] > 0]
        if known.empty:
            continue
        numbers = pd.DataFrame(np.stack(list(known[f"q{i}"])), columns=list(NAMES), index=known.index)
        kept = {name: row[name] for name in ("case", "metal", "variable", "region", "unit")}
        yield numbers.assign(date=known["date"], runs=known[f"n{i}"], mean=known[f"m{i}"], **kept)


def _places(base: duckdb.DuckDBPyConnection, rows: list[dict[Any, Any]], batch: Batch) -> Iterator[tuple[Any, ...]]:
    """One row per place: means over the months from the first news on, and how the shocks change them over the runs."""
    wanted = ", ".join(f"avg({_number(row['name'])}) AS c{i}" for i, row in enumerate(rows))
    since = f"{batch.manifest['first_month'] or batch.manifest['start']}-01"
    query = f"SELECT run, {wanted} FROM paths WHERE date >= CAST(? AS TIMESTAMP) GROUP BY run ORDER BY run"
    means = base.execute(query, [since]).fetchdf().set_index("run")
    places = {(row["case"], row["region"]): f"c{i}" for i, row in enumerate(rows)}
    variable, kept = str(rows[0]["variable"]), in_batches()
    for (case, region), column in places.items():
        if case != "baseline":
            continue
        before = means[column]
        after = means[places.get(("shock", region), column)]
        change = (after - before).dropna()
        if change.empty:
            continue
        shown = change if ("shock", region) in places else before.dropna()
        numbers = shown.to_numpy(float)
        less_is_worse = variable in kept and kept[variable].worse == "less"
        place = int(numbers.argmin() if less_is_worse else numbers.argmax())
        yield (
            rows[0]["metal"],
            region,
            variable,
            rows[0]["unit"],
            len(change),
            before.mean(),
            after.mean(),
            change.mean(),
            *change.quantile(list(QUANTILES)),
            float(numbers[place]),
            int(shown.index.to_numpy()[place]),
        )
