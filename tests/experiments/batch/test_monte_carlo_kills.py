"""Batches whose processes are killed for real: the resumed store is the unbroken one, row by row."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from lodeflow.data import Tables
from lodeflow.experiments.batch.make import monte_carlo
from lodeflow.experiments.batch.store import Batch, open_batch
from lodeflow.experiments.scenario.model import load_scenario
from tests.experiments.batch.monte_carlo_worlds import assert_same, write_ban

ROOT = Path(__file__).resolve().parents[3]
RUNS, SIZE = 30, 8
PATIENCE = 120.0
psutil = pytest.importorskip("psutil")
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that fork")


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_ban(tmp_path_factory.mktemp("scenario"))


@pytest.fixture(scope="module")
def unbroken(scenario: Path, tables: Tables, tmp_path_factory: pytest.TempPathFactory) -> Batch:
    folder = tmp_path_factory.mktemp("batch") / "unbroken"
    return monte_carlo(load_scenario(scenario, tables=tables), tables, folder, RUNS, 2, part_size=SIZE)


@pytest.fixture
def launcher() -> Iterator[subprocess.Popen[str]]:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    program = [sys.executable, str(ROOT / "tests" / "experiments" / "batch" / "monte_carlo_launcher.py")]
    with subprocess.Popen(
        program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
        assert process.stdin is not None
        process.stdin.close()


def launch(launcher: subprocess.Popen[str], scenario: Path, folder: Path, resume: bool) -> int:
    """Start a batch; returns its process id."""
    assert launcher.stdin is not None
    assert launcher.stdout is not None
    request = {"scenario": str(scenario), "folder": str(folder), "resume": resume, "runs": RUNS, "part_size": SIZE}
    launcher.stdin.write(json.dumps(request) + "\n")
    launcher.stdin.flush()
    return int(launcher.stdout.readline())


def wait_end(launcher: subprocess.Popen[str]) -> int:
    """Exit code of the batch that was launched; negative: the signal that killed it."""
    assert launcher.stdout is not None
    return int(launcher.stdout.readline().split()[1])


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.01)


def stored(folder: Path) -> dict[int, tuple[float, str]]:
    """Clocks of every run that is in the store: seconds and time of its end, which no other run of it would repeat."""
    if not (folder / "manifest.json").is_file():
        return {}
    runs = open_batch(folder).runs()
    return {int(run): (row["seconds"], row["finished"]) for run, row in runs.iterrows()}  # type: ignore[arg-type,call-overload]


def finished(folder: Path) -> int:
    """Number of parts and chunks in the store."""
    return sum(1 for place in ("parts", "chunks") for _ in (folder / place).glob("[0-9]*"))


def workers_of(parent: int) -> list[int]:
    """Process ids of the workers of a batch."""
    try:
        return [child.pid for child in psutil.Process(parent).children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def all_gone(pids: list[int]) -> bool:
    return all(gone(pid) for pid in pids)


def at_work(parent: int, folder: Path, runs: int) -> bool:
    """Whether a batch has ended, or both its workers are there and so many runs are in the store."""
    return gone(parent) or (len(workers_of(parent)) == 2 and len(stored(folder)) >= runs)


def check(folder: Path, unbroken: Batch, kept: dict[int, tuple[float, str]]) -> None:
    """A batch that has come to its end holds what the unbroken one holds, and made no finished run again."""
    again = stored(folder)
    assert {run: again[run] for run in kept} == kept, "a run that was finished has been made again"
    assert_same(open_batch(folder), unbroken)
    assert not list(folder.rglob("*.tmp-*"))
    assert not list((folder / "chunks").iterdir())


def test_a_batch_killed_at_ten_moments_is_the_unbroken_one(
    launcher: subprocess.Popen[str], scenario: Path, unbroken: Batch, tmp_path: Path
) -> None:
    """SIGKILL by turns to a worker, which the batch must survive, and to the parent, after which it is resumed.

    Should a batch come to its end before the tenth kill, another one is begun.
    """
    chance, kills, survived = random.Random(20250222), 0, 0
    folder, kept = tmp_path / "killed-0", dict[int, tuple[float, str]]()
    parent = launch(launcher, scenario, folder, resume=False)
    while kills < 10:
        wait_for(partial(at_work, parent, folder, len(stored(folder)) + chance.choice((0, 1, 3))))
        time.sleep(chance.uniform(0.0, 0.2))
        workers = workers_of(parent)
        if not workers:
            assert wait_end(launcher) == 0
            check(folder, unbroken, kept)
            folder, kept = tmp_path / f"killed-{kills}", {}
            parent = launch(launcher, scenario, folder, resume=False)
        elif kills % 2 == 0:
            os.kill(chance.choice(workers), signal.SIGKILL)
            kills += 1
        else:
            os.kill(parent, signal.SIGKILL)
            kills += wait_end(launcher) == -signal.SIGKILL
            wait_for(partial(all_gone, workers))
            kept |= stored(folder)
            survived += len(kept)
            parent = launch(launcher, scenario, folder, resume=(folder / "manifest.json").is_file())
    assert wait_end(launcher) == 0
    assert survived, "no run was in the store at any kill: the kills came too early to tell anything"
    check(folder, unbroken, kept)


def command(scenario: Path, folder: Path, *more: str) -> list[str]:
    options = ["--runs", "100", "--workers", "2", "--out", str(folder)]
    return [sys.executable, "-m", "lodeflow", "monte-carlo", str(scenario), *options, *more]


def hear_interrupts() -> None:
    """Undo in a new process what it takes over from a runner that ignores Ctrl-C, as one in the background does."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_processes_that_start_hear_no_interrupt() -> None:
    """Ctrl-C reaches the parent alone, also where the first process that Python starts for itself comes in between."""
    lines = (
        "import signal",
        "from multiprocessing import forkserver, util",
        "from lodeflow.experiments.batch.make.engine import start_server",
        "begin = util.spawnv_passfds",
        "def noting(program, arguments, kept):",
        "    if 'forkserver' in arguments[-1]:",
        "        print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []))",
        "    return begin(program, arguments, kept)",
        "util.spawnv_passfds = noting",
        "start_server()",
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    run = subprocess.run([sys.executable, "-c", "\n".join(lines)], env=environment, capture_output=True, text=True)
    assert run.stdout == "True\n", run.stderr


def test_the_command_line_stops_on_interrupt_and_survives_a_kill(
    scenario: Path, tables: Tables, tmp_path: Path
) -> None:
    """Ctrl-C ends with 130 and one line; after kill -9 of the resumed parent a third call goes on, and nobody is left."""
    folder = tmp_path / "batch"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    start = {"cwd": ROOT, "env": environment, "stderr": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command(scenario, folder), preexec_fn=hear_interrupts, **start) as process:  # type: ignore[call-overload]
        wait_for(lambda: finished(folder) >= 2)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert "runs are kept" in errors
    assert "--resume" in errors
    kept = stored(folder)
    assert open_batch(folder).manifest["state"] == "stopped"
    assert open_batch(folder).manifest["done"] == len(kept) >= 2
    with subprocess.Popen(command(scenario, folder, "--resume"), **start) as process:  # type: ignore[call-overload]
        wait_for(lambda: finished(folder) > len(kept))
        orphans = workers_of(process.pid)
        process.kill()
        process.communicate(timeout=PATIENCE)
    wait_for(partial(all_gone, orphans))
    more = stored(folder)
    assert len(more) > len(kept)
    assert {run: more[run] for run in kept} == kept
