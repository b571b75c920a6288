"""The command line: `lodeflow --help` lists the commands. Heavy packages are imported inside the commands."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from lodeflow import cli_app, cli_batch, cli_history
from lodeflow.errors import reporting
from lodeflow.screen import Overwrite, Quiet, any_encoding

if TYPE_CHECKING:
    import pandas as pd

    from data import Tables
    from experiments.results import Outcome
    from experiments.run import Progress
    from experiments.scenario import Scenario

app = typer.Typer(
    help="Lodeflow simulates the supply chains of critical metals, month by month: who mines, refines, makes and "
    "recycles, and what shocks and policies do to prices, shortages and recycling.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for group in (cli_history, cli_batch, cli_app):
    app.add_typer(group.commands)

BAND_RUNS = 40
"""Runs of a band where no number is given."""
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]


def _print_version(asked: bool) -> None:
    if asked:
        import lodeflow

        typer.echo(f"lodeflow {lodeflow.__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Take the options of the program itself; the text of `--help` is that of `app`."""


@app.command("list")
def list_command(debug: Debug = False) -> None:
    """List the scenarios, metals, shock and policy kinds."""
    with reporting(debug):
        from lodeflow.describe import print_overview

        print_overview()


@app.command()
def describe(
    name: Annotated[
        str,
        typer.Argument(help="Scenario, metal, shock kind, country, group, product, parameter, agent kind or 'world'."),
    ],
    debug: Debug = False,
) -> None:
    """Explain one name: what it is, its fields with units and ranges, its data with sources."""
    with reporting(debug):
        from lodeflow.describe import print_description

        print_description(name)


@app.command()
def check(
    path: Annotated[str, typer.Argument(help="A scenario file (or shipped name), or a folder of data tables.")],
    debug: Debug = False,
) -> None:
    """Check a scenario file or a folder of data tables, and report everything that is wrong with it."""
    with reporting(debug):
        import data
        from experiments.run import warnings_of
        from experiments.scenario import load_scenario

        if path and Path(path).is_dir():
            tables = data.load(path)
            rows = sum(len(table) for table in tables.values())
            typer.echo(f"{path}: {len(tables)} tables with {rows:,} rows, nothing wrong.")
            return
        tables = data.load()
        scenario = load_scenario(path, tables=tables)
        for line in warnings_of(scenario, tables):
            warn(line)
        typer.echo(f"{path}: scenario {scenario.name!r} with {len(scenario.shocks)} shocks, nothing wrong.")


@app.command("data")
def data_command(
    out: Annotated[Path | None, typer.Option("--out", help="Write the report to this new file.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file if there is one.")] = False,
    debug: Debug = False,
) -> None:
    """Report on the data: every adjustment above 2 %, and the share of each metal's tonnage that is observed."""
    with reporting(debug):
        import data
        from data.problems import DataError, Problem
        from data.report import report

        if out is not None and out.is_file() and not overwrite:
            right = "Name a new file, or replace this one with --overwrite"
            raise DataError([Problem(str(out), None, "", "the file is there already; nothing was touched", right)])

        text = str(report(data.load()))
        if out is None:
            typer.echo(text)
        else:
            out.write_text(text, encoding="utf-8")
            typer.echo(f"Data report written to {out}.")


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


