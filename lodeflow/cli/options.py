"""What several commands share: options, the tables, a warning."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from lodeflow.print.terminal import say

if TYPE_CHECKING:
    from lodeflow.data import Tables


def load_tables(folder: Path | None) -> Tables:
    """Return the tables, those of a folder before the shipped ones, and say on stderr what was taken from where."""
    from lodeflow import data

    tables = data.load(folder)
    for note in tables.notes:
        say(note, err=True)
    return tables


def warn(line: str) -> None:
    """Say on stderr, before a run, what a shock names but cannot touch."""
    say(f"Warning: {line}", err=True)


def short_options(
    seed: int | None, start: str | None, end: str | None, metals: str | None, assignments: list[str]
) -> list[str]:
    """Return --seed, --start, --end and --metals as assignments; they come first, so that --set has the last word."""
    short: dict[str, object] = {"seed": seed, "start": start, "end": end}
    if metals is not None:
        short["metals"] = [metal.strip() for metal in metals.split(",") if metal.strip()]
    return [f"world.{key}={json.dumps(value)}" for key, value in short.items() if value is not None] + assignments
