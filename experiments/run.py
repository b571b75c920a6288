"""Runs a scenario: the world with its shocks, and beside it the same world without them."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from experiments.hit import hits_of
from experiments.results import FRAMES, PROGRAM, Outcome, tidy
from experiments.scenario import Scenario
from experiments.summary import summarise
from experiments.written import sha256

if TYPE_CHECKING:
    import pandas as pd

    from data import Tables
    from environment.agent_log import AgentLog
    from environment.world import World

Progress = Callable[[int, int], None]
"""Called after every month with the months done and the months of all runs together."""
Warn = Callable[[str], None]
"""Called before the first month with each thing that a shock names but cannot touch."""


def run_scenario(
    scenario: Scenario,
    progress: Progress | None = None,
    tables: Tables | None = None,
    agents: bool = False,
    warn: Warn | None = None,
) -> Outcome:
    """Run a scenario and return what happened.

    With shocks, two worlds are run with common random numbers, so they differ only by the shocks: "shock" and
    "baseline"; without shocks, "baseline" alone. tables: the shipped ones if left out; agents: keep the state of every
    agent in every month; warn: told before the first month what a shock names but cannot touch. Raises DataError if the
    tables or the scenario cannot be used.
    """
    import pandas as pd

    import data

    began = time.perf_counter()
    tables = data.load() if tables is None else tables
    world = build_world(scenario, tables)
    if warn is not None:
        for line in world.unreached():
            warn(line)
    worlds = {"shock": world, "baseline": world.twin()} if scenario.shocks else {"baseline": world}
    total = len(worlds) * scenario.world.months
    frames: dict[str, list[pd.DataFrame]] = {name: [] for name in FRAMES}
    states: list[pd.DataFrame] = []
    uses: list[pd.DataFrame] = []
    for number, (name, world) in enumerate(worlds.items()):
        log = _agent_log(world) if agents else None
        step_through(world, scenario.world.months, number * scenario.world.months, total, progress, log)
        if log is not None:
            states.append(log.frame().assign(run=name))
        uses.append(world.recorder.uses().assign(run=name))
        for table, frame in _frames_of(world).items():
            frames[table].append(frame.assign(run=name))
    whole = {name: tidy(pd.concat(parts, ignore_index=True), name) for name, parts in frames.items()}
    hits = hits_of(whole["series"], pd.concat(uses, ignore_index=True), scenario.first_month)
    return Outcome(
        scenario=scenario,
        summary=summarise(whole["series"], whole["why"], whole["trade"], scenario.first_month, hits),
        hits=hits,
        events=worlds["shock"].events() if scenario.shocks else [],
        agents=tidy(pd.concat(states, ignore_index=True), "agents") if states else None,
        manifest=_manifest(scenario, run_inputs(scenario, tables, agents), time.perf_counter() - began),
        **whole,
    )


def build_world(scenario: Scenario, tables: Tables) -> World:
    """Return the world of a scenario with its shocks, before its first month; its `twin()` is the one without them."""
    import environment

    return environment.build(tables, scenario.world, shocks=scenario.shocks, parameters=scenario.parameters)


def warnings_of(scenario: Scenario, tables: Tables) -> list[str]:
    """Return what the shocks of a scenario name but cannot touch, one line each; draws up the world, runs nothing."""
    return build_world(scenario, tables).unreached() if scenario.shocks else []


def _agent_log(world: World) -> AgentLog:
    from environment.agent_log import AgentLog

    return AgentLog(world)


def step_through(
    world: World, months: int, done: int, total: int, progress: Progress | None, log: AgentLog | None = None
) -> None:
    """Step a world through its months; `done` of `total` months were stepped in earlier worlds."""
    for month in range(months):
        world.step()
        if log is not None:
            log.record()
        if progress is not None:
            progress(done + month + 1, total)


def _frames_of(world: World) -> dict[str, pd.DataFrame]:
    return {
        "series": world.recorder.series(),
        "trade": world.recorder.trade(),
        "why": world.recorder.why_frame(),
        "ledger": world.ledger.frame(),
        "products": world.recorder.products(),
    }


def run_inputs(scenario: Scenario, tables: Tables, agents: bool = False) -> dict[str, Any]:
    """Return what a run is made from: a run of the same may replace an older one, a run of anything else may not."""
    import data

    return {"scenario": sha256(scenario.to_toml()), "data": data.fingerprint(tables), "agents": agents}


def _manifest(scenario: Scenario, inputs: dict[str, Any], seconds: float) -> dict[str, Any]:
    """Return what is needed to make the run again, and how long it took."""
    packages = ("mesa", "numpy", "pandas", "pydantic", "numba")
    return {
        "scenario": scenario.name,
        "seed": scenario.world.seed,
        "start": scenario.world.start,
        "end": scenario.world.end,
        "inputs": inputs,
        "versions": {
            PROGRAM: program_version(),
            "python": platform.python_version(),
            **{name: version(name) for name in packages},
        },
        "data_hash": inputs["data"],
        "wall_seconds": round(seconds, 3),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def program_version() -> str:
    """Return the version of the installed program; "not installed" when it runs from a bare folder."""
    try:
        return version(PROGRAM)
    except PackageNotFoundError:
        return "not installed"