@app.command(cls=BandCommand)
def run(
    scenario: Annotated[str, typer.Argument(help="A shipped scenario (see `lodeflow list`) or a TOML file.")],
    out: Annotated[Path | None, typer.Option("--out", help="Folder of the results; runs/SCENARIO if left out.")] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Seed of all random draws.")] = None,
    start: Annotated[str | None, typer.Option("--start", metavar="YYYY-MM", help="First month.")] = None,
    end: Annotated[str | None, typer.Option("--end", metavar="YYYY-MM", help="Last month.")] = None,
    assignments: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change one key of the scenario, e.g. shocks.0.strength=0.5."),
    ] = None,
    metals: Annotated[str | None, typer.Option("--metals", help="Metals to simulate, e.g. cobalt,nickel.")] = None,
    data_folder: Annotated[
        Path | None,
        typer.Option("--data", metavar="DIR", help="Folder of own tables; they replace shipped ones by name."),
    ] = None,
    agents: Annotated[
        bool, typer.Option("--agents", help="Also write agents.parquet: every agent in every month.")
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
    no_charts: Annotated[
        bool, typer.Option("--no-charts", help="Write the tables only, no charts and no report.")
    ] = False,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Run a scenario with and without its shocks, write the run folder and print what happened."""
    with reporting(debug, quiet) as screen:
        import data
        from experiments.results import RUN_ENTRIES, check_target
        from experiments.run import run_inputs, run_scenario
        from experiments.scenario import load_scenario
        from lodeflow.table import print_outcome
        from viz import Labels

        if band:
            from experiments.monte_carlo.folder import check_runs

            check_runs(band, "--band")
        tables = data.load(data_folder)
        chosen = load_scenario(scenario, short_options(seed, start, end, metals, assignments or []), tables)
        folder = Path("runs") / chosen.name if out is None else out
        inputs = run_inputs(chosen, tables, agents) | ({"band": band} if band else {})
        check_target(folder, RUN_ENTRIES, inputs, overwrite)
        with _progress_bar(chosen.name) as progress:
            outcome = run_scenario(chosen, progress, tables, agents, warn)
        outcome.manifest["inputs"] = inputs
        spread, failed = _band(chosen, tables, band, data_folder) if band else (None, "")
        outcome.manifest |= {"band_failures": failed} if failed else {}
        outcome.write(folder, _finishing(outcome, tables, spread, not no_charts), overwrite)
        print_outcome(outcome, Labels.of(tables.countries, tables.metals, tables.products))
        if failed:
            typer.echo(f"\nBand: {failed}")
        screen.result(folder, more="" if no_charts else f"; open {folder / 'report.html'} in a browser.")


def warn(line: str) -> None:
    """Say on stderr, before a run, what a shock names but cannot touch."""
    typer.echo(f"Warning: {line}", err=True)


def short_options(
    seed: int | None, start: str | None, end: str | None, metals: str | None, assignments: list[str]
) -> list[str]:
    """Return --seed, --start, --end and --metals as assignments; they come first, so that --set has the last word."""
    short: dict[str, object] = {"seed": seed, "start": start, "end": end}
    if metals is not None:
        short["metals"] = [metal.strip() for metal in metals.split(",") if metal.strip()]
    return [f"world.{key}={json.dumps(value)}" for key, value in short.items() if value is not None] + assignments


def _finishing(outcome: Outcome, tables: Tables, band: pd.DataFrame | None, charts: bool) -> Callable[[Path], None]:
    """Return what adds the band, the charts and the report to a folder whose manifest is still to come."""

    def finish(folder: Path) -> None:
        if band is not None:
            from experiments.monte_carlo.band import BAND
            from experiments.results import write_parquet

            write_parquet(band, folder / BAND)
        if charts:
            import viz

            viz.write_report(folder, tables.countries, tables.metals, outcome.manifest, tables.products)

    return finish


def _band(scenario: Scenario, tables: Tables, runs: int, data_folder: Path | None) -> tuple[pd.DataFrame, str]:
    """Run the small batch of --band; returns the band, and which runs failed."""
    from experiments.monte_carlo.band import run_band
    from lodeflow.batches import batch_progress

    with batch_progress(f"band of {runs} runs") as watch:
        return run_band(scenario, tables, runs, data_folder=data_folder, watch=watch)


@contextmanager
def _progress_bar(name: str) -> Iterator[Progress]:
    """Show months, months/s and the time left on stderr; yields the function to call after each month."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("months"),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(name, total=None, rate="building the world")

        def advance(done: int, total: int) -> None:
            speed = bar.tasks[task].speed
            bar.update(task, completed=done, total=total, rate=f"{speed:,.0f} months/s" if speed else "")

        yield advance


def main() -> None:
    """Run the command line."""
    any_encoding()
    app()
