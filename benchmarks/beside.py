"""This version beside another one, in turns: ``python -m benchmarks --beside FOLDER`` (a checkout of version 0.2.0).

Each tree works in a process of its own and they take turns at every task, so that both meet the same machine. Figures are
multiples of a fixed loop (:func:`benchmarks.turn.reference`), or wall seconds and peak memory of whole commands. Both have their
bytecode, as an installed program does; it is kept in a folder of its own while they are measured. Without a folder, a checkout
made from git is used where the tag ``v0.2.0`` is known.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, time_ns

HERE = Path(__file__).resolve().parent.parent
TAG = "v0.2.0"
MOST_MONTH = 1.6
"""Most that a month, memory and a batch may cost of what they cost in version 0.2.0."""
TASKS = {
    "month_under_ban": ("a month of nine metals under a ban", MOST_MONTH),
    "pair": ("a Monte Carlo pair of cobalt, ten years", 0.7),
    "pair_anew": ("  the same, drawn up anew each time", 0.7),
    "warm_run": ("a warm lf.run, nine metals", 0.35),
    "warm_anew": ("  the same, drawn up anew each time", 0.35),
    "warm_cobalt": ("a warm lf.run, cobalt", 0.31),
    "frame": ("a dashboard frame", 0.45),
}
"""What is measured in turns, and the most that it may take of what 0.2.0 takes."""
RUN = ["run", "drc-cobalt-export-ban", "--out", "OUT"]
NEW = ["--set", "parameters.home_bias=NEW"]
"""Another start of the world each time, that no earlier command can have left behind."""
COMMANDS = {
    "list": ("lodeflow list", ["list"], 0.28),
    "first": ("lodeflow run with charts, run before on this machine", RUN, 0.34),
    "first_new": ("  the same, never run before", [*RUN, *NEW], 0.34),
    "bare": ("lodeflow run without charts, run before", [*RUN, "--no-charts"], 0.33),
    "bare_new": ("  the same, never run before", [*RUN, *NEW, "--no-charts"], 0.33),
}
"""Whole commands, and the most wall time that they may take of what 0.2.0 takes; each in a process of its own."""


@dataclass(frozen=True)
class Pair:
    """A figure of the other tree and of this one."""

    what: str
    unit: str
    theirs: float
    ours: float
    most: float

    def __str__(self) -> str:
        ratio = self.ours / self.theirs
        verdict = "reached" if ratio <= self.most else "NOT reached"
        numbers = f"{self.theirs:>9.3f}{self.ours:>9.3f} {self.unit:5}"
        return f"{self.what:50}{numbers}{ratio:>6.2f}  at most {self.most:4.2f}  {verdict}"


class Tree:
    """A checkout whose code works in a process of its own."""

    def __init__(self, root: Path) -> None:
        self.root, self.bytecode, self.commands = root, tempfile.TemporaryDirectory(), 0
        self.environment = os.environ | {"PYTHONPATH": str(root), "PYTHONPYCACHEPREFIX": self.bytecode.name}
        self.environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self.process = subprocess.Popen(
            [sys.executable, "-P", str(HERE / "benchmarks" / "turn.py")],
            cwd=root,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._answer()

    def _answer(self) -> float:
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())  # type: ignore[no-any-return]

    def turn(self, task: str) -> float:
        """What a task takes, in fixed loops."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{task}\n")
        self.process.stdin.flush()
        return self._answer()

    def command(self, arguments: list[str]) -> tuple[float, float]:
        """Wall seconds and peak memory, MB, of the largest process, of a command of this tree."""
        with tempfile.TemporaryDirectory() as place:
            self.commands += 1
            new = f"{3.0 + 1e-4 * self.commands + 1e-9 * (time_ns() % 10**4):.9f}"
            full = [word.replace("OUT", f"{place}/run").replace("NEW", new) for word in arguments]
            command = [sys.executable, "-P", "-m", "lodeflow", *full]
            began = perf_counter()
            peak = _peak_of(command, place, self.environment)
            return perf_counter() - began, peak

    def long_run(self) -> float:
        """Peak memory of a run from 2015 to 2050, MB."""
        command = [sys.executable, "-P", str(HERE / "benchmarks" / "turn.py"), "peak"]
        done = subprocess.run(command, cwd=self.root, env=self.environment, capture_output=True, text=True, check=True)
        return float(json.loads(done.stdout))

    def end(self) -> None:
        """End its process."""
        self.process.kill()
        self.process.communicate()
        self.bytecode.cleanup()


def _peak_of(command: list[str], place: str, environment: dict[str, str]) -> float:
    """Run a command; peak memory of the largest of its processes, MB."""
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=place, env=environment, stdout=quiet, stderr=quiet)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return usage.ru_maxrss / (1024.0**2 if sys.platform == "darwin" else 1024.0)


@contextmanager
def checkout(folder: Path | None) -> Iterator[Path | None]:
    """Yield the tree to compare with: the folder, or a checkout of the tag that is removed afterwards; None where there is none."""
    if folder is not None:
        yield folder.resolve()
        return
    with tempfile.TemporaryDirectory() as place:
        target, git = Path(place) / "other", ["git", "-C", str(HERE)]
        done = subprocess.run([*git, "worktree", "add", "--detach", str(target), TAG], capture_output=True, check=False)
        try:
            yield target if done.returncode == 0 else None
        finally:
            if done.returncode == 0:
                subprocess.run([*git, "worktree", "remove", "--force", str(target)], capture_output=True, check=False)


def measure(other: Path, turns: int) -> list[Pair]:
    """All figures of both trees: medians of ``turns`` turns, and the shortest time of whole commands."""
    trees = Tree(other), Tree(HERE)
    try:
        return [*_tasks(trees, turns), *_commands(trees, turns), _memory(trees)]
    finally:
        for tree in trees:
            with suppress(OSError):
                tree.end()


def _tasks(trees: tuple[Tree, Tree], turns: int) -> list[Pair]:
    pairs = []
    for task, (what, most) in TASKS.items():
        taken = [[tree.turn(task) for tree in trees] for _ in range(turns)]
        theirs, ours = (statistics.median(column) for column in zip(*taken, strict=True))
        pairs.append(Pair(what, "loops", theirs, ours, most))
    return pairs


def _commands(trees: tuple[Tree, Tree], turns: int) -> list[Pair]:
    pairs = []
    for name, (what, arguments, most) in COMMANDS.items():
        for tree in trees:
            tree.command(
                arguments
            )  # not counted: it leaves bytecode and compiled loops behind, as an earlier start would
        taken = [[tree.command(arguments) for tree in trees] for _ in range(turns)]
        theirs, ours = (min(seconds for seconds, _ in column) for column in zip(*taken, strict=True))
        pairs.append(Pair(what, "s", theirs, ours, most))
        if name == "first":
            theirs, ours = (statistics.median(peak for _, peak in column) for column in zip(*taken, strict=True))
            pairs.append(Pair("  its peak memory", "MB", theirs, ours, 0.48))
    return pairs


def _memory(trees: tuple[Tree, Tree]) -> Pair:
    theirs, ours = (tree.long_run() for tree in trees)
    return Pair("peak memory of 2015-2050", "MB", theirs, ours, 0.87)


def report(pairs: list[Pair]) -> str:
    """The table as text."""
    load = f"load {os.getloadavg()[0]:.1f} of {os.cpu_count()} processors"
    head = f"{'side by side, in turns (' + load + ')':50}{'other':>9}{'this':>9} {'':5}{'ratio':>6}"
    return "\n".join([head, *map(str, pairs)])
