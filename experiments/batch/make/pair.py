"""One run: a world with its shocks and the same world without them, with the same random draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lodeflow.experiments.batch.make.series import Column, read_series
from lodeflow.experiments.kpis import indicators_of
from lodeflow.experiments.run.governing import decisions_of, let_decide

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables
    from lodeflow.environment.expectation import Expectation
    from lodeflow.environment.start.draw_up import Blueprint
    from lodeflow.environment.world import World
    from lodeflow.experiments.scenario.model import Scenario


@dataclass(frozen=True)
class PairResult:
    """What a run leaves.

    paths: by name of the column, shape (months,), float32; kpi: by name; decisions: of governments, where they decide.
    """

    paths: dict[str, np.ndarray]
    kpi: dict[str, float]
    decisions: pd.DataFrame | None = None


@dataclass
class Bench:
    """Runs pairs of worlds, and keeps what the next pair has in common with the last.

    The start of its worlds and their expected path are kept (:mod:`lodeflow.environment.start.kept`).
    """

    tables: Tables
    columns: list[Column]

    def run(self, scenario: Scenario) -> PairResult:
        """Run one drawn scenario. Raises whatever the model raises (ArithmeticError for numbers out of range)."""
        shock, baseline = self.worlds(scenario)
        after = read_series(shock.run())
        before = read_series(baseline.run()) if baseline is not None else after
        cases = {"shock": after, "baseline": before}
        missing = np.full(scenario.world.months, np.nan)
        paths = {column.name: cases[column.case].get(column.key, missing).astype(np.float32) for column in self.columns}
        decided = decisions_of(shock) if shock.governments is not None else None
        return PairResult(paths, indicators_of(after, before, scenario, list(shock.layout.metals)), decided)

    def worlds(self, scenario: Scenario) -> tuple[World, World | None]:
        """Return the two worlds before the first month in which they differ; without shocks one world alone."""
        from lodeflow.environment.world import World

        blueprint, expectation = self.start(scenario)
        shock = World(blueprint, scenario.shocks, expectation, reasons=False, tables=False)
        let_decide(shock, scenario, self.tables)
        if not scenario.compared:
            return shock, None
        while shock.t < scenario.months_alike:
            shock.step()
        return shock, shock.fork()

    def start(self, scenario: Scenario) -> tuple[Blueprint, Expectation]:
        """Start and expected path of a scenario's worlds, made new only where they can differ from the last ones."""
        from lodeflow.environment.start.kept import start

        return start(self.tables, scenario.world, scenario.shocks, scenario.parameters)
