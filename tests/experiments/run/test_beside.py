"""The second world of a run in a process of its own: the same results, and only a help."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from lodeflow import data
from lodeflow.experiments.run import beside as place
from lodeflow.experiments.run import what_if
from lodeflow.experiments.run.beside import beside
from lodeflow.experiments.run.results import FRAMES, MOVEMENTS
from lodeflow.experiments.run.what_if import run_scenario
from lodeflow.experiments.scenario.model import load_scenario

TABLES = data.load()
SHORT = ['world.metals=["cobalt"]', "world.end=2025-06", "parameters.noise_demand=0.02"]

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot be forked here")


@pytest.fixture(autouse=True)
def two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "processors", lambda: 2)


def outcome(in_two: bool, **options: Any) -> Any:
    scenario = load_scenario("drc-cobalt-export-ban", SHORT, TABLES)
    return run_scenario(scenario, tables=TABLES, in_two=in_two, **options)


def same(one: Any, other: Any) -> None:
    for name in (*FRAMES, MOVEMENTS, "summary", "hits", "kpis"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)
    for name in (*FRAMES, MOVEMENTS):
        assert {*getattr(one, name)["run"]} == {"baseline", "shock"}, name
    assert one.events == other.events


def test_two_processes_give_the_same_tables_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    forks, fork = list[int](), os.fork
    monkeypatch.setattr(place.os, "fork", lambda: forks.append(0) or fork())
    alone, seen = outcome(in_two=False), list[tuple[int, int]]()
    assert not forks
    shared = outcome(in_two=True, progress=lambda done, total: seen.append((done, total)), money=False)
    assert len(forks) == 1
    same(alone, shared)
    assert seen[-1][0] == seen[-1][1] == max(done for done, _ in seen)


def test_the_account_of_money_is_the_same() -> None:
    one, other = (outcome(in_two, money=True) for in_two in (False, True))
    pd.testing.assert_frame_equal(one.money, other.money, check_exact=True)


def test_a_world_that_the_other_process_cannot_run_is_run_here(monkeypatch: pytest.MonkeyPatch) -> None:
    here, live, names = os.getpid(), what_if._Run.live, list[str]()

    def broken(self: Any, name: str, progress: Any) -> Any:
        if os.getpid() != here:
            raise ArithmeticError
        names.append(name)
        return live(self, name, progress)

    alone = outcome(in_two=False)
    monkeypatch.setattr(what_if._Run, "live", broken)
    same(alone, outcome(in_two=True))
    assert names == ["shock", "baseline"]


def test_nobody_waits_for_ever_and_nobody_is_left(tmp_path: Path) -> None:
    def slow() -> dict[str, Any]:
        (tmp_path / "began").write_text(str(os.getpid()))
        time.sleep(30)
        (tmp_path / "ended").touch()
        return {}

    with beside(slow) as fetch:
        assert fetch is not None
        while not (tmp_path / "began").exists() or not (tmp_path / "began").read_text():
            time.sleep(0.01)
        assert fetch(0.1) is None
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "began").read_text()), 0)
    assert not (tmp_path / "ended").exists()


KILLED = """
import os, signal, sys, time
from pathlib import Path
from lodeflow.experiments.run import beside as place
place.processors = lambda: 2
other = Path(sys.argv[1])
def work():
    other.write_text(str(os.getpid()))
    return {"more than a pipe holds": bytes(10_000_000)}
with place.beside(work):
    while not other.exists() or not other.read_text():
        time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_nobody_is_left_when_the_caller_is_killed(tmp_path: Path) -> None:
    number = tmp_path / "number"
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[3])}
    assert subprocess.run([sys.executable, "-c", KILLED, str(number)], env=environment).returncode == -signal.SIGKILL
    for _ in range(500):
        try:
            os.kill(int(number.read_text()), 0)
        except ProcessLookupError:
            return
        time.sleep(0.02)
    os.kill(int(number.read_text()), signal.SIGKILL)
    pytest.fail("the other process waits for ever")


def test_with_one_processor_nothing_is_forked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "processors", lambda: 1)
    with beside(lambda: pytest.fail("somebody worked")) as fetch:
        assert fetch is None


def test_a_result_arrives_entry_by_entry() -> None:
    with beside(lambda: {"a": [1, 2], "b": None}) as fetch:
        assert fetch is not None
        assert fetch(10.0) == {"a": [1, 2], "b": None}


def test_arrays_arrive_as_they_were_and_can_be_written_to() -> None:
    whole = np.arange(24.0).reshape(4, 6)
    sent = {"rows": whole, "columns": whole.T, "part": whole[:, ::2], "none": whole[:0], "text": np.array(["a", None])}
    frame = pd.DataFrame({"value": [1.0, 2.0], "name": ["a", "b"]}).astype({"name": "category"})
    with beside(lambda: sent | {"frame": frame, "twice": [whole, whole]}) as fetch:
        assert fetch is not None
        found = fetch(10.0)
    assert found is not None
    for name, array in sent.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].flags.f_contiguous == array.flags.f_contiguous
        found[name][...] = 0.0
    pd.testing.assert_frame_equal(found["frame"], frame)
    assert found["twice"][0] is found["twice"][1]
