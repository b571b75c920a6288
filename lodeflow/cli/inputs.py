"""What commands read: tables, options that stand for a key of the scenario, and lists of names in one word."""

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


def short_options(
    seed: int | None, start: str | None, end: str | None, metals: str | None, assignments: list[str] | None
) -> list[str]:
    """Return --seed, --start, --end and --metals as assignments; they come first, so that --set has the last word."""
    short: dict[str, object] = {"seed": seed, "start": start, "end": end, "metals": names_in(metals)}
    first = [f"world.{key}={json.dumps(value)}" for key, value in short.items() if value is not None]
    return first + (assignments or [])


def names_in(text: str | None) -> list[str] | None:
    """Return the names in an option such as "cobalt,nickel"; None where it was left out."""
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]


def is_batch(name: str) -> bool:
    """Whether a name is the folder of a batch, and not a scenario."""
    from lodeflow.experiments.batch.layout import MANIFEST

    return (Path(name) / MANIFEST).is_file()


def target_in(batch: Path, name: str, out: Path | None) -> Path:
    """Return the folder that something made of a batch is written to. Raises DataError if it may not be written."""
    from lodeflow.experiments.batch.read.output import ENTRIES
    from lodeflow.experiments.batch.store import open_batch
    from lodeflow.experiments.run.results import check_target

    open_batch(batch)
    target = batch / name if out is None else out
    check_target(target, ENTRIES)
    return target
