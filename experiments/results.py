"""The results of a run, and the folder they are written to: whole, or not at all."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.problems import DataError, Problem
from experiments.written import DROPPINGS, FILES, INPUTS, fingerprints, flush, flush_names, not_ours, other_question

if TYPE_CHECKING:
    import pandas as pd

    from data import Tables
    from experiments.scenario import Scenario

PROGRAM = "lodeflow"
MANIFEST = "manifest.json"
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
    """scenario, seed, start, end, inputs, versions, data_hash, wall_seconds, created."""

    def write(self, folder: str | Path, finish: Callable[[Path], None] | None = None, overwrite: bool = False) -> Path:
        """Write the run folder and return its path; see :func:`write_run`."""
        return write_run(self, Path(folder), finish, overwrite)

    def __repr__(self) -> str:
        """Say what is inside, in one line."""
        metals = ", ".join(self.summary["metal"].astype(str))
        return f"Outcome({self.scenario.name}: {metals}; {len(self.series):,} values, {len(self.events)} shocks)"


def check_target(
    folder: Path,
    entries: frozenset[str] = RUN_ENTRIES,
    inputs: Mapping[str, Any] | None = None,
    overwrite: bool = False,
) -> None:
    """Make sure that results may be written to `folder`, before hours are spent on them.

    entries: names that such a folder may hold, those of a run if left out; inputs: the question that the results will
    answer (left out: any); overwrite: whether results of another question may be replaced. Results of the same question
    always may. Raises DataError if the folder holds anything that the program did not write or that was changed since, or
    results of another question, or if its parent cannot be written to.
    """
    problem = _target_problem(folder, entries, inputs, overwrite)
    if problem is not None:
        raise DataError([problem])


def _target_problem(
    folder: Path, entries: frozenset[str], inputs: Mapping[str, Any] | None, overwrite: bool
) -> Problem | None:
    """Return what stands in the way of writing `folder`, or None."""
    name = str(folder)
    try:
        if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            return Problem(name, None, "", "this is not a folder", "name a new folder")
        if Path.cwd().is_relative_to(folder.resolve()):
            return Problem(name, None, "", "this is the folder you are in, or one above it", "name a new folder")
        if folder.is_dir():
            wrong, right = _in_the_way(folder, entries, inputs, overwrite)
            if wrong:
                return Problem(name, None, "", f"{wrong}; nothing was touched", right)
        parent = _nearest_existing(folder.absolute().parent)
        if not parent.is_dir():
            return Problem(name, None, "", f"{parent} is a file, not a folder", "name a folder inside a folder")
        if not os.access(parent, os.W_OK | os.X_OK):
            return Problem(name, None, "", f"no permission to write in {parent}", "name a folder that you may write to")
    except OSError as error:
        return Problem(name, None, "", f"cannot be used: {error.strerror}", "name a folder that you may write to")
    return None


def _in_the_way(
    folder: Path, entries: frozenset[str], inputs: Mapping[str, Any] | None, overwrite: bool
) -> tuple[str, str]:
    """Say what in a folder must not be replaced, and what to do; empty texts if nothing."""
    there = set(os.listdir(folder)) - DROPPINGS
    strangers = sorted(there - entries)
    away = "name a new folder, or move these files away"
    if strangers:
        return f"the folder holds files that a run did not write ({', '.join(strangers[:3])})", away
    if not there:
        return "", ""
    manifest = read_manifest(folder)
    if manifest is None:
        return "the folder is not a run of Lodeflow", "name a new folder"
    if not isinstance(manifest.get(FILES), dict):
        wrong = "the folder is of an older version, which did not note what it wrote"
        return wrong, "name a new folder, or move this one away"
    changed = not_ours(folder, manifest[FILES])
    if changed:
        wrong = (
            f"the folder holds files that a run did not write, or that were changed since ({', '.join(changed[:3])})"
        )
        return wrong, away
    old = manifest.get(INPUTS)
    other = [] if inputs is None else other_question(old if isinstance(old, dict) else {}, inputs)
    if other and not overwrite:
        wrong = f"the folder holds results that were made with something else ({', '.join(other)})"
        return wrong, "name a new folder with --out, or replace them with --overwrite"
    return "", ""


def is_run_folder(folder: Path) -> bool:
    """Say whether the program wrote this folder: its manifest names it."""
    return read_manifest(folder) is not None


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """Return the manifest of a folder that the program wrote, None if it is none."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return manifest if PROGRAM in manifest["versions"] else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _nearest_existing(path: Path) -> Path:
    while not path.exists() and path != path.parent:
        path = path.parent
    return path


