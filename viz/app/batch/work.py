"""What a job does, in its own process: `python -m lodeflow.viz.app.batch.work compare [LANGUAGE] FOLDER` `... batch RUNS FOLDER` or
`... band RUNS METAL FOLDER`.

It reads `FOLDER/scenario.toml`, writes its results into the same folder and says on standard output, one JSON object per
line, how far it is.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeflow.data import catalogue
from lodeflow.data.catalogue import Variable
from lodeflow.data.problems import DataError
from lodeflow.data.quality import illustrative
from lodeflow.viz.language import ENGLISH

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.experiments.run.results import Outcome
    from lodeflow.viz.frames import Run

EVERY = 0.2
"""Least time between two words on progress, s."""
WORLD = "WLD"
FEEDS = ("ore", "intermediate")
"""What the table `series` calls the form `feed` of the catalogue."""


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


def compare(folder: Path, language: str = ENGLISH) -> None:
    """Run a scenario with and without its shocks to the end; write the run folder, the figures and the flow pictures.

    language: of the report and the pictures, one of `lodeflow.viz.language.LANGUAGES`.
    """
    from lodeflow import data, viz
    from lodeflow.experiments.run.what_if import run_scenario
    from lodeflow.experiments.scenario.model import load_scenario

    tables = data.load()
    scenario = load_scenario(folder / "scenario.toml", tables=tables)
    say(note="job.running")
    outcome = run_scenario(scenario, Teller(), tables)
    say(note="job.writing", done=0, total=0)
    outcome.write(
        folder / "run",
        lambda path: _report(path, outcome, tables, language),
    )
    figures = json.dumps(figures_of(outcome))
    (folder / "figures.json").write_text(figures, encoding="utf-8")
    say(note="job.drawing")
    with viz.writing(language, tell):
        labels = viz.Labels.of(tables.countries, tables.metals).marked(illustrative(tables))
        _flow_pictures(viz.Run.read(folder / "run"), labels, folder / "flows")
    shutil.make_archive(str(folder / "run"), "zip", folder / "run")


def tell(line: str) -> None:
    """Say a line to the log of the server."""
    print(line, file=sys.stderr)


def _report(path: Path, outcome: Outcome, tables: Any, language: str) -> None:
    from lodeflow import viz

    seen = viz.Observed.of(tables)
    with viz.writing(language, tell):
        viz.write_report(path, tables.countries, tables.metals, outcome.manifest, tables.products, observed=seen)


def figures_of(outcome: Outcome) -> dict[str, Any]:
    """The figures of a comparison: the summary, the events, and both runs of the series that are drawn as differences, by metal."""
    summary = json.loads(outcome.summary.to_json(orient="records", date_format="iso"))
    series, shown = outcome.series, catalogue.drawn(catalogue.DIFFERENCES)
    world = series[(series["region"] == WORLD) & series["variable"].isin([one.variable for one in shown])]
    wide = {
        metal: {one.name: lines for one in shown if (lines := _both(rows, one))}
        for metal, rows in world.groupby("metal", observed=True)
    }
    hits = outcome.hits.to_dict("records")
    kpis = json.loads(outcome.kpis.to_json(orient="records"))
    return {"summary": summary, "hits": hits, "kpis": kpis, "events": outcome.events, "series": wide}


def _both(rows: pd.DataFrame, one: Variable) -> dict[str, list[float]] | None:
    """Both runs of one series of the world; None where the metal has no such series."""
    forms = FEEDS if one.form == catalogue.FEED else (one.form,)
    own = rows[(rows["variable"] == one.variable) & rows["form"].isin(forms)]
    if own.empty:
        return None
    by_run = own.sort_values("date").groupby("run", observed=True)["value"]
    return {str(run): [float(value) for value in values] for run, values in by_run}


def _flow_pictures(run: Run, labels: Any, target: Path) -> None:
    """Where a tonne goes in the year of the largest effect, in both worlds, for every metal."""
    from lodeflow.viz.charts import flow_picture
    from lodeflow.viz.report.page import save

    target.mkdir()
    for metal in run.metals:
        save(flow_picture(run, metal, labels), target / f"{metal}.png")


def batch(runs: int, folder: Path) -> None:
    """Run a scenario many times with drawn inputs; write the batch folder."""
    from lodeflow import data
    from lodeflow.experiments.batch.make import monte_carlo
    from lodeflow.experiments.scenario.model import load_scenario

    tables = data.load()
    scenario = load_scenario(folder / "scenario.toml", tables=tables)
    say(note="job.running", total=runs)
    tell = Teller()
    workers = max((os.cpu_count() or 2) - 1, 1)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # who cancels keeps what is finished, as with Ctrl-C
    monte_carlo(
        scenario,
        tables,
        folder / "batch",
        runs,
        workers,
        sampling="lhs",  # of few runs, Sobol points mix up the inputs
        watch=lambda status: tell(status.done, status.asked),
    )


def band(runs: int, metal: str, folder: Path) -> None:
    """Run a scenario of one metal some twenty times at low priority; write what the runs say."""
    from lodeflow.viz.app.beside.band import make

    say(note="job.running", total=runs)
    make(runs, metal, folder, Teller())


TASKS: dict[str, Callable[[list[str]], None]] = {
    "compare": lambda rest: compare(Path(rest[-1]), *rest[:-1]),
    "batch": lambda rest: batch(int(rest[0]), Path(rest[1])),
    "band": lambda rest: band(int(rest[0]), rest[1], Path(rest[2])),
}


def main(arguments: list[str]) -> None:
    """Do the task that the arguments name; what is wrong with the input is told, not thrown."""
    try:
        TASKS[arguments[0]](arguments[1:])
    except DataError as error:
        say(problems=[str(problem) for problem in error.problems])
        raise SystemExit(2) from None
    except KeyboardInterrupt:
        raise SystemExit(1) from None
    except ArithmeticError:
        say(problems=["failure.numbers"])
        raise


if __name__ == "__main__":
    main(sys.argv[1:])
