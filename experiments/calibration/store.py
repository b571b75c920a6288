"""Where a calibration is kept: a folder of tables, and, for the shipped one, the parameter table and a small file."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path
from typing import Any

from data.loader import SHIPPED
from experiments.calibration.report import DIGITS, Calibration
from experiments.results import PROGRAM, write_folder, write_json
from experiments.run import program_version
from experiments.written import INPUTS

RESULT = SHIPPED.parent / "calibration.json"
PARAMETERS = SHIPPED / "parameters.csv"
ENTRIES = frozenset({"values.csv", "episodes.csv", "alike.csv", "surface.csv", "charts", "manifest.json"})
SOURCE = "fitted to the episodes: lodeflow calibrate --refresh"
TABLES = ("values", "episodes", "alike", "surface")


def write_calibration(
    result: Calibration,
    folder: Path,
    charts: Any = None,
    inputs: dict[str, Any] | None = None,
    overwrite: bool = False,
) -> Path:
    """Write the tables as CSV, and charts if a function that draws them into a folder is given.

    inputs: what was fitted and how; overwrite: whether a calibration of anything else may be replaced.
    Raises DataError if the folder may not be written or replaced.
    """

    def fill(path: Path) -> None:
        for name in TABLES:
            getattr(result, name).to_csv(path / f"{name}.csv", index=False)
        if charts is not None:
            charts(path)

    manifest = {"versions": {PROGRAM: program_version()}, "runs": result.runs, INPUTS: inputs or {}}
    return write_folder(folder, fill, manifest, ENTRIES, overwrite)


def ship(result: Calibration) -> None:
    """Make the fitted values the shipped ones: in the parameter table and in the file the documents read."""
    fitted = dict(zip(result.values["parameter"], result.values["fitted"], strict=True))
    with PARAMETERS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        key = f"{row['parameter']}.{row['scope']}" if row["scope"] else row["parameter"]
        if key in fitted:
            row.update(value=f"{fitted[key]:.{DIGITS}g}", status="calibrated", source=SOURCE)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    temporary = PARAMETERS.with_suffix(".csv.tmp")
    temporary.write_text(text.getvalue(), encoding="utf-8")
    os.replace(temporary, PARAMETERS)
    write_json(RESULT, result.summary())


def read_calibration() -> dict[str, Any]:
    """The summary of the shipped calibration."""
    shipped: dict[str, Any] = json.loads(RESULT.read_text(encoding="utf-8"))
    return shipped
