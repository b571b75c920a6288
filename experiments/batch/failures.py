"""Runs that failed, in one sentence, for every place that shows statistics of the others: how many, which, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.problems import DataError, Problem

if TYPE_CHECKING:
    import pandas as pd

    from experiments.monte_carlo import Batch

NUMBER = r"\d[\d.,e+-]*"
"""Errors that differ in numbers only are one reason."""
REASONS, NUMBERS = 3, 6
"""Reasons, and runs with the same reason, that are named at most."""


def failures(batch: Batch) -> str:
    """Return how many runs failed, their numbers and the errors, the most frequent first; an empty text if none did."""
    runs = batch.runs()
    errors = runs.loc[runs["status"] == "failed", "error"]
    if errors.empty:
        return ""
    kinds = errors.str.replace(NUMBER, "#", regex=True)
    counts = kinds.value_counts()
    parts = [_reason(errors[kinds == kind]) for kind in counts.index[:REASONS]]
    if len(counts) > REASONS:
        parts.append(f"{int(counts.iloc[REASONS:].sum()):,} more for other reasons, see runs.parquet")
    return f"{len(errors):,} of {len(runs):,} runs failed and are left out: {'; '.join(parts)}."


def _reason(errors: pd.Series[str]) -> str:
    """'runs 3, 17 and 8 more (ArithmeticError: ...)'; errors: texts that differ in numbers only, index run."""
    named = ", ".join(str(run) for run in errors.index[:NUMBERS])
    more = f" and {len(errors) - NUMBERS:,} more" if len(errors) > NUMBERS else ""
    return f"{'run' if len(errors) == 1 else 'runs'} {named}{more} ({errors.iloc[0].rstrip('.')})"


def none_succeeded(batch: Batch) -> DataError:
    """Return the error of statistics that have no run to be made from."""
    said = failures(batch).rstrip(".")
    wrong = f"no run has succeeded yet{f': {said}' if said else ''}"
    right = "Bring the drawn ranges closer, and run it again in a new folder" if said else "Run more of it first"
    return DataError([Problem(str(batch.folder), None, "", wrong, right)])
