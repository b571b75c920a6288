"""Whether the parts of a batch are whole: a file that is cut off, missing or of other runs counts as not made."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.problems import DataError, Problem

if TYPE_CHECKING:
    from experiments.monte_carlo.store import Batch

RIGHT = "Make it again: call the command that made the batch once more, with --resume"


def check(batch: Batch) -> None:
    """Raise DataError with every damaged or missing part of a batch; one that is being written may lack some."""
    problems = [Problem(str(place), None, "", wrong, RIGHT) for place, wrong in damaged(batch)]
    if not problems:
        problems = [Problem(str(place), None, "", "is missing", RIGHT) for place in _missing(batch)]
    if problems:
        raise DataError(problems)


def damaged(batch: Batch) -> Iterator[tuple[Path, str]]:
    """Yield the parts and chunks that are not whole, with what is wrong."""
    from experiments.monte_carlo import store

    months = _months(batch.manifest)
    for place in batch.places():
        first, last = store.runs_in(place, batch.manifest)
        wrong = _fault(place, first, last, months)
        if wrong and place.is_dir():  # a chunk may have been joined to a part since
            yield place, wrong


def _months(manifest: dict[str, Any]) -> int:
    from environment.calendar import parse_month

    return parse_month(str(manifest["end"])) - parse_month(str(manifest["start"])) + 1


def _fault(place: Path, first: int, last: int, months: int) -> str:
    """Say what is wrong with a part or chunk of the runs `first` to `last` - 1; empty if nothing."""
    import pyarrow.parquet as pq

    from experiments.monte_carlo import store

    name = ""
    try:
        name = f"{store.RUNS}.parquet"
        runs = pq.read_table(place / name, columns=["run", "status"])
        if runs["run"].to_pylist() != list(range(first, last)):
            return f"{name} does not hold the runs {first:,} to {last - 1:,}"
        good = runs["status"].to_pylist().count("ok")
        name = f"{store.KPI}.parquet"
        counted = [(name, len(pq.read_table(place / name)), good)]
        name = f"{store.PATHS}.parquet"
        counted += [(name, pq.read_metadata(place / name).num_rows, good * months)]
        for name, found, rows in counted:
            if found != rows:
                return f"{name} holds {found:,} rows instead of {rows:,}"
    except FileNotFoundError:
        return f"{name} is missing"
    except (OSError, ValueError, KeyError) as error:
        return f"{name} is damaged ({' '.join(str(error).split())[:80]})"
    return ""


def _missing(batch: Batch) -> list[Path]:
    """Parts of a batch that has ended which are not there, though their runs were made."""
    from experiments.monte_carlo import store

    about = batch.manifest
    there = sum(last - first for first, last in (store.runs_in(place, about) for place in batch.places()))
    if about["state"] == store.RUNNING or there >= int(about["done"]):
        return []
    names = {place.name for place in batch.places()}
    wanted = [f"{part:05d}" for part in range(-(-int(about["done"]) // int(about["part_size"])))]
    gone = [batch.folder / store.PARTS / name for name in wanted if name not in names]
    return gone if about["state"] == store.FINISHED else [batch.folder / store.PARTS]
