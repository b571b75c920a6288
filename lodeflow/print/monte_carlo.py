"""What `lodeflow monte-carlo` prints: the spread of the main indicators, and what failed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lodeflow.data.problems import DataError, Problem
from lodeflow.print.screen import Stopped
from lodeflow.print.terminal import console, say

if TYPE_CHECKING:
    from lodeflow.experiments.batch.store import Batch

ALL_FAILED = 1
"""Exit code of a batch without a successful run."""
WIDTH = 160
"""Characters in a line of a batch's tables where there is no terminal."""
SHOWN = ("price_peak", "months_above_2x", "months_to_recover", "shortage", "use_lost", "recycling_rate_change")
"""Indicators printed at the end of a batch; kpi.parquet holds all."""


def read_share(text: str | None) -> float | None:
    """Return a share written as "5%" or "0.05". Raises DataError for anything that is not between 0 and 100 %."""
    if text is None:
        return None
    number = text.strip()
    try:
        share = float(number.removesuffix("%")) / (100.0 if number.endswith("%") else 1.0)
    except ValueError:
        share = math.nan
    if not 0.0 < share < 1.0:
        raise DataError([Problem("--until-ci", None, "", f"{text!r} is not a share", "Write 5% or 0.05")])
    return share


def print_batch(batch: Batch) -> None:
    """Print the spread of the main indicators, and what failed."""
    from rich.table import Table

    from lodeflow.experiments.batch.read.failures import failures

    about, kpi, kpis = batch.manifest, batch.kpi(), batch.kpis
    ok = about["done"] - about["failed"]
    table = Table(title=f"{about['title'] or about['scenario']}: {ok:,} runs", title_justify="left", box=None)
    for name in ("indicator", "mean", "5 %", "50 %", "95 %", "unit", "what"):
        table.add_column(name, justify="right" if name in ("mean", "5 %", "50 %", "95 %") else "left")
    for row in kpis[kpis["kpi"].isin(SHOWN)].to_dict("records"):
        values = kpi[row["name"]].dropna()
        if not values.empty:
            numbers = [values.mean(), *values.quantile([0.05, 0.5, 0.95])]
            only = f" ({len(values):,} of {ok:,} runs)" if len(values) < ok else ""
            texts = (f"{number:.3g}" for number in numbers)
            table.add_row(f"{row['name']}{only}", *texts, str(row["unit"]), str(row["what"]))
    if ok:
        console(WIDTH).print(table)
    if about["failed"]:
        say(f"\n{failures(batch)}")
    for line in about.get("made_again", []):
        say(f"Made again, since it was damaged: {line}")


def refuse_without_success(batch: Batch) -> None:
    """End with an error if no run of a batch succeeded: there is nothing to be read in it."""
    from lodeflow.experiments.batch.read.failures import failures

    if batch.manifest["failed"] == batch.manifest["done"]:
        raise Stopped(f"No run succeeded: {failures(batch)}", ALL_FAILED)
