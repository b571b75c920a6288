"""What `lodeflow hindcast` and `lodeflow register` do: choose what is judged, have it scored, print it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.table import Table

from lodeflow import data
from lodeflow.data.problems import DataError, Problem
from lodeflow.experiments.judge.hindcast import baseline, observed, register
from lodeflow.experiments.judge.hindcast.scoreboard import Scoreboard, run_scoreboard
from lodeflow.experiments.judge.hindcast.store import ENTRIES, write_scoreboard
from lodeflow.experiments.run.read import read_run
from lodeflow.experiments.run.results import check_target
from lodeflow.experiments.scenario.model import load_scenario
from lodeflow.print.table import rows_of
from lodeflow.print.terminal import console, say
from lodeflow.viz.words import times

if TYPE_CHECKING:
    from lodeflow.data import Tables

LINE = "lodeflow hindcast"
NOTES = {
    "observed_outside_the_run": "lie outside the run and are not scored",
    "observed_before_registration": "are not later than the month in which the forecast was registered",
}
"""What is said of observed values, by the entry of the manifest that counts them."""


@dataclass(frozen=True)
class Request:
    """The options of `lodeflow hindcast`, as they were typed.

    Attributes:
        names: episodes or events. observed: file of a user's own values, laid over one of run (a folder), scenario (a name
            or file, run now) or registered (a forecast). assignments: "key=value". data_folder: own tables.
    """

    names: list[str] = field(default_factory=list)
    observed: Path | None = None
    run: Path | None = None
    scenario: str | None = None
    registered: Path | None = None
    assignments: list[str] = field(default_factory=list)
    data_folder: Path | None = None
    check: bool = False
    refresh: bool = False

    def refuse_contradictions(self) -> None:
        """Raise DataError for options that do not go together."""
        laid_over = {"--run": self.run, "--scenario": self.scenario, "--registered": self.registered}
        over = [name for name, value in laid_over.items() if value is not None]
        judged = {"episodes": self.names, "--check": self.check, "--refresh": self.refresh}
        wrong: list[tuple[str, str, str]] = []
        if self.observed is not None and len(over) != 1:
            wrong.append(
                ("--observed", f"is laid over one run, {len(over)} are named", f"Give one of {', '.join(laid_over)}")
            )
        if self.observed is None:
            wrong += [(name, "has nothing to be compared with", "Add --observed FILE") for name in over]
        else:
            right = "Leave it out, or leave out --observed"
            wrong += [(name, "does not go with --observed", right) for name, value in judged.items() if value]
        changes = {"episodes": self.names, "--set": self.assignments, "--data": self.data_folder, "--check": self.check}
        if self.refresh:
            right = "Leave it out: the shipped scores are those of all episodes with the shipped values"
            wrong += [(name, "does not go with --refresh", right) for name, value in changes.items() if value]
        if self.assignments and (self.run or self.registered):
            wrong.append(("--set", "cannot change what has been run", "Use --scenario"))
        if wrong:
            raise DataError([Problem(LINE, name, "", what, right) for name, what, right in wrong])

    def inputs(self) -> dict[str, Any]:
        """Return what is judged, as it was typed."""
        typed: dict[str, Any] = {
            "observed": self.observed,
            "run": self.run,
            "scenario": self.scenario,
            "registered": self.registered,
        }
        typed |= {"data": self.data_folder, "set": self.assignments, "episodes": sorted(self.names)}
        return {key: value if isinstance(value, list) else str(value) for key, value in typed.items() if value}


def judge(request: Request, progress: Callable[[int, int], None] | None = None) -> Scoreboard:
    """Return the scores that a request asks for. Raises DataError with everything that is wrong with it."""
    request.refuse_contradictions()
    tables = data.shared(request.data_folder)
    if request.observed is None:
        return run_scoreboard(request.names, tables, parameters_of(request.assignments, tables), progress)
    values = observed.read_observed(request.observed, tables)
    title, series, month0, made = _laid_over(request, tables, progress)
    months = set(series["date"].dt.strftime("%Y-%m"))
    made["observed_outside_the_run"] = int((~values["date"].isin(months)).sum())
    if request.registered is not None:
        made["observed_before_registration"] = int((values["date"] <= made["created"][:7]).sum())
    return observed.overlay(series, values, month0, {"title": title}, made, request.observed.name)


def parameters_of(assignments: list[str], tables: Tables) -> dict[str, float]:
    """Return the parameter values in "parameters.eta.cobalt=0.5"; episodes take no other changes.

    Raises DataError with everything that cannot be set.
    """
    from lodeflow.experiments.scenario.model import check_scenario
    from lodeflow.experiments.scenario.overrides import SOURCE, apply_overrides

    problems: list[Problem] = []
    raw = apply_overrides({"name": "episodes"}, assignments, problems)
    for key in sorted(set(raw) - {"name", "parameters"}):
        wrong = "episodes are history: only parameters can be changed"
        problems.append(Problem(SOURCE, key, "", wrong, "Write --set parameters.NAME=VALUE"))
    return check_scenario(
        {key: raw[key] for key in ("name", "parameters") if key in raw}, SOURCE, problems, tables
    ).parameters


def _laid_over(
    request: Request, tables: Tables, progress: Callable[[int, int], None] | None
) -> tuple[str, pd.DataFrame, str, dict[str, Any]]:
    """Title, series, event month and manifest of the run that observed values are laid over."""
    if request.registered is not None:
        record, series = register.read_registered(request.registered)
        return str(record["title"]), series, str(record["month0"]), register.made(record)
    if request.run is not None:
        outcome = read_run(request.run, tables)
    else:
        from lodeflow.experiments.run.what_if import run_scenario

        scenario = load_scenario(str(request.scenario), request.assignments, tables)
        outcome = run_scenario(scenario, progress, tables)
    title = outcome.scenario.title or outcome.scenario.name
    made = {key: outcome.manifest[key] for key in ("scenario", "seed", "versions", "data_hash", "created")}
    return title, register.main_run(outcome), register.event_month(outcome), made


def write(board: Scoreboard, folder: Path, no_charts: bool, inputs: dict[str, Any], overwrite: bool) -> None:
    """Write the folder of a scoreboard, with charts and page unless `no_charts`."""

    def draw(path: Path) -> None:
        from lodeflow.viz.report.hindcast import write_page

        write_page(board, path)

    write_scoreboard(board, folder, None if no_charts else draw, inputs, overwrite)


def check_folder(folder: Path, inputs: dict[str, Any], overwrite: bool) -> None:
    """Raise DataError if a scoreboard may not be written to `folder`."""
    check_target(folder, ENTRIES, inputs, overwrite)


# ---- printing ------------------------------------------------------------------------------------------------------
def print_board(board: Scoreboard) -> None:
    """Print one line per episode, and the totals."""
    table = Table(
        title="Simulated against observed prices",
        title_justify="left",
        caption="error: mean |ln(simulated / observed)|, 0.20 is about 20 %; no change: price stays as before; static: "
        "(1 - loss)^(-1/elasticity); bias: mean ln error, above 0 too high; rises, falls: moves above 3 % with the right sign; "
        "given: realised quantities of the time after it began, never prices; peak: ratio furthest from the price "
        "before, and months after the event began",
        caption_justify="left",
    )
    for heading in (
        "episode",
        "given",
        "points",
        "error",
        "no change",
        "static",
        "bias",
        "rises",
        "falls",
        "peak observed",
        "peak simulated",
    ):
        table.add_column(heading, no_wrap=heading == "episode")
    for row in rows_of(board.episodes):
        peaks = rows_of(board.peaks[board.peaks["episode"] == row["episode"]])
        turns = ["\n".join(_turn(peak, whose) for peak in peaks) for whose in ("observed", "simulated")]
        table.add_row(row["episode"], row["given"], *_scores(row), *turns)
    table.add_section()
    for row in rows_of(board.totals):
        table.add_row(f"{row['group']} ({row['episodes']})", "", *_scores(row), "", "")
    out = console()
    out.print(table)
    for note, what in NOTES.items():
        if board.manifest.get(note):
            out.print(f"{board.manifest[note]} observed values {what}")


def _scores(row: dict[str, Any]) -> list[str]:
    errors = [number(row[name]) for name in ("mean_error", "no_change_error", "static_error")]
    ways = [f"{row[f'{way}_right']} of {row[f'{way}_counted']}" for way in ("rises", "falls")]
    return [str(row["points"]), *errors, f"{row['mean_bias']:+.2f}", *ways]


def number(value: float) -> str:
    """Write a score with two digits; a dash where there is none."""
    return "–" if pd.isna(value) else f"{value:.2f}"


def _turn(row: dict[str, Any], whose: str) -> str:
    return f"{times(row[f'ratio_{whose}'])}, month {row[f'month_{whose}']:.0f}"


def print_check(board: Scoreboard, whole: bool) -> bool:
    """Print what got worse against the shipped scores, one line each; return whether nothing did."""
    before = baseline.read()
    lines = baseline.worse(board, before, whole)
    shipped = before.manifest["parameters"] == board.manifest["parameters"]
    note = "" if shipped else " The parameter values are others than then."
    if lines:
        say(f"\n{len(lines)} score{'s' if len(lines) > 1 else ''} got worse than in {baseline.SHIPPED.name}:{note}")
        say("\n".join(f"  {line}" for line in lines))
    else:
        say(f"\nNo score got worse than in {baseline.SHIPPED.name}.{note}")
    return not lines
