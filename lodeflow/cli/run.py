"""The command that runs a scenario. Heavy packages are imported inside the command."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer
from typer.core import TyperCommand

from lodeflow.cli.errors import reporting
from lodeflow.cli.inputs import chosen_scenario, short_options, write_new
from lodeflow.cli.options import (
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
    ScenarioName,
    Start,
    change,
    out_folder,
    seed_of,
)
from lodeflow.print.terminal import say, warn
from lodeflow.viz.report.second import second_process

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables
    from lodeflow.experiments.run.results import Outcome
    from lodeflow.experiments.scenario.model import Scenario
    from lodeflow.viz.report.second import Second

commands = typer.Typer()


class Drawn(NamedTuple):
    """How the report of a run is made: its language, and a process that draws the charts."""

    language: Language
    second: Second | None


COLLECT = (100_000, 50, 100)
"""When Python looks for objects that hold each other: a run loads packages, lives two worlds and ends, so hardly ever."""
BAND_RUNS = 40
"""Runs of a band where no number is given."""


class BandCommand(TyperCommand):
    """A command whose option --band may stand without its number."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Write the usual number of runs behind a bare --band."""
        full = []
        for place, argument in enumerate(args):
            full.append(argument)
            if argument == "--band" and not "".join(args[place + 1 : place + 2]).lstrip("-").isdecimal():
                full.append(str(BAND_RUNS))
        return super().parse_args(ctx, full)


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Look for garbage as seldom as :data:`COLLECT` says."""
    before = gc.get_threshold()
    gc.set_threshold(*COLLECT)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@commands.command(cls=BandCommand)
def run(
    scenario: ScenarioName,
    out: Annotated[Path | None, out_folder("Folder of the results; runs/SCENARIO if left out.")] = None,
    seed: Annotated[int | None, seed_of("Seed of all random draws.")] = None,
    start: Start = None,
    end: End = None,
    assignments: Annotated[
        list[str] | None, change("Change one key of the scenario, e.g. shocks.0.strength=0.5.")
    ] = None,
    metals: Metals = None,
    data_folder: DataFolder = None,
    agents: Annotated[
        bool, typer.Option("--agents", help="Also write agents.parquet: every agent in every month.")
    ] = False,
    money: Annotated[
        bool,
        typer.Option("--money", help="Also write money.parquet: who pays whom, by month, country and kind of firm."),
    ] = False,
    band: Annotated[
        int | None,
        typer.Option(
            "--band",
            metavar="[N]",
            min=2,
            help=f"Run N more times ({BAND_RUNS} if left out) with drawn inputs and show 5-95 % bands.",
        ),
    ] = None,
    scenario_out: Annotated[
        Path | None,
        typer.Option(
            "--scenario-out", metavar="FILE", help="Also write the scenario with all its settings to this file."
        ),
    ] = None,
    no_charts: NoCharts = False,
    language: ReportLanguage = Language.EN,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    plugins: Plugins = None,
    debug: Debug = False,
) -> None:
    """Run a scenario, or one of a batch again (BATCH#17), with and without its shocks; write the run folder, say what happened."""
    with reporting(debug, quiet) as screen, second_process(not no_charts, data_folder) as second, _seldom_collected():
        from lodeflow.environment.later import load_mesa

        load_mesa()
        if band:
            from lodeflow.experiments.batch.make.folder import check_runs

            check_runs(band, "--band")
        chosen, tables = chosen_scenario(scenario, short_options(seed, start, end, metals, assignments), data_folder)
        if scenario_out is not None:
            write_new(scenario_out, chosen.to_toml(), overwrite)
        folder = Path("runs") / chosen.name if out is None else out
        drawn = None if no_charts else Drawn(language, second)
        _run_and_print(chosen, tables, folder, (agents, money), band, data_folder, drawn, overwrite)
        screen.report(folder, no_charts)


def _run_and_print(
    scenario: Scenario,
    tables: Tables,
    folder: Path,
    asked: tuple[bool, bool],
    band: int | None,
    data_folder: Path | None,
    drawn: Drawn | None,
    overwrite: bool,
) -> None:
    """Make both runs and the band, write their folder and print what happened; the arguments are the options.

    asked: whether the tables of agents and of money are made; drawn: how the report is, None for none.
    """
    from lodeflow.experiments.run.parquet import writing_near
    from lodeflow.experiments.run.results import RUN_ENTRIES, check_target
    from lodeflow.experiments.run.what_if import run_inputs, run_scenario
    from lodeflow.print.run import month_progress, print_outcome
    from lodeflow.viz import Labels

    agents, money = asked
    inputs = run_inputs(scenario, tables, agents, money) | ({"band": band} if band else {})
    check_target(folder, RUN_ENTRIES, inputs, overwrite)
    with writing_near(folder) as writer:
        made = None if band else writer.take  # the processes of a band are not forked from threads that write
        with month_progress(scenario.name) as progress:
            outcome = run_scenario(scenario, progress, tables, agents, warn, money, again=False, in_two=True, made=made)
        outcome.manifest["inputs"] = inputs
        spread, failed = _band(scenario, tables, band, data_folder) if band else (None, "")
        outcome.manifest |= {"band_failures": failed} if failed else {}
        finish, begin = _finishing(outcome, tables, drawn), _beginning(outcome, spread, drawn)
        outcome.write(folder, finish, overwrite, begin, writer)
    print_outcome(outcome, Labels.of(tables.countries, tables.metals, tables.products))
    if failed:
        say(f"\nBand: {failed}")


def _beginning(outcome: Outcome, band: pd.DataFrame | None, drawn: Drawn | None) -> Callable[[Path], None]:
    """Return what adds the band to a folder and has charts drawn while the large tables are written."""
    from lodeflow.cli.memory import give_back

    def begin(folder: Path) -> None:
        give_back()
        if band is not None:
            from lodeflow.experiments.batch.make.band import BAND
            from lodeflow.experiments.run.results import write_parquet

            write_parquet(band, folder / BAND)
        if drawn is not None and drawn.second is not None:
            from lodeflow import viz

            with viz.writing(drawn.language, lambda line: None):
                drawn.second.draw(folder, outcome.manifest, vars(outcome))

    return begin


def _finishing(outcome: Outcome, tables: Tables, drawn: Drawn | None) -> Callable[[Path], None]:
    """Return what adds the charts and the report to a folder whose manifest is still to come."""
    from lodeflow.cli.memory import give_back

    def finish(folder: Path) -> None:
        give_back()
        if drawn is not None:
            from lodeflow import viz

            seen, manifest = viz.Observed.of(tables), outcome.manifest
            frames, names = vars(outcome), (tables.countries, tables.metals)
            with viz.writing(drawn.language, warn):
                viz.write_report(folder, *names, manifest, tables.products, seen, drawn.second, frames)

    return finish


def _band(scenario: Scenario, tables: Tables, runs: int, data_folder: Path | None) -> tuple[pd.DataFrame, str]:
    """Run the small batch of --band; returns the band, and which runs failed."""
    from lodeflow.experiments.batch.make.band import run_band
    from lodeflow.print.progress import batch_progress

    with batch_progress(f"band of {runs} runs") as watch:
        return run_band(scenario, tables, runs, data_folder=data_folder, watch=watch)
