"""One tree's turns: started as a script in a process of its own, with that tree on its path; knows version 0.2.0 and this one.

Reads names of tasks, one a line, and answers each with what it took as a multiple of a fixed loop that ran right before it in
the same process: machines differ by half, and so does one machine from minute to minute.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable
from importlib import import_module
from time import process_time
from typing import Any

import numpy as np

SCENARIO = "drc-cobalt-export-ban"
COBALT = ['world.metals=["cobalt"]']
TEN_YEARS = [*COBALT, "world.start=2024-01", "world.end=2033-12"]
MONTHS, FRAMES, PAIRS = 24, 12, 3


def reference() -> float:
    """Seconds that the fixed loop takes: sums by group and powers of columns as long as a market, and plain Python."""
    values = np.linspace(0.5, 2.0, 20_000)
    group = np.arange(len(values)) % 700
    began, total = process_time(), 0
    for number in range(150):
        sums = np.bincount(group, values**0.9, 700)
        values = 0.5 * values + 0.5 * (sums / sums.mean())[group]
        total += sum(range(100 * (number % 10)))
    return process_time() - began


def forget_installed() -> None:
    """Leave out finders of editable installs, which would lend the rooms of one tree to the other."""
    sys.meta_path[:] = [f for f in sys.meta_path if not getattr(f, "__module__", "").startswith("__editable__")]


def room(*names: str) -> Any:
    """A module by the name that it has in one of the trees."""
    for name in names:
        try:
            return import_module(name)
        except ModuleNotFoundError:
            continue
    raise ModuleNotFoundError(names[0])


class Tasks:
    """What is measured; each method returns seconds."""

    def __init__(self) -> None:
        self.data = room("lodeflow.data", "data")
        self.tables = self.data.load()
        self.scenarios = room("lodeflow.experiments.scenario.model", "experiments.scenario")
        self.environment = room("lodeflow.environment", "environment")
        self.kept: dict[str, Any] = {}

    def _scenario(self, overrides: list[str]) -> Any:
        return self.scenarios.load_scenario(SCENARIO, overrides, self.tables)

    def month_under_ban(self) -> float:
        """A month of the nine-metal world under the ban, recorded."""
        scenario = self._scenario([])
        if "world" not in self.kept or self.kept["world"].t + MONTHS > scenario.world.months:
            build = self.environment.build
            self.kept["world"] = build(self.tables, scenario.world, shocks=scenario.shocks)
            self._timed(lambda: [self.kept["world"].step() for _ in range(14)])
        return self._timed(lambda: [self.kept["world"].step() for _ in range(MONTHS)]) / MONTHS

    def warm_run(self) -> float:
        """`lf.run` of nine metals, not the first: the start of the world may be kept."""
        return self._warm([])

    def warm_anew(self) -> float:
        """The same with another home bias each time, so that the world is drawn up anew."""
        self.warm_run()
        self.kept["bias"] = self.kept.get("bias", 3.0) + 0.001
        lodeflow, bias = import_module("lodeflow"), [f"parameters.home_bias={self.kept['bias']}"]
        return self._timed(lambda: lodeflow.run(SCENARIO, bias))

    def warm_cobalt(self) -> float:
        """`lf.run` of cobalt, not the first."""
        return self._warm(COBALT)

    def pair(self) -> float:
        """A Monte Carlo pair: cobalt, ten years, with another price response each time, on which no start depends."""
        return self._pair("eta.cobalt", 0.4)

    def pair_anew(self) -> float:
        """The same with another home bias each time, so that the world is drawn up anew."""
        return self._pair("home_bias", 3.0)

    def _pair(self, parameter: str, value: float) -> float:
        scenario = self._scenario(TEN_YEARS)
        if "bench" not in self.kept:
            pair = room("lodeflow.experiments.batch.make.pair", "experiments.monte_carlo.pair")
            series = room("lodeflow.experiments.batch.make.series", "experiments.monte_carlo.series")
            self.kept["bench"], self.kept["runs"] = pair.Bench(self.tables, series.columns_of(scenario, self.tables)), 0
            self.kept["bench"].run(scenario)

        def run() -> None:
            for _ in range(PAIRS):
                self.kept["runs"] += 1
                values = {parameter: value + 0.0001 * self.kept["runs"]}
                self.kept["bench"].run(scenario.model_copy(update={"parameters": values}))

        return self._timed(run) / PAIRS

    def frame(self) -> float:
        """A frame of the dashboard after a month of nine metals, both worlds; the month itself is not counted."""
        if "session" not in self.kept or self.kept["session"].t + FRAMES > self.kept["session"].scenario.world.months:
            session = room("lodeflow.viz.app.world.session", "viz.app.session").Session
            self.kept["session"] = session(self.tables, self._scenario([]))
            self.kept["session"].step(15)
            self.kept["session"].frame()
        seconds = 0.0
        for _ in range(FRAMES):
            self.kept["session"].step()
            seconds += self._timed(self.kept["session"].frame)
        return seconds / FRAMES

    def _warm(self, overrides: list[str]) -> float:
        lodeflow = import_module("lodeflow")
        if repr(overrides) not in self.kept:
            self.kept[repr(overrides)] = bool(lodeflow.run(SCENARIO, overrides))
        return self._timed(lambda: lodeflow.run(SCENARIO, overrides))

    @staticmethod
    def _timed(act: Callable[[], Any]) -> float:
        began = process_time()
        act()
        return process_time() - began


def peak_of_long_run() -> float:
    """Peak memory of this process after 2015-2050 of nine metals, MB."""
    tasks = Tasks()
    tasks.environment.build(tasks.tables, tasks.environment.WorldSettings(start="2015-01", end="2050-12")).run()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def main() -> None:
    """Answer tasks until there are no more."""
    forget_installed()
    if sys.argv[1:] == ["peak"]:
        print(json.dumps(peak_of_long_run()))
        return
    tasks = Tasks()
    reference()
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        before = reference()
        seconds = getattr(tasks, line.strip())()
        print(json.dumps(2.0 * seconds / (before + reference())), flush=True)


if __name__ == "__main__":
    main()
