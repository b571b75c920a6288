"""Lodeflow: agent-based simulation of critical-metal supply chains.

In a notebook:

    import lodeflow as lf

    outcome = lf.run("drc-cobalt-export-ban", overrides=["world.end=2027-12"])
    outcome.summary
    outcome.write("runs/my-run")
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

_HERE = Path(__file__).parent
if not (_HERE / "agents").is_dir():  # a checkout: the rooms stand beside this folder; a wheel holds them inside it
    __path__.append(str(_HERE.parent))

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import networkx as nx

    from lodeflow.experiments.analysis.compare import Comparison
    from lodeflow.experiments.analysis.discover import Discovery
    from lodeflow.experiments.analysis.network.report import Network
    from lodeflow.experiments.analysis.sensitivity import Sensitivity
    from lodeflow.experiments.batch.make.batcher import Watch
    from lodeflow.experiments.batch.make.design import Sampling
    from lodeflow.experiments.batch.read.summary import Summary
    from lodeflow.experiments.batch.store import Batch
    from lodeflow.experiments.run.mesa_world import ScenarioWorld as World
    from lodeflow.experiments.run.results import Outcome
    from lodeflow.experiments.run.what_if import Progress
    from lodeflow.experiments.scenario.model import Scenario

__all__ = [
    "World",
    "__version__",
    "compare",
    "discover",
    "graph",
    "load",
    "monte_carlo",
    "network",
    "open_batch",
    "open_run",
    "run",
    "sensitivity",
    "summarize",
    "use_plugin",
]


def load(scenario: str | Path, overrides: Iterable[str] = ()) -> Scenario:
    """Return a checked scenario: a shipped name or a TOML file, with "key=value" overrides.

    Raises DataError with everything that is wrong with it.
    """
    from lodeflow.experiments.scenario.model import load_scenario

    return load_scenario(scenario, overrides)


def run(
    scenario: str | Path | Scenario,
    overrides: Iterable[str] = (),
    progress: Progress | None = None,
    data_folder: str | Path | None = None,
    money: bool = False,
) -> Outcome:
    """Run a scenario (a name, a file or a Scenario) with and without its shocks and return what happened.

    data_folder: own tables, which replace the shipped ones by name; money: make the account of who pays whom. Raises DataError
    with everything that is wrong with the scenario or the tables; warns of what a shock names but cannot touch.
    """
    import warnings

    from lodeflow import data
    from lodeflow.experiments.run.what_if import run_scenario
    from lodeflow.experiments.scenario.model import load_scenario

    tables = data.shared(data_folder)
    chosen = load_scenario(scenario, overrides, tables)
    return run_scenario(chosen, progress, tables, warn=lambda line: warnings.warn(line, stacklevel=2), money=money)


def compare(
    *scenarios: str | Path | Scenario,
    overrides: Iterable[str] = (),
    runs: int | None = None,
    progress: Progress | None = None,
    workers: int | None = None,
    data_folder: str | Path | None = None,
) -> Comparison:
    """Run scenarios side by side, with the same random draws, and return how they differ, alone and together.

    scenarios: two or more names, files or Scenarios; overrides: "key=value" for all of them; runs: repeat it so many times with
    drawn inputs, the same in all worlds; progress: called with the months done and of all worlds; workers: processes of these
    runs, all cores if left out; data_folder: own tables. Raises DataError with everything that is wrong.
    """
    from lodeflow import data
    from lodeflow.experiments.analysis.compare import compare as side_by_side
    from lodeflow.experiments.analysis.compare import draw
    from lodeflow.experiments.scenario.model import load_scenario

    tables, changes = data.shared(data_folder), list(overrides)
    found = side_by_side([load_scenario(one, changes, tables) for one in scenarios], tables, progress)
    if runs:
        draw(found, tables, runs, workers=workers, data_folder=None if data_folder is None else Path(data_folder))
    return found


def open_run(folder: str | Path) -> Outcome:
    """Return the outcome that an earlier run wrote to `folder`. Raises DataError if it is not a run folder."""
    from lodeflow.experiments.run.read import read_run

    return read_run(folder)


def graph(
    run: str | Path | Outcome, metals: Iterable[str] = (), years: Iterable[int] = (), case: str | None = None
) -> nx.MultiDiGraph:
    """Return the chain of a run (a folder or an Outcome) as a networkx graph: countries by stage, and what flows between them.

    metals, years: all of them if left out; case: "shock" or "baseline", the run with its shocks if left out and there is one.
    Edges: metal, form, flow (t in a mean month), price (USD/t). Raises DataError for names that the run does not have.
    """
    from lodeflow.experiments.analysis.network.graph import chain, choose

    outcome = open_run(run) if isinstance(run, str | Path) else run
    return chain(outcome, choose(outcome, metals, years, case))


def network(
    run: str | Path | Outcome, metals: Iterable[str] = (), years: Iterable[int] = (), case: str | None = None
) -> Network:
    """Return the trade network of a run in tables: by metal, form and year, by country, and what is lost without each country.

    Arguments and errors are those of `graph`.
    """
    from lodeflow.experiments.analysis.network.report import network as measured

    return measured(open_run(run) if isinstance(run, str | Path) else run, metals, years, case)


def monte_carlo(
    scenario: str | Path | Scenario,
    runs: int = 1000,
    out: str | Path | None = None,
    overrides: Iterable[str] = (),
    workers: int | None = None,
    cluster: str | None = None,
    resume: bool = False,
    sampling: Sampling = "lhs",
    kpi: str | None = None,
    until_ci: float | None = None,
    data_folder: str | Path | None = None,
    watch: Watch | None = None,
) -> Batch:
    """Run a scenario many times with drawn parameters and shocks and return the batch: its runs, indicators and series.

    scenario: a name, a file or a Scenario; runs: their number; out: folder of the batch, runs/SCENARIO-monte-carlo if left out;
    workers: processes, all cores if left out; cluster: address of a Dask scheduler, or "local"; resume: go on with the batch in
    the folder; sampling: "sobol" or "lhs"; kpi: main indicator, such as "shortage"; until_ci: share of its mean at which half the
    95 % confidence interval is narrow enough to stop; watch: called with the progress (experiments.batch.make.batcher.Status).
    In a script, call it below `if __name__ == "__main__":`, since worker processes import the script.
    Raises DataError with everything that is wrong with scenario, tables or folder.
    """
    from lodeflow import data
    from lodeflow.experiments.batch.make import monte_carlo as run_batch
    from lodeflow.experiments.scenario.model import load_scenario

    own = None if data_folder is None else Path(data_folder)
    tables = data.shared(own)
    chosen = load_scenario(scenario, overrides, tables)
    folder = Path("runs") / f"{chosen.name}-monte-carlo" if out is None else Path(out)
    return run_batch(chosen, tables, folder, runs, workers, cluster, resume, sampling, kpi, until_ci, own, watch)


def open_batch(folder: str | Path) -> Batch:
    """Return the batch that `monte_carlo` wrote to `folder`, also an unfinished one. Raises DataError if it is none."""
    from lodeflow.experiments.batch.store import open_batch as open_folder

    return open_folder(folder)


def summarize(batch: str | Path | Batch, metals: Sequence[str] | None = None) -> Summary:
    """Return the tables of a batch (a folder or a Batch): spread, chances, times to recover, countries, series by month.

    metals: names, all if left out. Raises DataError for what is no batch, unknown names, or a batch without a successful run.
    """
    from lodeflow.experiments.batch.read.summary import summarize as tables_of

    return tables_of(open_batch(batch) if isinstance(batch, str | Path) else batch, metals)


def sensitivity(
    scenario: str | Path | Scenario | Batch,
    method: str | None = None,
    runs: int | None = None,
    out: str | Path | None = None,
    overrides: Iterable[str] = (),
    inputs: Sequence[str] | None = None,
    kpis: Sequence[str] | None = None,
    workers: int | None = None,
    resume: bool = False,
    data_folder: str | Path | None = None,
) -> Sensitivity:
    """Return which inputs matter: sensitivity indices with confidence intervals.

    scenario: a name, a file or a Scenario, whose runs are made; or a Batch, which is read as it is; method: "morris" (the default
    for runs that are made), "sobol", or "rbd-fast" (the default for a Monte Carlo batch); runs: most runs; out: folder of
    the runs, runs/SCENARIO-METHOD if left out; inputs: keys of those that are moved, all if left out; kpis: indicators, the main
    ones if left out. Raises DataError with everything that is wrong.
    """
    from lodeflow import data
    from lodeflow.experiments.analysis.sensitivity import analyse, run_sensitivity
    from lodeflow.experiments.batch.store import Batch
    from lodeflow.experiments.scenario.model import load_scenario

    if isinstance(scenario, Batch):
        return analyse(scenario, method, kpis)
    own = None if data_folder is None else Path(data_folder)
    tables = data.shared(own)
    chosen = load_scenario(scenario, overrides, tables)
    kind = method or "morris"
    folder = Path("runs") / f"{chosen.name}-{kind}" if out is None else Path(out)
    return run_sensitivity(
        chosen, tables, folder, kind, runs, None, inputs, kpis, workers, resume=resume, data_folder=own
    )


def discover(batch: str | Path | Batch, where: str) -> Discovery:
    """Return the conditions on the drawn inputs under which it goes wrong, such as where="shortage.cobalt > 10%".

    batch: a folder or a Batch. Raises DataError for a condition that cannot be read.
    """
    from lodeflow.experiments.analysis.discover import discover as find

    return find(open_batch(batch) if isinstance(batch, str | Path) else batch, where)


def use_plugin(file: str | Path) -> list[str]:
    """Load a Python file with own shocks, policies or indicators; returns the names of the kinds and indicators that it adds.

    Scenarios may name the kinds, and runs and batches have the indicators, from then on, also in the worker processes of a batch.
    A file that was changed is loaded anew.
    Raises PluginError (a DataError) with the file and the line of everything that is wrong with it; nothing is loaded then.
    """
    from lodeflow.experiments.plugins import use

    return [name for plugin in use([file]) for name in (*plugin.kinds, *plugin.kpis)]


def _tell_who_draws() -> None:
    """Let results show themselves in a notebook; what draws them is imported when something is shown."""
    from lodeflow.experiments.shown import show_with

    def drawing() -> Any:
        from lodeflow.viz import notebook

        return notebook

    show_with(drawing)


_tell_who_draws()


def __getattr__(name: str) -> Any:
    if name == "World":
        from lodeflow.experiments.run.mesa_world import ScenarioWorld

        return ScenarioWorld
    if name == "__version__":
        from lodeflow.experiments.run.written import program_version

        return program_version()
    raise AttributeError(f"module 'lodeflow' has no attribute {name!r}")
