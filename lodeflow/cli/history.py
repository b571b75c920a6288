"""Commands that let history judge: hindcast, calibrate, validate, register. Heavy packages are imported inside the commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lodeflow.cli.errors import reporting
from lodeflow.cli.options import (
    Assignments,
    DataFolder,
    Debug,
    NoPage,
    Overwrite,
    Quiet,
    ScenarioName,
    checking,
    out_file,
    out_folder,
    processes,
    refreshing,
    run_of,
    seed_of,
)
from lodeflow.print.terminal import say

commands = typer.Typer()
OfTrade = Annotated[
    bool,
    typer.Option("--trade", help="Judge the base-year network instead: who sells to whom, beside customs records."),
]
OfGovernments = Annotated[
    bool, typer.Option("--governments", help="Judge governments that decide instead; --quick for few runs.")
]


@commands.command()
def hindcast(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="EPISODE|EVENT", help="Episodes (names or *.toml files) or events; all if left out."),
    ] = None,
    out: Annotated[
        Path | None,
        out_folder("Folder of the results; runs/hindcast if left out (none with --check, --refresh)."),
    ] = None,
    check: Annotated[bool, checking("Compare with the shipped scores; exit code 1 if one got worse.")] = False,
    refresh: Annotated[bool, refreshing("Make the scores of now the shipped ones.")] = False,
    observed: Annotated[
        Path | None,
        typer.Option("--observed", metavar="FILE", help="Own values (CSV: date, metal, value, ...) to judge a run by."),
    ] = None,
    scenario: Annotated[
        str | None, typer.Option("--scenario", help="Scenario that is run and judged by --observed.")
    ] = None,
    run: Annotated[Path | None, run_of("Run folder that is judged by --observed.")] = None,
    registered: Annotated[
        Path | None,
        typer.Option("--registered", metavar="FILE", help="Registered forecast that is judged by --observed."),
    ] = None,
    assignments: Assignments = None,
    data_folder: DataFolder = None,
    no_charts: NoPage = False,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Let history judge: run episodes of the past (or lay own values over a run) and score simulated against observed."""
    with reporting(debug, quiet) as screen:
        from lodeflow.experiments.judge.hindcast import baseline
        from lodeflow.experiments.judge.hindcast.store import PAGE
        from lodeflow.print import hindcast as history

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
            say(f"\nShipped scores rewritten: {baseline.SHIPPED}")
        if check and not history.print_check(board, whole=not names):
            raise typer.Exit(1)


