"""The command that lays scenarios side by side. Heavy packages are imported inside the command."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lodeflow.cli.errors import reporting
from lodeflow.cli.inputs import load_tables, short_options
from lodeflow.cli.options import (
    Assignments,
    DataFolder,
    Debug,
    End,
    Language,
    Metals,
    NoCharts,
    Overwrite,
    Plugins,
    Quiet,
    ReportLanguage,
    Start,
    Workers,
    number_of_runs,
    out_folder,
    seed_of,
)

if TYPE_CHECKING:
    from lodeflow.data import Tables
    from lodeflow.experiments.analysis.compare import Comparison
    from lodeflow.experiments.scenario.model import Scenario

commands = typer.Typer()


@commands.command("compare")
def compare_command(
    scenarios: Annotated[
        list[str], typer.Argument(metavar="A B [C ...]", help="Shipped scenarios (`lodeflow list`) or TOML files.")
    ],
    out: Annotated[Path | None, out_folder("Folder of the comparison; runs/compare-A-B if left out.")] = None,
    seed: Annotated[int | None, seed_of("Seed of all random draws.")] = None,
    start: Start = None,
    end: End = None,
    metals: Metals = None,
    assignments: Assignments = None,
    runs: Annotated[
        int | None, number_of_runs("Repeat it so many times with drawn inputs, the same in all worlds.")
    ] = None,
    workers: Workers = None,
    data_folder: DataFolder = None,
    no_charts: NoCharts = False,
    language: ReportLanguage = Language.EN,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    plugins: Plugins = None,
    debug: Debug = False,
) -> None:
    """Lay scenarios side by side: the same random draws, alone and together, what differs and what matters most."""
    with reporting(debug, quiet) as screen:
        from lodeflow.experiments.scenario.model import load_scenario

        tables = load_tables(data_folder)
        changes = short_options(seed, start, end, metals, assignments)
        chosen = _load(scenarios, lambda name: load_scenario(name, changes, tables))
        folder = Path("runs") / f"compare-{'-'.join(one.name for one in chosen)}"[:120] if out is None else out
        found = _run(chosen, tables, folder, runs, workers, data_folder, overwrite)
        _write_and_print(found, tables, folder, None if no_charts else language, overwrite)
        screen.report(folder, no_charts)


def _load(names: list[str], load: Callable[[str], Scenario]) -> list[Scenario]:
    """Load all scenarios. Raises DataError with the problems of all."""
    from lodeflow.data.problems import DataError, Problem

    found, problems = [], list[Problem]()
    for name in dict.fromkeys(names):
        try:
            found.append((name, load(name)))
        except DataError as error:
            problems += error.problems
    if problems:
        raise DataError(problems)
    loaded = dict(found)
    return [loaded[name] for name in names]


def _run(
    scenarios: list[Scenario],
    tables: Tables,
    folder: Path,
    runs: int | None,
    workers: int | None,
    data_folder: Path | None,
    overwrite: bool,
) -> Comparison:
    """Check the folder, run the worlds and the draws; the arguments are the options."""
    from lodeflow.experiments.analysis.compare import ENTRIES, aligned, compare, draw, inputs_of
    from lodeflow.experiments.run.results import check_target
    from lodeflow.print.run import month_progress
    from lodeflow.print.terminal import say

    sides, notes = aligned(scenarios)
    for note in notes:
        say(note, err=True)
    check_target(folder, ENTRIES, inputs_of(sides, tables) | ({"runs": runs} if runs else {}), overwrite)
    with month_progress("compare") as progress:
        found = compare(scenarios, tables, progress)
    if runs:
        from lodeflow.print.compare import draw_progress

        with draw_progress() as watch:
            draw(found, tables, runs, workers, data_folder, watch)
    return found


def _write_and_print(
    found: Comparison, tables: Tables, folder: Path, language: Language | None, overwrite: bool
) -> None:
    """Write the folder and print what differs; language: of the report, None for none."""
    from lodeflow.print.compare import print_comparison
    from lodeflow.viz.frames import Labels
    from lodeflow.viz.language import ENGLISH

    def labels() -> Labels:
        return Labels.of(tables.countries, tables.metals, tables.products)

    def finish(place: Path) -> None:
        from lodeflow.print.terminal import warn
        from lodeflow.viz import writing
        from lodeflow.viz.report.compare import write_comparison

        with writing(language or ENGLISH, warn):
            write_comparison(place, found, labels())

    found.write(folder, None if language is None else finish, overwrite)
    print_comparison(found, labels())
