"""Where a calibration is kept: a folder of tables, and, for the shipped one, the parameter table and a small file."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lodeflow.data.loader import SHIPPED
from lodeflow.experiments.judge.calibrate.report import DIGITS, Calibration
from lodeflow.experiments.run.results import PROGRAM, write_folder, write_json
from lodeflow.experiments.run.written import INPUTS, program_version

RESULT = SHIPPED.parent / "calibration.json"
PROTOCOL = SHIPPED.parent / "calibration-protocol.json"
"""A fit to a part of the years, kept to show how it does on the others."""
PROTOCOL_WITHOUT = SHIPPED.parent / "calibration-protocol-without.json"
"""The same, made without some metals, kept to show how it does on those."""
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
    write_summary(result)


def write_summary(result: Calibration) -> None:
    """Keep what a fit to all episodes says of itself in the file that the documents read."""
    write_json(RESULT, result.summary())


def protocol_file(without: Sequence[str]) -> Path:
    """Where the fit to the years of the protocol is kept that did not see the metals `without`."""
    return PROTOCOL_WITHOUT if without else PROTOCOL


def ship_protocol(result: Calibration, until: int, without: Sequence[str] = ()) -> None:
    """Keep a fit to the years up to `until`, and how it does on what it did not see; no shipped value changes."""
    rows = [
        {name: round(cell, DIGITS) if isinstance(cell, float) else cell for name, cell in row.items()}
        for row in result.episodes.to_dict("records")
    ]
    fitted = result.values[["parameter", "shipped", "fitted"]].to_dict("records")
    kept = {"until": until, "without": sorted(without), "episodes": rows, "fitted": fitted}
    write_json(protocol_file(without), kept)


def read_protocol(without: Sequence[str] = ()) -> dict[str, Any]:
    """The fit to the years of the protocol; without: the metals that it did not see."""
    shipped: dict[str, Any] = json.loads(protocol_file(without).read_text(encoding="utf-8"))
    return shipped


def read_calibration() -> dict[str, Any]:
    """The summary of the shipped calibration."""
    shipped: dict[str, Any] = json.loads(RESULT.read_text(encoding="utf-8"))
    return shipped
