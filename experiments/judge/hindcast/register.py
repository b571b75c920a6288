"""Forecasts that are kept as they were made: written once, with a checksum, and scored later without running again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeflow.data.guard import parse_toml, read_file
from lodeflow.data.problems import DataError, Problem
from lodeflow.experiments.run.results import PROGRAM

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.experiments.run.results import Outcome

KIND = "lodeflow forecast"
SHA = "sha256"
VARIABLES = ("price", "price_outside", "shortage", "demand", "production")
"""Variables of the world that are kept, monthly."""
COLUMNS = ("date", "metal", "form", "region", "variable", "value", "unit")
MOST_BYTES = 100_000_000
"""Largest file of a forecast that is read, bytes."""
DIGITS = 6
"""Significant digits that are kept."""
NEEDED = ("kind", "title", "scenario", "overrides", "version", "data_hash", "created", "month0", "columns", "rows")


def register(outcome: Outcome, overrides: Iterable[str], path: Path) -> Path:
    """Write the forecast of an outcome to a new file and return its path.

    outcome: a run with its shocks; overrides: "key=value" with which its scenario was read. The file holds the scenario,
    version, data hash, date, the monthly series of the world, and a SHA-256 over all of it.
    Raises DataError if there is such a file already, which is never replaced, or if it cannot be written.
    """
    check_new(path)
    record = _record(outcome, list(overrides))
    text = json.dumps(record | {SHA: checksum(record)}, indent=1, ensure_ascii=False) + "\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        problem = Problem(str(path), None, "", f"cannot be written ({error.strerror})", "Name a file you may write")
        raise DataError([problem]) from error
    return path


def check_new(path: Path) -> None:
    """Make sure that there is no file at `path` yet. Raises DataError if there is one."""
    if path.exists():
        wrong = "there is such a file already, and a forecast is never replaced"
        raise DataError([Problem(str(path), None, "", wrong, "Name a new file")])


def _record(outcome: Outcome, overrides: list[str]) -> dict[str, Any]:
    series = main_run(outcome)
    kept = series[series["variable"].isin(VARIABLES) & (series["region"] == "WLD")].copy()
    kept["date"] = kept["date"].dt.strftime("%Y-%m")
    kept["value"] = [float(f"{value:.{DIGITS}g}") for value in kept["value"]]
    scenario = outcome.scenario
    return {
        "kind": KIND,
        "title": scenario.title or scenario.name,
        "scenario": scenario.to_toml(),
        "overrides": overrides,
        "version": outcome.manifest["versions"][PROGRAM],
        "data_hash": outcome.manifest["data_hash"],
        "created": outcome.manifest["created"],
        "month0": event_month(outcome),
        "columns": list(COLUMNS),
        "rows": kept[list(COLUMNS)].to_numpy().tolist(),
    }


def made(record: dict[str, Any]) -> dict[str, Any]:
    """Return what made a registered forecast, as in the manifest of a run: scenario, seed, versions, data_hash, created."""
    scenario = parse_toml(record["scenario"].encode(), "the scenario of a registered forecast")
    return {
        "scenario": scenario["name"],
        "seed": scenario["world"]["seed"],
        "versions": {PROGRAM: record["version"]},
        "data_hash": record["data_hash"],
        "created": record["created"],
    }


def main_run(outcome: Outcome) -> pd.DataFrame:
    """Return the series of the world with its shocks, or of the only one."""
    run = "shock" if outcome.scenario.shocks else "baseline"
    return outcome.series[outcome.series["run"] == run]


def event_month(outcome: Outcome) -> str:
    """Return the month ("YYYY-MM") of the first news of a shock; without shocks the first month of the run."""
    return outcome.scenario.first_month or outcome.scenario.world.start


def checksum(record: dict[str, Any]) -> str:
    """Return the SHA-256 (hex) of a record without its own checksum, the same for any layout of the file."""
    rest = {key: value for key, value in record.items() if key != SHA}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def read_registered(path: Path) -> tuple[dict[str, Any], pd.DataFrame]:
    """Return a registered forecast: what it says of itself, and its series (date as first day of the month).

    Raises DataError if it is no such file, or if anything in it was changed after it was written.
    """
    import pandas as pd

    right = "Name a file that `lodeflow register` wrote"
    try:
        record = json.loads(read_file(path, MOST_BYTES).decode("utf-8"))
    except (ValueError, RecursionError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError([Problem(str(path), None, "", "is not a registered forecast", right)]) from error
    if not isinstance(record, dict) or record.get("kind") != KIND or set(NEEDED) - set(record):
        raise DataError([Problem(str(path), None, "", "is not a registered forecast", right)])
    if record.get(SHA) != checksum(record):
        wrong = "its checksum does not match: it was changed after it was registered"
        raise DataError([Problem(str(path), None, SHA, wrong, "Use the file as it was written")])
    series = pd.DataFrame(record["rows"], columns=record["columns"])
    series["date"] = pd.to_datetime(series["date"])
    return record, series
