"""What `lodeflow hindcast` and `lodeflow register` do: choose what is judged, have it scored, print it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.table import Table

import data
from data.problems import DataError, Problem
from experiments.hindcast import baseline, observed, register
from experiments.hindcast.scoreboard import Scoreboard, run_scoreboard
from experiments.hindcast.store import ENTRIES, write_scoreboard
from experiments.results import check_target, read_run
from experiments.scenario import load_scenario
from lodeflow.table import console, rows_of
from viz.words import times

if TYPE_CHECKING:
    from data import Tables

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
    tables = data.load(request.data_folder)
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
    from experiments.overrides import SOURCE, apply_overrides
    from experiments.scenario import check_scenario

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
        from experiments.run import run_scenario

        scenario = load_scenario(str(request.scenario), request.assignments, tables)
        outcome = run_scenario(scenario, progress, tables)
    title = outcome.scenario.title or outcome.scenario.name
    made = {key: outcome.manifest[key] for key in ("scenario", "seed", "versions", "data_hash", "created")}
    return title, register.main_run(outcome), register.event_month(outcome), made


def write(board: Scoreboard, folder: Path, no_charts: bool, inputs: dict[str, Any], overwrite: bool) -> None:
    """Write the folder of a scoreboard, with charts and page unless `no_charts`."""

    def draw(path: Path) -> None:
        from viz.hindcast import write_page

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
        "(1 - loss)^(-1/elasticity); signs: moves above 10 % with the right sign; peak: ratio furthest from the price "
        "before, and months after the event began",
        caption_justify="left",
    )
    for heading in (
        "episode",
        "points",
        "error",
        "median",
        "no change",
        "static",
        "signs",
        "peak observed",
        "peak simulated",
    ):
        table.add_column(heading, no_wrap=heading == "episode")
    for row in rows_of(board.episodes):
        peaks = rows_of(board.peaks[board.peaks["episode"] == row["episode"]])
        turns = ["\n".join(_turn(peak, whose) for peak in peaks) for whose in ("observed", "simulated")]
        name = f"{row['episode']} *" if row["conditional"] else row["episode"]
        table.add_row(name, *_scores(row), *turns)
    table.add_section()
    for row in rows_of(board.totals):
        table.add_row(f"{row['group']} ({row['episodes']})", *_scores(row), "", "")
    out = console()
    out.print(table)
    for note, what in NOTES.items():
        if board.manifest.get(note):
            out.print(f"{board.manifest[note]} observed values {what}")
    if bool(board.episodes["conditional"].any()):
        out.print("* given realised volumes of the time after it began (output, exports or purchases), never prices")


def _scores(row: dict[str, Any]) -> list[str]:
    errors = [number(row[name]) for name in ("mean_error", "median_error", "no_change_error", "static_error")]
    return [str(row["points"]), *errors, f"{row['signs_right']} of {row['signs_counted']}"]


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
        print(f"\n{len(lines)} score{'s' if len(lines) > 1 else ''} got worse than in {baseline.SHIPPED.name}:{note}")
        print("\n".join(f"  {line}" for line in lines))
    else:
        print(f"\nNo score got worse than in {baseline.SHIPPED.name}.{note}")
    return not lines
