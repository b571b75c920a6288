"""The results of a run, and the folder they are written to: whole, or not at all."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.problems import DataError, Problem

if TYPE_CHECKING:
    import pandas as pd

    from data import Tables
    from experiments.scenario import Scenario

PROGRAM = "lodeflow"
FRAMES = ("series", "trade", "why", "ledger", "products")
AGENTS = "agents"
"""Table that is written on request only."""

#: Everything a run may leave in its folder; a folder that holds anything else is never replaced.
RUN_ENTRIES = frozenset(
    {
        "manifest.json",
        "scenario.toml",
        "summary.csv",
        "hits.csv",
        "events.json",
        "charts",
        "report.html",
        "band.parquet",
    }
    | {f"{name}.parquet" for name in (*FRAMES, AGENTS)}
)

#: Columns and their order; rows are sorted by all columns that are not measures (see MEASURES).
COLUMNS: dict[str, list[str]] = {
    "series": ["date", "run", "metal", "form", "region", "variable", "value", "unit"],
    "trade": ["date", "run", "metal", "form", "exporter", "importer", "tonnes", "price"],
    "why": ["date", "run", "metal", "region", "component", "value", "unit"],
    "ledger": ["date", "run", "metal", "flow", "kind", "tonnes"],
    "products": ["date", "run", "product", "region", "wanted", "made", "short", "unit"],
    "agents": ["date", "run", "kind", "id", "attribute", "value", "unit"],
}
MEASURES = frozenset({"value", "tonnes", "price", "unit", "wanted", "made", "short"})


@dataclass
class Outcome:
    """What a scenario did: tidy monthly tables of the run with its shocks and of the same world without them.

    Quantities are t of metal content per month (stocks: t), money is constant-price USD, months are first days.
    """

    scenario: Scenario
    """The scenario that was run, complete enough to be run again."""
    series: pd.DataFrame
    """date, run ("baseline" or "shock"), metal, form, region, variable, value, unit."""
    trade: pd.DataFrame
    """date, run, metal, form, exporter, importer, tonnes, price (USD/t)."""
    why: pd.DataFrame
    """date, run, metal, region, component, value (ln points of the bid against the base price), unit."""
    ledger: pd.DataFrame
    """date, run, metal, flow, kind (source, sink, stock or transfer), tonnes."""
    products: pd.DataFrame
    """date, run, product, region, wanted, made, short (units per month), unit."""
    summary: pd.DataFrame
    """One row per metal: price peak, shortage, recovery, who loses, recycling, why (see experiments.summary)."""
    hits: pd.DataFrame
    """metal, who ("country" or "product"), rank, name, share of own normal use that is lost, tonnes (see experiments.hit)."""
    events: list[dict[str, Any]] = field(default_factory=list)
    """One entry per shock: kind, label, actor, metals, form, announced, start, end, no_effect, unreached."""
    agents: pd.DataFrame | None = None
    """date, run, kind, id, attribute, value, unit: every agent in every month, where it was asked for."""
    manifest: dict[str, Any] = field(default_factory=dict)
    """scenario, seed, start, end, versions, data_hash, wall_seconds, created."""

    def write(self, folder: str | Path, finish: Callable[[Path], None] | None = None) -> Path:
        """Write the run folder and return its path; see :func:`write_run`."""
        return write_run(self, Path(folder), finish)

    def __repr__(self) -> str:
        """Say what is inside, in one line."""
        metals = ", ".join(self.summary["metal"].astype(str))
        return f"Outcome({self.scenario.name}: {metals}; {len(self.series):,} values, {len(self.events)} shocks)"


def check_target(folder: Path, entries: frozenset[str] = RUN_ENTRIES) -> None:
    """Make sure that results may be written to `folder`, before hours are spent on them.

    entries: names that such a folder may hold, those of a run if left out. Raises DataError if the folder holds anything
    else, or if its parent cannot be written to.
    """
    problem = _target_problem(folder, entries)
    if problem is not None:
        raise DataError([problem])


def _target_problem(folder: Path, entries: frozenset[str]) -> Problem | None:
    """Return what stands in the way of writing `folder`, or None."""
    name = str(folder)
    try:
        if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            return Problem(name, None, "", "this is not a folder", "name a new folder")
        if Path.cwd().is_relative_to(folder.resolve()):
            return Problem(name, None, "", "this is the folder you are in, or one above it", "name a new folder")
        if folder.is_dir():
            strangers = sorted(set(os.listdir(folder)) - entries)
            if strangers:
                wrong = (
                    f"the folder holds files that a run did not write ({', '.join(strangers[:3])}); nothing was touched"
                )
                return Problem(name, None, "", wrong, "name a new folder, or move these files away")
            if any(folder.iterdir()) and not is_run_folder(folder):
                return Problem(
                    name, None, "", "the folder is not a run of Lodeflow; nothing was touched", "name a new folder"
                )
        parent = _nearest_existing(folder.absolute().parent)
        if not parent.is_dir():
            return Problem(name, None, "", f"{parent} is a file, not a folder", "name a folder inside a folder")
        if not os.access(parent, os.W_OK | os.X_OK):
            return Problem(name, None, "", f"no permission to write in {parent}", "name a folder that you may write to")
    except OSError as error:
        return Problem(name, None, "", f"cannot be used: {error.strerror}", "name a folder that you may write to")
    return None


def is_run_folder(folder: Path) -> bool:
    """Say whether a run wrote this folder: its manifest names the program."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        return PROGRAM in manifest["versions"]
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _nearest_existing(path: Path) -> Path:
    while not path.exists() and path != path.parent:
        path = path.parent
    return path


