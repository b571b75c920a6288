"""The folders that summaries and analyses of a batch are written to: whole, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.experiments.batch.store import Batch

CSV_ROWS = 100_000
"""Rows above which a table is written as Parquet only."""
CHARTS, REPORT = "charts", "report.html"
TABLES = (
    "indicators",
    "exceedance",
    "recovery",
    "places",
    "series",
    "decisions",
    "indices",
    "swings",
    "box",
    "peeling",
)
"""Every table that such a folder may hold."""
ENTRIES = frozenset(
    {"manifest.json", CHARTS, REPORT} | {f"{name}.{kind}" for name in TABLES for kind in ("csv", "parquet")}
)


def output_manifest(batch: Batch, question: Mapping[str, Any]) -> dict[str, Any]:
    """Return what such a folder says about itself: the batch it was made from, and the versions that made the batch.

    question: what was asked of the batch, which together with it is what the results were made from.
    """
    about = batch.manifest
    kept = ("scenario", "title", "start", "end", "seed", "sampling", "versions", "data_hash")
    return {
        **{name: about[name] for name in kept},
        "batch": str(batch.folder),
        "inputs": {"batch": about["created"], **question},
        "runs": len(batch.runs()),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def write_output(
    batch: Batch,
    folder: Path,
    tables: Mapping[str, pd.DataFrame],
    question: Mapping[str, Any],
    finish: Callable[[Path], None] | None = None,
    overwrite: bool = False,
) -> Path:
    """Write tables as CSV and Parquet (long ones as Parquet only) with a manifest; an older folder of the kind is replaced.

    question: what was asked of the batch; finish(path): adds charts and a report before the folder takes its name;
    overwrite: whether the answer to another question may be replaced. Raises DataError if it may not be written.
    """
    from lodeflow.experiments.run.results import write_folder, write_parquet

    def fill(temporary: Path) -> None:
        for name, table in tables.items():
            write_parquet(table, temporary / f"{name}.parquet")
            if len(table) <= CSV_ROWS:
                table.to_csv(temporary / f"{name}.csv", index=False, float_format="%.6g", date_format="%Y-%m")
        if finish is not None:
            finish(temporary)

    return write_folder(folder, fill, output_manifest(batch, question), ENTRIES, overwrite)
