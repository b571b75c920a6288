"""Commands that let history judge: hindcast, calibrate, validate, register. Heavy packages are imported inside the commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lodeflow.errors import reporting
from lodeflow.screen import Overwrite, Quiet

commands = typer.Typer()

Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
Assignments = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change one key, e.g. parameters.eta.cobalt=0.5."),
]
DataFolder = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="Folder of own tables; they replace shipped ones by name."),
]


@commands.command()
def hindcast(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="EPISODE|EVENT", help="Episodes (names or *.toml files) or events; all if left out."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder of the results; runs/hindcast if left out (none with --check, --refresh)."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Compare with the shipped scores; exit code 1 if one got worse.")
    ] = False,
    refresh: Annotated[bool, typer.Option("--refresh", help="Make the scores of now the shipped ones.")] = False,
    observed: Annotated[
        Path | None,
        typer.Option("--observed", metavar="FILE", help="Own values (CSV: date, metal, value, ...) to judge a run by."),
    ] = None,
    scenario: Annotated[
        str | None, typer.Option("--scenario", help="Scenario that is run and judged by --observed.")
    ] = None,
    run: Annotated[
        Path | None, typer.Option("--run", metavar="DIR", help="Run folder that is judged by --observed.")
    ] = None,
    registered: Annotated[
        Path | None,
        typer.Option("--registered", metavar="FILE", help="Registered forecast that is judged by --observed."),
    ] = None,
    assignments: Assignments = None,
    data_folder: DataFolder = None,
    no_charts: Annotated[
        bool, typer.Option("--no-charts", help="Write the tables only, no charts and no page.")
    ] = False,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Let history judge: run episodes of the past (or lay own values over a run) and score simulated against observed."""
    with reporting(debug, quiet) as screen:
        from experiments.hindcast import baseline
        from experiments.hindcast.store import PAGE
        from lodeflow import hindcast as history

        request = history.Request(
            names or [], observed, run, scenario, registered, assignments or [], data_folder, check, refresh
        )
        request.refuse_contradictions()
        folder = out if out is not None or check or refresh else Path("runs") / "hindcast"
        if folder is not None:
            history.check_folder(folder, request.inputs(), overwrite)
        board = history.judge(request)
        history.print_board(board)
        if folder is not None:
            history.write(board, folder, no_charts, request.inputs(), overwrite)
            screen.result(folder, more="" if no_charts else f"; open {folder / PAGE} in a browser.")
        if refresh:
            baseline.write(board)
            typer.echo(f"\nShipped scores rewritten: {baseline.SHIPPED}")
        if check and not history.print_check(board, whole=not names):
            raise typer.Exit(1)


@commands.command()
def calibrate(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="EPISODE", help="Episodes to fit; all if left out.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of the results; runs/calibration if left out.")
    ] = None,
    starts: Annotated[int, typer.Option("--starts", min=1, max=100_000, help="Starts spread over the ranges.")] = 60,
    tries: Annotated[int, typer.Option("--tries", min=1, max=100_000, help="Best starts from which is descended.")] = 2,
    steps: Annotated[int, typer.Option("--steps", min=1, max=100_000, help="Most steps of each descent.")] = 5,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the starts.")] = 1,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="Processes; one per core if left out.")
    ] = None,
    refresh: Annotated[bool, typer.Option("--refresh", help="Make the fitted values the shipped ones.")] = False,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Fit the uncertain parameters to the episodes, leave one out, and say what the episodes cannot tell (ten minutes)."""
    with reporting(debug, quiet) as screen:
        from lodeflow.calibration import calibrate_and_write

        folder = out or Path("runs") / "calibration"
        calibrate_and_write(names or [], folder, (starts, tries, steps, seed), workers, refresh, overwrite)
        screen.result(folder)


@commands.command()
def register(
    scenario: Annotated[str, typer.Argument(help="A shipped scenario (see `lodeflow list`) or a TOML file.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="New file for the forecast (JSON).")],
    assignments: Assignments = None,
    data_folder: DataFolder = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Run a scenario and keep its forecast with a checksum, so that it can be scored when the future is known."""
    with reporting(debug, quiet) as screen:
        import data
        from experiments.hindcast import register as forecasts
        from experiments.run import run_scenario
        from experiments.scenario import load_scenario

        forecasts.check_new(out)
        tables = data.load(data_folder)
        outcome = run_scenario(load_scenario(scenario, assignments or [], tables), tables=tables)
        forecasts.register(outcome, assignments or [], out)
        more = f"; score it with `lodeflow hindcast --registered {out} --observed FILE`."
        screen.result(out, "Forecast registered", more)


@commands.command()
def validate(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="ID", help="Rows, groups of rows or metals, e.g. L3, cobalt-mine; all if left out."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help="Folder of the results; runs/validation if left out (none with --check, --refresh)."
        ),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Compare with the shipped verdicts; exit code 1 if one got worse.")
    ] = False,
    refresh: Annotated[bool, typer.Option("--refresh", help="Make the verdicts of now the shipped ones.")] = False,
    no_charts: Annotated[
        bool, typer.Option("--no-charts", help="Write the tables only, no charts and no page.")
    ] = False,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Compare long runs with published figures, and with data of the years after the base year."""
    with reporting(debug, quiet) as screen:
        import data
        from experiments.validate.baseline import BASELINE, read_baseline, write_baseline
        from experiments.validate.validation import check_folder
        from experiments.validate.validation import validate as judge
        from experiments.validate.verdicts import plan, worse
        from lodeflow import validation
        from viz import Labels

        validation.refuse_contradictions(names or [], refresh, check)
        shipped = read_baseline() if check else {}
        folder = out if out is not None or check or refresh else Path("runs") / "validation"
        tables = data.load()
        labels, wanted = Labels.of(tables.countries, tables.metals), plan(tables, names or [])
        if folder is not None:
            check_folder(folder, wanted, overwrite)
        with validation.progress_bar() as progress:
            result = judge(tables, wanted, progress)
        validation.print_validation(result, labels)
        if folder is not None:
            validation.write(result, labels, folder, no_charts, overwrite)
            screen.result(folder, more="" if no_charts else f"; open {folder / 'page.html'} in a browser.")
        if refresh:
            write_baseline(result.verdicts)
            typer.echo(f"\nShipped verdicts rewritten: {BASELINE}")
        if check and not validation.print_check(worse(result.verdicts, shipped, result.plan.whole), result):
            raise typer.Exit(1)
