"""The results of a run, and the folder they are written to: whole, or not at all."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeflow.data.problems import DataError, Problem
from lodeflow.environment.governments.decision import COLUMNS as DECISION_COLUMNS
from lodeflow.environment.records.fates import FATES
from lodeflow.environment.records.payments import COLUMNS as PAID
from lodeflow.experiments.run.parquet import Writer, writing_near
from lodeflow.experiments.run.parquet import read_table as read_table
from lodeflow.experiments.run.parquet import write_parquet as write_parquet
from lodeflow.experiments.run.written import (
    DROPPINGS,
    FILES,
    INPUTS,
    fingerprints,
    flush,
    flush_names,
    not_ours,
    other_question,
)
from lodeflow.experiments.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.experiments.scenario.model import Scenario

PROGRAM = "lodeflow"
MANIFEST = "manifest.json"
FRAMES = ("series", "trade", "why", "ledger", "products", "product_trade", "end_of_life")
LEDGER = "ledger"
YEARLY = ("product_trade", "end_of_life")
"""Tables by calendar year; the others are by month."""
MOVEMENTS = "movements"
"""Table by calendar year in double precision, in the order of the chain: the country flow accounts are made from it."""
AGENTS, MONEY = "agents", "money"
"""Tables that are written on request only."""
DECISIONS = "decisions"
"""What governments decided; only where they decide."""
ASKED = (AGENTS, MONEY, DECISIONS)

#: Everything a run may leave in its folder; a folder that holds anything else is never replaced.
RUN_ENTRIES = frozenset(
    {
        "manifest.json",
        "scenario.toml",
        "summary.csv",
        "hits.csv",
        "kpis.csv",
        "events.json",
        "charts",
        "report.html",
        "band.parquet",
    }
    | {f"{name}.parquet" for name in (*FRAMES, MOVEMENTS, *ASKED)}
)

#: Columns and their order; rows are sorted by all columns that are not measures (see MEASURES).
COLUMNS: dict[str, list[str]] = {
    "series": ["date", "run", "metal", "form", "region", "variable", "value", "unit"],
    "trade": ["date", "run", "metal", "form", "exporter", "importer", "tonnes", "price"],
    "why": ["date", "run", "metal", "region", "component", "value", "unit"],
    "ledger": ["date", "run", "metal", "flow", "kind", "tonnes"],
    "products": ["date", "run", "product", "region", "wanted", "made", "short", "unit"],
    "product_trade": ["date", "run", "product", "exporter", "importer", "metal", "tonnes", "units", "unit"],
    "end_of_life": ["date", "run", "product", "region", "metal", *FATES],
    "movements": ["date", "run", "movement", "metal", "exporter", "importer", "product", "tonnes"],
    "agents": ["date", "run", "kind", "id", "attribute", "value", "unit"],
    "money": [*PAID[:1], "run", *PAID[1:]],
    DECISIONS: [*DECISION_COLUMNS],
}
MEASURES = frozenset({"value", "tonnes", "price", "unit", "units", "wanted", "made", "short", *FATES})


@dataclass
class Outcome(Shown):
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
    product_trade: pd.DataFrame
    """date (first day of the year), run, product, exporter, importer, metal, tonnes (of the metal in the goods, t/year), units
    (of the product, per year; they repeat for each of its metals), unit. Home sales are rows too."""
    end_of_life: pd.DataFrame
    """date (first day of the year), run, product, region, metal, then where the metal went that left use, t/year: into hibernation
    (net), abroad in used goods, to collection by channel, to landfill; and what separation gets out of what was collected."""
    summary: pd.DataFrame
    """One row per metal: price peak, shortage, recovery, who loses, recycling, why (see lodeflow.experiments.run.summary)."""
    hits: pd.DataFrame
    """metal, who ("country" or "product"), rank, name, share of own normal use that is lost, tonnes (see `hit.py`)."""
    kpis: pd.DataFrame
    """metal, kpi, value, without, text, unit, worse, what: every indicator (see lodeflow.experiments.kpis)."""
    events: list[dict[str, Any]] = field(default_factory=list)
    """One entry per shock: kind, label, actor, metals, form, announced, start, end, no_effect, reason, unreached, found (text)."""
    decisions: pd.DataFrame | None = None
    """What governments decided, in order: month ("YYYY-MM"), start, who, kind, instrument, metal, form, target, size, reason."""
    movements: pd.DataFrame | None = None
    """date (first day of the year), run, movement, metal, exporter, importer, product, tonnes: what moved from stage to stage, and
    what lay at each (see lodeflow.environment.records.stages); None in folders of older versions."""
    agents: pd.DataFrame | None = None
    """date, run, kind, id, attribute, value, unit: every agent in every month, where it was asked for."""
    money: pd.DataFrame | None = None
    """Who pays whom (see lodeflow.environment.records.money), with the column run, where it was asked for."""
    manifest: dict[str, Any] = field(default_factory=dict)
    """scenario, seed, start, end, inputs, versions, data_hash, wall_seconds, created."""

    def write(
        self,
        folder: str | Path,
        finish: Callable[[Path], None] | None = None,
        overwrite: bool = False,
        begin: Callable[[Path], None] | None = None,
        writer: Writer | None = None,
    ) -> Path:
        """Write the run folder and return its path; see :func:`write_run`."""
        return write_run(self, Path(folder), finish, overwrite, begin, writer)

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
    outcome: Outcome,
    folder: Path,
    finish: Callable[[Path], None] | None = None,
    overwrite: bool = False,
    begin: Callable[[Path], None] | None = None,
    writer: Writer | None = None,
) -> Path:
    """Write an outcome to `folder`: all of it, or nothing.

    An older run of that name is removed after that; one of another scenario only with `overwrite`. `begin(path)` may read what is
    there before the large tables are, `finish(path)` may add charts and a report to the temporary folder; writer: has begun to
    write some of the tables. Raises DataError if the folder may not be written or replaced.
    """

    def fill(temporary: Path) -> None:
        _write_small(outcome, temporary)
        if begin is not None:
            begin(temporary)
        tables = {name: getattr(outcome, name) for name in (*FRAMES, MOVEMENTS, AGENTS)}
        with nullcontext(writer) if writer is not None else writing_near(folder) as writes:
            writes.take({name: table for name, table in tables.items() if table is not None})
            writes.put(temporary)
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


def _write_small(outcome: Outcome, folder: Path) -> None:
    """Write all but the large tables."""
    for name in (MONEY, DECISIONS):
        if getattr(outcome, name) is not None:
            write_parquet(getattr(outcome, name), folder / f"{name}.parquet")
    outcome.summary.to_csv(folder / "summary.csv", index=False, float_format="%.6g", date_format="%Y-%m")
    outcome.hits.to_csv(folder / "hits.csv", index=False, float_format="%.6g")
    outcome.kpis.to_csv(folder / "kpis.csv", index=False, float_format="%.6g")
    (folder / "scenario.toml").write_text(outcome.scenario.to_toml(), encoding="utf-8")
    write_json(folder / "events.json", outcome.events)


def write_json(path: Path, value: Any) -> None:
    """Write a value as JSON, indented, in UTF-8; what JSON does not know is written as text."""
    path.write_text(json.dumps(value, indent=2, default=str, ensure_ascii=False) + "\n", encoding="utf-8")


def tidy(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Bring a table into its fixed form: columns in order, text as categories, rows sorted by their keys.

    frame: the rows of one or both runs, in any order; name: "series", "trade", "why" or "ledger".
    """
    columns = COLUMNS[name]
    keys = [column for column in columns if column not in MEASURES]
    texts = {column: _categories(frame[column]) for column in columns if column == "unit" or column in keys[1:]}
    return frame[columns].assign(**texts).sort_values(keys, kind="stable", ignore_index=True)


def _categories(texts: pd.Series) -> pd.Series:
    """Text as categories in the order of the alphabet."""
    if texts.dtype != "category":
        return texts.astype(str).astype("category")
    return texts.cat.set_categories(sorted(texts.cat.categories))
