"""Batches whose runs are a formula instead of a world: everything else (draws, tasks, folder, tables) is the real thing."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data import Tables
from experiments.monte_carlo import Batch, open_batch, work
from experiments.monte_carlo import folder as folders
from experiments.monte_carlo.batch import Batcher
from experiments.monte_carlo.design import Design, Sampling, factors_of
from experiments.monte_carlo.pair import PairResult
from experiments.monte_carlo.series import Column, columns_of
from experiments.scenario import Scenario, load_scenario
from experiments.uncertainty import MonteCarlo, Vary
from tests.experiments.monte_carlo_worlds import write_ban

Formula = Callable[[Scenario], dict[str, float]]
"""Indicators of a drawn scenario; those left out are not defined."""
Lines = Callable[[Scenario, Column], float | np.ndarray]
"""A series of a drawn scenario."""


def between(key: str, low: float = 0.0, high: float = 1.0) -> Vary:
    return Vary(key=key, low=low, high=high)


def ban_with(folder: Path, tables: Tables, vary: list[Vary]) -> Scenario:
    """An export ban of one year in which only `vary` is drawn; keys may be parameters that no model has."""
    ban = load_scenario(write_ban(folder), tables=tables)
    return ban.model_copy(update={"monte_carlo": MonteCarlo(parameters=[], vary=vary)})


@dataclass
class FormulaBench:
    """Takes the place of the worlds."""

    columns: list[Column]
    months: int
    kpis: list[str]
    formula: Formula
    lines: Lines

    def run(self, scenario: Scenario) -> PairResult:
        found = self.formula(scenario)
        unit = np.ones(self.months, np.float32)
        paths = {column.name: np.float32(self.lines(scenario, column)) * unit for column in self.columns}
        return PairResult(paths, {name: found.get(name, np.nan) for name in self.kpis})


class Here:
    """An engine in this process."""

    workers = 1
    died: tuple[type[BaseException], ...] = ()

    def __init__(self) -> None:
        self.pool = ThreadPoolExecutor(1)

    def executor(self) -> ThreadPoolExecutor:
        return self.pool

    def revive(self) -> None:
        raise AssertionError("nobody dies here")

    def stop(self) -> None:
        self.pool.shutdown()


def make_batch(
    folder: Path,
    tables: Tables,
    scenario: Scenario,
    runs: int,
    formula: Formula,
    sampling: Sampling = "lhs",
    lines: Lines = lambda scenario, column: 1.0,
    part_size: int = 500,
    resume: bool = False,
) -> Batch:
    """Make a batch in `folder`/batch, or go on with the one that is there."""
    out = folder / "batch"
    manifest: dict[str, Any] = folders.new_manifest(scenario, tables, runs, sampling, None, part_size)
    own = folders.resume(out, manifest) if resume else folders.create(out, manifest, scenario, None)
    names = [item["name"] for item in manifest["kpis"]]
    bench: Any = FormulaBench(columns_of(scenario, tables), scenario.world.months, names, formula, lines)
    design = Design(tuple(factors_of(scenario, tables)), runs, sampling, manifest["seed"])
    job = work.Job(out, manifest, scenario, design, bench)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(work, "open_job", lambda folder, stamp: job)
        Batcher(own, Here()).run()
    own.close("finished", 0.0)
    return open_batch(out)