def write_run(
    outcome: Outcome, folder: Path, finish: Callable[[Path], None] | None = None, overwrite: bool = False
) -> Path:
    """Write an outcome to `folder`: all of it, or nothing.

    An older run of that name is removed after that; one of another scenario only with `overwrite`. `finish(path)` may add
    charts and a report to the temporary folder. Raises DataError if the folder may not be written or replaced.
    """

    def fill(temporary: Path) -> None:
        _write_files(outcome, temporary)
        if finish is not None:
            finish(temporary)

    return write_folder(folder, fill, outcome.manifest, overwrite=overwrite)


def write_folder(
    folder: Path,
    fill: Callable[[Path], None],
    manifest: dict[str, Any],
    entries: frozenset[str] = RUN_ENTRIES,
    overwrite: bool = False,
) -> Path:
    """Write a folder of results and return its path: all of it, or nothing.

    fill(path): writes everything but the manifest into a temporary folder beside it, which takes the name only when
    everything is there; manifest: with `versions`, what made the results, and `inputs`, the question they answer; the names
    and hashes of all files are added; entries: names that such a folder may hold; overwrite: as in check_target.
    Raises DataError if the folder may not be written or replaced.
    """
    folder = folder.absolute()
    check_target(folder, entries, manifest.get(INPUTS), overwrite)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _temporary_sibling(folder) as temporary:
            fill(temporary)
            noted = manifest | {FILES: fingerprints(temporary)}
            write_json(temporary / MANIFEST, noted)  # last: without it, it is not a folder of results
            flush(temporary)
            _put_in_place(temporary, folder)
            flush_names(folder.parent)
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

    Raises DataError if it is not a run folder, with every file that is damaged or missing, or if its scenario no longer
    fits the tables.
    """
    import pandas as pd

    from experiments.scenario import load_scenario

    path = Path(folder)
    manifest = read_manifest(path)
    if manifest is None:
        raise DataError(
            [Problem(str(path), None, "", "not a run of Lodeflow", "name a folder that `lodeflow run` wrote")]
        )
    problems: list[Problem] = []
    frames = {name: _read(path / f"{name}.parquet", _table_of(name), problems) for name in FRAMES}
    agents = path / f"{AGENTS}.parquet"
    states = _read(agents, _table_of(AGENTS), problems) if agents.exists() else None
    summary = _read(path / "summary.csv", pd.read_csv, problems)
    hits = _read(path, read_hits, problems)
    events = _read(path / "events.json", _list_of, problems)
    text = path / "scenario.toml"
    if not text.is_file():
        problems.append(Problem(str(text), None, "", "is missing", AGAIN))
    if problems:
        raise DataError(problems)
    return Outcome(
        scenario=load_scenario(text, tables=tables),
        summary=summary,
        hits=hits,
        events=events,
        manifest=manifest,
        agents=states,
        **frames,
    )


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
        import pandas as pd

        table = pd.read_parquet(path)
        if list(table.columns) != COLUMNS[name]:
            raise ValueError(f"its columns are not {', '.join(COLUMNS[name])}")
        return table

    return read


def _list_of(path: Path) -> list[dict[str, Any]]:
    found = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(found, list):
        raise ValueError("it is no list of events")
    return found
