"""Commands for many runs: monte-carlo, summarize, sensitivity, discover. Heavy packages are imported inside the commands."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from lodeflow.errors import reporting
from lodeflow.screen import Overwrite, Quiet, Screen

commands = typer.Typer()

Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
DataFolder = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="Folder of own tables; they replace shipped ones by name."),
]

BatchFolder = Annotated[Path, typer.Argument(metavar="DIR", help="Folder that `lodeflow monte-carlo` wrote.")]
NoCharts = Annotated[bool, typer.Option("--no-charts", help="Write the tables only, no charts and no report.")]


class Method(StrEnum):
    """How the influence of inputs is measured."""

    MORRIS = "morris"
    SOBOL = "sobol"
    RBD_FAST = "rbd-fast"


class Sampling(StrEnum):
    """How inputs are drawn."""

    SOBOL = "sobol"
    LHS = "lhs"


@commands.command("monte-carlo")
def monte_carlo_command(
    scenario: Annotated[str, typer.Argument(help="A shipped scenario (see `lodeflow list`) or a TOML file.")],
    runs: Annotated[
        int, typer.Option("--runs", min=1, help="Number of runs, each with and without the shocks.")
    ] = 1000,
    workers: Annotated[int | None, typer.Option("--workers", min=1, help="Processes; all cores if left out.")] = None,
    cluster: Annotated[
        str | None, typer.Option("--cluster", metavar="ADDRESS", help="Dask scheduler (tcp://host:8786), or 'local'.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of the batch; runs/SCENARIO-monte-carlo if left out.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the batch in the folder.")] = False,
    sampling: Annotated[
        Sampling,
        typer.Option("--sampling", help="lhs: Latin hypercube; sobol: more runs can be added later, for few inputs."),
    ] = Sampling.LHS,
    kpi: Annotated[
        str | None,
        typer.Option("--kpi", help="Indicator that is watched, e.g. shortage or price_peak.cobalt (the default)."),
    ] = None,
    until_ci: Annotated[
        str | None,
        typer.Option(
            "--until-ci",
            metavar="SHARE",
            help="Stop when half the 95 % confidence interval of its mean is below this share of it, e.g. 5%; "
            "looked at every 100 runs.",
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Seed of the draws and of the noise of all runs.")] = None,
    start: Annotated[str | None, typer.Option("--start", metavar="YYYY-MM", help="First month.")] = None,
    end: Annotated[str | None, typer.Option("--end", metavar="YYYY-MM", help="Last month.")] = None,
    metals: Annotated[str | None, typer.Option("--metals", help="Metals to simulate, e.g. cobalt,nickel.")] = None,
    assignments: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change one key; a parameter that is set is not drawn."),
    ] = None,
    data_folder: DataFolder = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Run a scenario many times with drawn parameters and shocks, and write a batch folder that can be resumed."""
    with reporting(debug, quiet) as screen:
        import data
        from experiments.monte_carlo import monte_carlo
        from experiments.monte_carlo.engine import start_server
        from experiments.run import warnings_of
        from experiments.scenario import load_scenario
        from lodeflow.batches import batch_progress, print_batch, read_share, refuse_without_success, stoppable
        from lodeflow.cli import short_options, warn

        share = read_share(until_ci)
        if cluster is None:
            start_server()
        tables = data.load(data_folder)
        chosen = load_scenario(scenario, short_options(seed, start, end, metals, assignments or []), tables)
        for line in warnings_of(chosen, tables):
            warn(line)
        folder = Path("runs") / f"{chosen.name}-monte-carlo" if out is None else out
        with stoppable(folder), batch_progress(chosen.name) as watch:
            batch = monte_carlo(
                chosen,
                tables,
                folder,
                runs,
                workers,
                cluster,
                resume,
                sampling.value,
                kpi,
                share,
                data_folder,
                watch,
            )
        print_batch(batch)
        screen.result(folder, "Batch", f"; `lodeflow summarize {folder}` draws and tabulates it.")
        refuse_without_success(batch)