@commands.command()
def calibrate(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="EPISODE", help="Episodes to fit; all if left out.")
    ] = None,
    out: Annotated[Path | None, out_folder("Folder of the results; runs/calibration if left out.")] = None,
    starts: Annotated[int, typer.Option("--starts", min=1, max=100_000, help="Starts spread over the ranges.")] = 60,
    tries: Annotated[int, typer.Option("--tries", min=1, max=100_000, help="Best starts from which is descended.")] = 2,
    steps: Annotated[int, typer.Option("--steps", min=1, max=100_000, help="Most steps of each descent.")] = 5,
    seed: Annotated[int, seed_of("Seed of the starts.", min=0)] = 1,
    workers: Annotated[int | None, processes("Processes; one per core if left out.")] = None,
    refresh: Annotated[bool, refreshing("Make the fitted values the shipped ones.")] = False,
    keep: Annotated[
        bool,
        typer.Option("--keep", help="Keep how well the fit does on what it did not see; no shipped value changes."),
    ] = False,
    until: Annotated[
        int | None,
        typer.Option("--until", metavar="YEAR", help="Last year that the fit sees, e.g. 2016; later ones are judged."),
    ] = None,
    without: Annotated[
        list[str] | None, typer.Option("--without", metavar="METAL", help="Metal whose episodes the fit does not see.")
    ] = None,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Fit the uncertain parameters to the episodes, leave one out, and say what the episodes cannot tell."""
    with reporting(debug, quiet) as screen:
        from lodeflow.print.calibrate import calibrate_and_write

        folder = out or Path("runs") / "calibration"
        calibrate_and_write(
            names or [],
            folder,
            (starts, tries, steps, seed),
            workers,
            refresh,
            overwrite,
            until,
            without or [],
            keep,
        )
        screen.result(folder)


@commands.command()
def register(
    scenario: ScenarioName,
    out: Annotated[Path, out_file("New file for the forecast (JSON).")],
    assignments: Assignments = None,
    data_folder: DataFolder = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Run a scenario and keep its forecast with a checksum, so that it can be scored when the future is known."""
    with reporting(debug, quiet) as screen:
        from lodeflow.cli.inputs import load_tables
        from lodeflow.experiments.judge.hindcast import register as forecasts
        from lodeflow.experiments.run.what_if import run_scenario
        from lodeflow.experiments.scenario.model import load_scenario

        forecasts.check_new(out)
        tables = load_tables(data_folder)
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
        out_folder("Folder of the results; runs/validation if left out (none with --check, --refresh)."),
    ] = None,
    check: Annotated[bool, checking("Compare with the shipped verdicts; exit code 1 if one got worse.")] = False,
    refresh: Annotated[bool, refreshing("Make the verdicts of now the shipped ones.")] = False,
    no_charts: NoPage = False,
    structure: Annotated[
        bool,
        typer.Option(
            "--structure",
            help="Judge structure instead: who produces, prices when demand departs from the trend, cases of history; "
            "results in runs/structure.",
        ),
    ] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="With --structure: three metals and the shipped scores of events.")
    ] = False,
    trade: OfTrade = False,
    governments: OfGovernments = False,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Compare long runs with published figures and later data; or judge structure, trade or governments."""
    with reporting(debug, quiet) as screen:
        if governments:
            from lodeflow.print import governments as of_governments

            if not of_governments.judge(quick, refresh):
                raise typer.Exit(1)
            return
        from lodeflow.print import structure as of_structure

        if trade:
            from lodeflow.print import trade as of_trade

            of_trade.refuse(names or [], structure, quick, refresh)
            if not of_trade.judge(out, check, overwrite):
                raise typer.Exit(1)
            if out is not None:
                screen.result(out)
            return
        of_structure.refuse(names or [], structure, quick, check, refresh)
        default = of_structure.FOLDER if structure else Path("runs") / "validation"
        folder = out if out is not None or check or refresh else default
        if structure:
            good = of_structure.judge(folder, quick, check, refresh, no_charts, overwrite)
        else:
            good = _judge_rows(names or [], folder, check, refresh, no_charts, overwrite)
        if folder is not None:
            screen.result(folder, more="" if no_charts else f"; open {folder / 'page.html'} in a browser.")
        if not good:
            raise typer.Exit(1)


def _judge_rows(
    names: list[str], folder: Path | None, check: bool, refresh: bool, no_charts: bool, overwrite: bool
) -> bool:
    """Judge the rows with published figures and print them; False if `check` was asked for and a verdict got worse."""
    from lodeflow import data
    from lodeflow.experiments.judge.validate.baseline import BASELINE, read_baseline, write_baseline
    from lodeflow.experiments.judge.validate.validation import check_folder
    from lodeflow.experiments.judge.validate.validation import validate as judge
    from lodeflow.experiments.judge.validate.verdicts import plan, worse
    from lodeflow.print import validate as validation
    from lodeflow.viz import Labels

    validation.refuse_contradictions(names, refresh, check)
    shipped = read_baseline() if check else {}
    tables = data.shared()
    labels, wanted = Labels.of(tables.countries, tables.metals), plan(tables, names)
    if folder is not None:
        check_folder(folder, wanted, overwrite)
    with validation.progress_bar() as progress:
        result = judge(tables, wanted, progress)
    validation.print_validation(result, labels)
    if folder is not None:
        validation.write(result, labels, folder, no_charts, overwrite)
    if refresh:
        write_baseline(result.verdicts)
        say(f"\nShipped verdicts rewritten: {BASELINE}")
    return not check or validation.print_check(worse(result.verdicts, shipped, result.plan.whole), result)
