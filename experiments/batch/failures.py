"""Runs that failed, in one sentence, for every place that shows statistics of the others: how many, which, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.problems import DataError, Problem

if TYPE_CHECKING:
    from experiments.monte_carlo import Batch

REASONS, NUMBERS = 3, 6
"""Reasons, and runs with the same reason, that are named at most."""


def failures(batch: Batch) -> str:
    """Return how many runs failed, their numbers and the errors, the most frequent first; an empty text if none did."""
    runs = batch.runs()
    errors = runs.loc[runs["status"] == "failed", "error"]
    if errors.empty:
        return ""
    counts = errors.value_counts()
    parts = [
        _reason(str(error), [int(run) for run in errors.index[errors == error]]) for error in counts.index[:REASONS]
    ]
    if len(counts) > REASONS:
        parts.append(f"{int(counts.iloc[REASONS:].sum()):,} more for other reasons, see runs.parquet")
    return f"{len(errors):,} of {len(runs):,} runs failed and are left out: {'; '.join(parts)}."


def _reason(error: str, numbers: list[int]) -> str:
    """'runs 3, 17 and 8 more (ArithmeticError: ...)'."""
    named = ", ".join(str(number) for number in numbers[:NUMBERS])
    more = f" and {len(numbers) - NUMBERS:,} more" if len(numbers) > NUMBERS else ""
    return f"{'run' if len(numbers) == 1 else 'runs'} {named}{more} ({error.rstrip('.')})"


def none_succeeded(batch: Batch) -> DataError:
    """Return the error of statistics that have no run to be made from."""
    said = failures(batch).rstrip(".")
    wrong = f"no run has succeeded yet{f': {said}' if said else ''}"
    right = "Bring the drawn ranges closer, and run it again in a new folder" if said else "Run more of it first"
    return DataError([Problem(str(batch.folder), None, "", wrong, right)])
