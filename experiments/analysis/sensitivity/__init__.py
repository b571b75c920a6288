"""Which uncertain inputs matter: a batch whose runs are laid out for it, and indices with confidence intervals.

``methods`` says how runs are laid out and read, ``indices`` turns a batch into indices, and here is the way in.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lodeflow.experiments.analysis.sensitivity.indices import Sensitivity, analyse
from lodeflow.experiments.analysis.sensitivity.methods import METHODS

if TYPE_CHECKING:
    from lodeflow.data import Tables
    from lodeflow.experiments.batch.make.batcher import Watch
    from lodeflow.experiments.batch.make.design import Factor
    from lodeflow.experiments.scenario.model import Scenario

__all__ = ["METHODS", "Sensitivity", "analyse", "run_sensitivity"]

LARGEST_SEED = 2**31 - 1


def run_sensitivity(
    scenario: Scenario,
    tables: Tables,
    out: Path,
    method: str = "morris",
    runs: int | None = None,
    blocks: int | None = None,
    inputs: Sequence[str] | None = None,
    kpis: Sequence[str] | None = None,
    workers: int | None = None,
    cluster: str | None = None,
    resume: bool = False,
    data_folder: Path | None = None,
    watch: Watch | None = None,
) -> Sensitivity:
    """Run the batch that a method needs, keep it in `out`, and return the indices.

    scenario, tables: checked and loaded; method: name in METHODS; runs: most runs, or blocks: trajectories (morris) or base
    points (sobol), the method's usual number if both are left out; inputs: keys of the inputs that are moved, all if left out;
    kpis: indicators, the main ones if left out; workers, cluster, resume, data_folder, watch: as in monte_carlo.
    The noise is one more input. Raises DataError for unknown names, too few runs, or whatever a batch raises.
    """
    from lodeflow.experiments.analysis.sensitivity.indices import known_kpis
    from lodeflow.experiments.batch.make import monte_carlo
    from lodeflow.experiments.batch.make.blocks import check_salib
    from lodeflow.experiments.batch.make.design import factors_of
    from lodeflow.experiments.batch.make.folder import new_manifest

    check_salib()
    planned = with_inputs(scenario, tables, inputs)
    number = _runs(method, len(factors_of(planned, tables)), runs, blocks)
    manifest = new_manifest(planned, tables, number, METHODS[method].sampling, None, 1)
    chosen = known_kpis(manifest, kpis)
    batch = monte_carlo(
        planned,
        tables,
        out,
        number,
        workers,
        cluster,
        resume,
        METHODS[method].sampling,
        chosen[0],
        data_folder=data_folder,
        watch=watch,
    )
    return analyse(batch, method, chosen)


def _runs(method: str, inputs: int, runs: int | None, blocks: int | None) -> int:
    from lodeflow.data.problems import DataError, Problem
    from lodeflow.experiments.analysis.sensitivity.methods import runs_for

    try:
        return runs_for(method, inputs, runs, blocks)
    except ValueError as error:
        right = "Ask for more runs, move fewer inputs (--inputs), or use --method rbd-fast"
        raise DataError([Problem("--runs", method, "", f"too few; it needs {error}", right)]) from None


def with_inputs(scenario: Scenario, tables: Tables, inputs: Sequence[str] | None) -> Scenario:
    """Return a scenario whose batches draw the noise like any other input, and only the inputs asked for.

    inputs: keys ("parameters.eta.cobalt", "eta.cobalt", "shocks.0.strength"), all if left out. Raises DataError for unknown ones.
    """
    from lodeflow.experiments.batch.make.design import SEED, factors_of
    from lodeflow.experiments.scenario.uncertainty import MonteCarlo, Vary

    section = scenario.monte_carlo or MonteCarlo()
    chosen: dict[str, object] = {"vary": list(section.vary)}
    if inputs is not None:
        factors = _chosen(inputs, factors_of(scenario, tables))
        chosen = {"parameters": [], "vary": [factor.vary for factor in factors]}
    vary = [item for item in chosen["vary"] if item.key != SEED]  # type: ignore[attr-defined]
    noise = Vary(key=SEED, distribution="integer", low=0, high=LARGEST_SEED)
    return scenario.model_copy(
        update={"monte_carlo": section.model_copy(update=chosen | {"vary": [*vary, noise]})},
    )


def _chosen(inputs: Sequence[str], factors: list[Factor]) -> list[Factor]:
    from lodeflow.data.problems import DataError, Problem, did_you_mean

    by_key = {factor.key: factor for factor in factors}
    short = {key.removeprefix("parameters."): key for key in by_key}
    names = [short.get(name, name) for name in inputs]
    problems = [
        Problem("--inputs", None, "", f"the scenario draws no input {name!r}", did_you_mean(name, [*short, *by_key]))
        for name in names
        if name not in by_key
    ]
    if problems:
        raise DataError(problems)
    return [by_key[name] for name in dict.fromkeys(names)]