def write_run(outcome: Outcome, folder: Path, finish: Callable[[Path], None] | None = None) -> Path:
    """Write an outcome to `folder`: all of it, or nothing.

    An older run of that name is removed after that. `finish(path)` may add charts and a report to the temporary folder.
    Raises DataError if the folder may not be written or replaced.
    """

    def fill(temporary: Path) -> None:
        _write_files(outcome, temporary)
        if finish is not None:
            finish(temporary)

    return write_folder(folder, fill, outcome.manifest)


def write_folder(
    folder: Path, fill: Callable[[Path], None], manifest: dict[str, Any], entries: frozenset[str] = RUN_ENTRIES
) -> Path:
    """Write a folder of results and return its path: all of it, or nothing.

    fill(path): writes everything but the manifest into a temporary folder beside it, which takes the name only when
    everything is there; manifest: with `versions`, what made the results; entries: names that such a folder may hold.
    Raises DataError if the folder may not be written or replaced.
    """
    folder = folder.absolute()
    check_target(folder, entries)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _temporary_sibling(folder) as temporary:
            fill(temporary)
            write_json(temporary / "manifest.json", manifest)  # last: without it, it is not a folder of results
            _put_in_place(temporary, folder)
    except OSError as error:
        wrong = f"could not be written: {error.strerror or error}"
        raise DataError([Problem(str(folder), None, "", wrong, "name a folder that you may write to")]) from error
    return folder


@contextmanager
def _temporary_sibling(folder: Path) -> Iterator[Path]:
    """Yield a new folder beside `folder`; whatever is left of it at the end is removed."""
    temporary = folder.with_name(f".{folder.name}.tmp-{os.getpid()}")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    try:
        yield temporary
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _put_in_place(temporary: Path, folder: Path) -> None:
    """Give the finished folder its name; an older run keeps it until then."""
    if not folder.exists():
        os.replace(temporary, folder)
        return
    old = folder.with_name(f".{folder.name}.old-{os.getpid()}")
    os.replace(folder, old)
    try:
        os.replace(temporary, folder)
    except OSError:
        os.replace(old, folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _write_files(outcome: Outcome, folder: Path) -> None:
    for name in FRAMES:
        write_parquet(getattr(outcome, name), folder / f"{name}.parquet")
    if outcome.agents is not None:
        write_parquet(outcome.agents, folder / f"{AGENTS}.parquet")
    outcome.summary.to_csv(folder / "summary.csv", index=False, float_format="%.6g", date_format="%Y-%m")
    outcome.hits.to_csv(folder / "hits.csv", index=False, float_format="%.6g")
    (folder / "scenario.toml").write_text(outcome.scenario.to_toml(), encoding="utf-8")
    write_json(folder / "events.json", outcome.events)


def write_json(path: Path, value: Any) -> None:
    """Write a value as JSON, indented, in UTF-8; what JSON does not know is written as text."""
    path.write_text(json.dumps(value, indent=2, default=str, ensure_ascii=False) + "\n", encoding="utf-8")


def write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """Write a table so that equal tables give equal bytes: fixed compression, no time, no row numbers."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    pq.write_table(table, path, compression="zstd", compression_level=3, use_dictionary=True, version="2.6")


def tidy(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Bring a table into its fixed form: columns in order, text as text, rows sorted by their keys.

    frame: the rows of one or both runs, in any order; name: "series", "trade", "why" or "ledger".
    """
    columns = COLUMNS[name]
    keys = [column for column in columns if column not in MEASURES]
    out = frame[columns].copy()
    for column in columns:
        if column == "unit" or column not in MEASURES | {"date"}:
            out[column] = out[column].astype(str)
    return out.sort_values(keys, kind="stable", ignore_index=True)


def read_hits(folder: Path) -> pd.DataFrame:
    """Return the ranking of who is hit hardest; empty for a folder that was written before there was one."""
    import pandas as pd

    from experiments.hit import COLUMNS as HITS

    path = folder / "hits.csv"
    return pd.read_csv(path) if path.is_file() else pd.DataFrame(columns=list(HITS))


def read_run(folder: str | Path, tables: Tables | None = None) -> Outcome:
    """Read a run folder back; its scenario is checked against `tables` (the shipped ones if left out).

    Raises DataError if it is not a run folder, or if its scenario no longer fits the tables.
    """
    import pandas as pd

    from experiments.scenario import load_scenario

    path = Path(folder)
    if not is_run_folder(path):
        raise DataError(
            [Problem(str(path), None, "", "not a run of Lodeflow", "name a folder that `lodeflow run` wrote")]
        )
    frames = {name: pd.read_parquet(path / f"{name}.parquet") for name in FRAMES}
    agents = path / f"{AGENTS}.parquet"
    return Outcome(
        scenario=load_scenario(path / "scenario.toml", tables=tables),
        summary=pd.read_csv(path / "summary.csv", keep_default_na=True),
        hits=read_hits(path),
        events=json.loads((path / "events.json").read_text(encoding="utf-8")),
        manifest=json.loads((path / "manifest.json").read_text(encoding="utf-8")),
        agents=pd.read_parquet(agents) if agents.is_file() else None,
        **frames,
    )
