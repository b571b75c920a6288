"""The command that makes a batch: many runs of one scenario. Heavy packages are imported inside the command."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from lodeflow.cli.errors import reporting
from lodeflow.cli.inputs import load_tables, short_options
from lodeflow.cli.options import (
    Cluster,
    DataFolder,
    Debug,
    End,
    Metals,
    Plugins,
    Quiet,
    ScenarioName,
    Start,
    Workers,
    change,
    going_on,
    indicators,
    number_of_runs,
    out_folder,
    seed_of,
)
from lodeflow.print.terminal import warn

commands = typer.Typer()


class Sampling(StrEnum):
    """How inputs are drawn."""

    SOBOL = "sobol"
    LHS = "lhs"


SamplingName = Annotated[
    Sampling,
    typer.Option("--sampling", help="lhs: Latin hypercube; sobol: more runs can be added later, for few inputs."),
]
Watched = Annotated[
    str | None,
    indicators("Indicator that is watched, e.g. shortage or price_peak.cobalt (the default)."),
]
UntilCi = Annotated[
    str | None,
    typer.Option(
        "--until-ci",
        metavar="SHARE",
        help="Stop when half the 95 % confidence interval of its mean is below this share of it, e.g. 5%; "
        "looked at every 100 runs.",
    ),
]


@commands.command("monte-carlo")
def monte_carlo_command(
    scenario: ScenarioName,
    runs: Annotated[int, number_of_runs("Number of runs, each with and without the shocks.")] = 1000,
    workers: Workers = None,
    cluster: Cluster = None,
    out: Annotated[Path | None, out_folder("Folder of the batch; runs/SCENARIO-monte-carlo if left out.")] = None,
    resume: Annotated[bool, going_on("Go on with the batch in the folder.")] = False,
    sampling: SamplingName = Sampling.LHS,
    kpi: Watched = None,
    until_ci: UntilCi = None,
    seed: Annotated[int | None, seed_of("Seed of the draws and of the noise of all runs.")] = None,
    start: Start = None,
    end: End = None,
    metals: Metals = None,
    assignments: Annotated[list[str] | None, change("Change one key; a parameter that is set is not drawn.")] = None,
    data_folder: DataFolder = None,
    quiet: Quiet = False,
    plugins: Plugins = None,
    debug: Debug = False,
) -> None:
    """Run a scenario many times with drawn parameters and shocks, and write a batch folder that can be resumed."""
    with reporting(debug, quiet) as screen:
        from lodeflow.experiments.batch.make import monte_carlo
        from lodeflow.experiments.batch.make.engine import start_server
        from lodeflow.experiments.run.what_if import warnings_of
        from lodeflow.experiments.scenario.model import load_scenario
        from lodeflow.print.monte_carlo import print_batch, read_share, refuse_without_success
        from lodeflow.print.progress import batch_progress, stoppable

        share = read_share(until_ci)
        if cluster is None:
            start_server()
        tables = load_tables(data_folder)
        chosen = load_scenario(scenario, short_options(seed, start, end, metals, assignments), tables)
        for line in warnings_of(chosen, tables):
            warn(line)
        folder = Path("runs") / f"{chosen.name}-monte-carlo" if out is None else out
        with stoppable(folder), batch_progress(chosen.name) as watch:
            batch = monte_carlo(
                *(chosen, tables, folder),
                runs=runs,
                workers=workers,
                cluster=cluster,
                resume=resume,
                sampling=sampling.value,
                kpi=kpi,
                until_ci=share,
                data_folder=data_folder,
                watch=watch,
            )
        print_batch(batch)
        screen.result(folder, "Batch", f"; `lodeflow summarize {folder}` draws and tabulates it.")
        refuse_without_success(batch)
