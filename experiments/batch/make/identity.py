"""What makes two batches the same: program, packages, data, scenario and design; and how two differ."""

from __future__ import annotations

import difflib
import hashlib
import platform
from collections.abc import Iterator
from functools import lru_cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from lodeflow.data import FOLDER
from lodeflow.experiments.plugins import fingerprints
from lodeflow.experiments.run.results import PROGRAM
from lodeflow.experiments.run.written import program_version

if TYPE_CHECKING:
    from lodeflow.data import Tables

SOURCES = (
    *("data/*.py", "data/variables.csv", "agents/**/*.py", "environment/**/*.py"),
    *(
        "experiments/*.py",
        "experiments/run/*.py",
        "experiments/scenario/*.py",
        "experiments/batch/*.py",
        "experiments/batch/make/*.py",
    ),
)
"""Files of the program whose code makes the numbers."""
PACKAGES = ("numpy", "scipy", "numba", "pandas")
"""Packages whose version can change a number."""
SHOWN = 8
"""Most lines of a difference that are shown."""


def identity(tables: Tables) -> dict[str, Any]:
    """Return what program and data a batch is made with: versions, code_hash, plugins, data_hash, the hash of every table."""
    from lodeflow import data

    return {
        "versions": {
            PROGRAM: program_version(),
            "python": platform.python_version(),
            **{name: version(name) for name in PACKAGES},
        },
        "code_hash": code_hash(),
        "plugins": fingerprints(),
        "data_hash": data.fingerprint(tables),
        "tables": {name: _digest(tables, name) for name in sorted(tables)},
    }


@lru_cache(maxsize=1)
def code_hash() -> str:
    """Return the sha256 of the program's sources that make the numbers, as they are at the first call of the process."""
    root = FOLDER.resolve().parent
    digest = hashlib.sha256()
    for pattern in SOURCES:
        for path in sorted(root.glob(pattern)):
            digest.update(path.relative_to(root).as_posix().encode() + b"\n" + path.read_bytes())
    return digest.hexdigest()


def _digest(tables: Tables, name: str) -> str:
    """A short hash of one table, to name the table that differs."""
    import pandas as pd

    table = tables[name]
    cells = pd.util.hash_pandas_object(table, index=False).to_numpy().tobytes()
    return hashlib.sha256(repr(list(table.columns)).encode() + cells).hexdigest()[:16]


def differences(stored: dict[str, Any], now: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield where `now` differs from a stored manifest: the key, and both values in words.

    now: some of the keys of a manifest (versions, code_hash, tables, sampling, ...); "scenario_text" is compared by line.
    """
    for key, value in now.items():
        before = stored.get(key)
        if before == value or key == "data_hash":
            continue
        if key == "scenario_text":
            yield "scenario", _text_difference(str(before), str(value))
        elif key == "code_hash":
            yield "program", "its code has changed since the batch was begun"
        elif isinstance(value, dict) and isinstance(before, dict):
            yield from _by_name(key, before, value)
        else:
            yield key, f"the batch has {before}, this call {value}"


def _by_name(key: str, before: dict[str, Any], now: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Differences between two mappings: versions of packages, or hashes of tables."""
    for name in sorted(set(before) | set(now)):
        if before.get(name) == now.get(name):
            continue
        if key == "tables":
            yield "data", f"the table {name} has other contents than in the batch"
        elif key == "plugins":
            yield "plug-in", f"{name} is not the one that the batch was begun with"
        else:
            yield key, f"{name}: the batch has {before.get(name, 'none')}, this call {now.get(name, 'none')}"


def _text_difference(before: str, now: str) -> str:
    """Lines that left and came, on one line."""
    lines = [line for line in difflib.ndiff(before.splitlines(), now.splitlines()) if line[0] in "+-"]
    words = [f"{'batch' if line[0] == '-' else 'now'} has '{line[2:].strip()}'" for line in lines if line[2:].strip()]
    more = f", and {len(words) - SHOWN} more" if len(words) > SHOWN else ""
    return ", ".join(words[:SHOWN]) + more
