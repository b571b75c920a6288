"""The user's own folder of tables: which files count, what they may change, and what falls back to the shipped tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lodeflow.data.limits import Rules
from lodeflow.data.problems import Problem, did_you_mean
from lodeflow.data.schema import TableSchema

if TYPE_CHECKING:
    import pandas as pd

Places = dict[str, tuple[Path, Path]]
"""Where each table and its sidecar are read from."""
ENDINGS = (".csv", ".toml")
NO_TABLES = ("pack.toml",)
"""Files of a folder that are no tables."""


def own_places(folder: Path, shipped: Places, problems: list[Problem]) -> Places:
    """Where each table and its sidecar are read from: the user's folder first, the shipped ones otherwise."""
    places = dict(shipped)
    names = _entries(folder, problems)
    own = sorted({Path(name).stem for name in names})
    if not own and not problems:
        right = f"Put in at least one of: {', '.join(places)}"
        problems.append(Problem(str(folder), None, "", "holds no table", right))
    for name in own:
        table, sidecar = folder / f"{name}.csv", folder / f"{name}.toml"
        if name not in places and sidecar.name not in names:
            right = f"{did_you_mean(name, places)} A new table needs its sidecar {name}.toml"
            problems.append(Problem(table.name, None, "", "is not a known table", right))
            continue
        other_table, other_sidecar = places.get(name, (table, sidecar))
        places[name] = (
            table if table.name in names else other_table,
            sidecar if sidecar.name in names else other_sidecar,
        )
    return places


def _entries(folder: Path, problems: list[Problem]) -> set[str]:
    """Names of the tables and sidecars in a folder, whatever lies behind them; near misses are problems."""
    if not folder.exists():
        problems.append(Problem(str(folder), None, "", "there is no such folder", "Give a folder that holds tables"))
        return set()
    if not folder.is_dir():
        problems.append(Problem(str(folder), None, "", "is a file, not a folder", "Give the folder that holds it"))
        return set()
    try:
        names = {
            path.name for path in folder.iterdir() if path.suffix.lower() in ENDINGS and path.name not in NO_TABLES
        }
    except OSError as error:
        problems.append(Problem(str(folder), None, "", f"cannot be read ({error.strerror})", "Check its permissions"))
        return set()
    for name in sorted(names):
        if not name.endswith(ENDINGS):
            right = f"Name it {Path(name).stem}{Path(name).suffix.lower()}"
            problems.append(Problem(name, None, "", "has its ending in capital letters, so it is no table", right))
    return {name for name in names if name.endswith(ENDINGS)}


def check_sidecar(own: TableSchema, shipped: TableSchema, problems: list[Problem]) -> None:
    """Note where an own sidecar of a shipped table takes away or changes what the model relies on; it may add columns."""
    file = f"{own.name}.toml"
    for name, column in shipped.columns.items():
        if name not in own.columns:
            problems.append(
                Problem(file, f"columns.{name}", "", "the shipped table has this column", "Describe it too")
            )
        elif not own.columns[name].same_rules(column):
            wrong = "differs from the shipped sidecar in more than its description"
            problems.append(Problem(file, f"columns.{name}", "", wrong, "Leave its type, unit and bounds as shipped"))
    for what in ("key", "sums", "empty"):
        if getattr(own, what) != getattr(shipped, what):
            problems.append(Problem(file, what, "", "differs from the shipped sidecar", "Leave it as shipped"))


def check_parameters(own: pd.DataFrame, shipped: pd.DataFrame, metals: pd.DataFrame, problems: list[Problem]) -> None:
    """Note rows of an own table of parameters that the model would not read, or that have no meaning in it."""
    classes = {"class": set(metals["price_class"]), "metal": set(metals["metal"]), "global": {""}}
    rules = Rules.of(shipped, classes["class"] | classes["metal"])
    for line, row in own.iterrows():
        where = int(str(line))
        key = f"{row['parameter']}.{row['scope']}" if row["scope"] else str(row["parameter"])
        fault = rules.key_fault(key)
        if fault is None and row["scope"] not in classes[str(row["scope_kind"])]:
            fault = f"{row['scope']!r} is no {row['scope_kind']}", "Give scope_kind and scope that belong together"
        if fault:
            problems.append(Problem("parameters.csv", where, "parameter, scope", *fault))
            continue
        limits = rules.limits[str(row["parameter"])]
        for column in ("value", "low", "high"):
            fault = limits.fault(row[column])
            if fault:
                problems.append(Problem("parameters.csv", where, column, *fault))
        if row["unit"] != limits.unit:
            wrong = f"{row['unit']!r} is not the unit of {row['parameter']}"
            problems.append(Problem("parameters.csv", where, "unit", wrong, f"Give it in {limits.unit!r}"))
        if not row["low"] <= row["value"] <= row["high"]:
            wrong = f"{row['value']:g} lies outside of low {row['low']:g} to high {row['high']:g}"
            problems.append(Problem("parameters.csv", where, "value", wrong, "Widen the range, or change the value"))
