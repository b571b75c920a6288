"""Worlds that nobody holds are let go: a loop of runs, a notebook or a server does not fill up with old ones."""

from __future__ import annotations

import gc
import tracemalloc
import weakref
from typing import Any

import pytest

import lodeflow as lf
from lodeflow import data, environment
from lodeflow.environment.world import World
from lodeflow.experiments.scenario.model import check_scenario
from tests.environment.helpers import settings_of

RUNS, WARM = 30, 3
SMALL = ['world.metals=["gallium"]', "world.end=2024-02"]


def worlds() -> int:
    """Worlds in memory that something still holds."""
    gc.collect()
    return sum(isinstance(thing, World) for thing in gc.get_objects())


def test_a_world_that_nobody_holds_is_freed(tables: Any) -> None:
    world = environment.build(tables, settings_of(["gallium"], end="2024-02"))
    twin = world.twin()
    for one in (world, twin):
        one.run()
    agent, left = next(iter(world.agents)), [weakref.ref(world), weakref.ref(twin), weakref.ref(world.miners)]
    assert [agent.unique_id for agent in world.agents] == list(range(1, len(world.agents) + 1))
    del world, twin, one
    gc.collect()
    assert [ref() is None for ref in left] == [False, True, False], "its agent holds a world"
    del agent
    gc.collect()
    assert [ref() for ref in left] == [None] * 3


def test_thirty_runs_leave_no_world_and_no_memory_behind(tables: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "load", lambda *_: tables)
    before = worlds()
    surge = {"kind": "demand_surge", "metals": ["gallium"], "start": "2024-01", "strength": 0.2}
    raw = {"name": "mine", "world": {"metals": ["gallium"], "end": "2024-02"}, "shocks": [surge]}
    kept = lf.run(check_scenario(raw, "mine", tables=tables))
    assert worlds() == before, "an outcome holds its worlds"
    tracemalloc.start()
    try:
        for number in range(RUNS):
            lf.run("baseline", SMALL)
            if number == WARM - 1:  # what is read and imported once is there
                first = held()
        assert worlds() == before
        assert held() - first < RUNS / 5 * one_world(tables)  # pandas itself notes every look at the shared tables
    finally:
        tracemalloc.stop()
    assert kept.scenario.name == "mine"


def held() -> int:
    """Memory in use, bytes."""
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def one_world(tables: Any) -> int:
    """Memory that one such world takes, bytes."""
    before = held()
    world = environment.build(tables, settings_of(["gallium"], end="2024-02"))
    size = held() - before
    assert world.t == 0
    return size