@commands.command("summarize")
def summarize_command(
    folder: BatchFolder,
    out: Annotated[Path | None, typer.Option("--out", help="Folder of the summary; DIR/summary if left out.")] = None,
    metals: Annotated[
        str | None, typer.Option("--metal", metavar="NAMES", help="Metals, e.g. cobalt,nickel; all if left out.")
    ] = None,
    variables: Annotated[
        str | None,
        typer.Option("--variable", metavar="NAMES", help="Series, e.g. price,shortage; all if left out."),
    ] = None,
    no_charts: NoCharts = False,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Draw and tabulate a batch: fans, chances, times to recover, metals and countries; also of an unfinished one."""
    with reporting(debug, quiet) as screen:
        from experiments.batch.summary import summarize
        from experiments.monte_carlo import open_batch
        from lodeflow.batches import names_in_option, print_summary, target_in

        target = target_in(folder, "summary", out)
        summary = summarize(open_batch(folder), names_in_option(metals), names_in_option(variables))

        def finish(place: Path) -> None:
            from viz.batch_report import write_summary

            write_summary(place, summary)

        summary.write(target, None if no_charts else finish, overwrite)
        print_summary(summary)
        _say_where(screen, target, no_charts)


@commands.command("sensitivity")
def sensitivity_command(
    scenario: Annotated[
        str, typer.Argument(help="A shipped scenario or a TOML file; or the folder of a batch, which is read as it is.")
    ],
    method: Annotated[
        Method | None,
        typer.Option(
            "--method",
            help="morris ranks many inputs with few runs (the default); sobol shares out the variance; rbd-fast "
            "reads any Monte Carlo batch.",
        ),
    ] = None,
    runs: Annotated[int | None, typer.Option("--runs", min=1, help="Most runs to make.")] = None,
    trajectories: Annotated[
        int | None,
        typer.Option("--trajectories", min=4, help="Trajectories (morris) or base points (sobol), instead of --runs."),
    ] = None,
    inputs: Annotated[
        str | None,
        typer.Option(
            "--inputs", metavar="KEYS", help="Inputs to move, e.g. eta.cobalt,shocks.0.strength; all if left out."
        ),
    ] = None,
    kpis: Annotated[
        str | None, typer.Option("--kpi", metavar="NAMES", help="Indicators, e.g. price_peak,shortage.cobalt.")
    ] = None,
    workers: Annotated[int | None, typer.Option("--workers", min=1, help="Processes; all cores if left out.")] = None,
    cluster: Annotated[
        str | None, typer.Option("--cluster", metavar="ADDRESS", help="Dask scheduler (tcp://host:8786), or 'local'.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of the runs; runs/SCENARIO-METHOD if left out.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the runs in the folder.")] = False,
    seed: Annotated[int | None, typer.Option("--seed", help="Seed of the draws.")] = None,
    start: Annotated[str | None, typer.Option("--start", metavar="YYYY-MM", help="First month.")] = None,
    end: Annotated[str | None, typer.Option("--end", metavar="YYYY-MM", help="Last month.")] = None,
    metals: Annotated[str | None, typer.Option("--metals", help="Metals to simulate, e.g. cobalt,nickel.")] = None,
    assignments: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change one key; a parameter that is set is not moved."),
    ] = None,
    data_folder: DataFolder = None,
    no_charts: NoCharts = False,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Find out which uncertain inputs matter, and which would reduce the uncertainty most if they were known better."""
    with reporting(debug, quiet) as screen:
        from lodeflow.batches import is_batch, names_in_option, print_sensitivity
        from lodeflow.cli import short_options

        names, wanted = names_in_option(kpis), names_in_option(inputs)
        if is_batch(scenario):
            from experiments.monte_carlo import open_batch
            from experiments.sensitivity import analyse

            folder = Path(scenario)
            found = analyse(open_batch(folder), method.value if method else None, names)
            target = folder / "sensitivity" if out is None else out
        else:
            import data
            from experiments.monte_carlo.engine import start_server
            from experiments.scenario import load_scenario
            from experiments.sensitivity import run_sensitivity
            from lodeflow.batches import batch_progress, stoppable

            if cluster is None:
                start_server()
            tables = data.load(data_folder)
            chosen = load_scenario(scenario, short_options(seed, start, end, metals, assignments or []), tables)
            kind = method.value if method else Method.MORRIS.value
            folder = Path("runs") / f"{chosen.name}-{kind}" if out is None else out
            with stoppable(folder), batch_progress(chosen.name) as watch:
                found = run_sensitivity(
                    chosen,
                    tables,
                    folder,
                    kind,
                    runs,
                    trajectories,
                    wanted,
                    names,
                    workers,
                    cluster,
                    resume,
                    data_folder,
                    watch,
                )
            target = folder / "sensitivity"

        def finish(place: Path) -> None:
            from viz.sensitivity import write_sensitivity

            write_sensitivity(place, found)

        found.write(target, None if no_charts else finish, overwrite)
        print_sensitivity(found)
        _say_where(screen, target, no_charts)


@commands.command("discover")
def discover_command(
    folder: BatchFolder,
    where: Annotated[
        str,
        typer.Option(
            "--where", metavar="CONDITION", help='What goes wrong, e.g. "shortage.cobalt > 10%"; "and" joins several.'
        ),
    ],
    out: Annotated[Path | None, typer.Option("--out", help="Folder of the result; DIR/discovery if left out.")] = None,
    no_charts: NoCharts = False,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Find the conditions on the drawn inputs under which it goes wrong (PRIM), with coverage and density."""
    with reporting(debug, quiet) as screen:
        from experiments.discover import discover
        from experiments.monte_carlo import open_batch
        from lodeflow.batches import target_in

        target = target_in(folder, "discovery", out)
        found = discover(open_batch(folder), where)

        def finish(place: Path) -> None:
            from viz.discover import write_discovery

            write_discovery(place, found)

        found.write(target, None if no_charts else finish, overwrite)
        typer.echo("\n".join(found.sentences()))
        _say_where(screen, target, no_charts)


def _say_where(screen: Screen, folder: Path, no_charts: bool) -> None:
    screen.result(folder, more="" if no_charts else f"; open {folder / 'report.html'} in a browser.")
