"""The world of a scenario as a Mesa model that is made from keyword arguments alone, as Mesa's batch runner and pages want it."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lodeflow import data
from lodeflow.data.problems import DataError, Problem
from lodeflow.environment.settings import WorldSettings
from lodeflow.environment.world import World
from lodeflow.experiments.batch.make.pair import Bench
from lodeflow.experiments.run.governing import let_decide
from lodeflow.experiments.scenario.model import load_scenario
from lodeflow.experiments.scenario.scenario import Scenario

_BENCHES: dict[str, Bench] = {}
"""The last start of the worlds made in this process, by folder of own tables: worlds that differ in the seed share it."""


class ScenarioWorld(World):
    """The world of a scenario, before its first month.

    Args:
        name: a shipped scenario, a TOML file, or a :class:`lodeflow.experiments.scenario.scenario.Scenario`.
        rng: seed of all random draws, as newer versions of Mesa name it; the same as ``seed``.
        data_folder: own tables, which replace the shipped ones by name.
        kwargs: what is other than in the scenario: settings of the world by name (``seed=3, end="2027-12", metals="cobalt"``), and
            any key that ``lodeflow run --set`` takes (``**{"parameters.eta.cobalt": 0.4, "shocks.0.strength": 0.5}``).

    Raises:
        lodeflow.data.DataError: with everything that is wrong with the scenario, the changes or the tables.
    """

    def __init__(
        self,
        name: str | Path | Scenario = "baseline",
        rng: int | None = None,
        data_folder: str | Path | None = None,
        **kwargs: Any,
    ) -> None:
        # Mesa's page wants the rest to be called kwargs; the seed has no name of its own here, since Mesa's batch runner would set
        # it to None over the one that is asked for
        if rng is not None:
            if "seed" in kwargs:
                raise DataError([Problem("rng", None, "", "seed and rng are the same", "Give one of the two")])
            kwargs["seed"] = rng
        tables = data.shared(data_folder)
        scenario = load_scenario(name, list(assignments(kwargs)), tables)
        bench = _BENCHES.get(str(data_folder))
        if bench is None or bench.tables is not tables:
            bench = _BENCHES[str(data_folder)] = Bench(tables, [])
        blueprint, expectation = bench.start(scenario)
        super().__init__(blueprint, scenario.shocks, expectation)
        let_decide(self, scenario, tables)
        for line in self.unreached():
            warnings.warn(line, stacklevel=2)


def assignments(changes: Mapping[str, Any]) -> Iterator[str]:
    """Changes as ``key=value``; names of settings stand for keys of the world, "cobalt,nickel" for a list of metals."""
    for name, value in changes.items():
        key = f"world.{name}" if name in WorldSettings.model_fields else name
        if name == "metals" and isinstance(value, str):
            value = [part.strip() for part in value.split(",") if part.strip()]
        plain = value.item() if hasattr(value, "item") else value
        yield f"{key}={plain if isinstance(plain, str) else json.dumps(plain)}"
