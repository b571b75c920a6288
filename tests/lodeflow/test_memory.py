"""Worlds that nobody holds are let go: a loop of runs, a notebook or a server does not fill up with old ones."""

from __future__ import annotations

import gc
import platform
import subprocess
import sys
import tracemalloc
import weakref
from typing import Any

import pytest

import lodeflow as lf
from lodeflow import data, environment
from lodeflow.environment.start import kept
from lodeflow.environment.world import World
from lodeflow.experiments.run import what_if
from lodeflow.experiments.run.what_if import run_scenario
from lodeflow.experiments.scenario.model import check_scenario, load_scenario
from lodeflow.viz import style
from tests.environment.helpers import settings_of

RUNS, WARM = 30, 3
SMALL = ['world.metals=["gallium"]', "world.end=2024-02"]
SURGE = {"kind": "demand_surge", "metals": ["gallium"], "start": "2024-01", "strength": 0.2}


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
    raw = {"name": "mine", "world": {"metals": ["gallium"], "end": "2024-02"}, "shocks": [SURGE]}
    outcome = lf.run(check_scenario(raw, "mine", tables=tables))
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
    assert outcome.scenario.name == "mine"


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


def test_a_run_that_no_other_follows_keeps_no_start_of_its_world(tables: Any) -> None:
    mine, scenario = tables.replace(), load_scenario("baseline", SMALL, tables)
    run_scenario(scenario, tables=mine, again=False)
    assert mine.remember(kept._shelf) == []
    run_scenario(scenario, tables=mine)
    assert len(mine.remember(kept._shelf)) == 1
    kept.forget(mine)
    assert mine.remember(kept._shelf) == []


def test_a_world_that_was_run_is_gone_before_the_next_is(tables: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without waiting until Python looks for objects that hold each other."""
    recorders: list[weakref.ref[Any]] = []
    take = what_if._Gathered.take

    def noted(self: Any, name: str, world: World, *rest: Any) -> None:
        assert [one() for one in recorders] == [None] * len(recorders)
        take(self, name, world, *rest)
        recorders.append(weakref.ref(world.recorder))

    monkeypatch.setattr(what_if._Gathered, "take", noted)
    raw = {"name": "mine", "world": {"metals": ["gallium"], "end": "2024-02"}, "shocks": [SURGE]}
    gc.disable()
    try:
        run_scenario(check_scenario(raw, "mine", tables=tables), tables=tables)
        assert [one() for one in recorders] == [None, None]
    finally:
        gc.enable()


RESIDENT = """
import numpy as np
from lodeflow.cli.memory import give_back
def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096
np.ones(3 * 2**20)  # 24 MB that are freed: from now on glibc takes what is smaller from its heap
start = resident()
both = [(np.ones(2**17), np.ones(2**14)) for _ in range(100)]  # 100 MB, and 13 MB between them that stay
kept = [small for _, small in both]
del both
before = resident()
given = give_back()
print(given, before - start, resident() - start)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc; other systems have another allocator")
def test_free_memory_goes_back_to_the_system_when_it_is_asked_for() -> None:
    done = subprocess.run([sys.executable, "-c", RESIDENT], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    given, before, after = done.stdout.split()
    if platform.libc_ver()[0] != "glibc" or int(before) < 60 * 2**20:
        pytest.skip("this C library keeps nothing that it could give back")
    assert given == "True"
    assert int(after) < int(before) - 50 * 2**20


def test_a_picture_that_was_drawn_holds_no_pixels() -> None:
    figure = style.new_figure()
    canvas = weakref.ref(figure.canvas)
    first = style.png(figure)
    assert canvas() is None
    assert style.png(figure) == first
