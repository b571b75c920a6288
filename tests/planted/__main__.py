"""Plant one-line faults in a copy of the program, one by one, and see whether the named test of each catches it.

``python -m tests.planted`` plants all of ``faults.toml``; ``--sample 6`` some, others every day; ``--only TEXT`` those with TEXT
in their name. A fault that its test does not catch, or a test that fails without the fault, is named; the exit code is then 1.
A fault whose test this machine skips (no browser, no Chinese font) is named and does not count.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIST = Path(__file__).with_name("faults.toml")
NOT_COPIED = shutil.ignore_patterns(".*", "runs", "build", "dist", "*.egg-info", "results-*")
NOT_PROGRAM = {"tests", "docs", "benchmarks"}
CAUGHT, MISSED, SKIPPED = "caught", "MISSED", "skipped"


@dataclass(frozen=True)
class Fault:
    """A fault: its name, the text it replaces, the text it puts there, and the test that must fail."""

    name: str
    old: str
    new: str
    test: str
    """Its function, with the case in brackets where one of many is meant."""


def faults() -> list[Fault]:
    """The list, in its order."""
    return [Fault(**entry) for entry in tomllib.loads(LIST.read_text(encoding="utf-8"))["faults"]]


def place(fault: Fault, root: Path = ROOT) -> Path:
    """The file in which the text of a fault stands. Raises ValueError unless it stands exactly once in the program."""
    found = [path for path, text in _program(root).items() for _ in range(text.count(fault.old))]
    if len(found) != 1:
        raise ValueError(f"{fault.name}: the text stands {len(found)} times in the program, not once: {fault.old}")
    return found[0]


def file_of(fault: Fault, root: Path = ROOT) -> Path:
    """The file that holds the test of a fault. Raises ValueError unless exactly one does."""
    function = fault.test.partition("[")[0]
    found = [path for path, text in _tests(root).items() if f"def {function}(" in text]
    if len(found) != 1:
        raise ValueError(f"{fault.name}: {len(found)} tests are called {fault.test}, not one")
    return found[0]


@cache
def _program(root: Path) -> dict[Path, str]:
    """The files of the program and what stands in them, without a fault; read once."""
    folders = [folder for folder in root.iterdir() if folder.is_dir() and folder.name[0] != "."]
    files = [path for folder in folders if folder.name not in NOT_PROGRAM for path in sorted(folder.rglob("*.py"))]
    return {path: path.read_text(encoding="utf-8") for path in files}


@cache
def _tests(root: Path) -> dict[Path, str]:
    """The files of tests and what stands in them; read once."""
    return {path: path.read_text(encoding="utf-8") for path in sorted((root / "tests").rglob("test_*.py"))}


def passes(root: Path, chosen: Sequence[Fault]) -> tuple[bool, str]:
    """Whether the tests of some faults pass in a copy of the program, and the end of what pytest says."""
    names = sorted({f"{file_of(fault, root)}::{fault.test}" for fault in chosen})
    clean = os.environ | {"PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "-rsp",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(root),
        *names,
    ]
    done = subprocess.run(command, cwd=root, env=clean, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"pytest could not run {' '.join(names)}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.returncode == 0, done.stdout[-2000:]


def caught(root: Path, fault: Fault) -> str:
    """Plant a fault in a copy of the program, run its test, and take the fault out again: CAUGHT, MISSED or SKIPPED."""
    path = place(fault, root)
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole.replace(fault.old, fault.new), encoding="utf-8")
    try:
        sound, said = passes(root, [fault])
        return CAUGHT if not sound else SKIPPED if "SKIPPED" in said and "PASSED" not in said else MISSED
    finally:
        path.write_text(whole, encoding="utf-8")


def check(chosen: Sequence[Fault]) -> int:
    """Number of faults that are not caught; -1 when a test fails without any fault."""
    with tempfile.TemporaryDirectory(prefix="planted-") as folder:
        root = Path(folder).resolve() / "copy"
        shutil.copytree(ROOT, root, ignore=NOT_COPIED)
        sound, said = passes(root, chosen)
        if not sound:
            print(f"a test fails without any fault:\n{said}")
            return -1
        seen = [_told(root, fault) for fault in chosen]
    missed, skipped = seen.count(MISSED), seen.count(SKIPPED)
    if missed:
        print(f"{missed} of {len(chosen)} faults are not caught by their test")
    elif skipped:
        print(f"no fault is missed; this machine skips the tests of {skipped} of {len(chosen)}")
    else:
        print(f"all {len(chosen)} faults are caught")
    return missed


def _told(root: Path, fault: Fault) -> str:
    seen = caught(root, fault)
    print(f"{seen}  {fault.name}  ({fault.test})", flush=True)
    return seen


def main(arguments: Sequence[str] | None = None) -> int:
    """Plant what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.planted", description=__doc__)
    parser.add_argument("--sample", type=int, default=0, help="how many, chosen at random; 0: all")
    parser.add_argument(
        "--seed", type=int, default=datetime.now(UTC).toordinal(), help="of the sample; the day if left out"
    )
    parser.add_argument("--only", default="", help="those with this text in their name")
    asked = parser.parse_args(arguments)
    chosen = [fault for fault in faults() if asked.only in fault.name]
    if not chosen:
        parser.error(f"no fault has {asked.only!r} in its name")
    if asked.sample:
        chosen = random.Random(asked.seed).sample(chosen, min(asked.sample, len(chosen)))
    return int(check(chosen) != 0)


if __name__ == "__main__":
    sys.exit(main())
