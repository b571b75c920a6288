"""Reading a run folder back: whole, or with every file named that is damaged or missing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeflow.data.problems import DataError, Problem
from lodeflow.experiments.run.written import FILES, INPUTS

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables
from lodeflow.experiments.run.indicators import FILE, read_kpis, read_promised
from lodeflow.experiments.run.results import (
    ASKED,
    COLUMNS,
    FRAMES,
    MOVEMENTS,
    YEARLY,
    Outcome,
    read_manifest,
    read_table,
)


def read_hits(path: Path) -> pd.DataFrame:
    """Return the ranking of who is hit hardest; empty where there is no such file, as in folders of 0.2.0."""
    import pandas as pd

    from lodeflow.experiments.run.hit import COLUMNS as HITS

    return pd.read_csv(path) if path.is_file() else pd.DataFrame(columns=list(HITS))


def read_run(folder: str | Path, tables: Tables | None = None) -> Outcome:
    """Read a run folder back; its scenario is checked against `tables` (the shipped ones if left out).

    Raises DataError if it is not a run folder, with every file that is damaged or missing, or if its scenario no longer
    fits the tables.
    """
    import pandas as pd

    from lodeflow.experiments.scenario.model import load_scenario

    path = Path(folder)
    manifest = read_manifest(path)
    written = (manifest or {}).get(FILES) or {}
    other = (
        not {"scenario.toml", "series.parquet"} <= set(written) if written else not (path / "series.parquet").is_file()
    )
    if manifest is None or other:  # a batch, or what another command wrote
        raise DataError(
            [Problem(str(path), None, "", "not a run of Lodeflow", "name a folder that `lodeflow run` wrote")]
        )
    problems: list[Problem] = []
    older = {name: pd.DataFrame(columns=COLUMNS[name]) for name in YEARLY if f"{name}.parquet" not in written}
    frames = {
        name: older[name] if name in older else _read(path / f"{name}.parquet", _table_of(name), problems)
        for name in FRAMES
    }
    asked = {
        name: _read(path / f"{name}.parquet", _table_of(name), problems)
        for name in (MOVEMENTS, *ASKED)
        if f"{name}.parquet" in written or (path / f"{name}.parquet").exists()
    }
    summary = _read(path / "summary.csv", pd.read_csv, problems)
    promised = "hits.csv" in written
    hits = _read(path / "hits.csv", pd.read_csv if promised else read_hits, problems)
    promised = FILE in written
    kpis = _read(path / FILE, read_promised if promised else read_kpis, problems)
    events = _read(path / "events.json", _list_of, problems)
    text = path / "scenario.toml"
    if not text.is_file():
        problems.append(Problem(str(text), None, "", "is missing", AGAIN))
    problems += _plugins_missing(path, manifest)
    if problems:
        raise DataError(problems)
    return Outcome(
        scenario=load_scenario(text, tables=tables),
        summary=summary,
        hits=hits,
        kpis=kpis,
        events=events,
        manifest=manifest,
        **asked,
        **frames,
    )


def _plugins_missing(path: Path, manifest: dict[str, Any]) -> list[Problem]:
    """Plug-ins that a run was made with and that are not loaded: without them its scenario cannot be read."""
    from lodeflow.experiments.plugins import fingerprints, kinds

    kinds()
    inputs = manifest.get(INPUTS)
    made = inputs.get("plugins", {}) if isinstance(inputs, dict) else {}
    right = "Load it first: lodeflow.use_plugin(FILE), or --plugin FILE"
    return [
        Problem(str(path), None, "", f"the run was made with the plug-in {name}, which is not loaded as it was", right)
        for name, digest in made.items()
        if fingerprints().get(name) != digest
    ]


AGAIN = "make the run again"


def _read(path: Path, reader: Callable[[Path], Any], problems: list[Problem]) -> Any:
    """Return what a reader makes of a file; None, and a problem, if the file is missing or damaged."""
    try:
        return reader(path)
    except FileNotFoundError:
        problems.append(Problem(str(path), None, "", "is missing", AGAIN))
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        reason = " ".join(str(error).split())[:80]
        problems.append(Problem(str(path), None, "", f"is damaged ({reason})", AGAIN))
    return None


def _table_of(name: str) -> Callable[[Path], pd.DataFrame]:
    """Return a reader of a table of runs; it raises ValueError for a table with other columns."""

    def read(path: Path) -> pd.DataFrame:
        table = read_table(path)
        if list(table.columns) != COLUMNS[name]:
            raise ValueError(f"its columns are not {', '.join(COLUMNS[name])}")
        return table

    return read


def _list_of(path: Path) -> list[dict[str, Any]]:
    found = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(found, list):
        raise ValueError("it is no list of events")
    return found
