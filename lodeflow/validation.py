"""What `lodeflow validate` prints: scores, the rows of published figures, and who produces in the years after the base year."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.table import Table

from data.problems import DataError, Problem
from experiments.validate.verdicts import FIGURES, LATER, NOT_COMPUTABLE, NOT_IN_MODEL, OUTSIDE, WITHIN, Verdict
from lodeflow.table import console
from viz.validate import range_text, row_text, score_lines, what_text

if TYPE_CHECKING:
    from experiments.validate.validation import Progress, Validation
    from viz import Labels

LINE = "lodeflow validate"
STYLES = {WITHIN: "green", OUTSIDE: "red", NOT_COMPUTABLE: "yellow", NOT_IN_MODEL: "dim"}
MARKS = {WITHIN: "", OUTSIDE: " *"}


def refuse_contradictions(chosen: list[str], refresh: bool, check: bool) -> None:
    """Raise DataError for options that do not go together."""
    wrong = []
    if refresh and chosen:
        right = "Leave them out: the shipped verdicts are those of all rows"
        wrong.append(Problem(LINE, "--refresh", "", "does not go with single rows", right))
    if refresh and check:
        right = "Check first, and refresh if what got worse is to stay"
        wrong.append(Problem(LINE, "--refresh", "", "does not go with --check", right))
    if wrong:
        raise DataError(wrong)


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """Show on stderr which of the runs is being made; yields the function to call before each run."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (MofNCompleteColumn(), TextColumn("runs"), BarColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total, what: bar.update(task, completed=done, total=total, description=what)


def write(result: Validation, labels: Labels, folder: Path, no_charts: bool, overwrite: bool) -> None:
    """Write the folder of a validation, with charts and a page unless they are not wanted."""

    def draw(temporary: Path) -> None:
        from viz.validate import write_page

        write_page(result, labels, temporary)

    finish: Callable[[Path], None] | None = None if no_charts else draw
    result.write(folder, finish, overwrite)


def print_check(lines: list[str], result: Validation) -> bool:
    """Print one line per row whose verdict got worse; returns whether none did."""
    if not lines:
        typer.echo(f"\nNone of {len(result.verdicts)} verdicts is worse than the shipped one.")
        return True
    typer.echo(f"\n{len(lines)} verdict{'s' if len(lines) > 1 else ''} worse than the shipped one:", err=True)
    for line in lines:
        typer.echo(f"  {line}", err=True)
    return False


def print_validation(result: Validation, labels: Labels) -> None:
    """Print the tables of a validation: published figures row by row, later years a line per metal and stage, scores."""
    out = console()
    figures = [verdict for verdict in result.verdicts if verdict.section == FIGURES]
    later = [verdict for verdict in result.verdicts if verdict.section == LATER]
    if figures:
        out.print(_figures(figures, labels))
    if later:
        out.print(_later(later, labels))
    out.print()
    for line in score_lines(result):
        out.print(line)


def _figures(verdicts: list[Verdict], labels: Labels) -> Table:
    table = Table(
        title="Long runs against published figures",
        title_justify="left",
        caption="kind: emergent, made by the model; input, follows from numbers put in and is no success",
        caption_justify="left",
    )
    for heading in ("row", "what", "simulated", "published", "counts as within", "verdict", "kind"):
        table.add_column(heading, no_wrap=heading == "row")
    for verdict in verdicts:
        table.add_row(
            verdict.id,
            what_text(verdict, labels),
            row_text(verdict, verdict.simulated),
            row_text(verdict, verdict.published),
            range_text(verdict),
            f"[{STYLES[verdict.verdict]}]{verdict.verdict}[/]",
            verdict.kind,
        )
    return table


def _later(verdicts: list[Verdict], labels: Labels) -> Table:
    """One line per metal, stage and year: simulated / in the data, with a star where they differ by more than allowed."""
    table = Table(
        title="The run that starts in 2010, against the data of later years (simulated / in the data; *: outside)",
        title_justify="left",
        caption="misplaced: share of world output in other countries than in the data; HHI: sum of squared country shares",
        caption_justify="left",
    )
    measures = {"output": "world output", "largest": "largest producer", "hhi": "HHI", "misplaced": "misplaced"}
    measures["reserves"] = "reserves over output"
    for heading in ("metal and stage", "year", *measures.values()):
        table.add_column(heading, no_wrap=True)
    rows: dict[tuple[str, str], dict[str, Verdict]] = {}
    for verdict in verdicts:
        year, measure = verdict.id.removeprefix(f"{verdict.group}-").split("-")
        rows.setdefault((verdict.group, year), {})[measure] = verdict
    for (group, year), found in rows.items():
        table.add_row(group, year, *(_pair(found.get(measure)) for measure in measures))
    return table


def _pair(verdict: Verdict | None) -> str:
    if verdict is None:
        return ""
    if verdict.verdict not in MARKS:
        return verdict.note
    simulated, there = (f"{v:.2f}" if verdict.id.endswith("hhi") else row_text(verdict, v) for v in _values(verdict))
    both = (
        simulated
        if verdict.id.endswith("misplaced")
        else f"{simulated.removesuffix(' a year')} / {there.removesuffix(' a year')}"
    )
    return f"{both}{MARKS[verdict.verdict]}"


def _values(verdict: Verdict) -> tuple[float, float]:
    return verdict.simulated, verdict.published
