"""Commands for many runs: monte-carlo, summarize, sensitivity, discover. Heavy packages are imported inside the commands."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from lodeflow.errors import reporting

commands = typer.Typer()

Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
DataFolder = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="Folder of own tables; they replace shipped ones by name."),
]


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
        Sampling, typer.Option("--sampling", help="sobol: more runs can be added later; lhs: Latin hypercube.")
    ] = Sampling.SOBOL,
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
    debug: Debug = False,
) -> None:
    """Run a scenario many times with drawn parameters and shocks, and write a batch folder that can be resumed."""
    with reporting(debug):
        import data
        from experiments.monte_carlo import monte_carlo
        from experiments.monte_carlo.engine import start_server
        from experiments.scenario import load_scenario
        from lodeflow.batches import batch_progress, print_batch, read_share, stoppable
        from lodeflow.cli import short_options

        share = read_share(until_ci)
        if cluster is None:
            start_server()
        tables = data.load(data_folder)
        chosen = load_scenario(scenario, short_options(seed, start, end, metals, assignments or []), tables)
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
        typer.echo(f"\nBatch: {folder}; `lodeflow summarize {folder}` draws and tabulates it.")
