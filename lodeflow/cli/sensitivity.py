"""The command that finds out which inputs matter. Heavy packages are imported inside the command."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lodeflow.cli.errors import reporting
from lodeflow.cli.inputs import is_batch, load_tables, names_in, short_options
from lodeflow.cli.options import (
    Cluster,
    DataFolder,
    Debug,
    End,
    Metals,
    NoCharts,
    Overwrite,
    Plugins,
    Quiet,
    Start,
    Workers,
    change,
    going_on,
    indicators,
    number_of_runs,
    out_folder,
    seed_of,
)

if TYPE_CHECKING:
    from lodeflow.experiments.analysis.sensitivity import Sensitivity

commands = typer.Typer()


class Method(StrEnum):
    """How the influence of inputs is measured."""

    MORRIS = "morris"
    SOBOL = "sobol"
    RBD_FAST = "rbd-fast"


ScenarioOrBatch = Annotated[
    str, typer.Argument(help="A shipped scenario or a TOML file; or the folder of a batch, which is read as it is.")
]
MethodName = Annotated[
    Method | None,
    typer.Option(
        "--method",
        help="morris ranks many inputs with few runs (the default); sobol shares out the variance; rbd-fast "
        "reads any Monte Carlo batch.",
    ),
]
Trajectories = Annotated[
    int | None,
    typer.Option("--trajectories", min=4, help="Trajectories (morris) or base points (sobol), instead of --runs."),
]
Inputs = Annotated[
    str | None,
    typer.Option(
        "--inputs", metavar="KEYS", help="Inputs to move, e.g. eta.cobalt,shocks.0.strength; all if left out."
    ),
]
Kpis = Annotated[str | None, indicators("Indicators, e.g. price_peak,shortage.cobalt.")]


@commands.command("sensitivity")
def sensitivity_command(
    scenario: ScenarioOrBatch,
    method: MethodName = None,
    runs: Annotated[int | None, number_of_runs("Most runs to make.")] = None,
    trajectories: Trajectories = None,
    inputs: Inputs = None,
    kpis: Kpis = None,
    workers: Workers = None,
    cluster: Cluster = None,
    out: Annotated[Path | None, out_folder("Folder of the runs; runs/SCENARIO-METHOD if left out.")] = None,
    resume: Annotated[bool, going_on("Go on with the runs in the folder.")] = False,
    seed: Annotated[int | None, seed_of("Seed of the draws.")] = None,
    start: Start = None,
    end: End = None,
    metals: Metals = None,
    assignments: Annotated[list[str] | None, change("Change one key; a parameter that is set is not moved.")] = None,
    data_folder: DataFolder = None,
    no_charts: NoCharts = False,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    plugins: Plugins = None,
    debug: Debug = False,
) -> None:
    """Find out which uncertain inputs matter, and which would reduce the uncertainty most if they were known better."""
    with reporting(debug, quiet) as screen:
        from lodeflow.print.sensitivity import print_sensitivity

        wanted, moved = names_in(kpis), names_in(inputs)
        if is_batch(scenario):
            found, target = _of_batch(Path(scenario), method, wanted, out)
        else:
            changes = short_options(seed, start, end, metals, assignments)
            how = (runs, trajectories, moved, wanted, workers, cluster, resume, data_folder)
            found, target = _of_scenario(scenario, changes, method, out, *how)

        def finish(place: Path) -> None:
            from lodeflow.viz.report.sensitivity import write_sensitivity

            write_sensitivity(place, found)

        found.write(target, None if no_charts else finish, overwrite)
        print_sensitivity(found)
        screen.report(target, no_charts)


def _of_batch(
    folder: Path, method: Method | None, kpis: Sequence[str] | None, out: Path | None
) -> tuple[Sensitivity, Path]:
    """Read a batch as it is; returns the indices, and the folder they are written to."""
    from lodeflow.experiments.analysis.sensitivity import analyse
    from lodeflow.experiments.batch.store import open_batch

    found = analyse(open_batch(folder), method.value if method else None, kpis)
    return found, folder / "sensitivity" if out is None else out


def _of_scenario(
    scenario: str,
    changes: list[str],
    method: Method | None,
    out: Path | None,
    runs: int | None,
    trajectories: int | None,
    inputs: Sequence[str] | None,
    kpis: Sequence[str] | None,
    workers: int | None,
    cluster: str | None,
    resume: bool,
    data_folder: Path | None,
) -> tuple[Sensitivity, Path]:
    """Make the runs; returns the indices, and the folder they are written to. changes: "key=value"; others: the options."""
    from lodeflow.experiments.analysis.sensitivity import run_sensitivity
    from lodeflow.experiments.batch.make.engine import start_server
    from lodeflow.experiments.scenario.model import load_scenario
    from lodeflow.print.progress import batch_progress, stoppable

    if cluster is None:
        start_server()
    tables = load_tables(data_folder)
    chosen = load_scenario(scenario, changes, tables)
    kind = method.value if method else Method.MORRIS.value
    folder = Path("runs") / f"{chosen.name}-{kind}" if out is None else out
    how = (runs, trajectories, inputs, kpis, workers, cluster, resume, data_folder)
    with stoppable(folder), batch_progress(chosen.name) as watch:
        found = run_sensitivity(chosen, tables, folder, kind, *how, watch)
    return found, folder / "sensitivity"
