"""What a job does, in its own process: `python -m viz.app.work compare FOLDER` or `... batch RUNS FOLDER`.

It reads `FOLDER/scenario.toml`, writes its results into the same folder and says on standard output, one JSON object per
line, how far it is.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.problems import DataError

if TYPE_CHECKING:
    import pandas as pd

    from experiments.results import Outcome
    from experiments.scenario import Scenario
    from viz.frames import Run

EVERY = 0.2
"""Least time between two words on progress, s."""
SERIES = {
    "price": ("price", "refined", "WLD", "USD/t"),
    "price_outside": ("price_outside", "refined", "WLD", "USD/t"),
    "use": ("use", "refined", "WLD", "t"),
    "shortage": ("shortage", "refined", "WLD", "t"),
    "stock_cover": ("stock_cover", "refined", "WLD", "months"),
    "mined": ("production", "feed", "WLD", "t"),
    "refined": ("production", "refined", "WLD", "t"),
    "secondary_supply": ("secondary_supply", "refined", "WLD", "t"),
    "in_use_stock": ("in_use_stock", "product", "WLD", "t"),
    "eol_recycling_rate": ("eol_recycling_rate", "product", "WLD", "1"),
    "recycled_content": ("recycled_content", "refined", "WLD", "1"),
}
"""What a comparison shows as differences: (variable, form, region, unit); the form ``feed`` is ore or intermediate."""


def say(**fields: Any) -> None:
    """Tell the server how far the work is."""
    print(json.dumps(fields), flush=True)


class Teller:
    """Says how far the work is, not too often, and ends it when the server has gone."""

    def __init__(self) -> None:
        self.parent, self.last = os.getppid(), 0.0

    def __call__(self, done: int, total: int) -> None:
        """Note `done` of `total` steps."""
        if os.getppid() != self.parent:
            raise SystemExit("the server has gone")
        now = time.monotonic()
        if now - self.last >= EVERY or done == total:
            self.last = now
            say(done=done, total=total)


def compare(folder: Path) -> None:
    """Run a scenario with and without its shocks to the end; write the run folder, the figures and the flow pictures."""
    import data
    import viz
    from experiments.run import run_scenario
    from experiments.scenario import load_scenario

    tables = data.load()
    scenario = load_scenario(folder / "scenario.toml", tables=tables)
    say(note="job.running")
    outcome = run_scenario(scenario, Teller(), tables)
    say(note="job.writing", done=0, total=0)
    outcome.write(
        folder / "run",
        lambda path: _report(path, outcome, tables),
    )
    figures = json.dumps(figures_of(outcome))
    (folder / "figures.json").write_text(figures, encoding="utf-8")
    say(note="job.drawing")
    _flow_pictures(
        viz.Run.read(folder / "run"), scenario, viz.Labels.of(tables.countries, tables.metals), folder / "flows"
    )
    shutil.make_archive(str(folder / "run"), "zip", folder / "run")


def _report(path: Path, outcome: Outcome, tables: Any) -> None:
    import viz

    viz.write_report(path, tables.countries, tables.metals, outcome.manifest, tables.products)


def figures_of(outcome: Outcome) -> dict[str, Any]:
    """The figures of a comparison: the summary, the events, and both runs of :data:`SERIES` by metal."""
    summary = json.loads(outcome.summary.to_json(orient="records", date_format="iso"))
    series = outcome.series
    wide = {
        metal: {name: lines for name, spec in SERIES.items() if (lines := _both(rows, spec))}
        for metal, rows in series.groupby("metal", observed=True)
    }
    hits = outcome.hits.to_dict("records")
    return {"summary": summary, "hits": hits, "events": outcome.events, "series": wide}


def _both(rows: pd.DataFrame, spec: tuple[str, str, str, str]) -> dict[str, list[float]] | None:
    """Both runs of one series; None where the metal has no such series."""
    variable, form, region, _ = spec
    forms = ("ore", "intermediate") if form == "feed" else (form,)
    own = rows[(rows["variable"] == variable) & (rows["region"] == region) & rows["form"].isin(forms)]
    if own.empty:
        return None
    by_run = own.sort_values("date").groupby("run", observed=True)["value"]
    return {str(run): [float(value) for value in values] for run, values in by_run}


def _flow_pictures(run: Run, scenario: Scenario, labels: Any, target: Path) -> None:
    """Where a tonne goes in the first whole year with a shock, in both worlds, for every metal."""
    from viz.charts import flow_picture
    from viz.report import save

    target.mkdir()
    year = _year(scenario)
    base = replace(run, series=_only(run.series), trade=_only(run.trade), why=_only(run.why), ledger=_only(run.ledger))
    for metal in run.metals:
        for name, shown in (("baseline", base), ("shock", run)):
            if name == run.main or run.has_shock:
                save(flow_picture(shown, metal, labels, year), target / f"{metal}-{name}.png")


def _only(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["run"] == "baseline"]


def _year(scenario: Scenario) -> int | None:
    """The first calendar year that lies wholly in the run and in which a shock is in force from January or starts."""
    if not scenario.shocks:
        return None
    year = int(min(shock.start for shock in scenario.shocks)[:4])
    first, last = scenario.world.start, scenario.world.end
    year = max(year, int(first[:4]) + (first[5:] != "01"))
    return year if f"{year}-12" <= last else None


def batch(runs: int, folder: Path) -> None:
    """Run a scenario many times with drawn inputs; write the batch folder."""
    import data
    from experiments.monte_carlo import monte_carlo
    from experiments.scenario import load_scenario

    tables = data.load()
    scenario = load_scenario(folder / "scenario.toml", tables=tables)
    say(note="job.running", total=runs)
    tell = Teller()
    workers = max((os.cpu_count() or 2) - 1, 1)
    monte_carlo(
        scenario,
        tables,
        folder / "batch",
        runs,
        workers,
        sampling="lhs",  # of few runs, Sobol points mix up the inputs
        watch=lambda status: tell(status.done, status.asked),
    )


TASKS: dict[str, Callable[[list[str]], None]] = {
    "compare": lambda rest: compare(Path(rest[0])),
    "batch": lambda rest: batch(int(rest[0]), Path(rest[1])),
}


def main(arguments: list[str]) -> None:
    """Do the task that the arguments name; what is wrong with the input is told, not thrown."""
    try:
        TASKS[arguments[0]](arguments[1:])
    except DataError as error:
        say(problems=[str(problem) for problem in error.problems])
        raise SystemExit(2) from None
    except ArithmeticError:
        say(problems=["failure.numbers"])
        raise


if __name__ == "__main__":
    main(sys.argv[1:])
