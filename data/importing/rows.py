"""What an importer makes of a file: rows of own tables, and lines that say what was kept, converted and dropped."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lodeflow.data import names, units
from lodeflow.data.importing.cells import number
from lodeflow.data.problems import DataError, Problem
from lodeflow.data.store import Tables

KEYS = {
    "production": ("metal", "stage", "iso3", "year"),
    "reserves": ("metal", "iso3", "year"),
    "base_prices": ("metal", "year"),
    "trade_flows": ("metal", "form", "year", "exporter", "importer"),
    "use_shares": ("metal", "product", "year"),
}
AMOUNTS = {
    "production": ("observed_t",),
    "reserves": ("observed_t",),
    "base_prices": ("price_usd_per_t",),
    "trade_flows": ("content_t", "declared_t"),
    "use_shares": ("share",),
}
COLUMNS = {
    "production": ("metal", "stage", "iso3", "year", "unit", "observed_t", "status", "reason", "source"),
    "reserves": ("metal", "iso3", "year", "unit", "observed_t", "status", "reason", "source"),
    "base_prices": ("metal", "year", "price_usd_per_t", "status", "reason", "source"),
    "trade_flows": (
        "metal",
        "form",
        "year",
        "exporter",
        "importer",
        "content_t",
        "declared_t",
        "basis",
        "status",
        "source",
    ),
    "use_shares": ("metal", "product", "year", "share", "status", "reason", "source"),
}
APART = 0.02
"""Relative difference from which two sources contradict each other; assumption: less is rounding."""
POOLED, REMAINDER, SMALL = "pooled", "remainder", "small"
"""Mark of rows of the pool: what a file lists as others, or a country that the tables do not keep apart."""
MOST = 12
"""Contradictions that are listed; the others are counted."""


@dataclass
class Taken:
    """What was made of a file.

    Attributes:
        tables: the shipped tables, for names and symbols.
        source: what the rows give as their source.
        extra: spellings of places that this kind of file alone uses (plain name to code).
        rows: rows by table.
        kept, converted, dropped: counts by words.
        problems: what cannot be used, with the line of the file.
    """

    tables: Tables
    source: str
    file: str
    extra: dict[str, str] = field(default_factory=dict)
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    kept: Counter[str] = field(default_factory=Counter)
    converted: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    pool: str = ""

    @property
    def symbols(self) -> dict[str, str]:
        """Symbol of every metal of the tables."""
        return dict(zip(self.tables["metals"]["metal"], self.tables["metals"]["symbol"], strict=True))

    def place(self, text: str, line: int) -> str:
        """Code of a country of the tables, the pool for small and unnamed ones; "" for totals, and for what is not understood."""
        known = set(self.tables["countries"]["iso3"])
        code = self.extra.get(names.plain_name(text))
        found = names.Found("country", code) if code else names.place(text)
        if found.kind == "country" and found.code in known:
            if found.code == names.POOL:
                self.pool = REMAINDER
            return found.code
        if found.kind == "country":
            self.converted[f"{text!r} ({found.code}) counts for {names.POOL}, the pool of small countries"] += 1
            self.pool = SMALL
            return names.POOL
        if found.kind == "group":
            self.dropped[f"totals of {text}"] += 1
            return ""
        if found.kind in ("doubtful", "former"):
            self.problems.append(Problem(self.file, line, "", f"{text!r}: {found.note}", "Name it in the file"))
            return ""
        right = "Write its ISO 3166 code in the file"
        self.problems.append(Problem(self.file, line, "", f"there is no country {text[:60]!r}", right))
        return ""

    def value(self, cell: str) -> float | None:
        """A number, or None with the reason counted; nil counts as nothing made."""
        found = number(cell)
        if found.value is None:
            self.dropped[f"cells: {found.why}"] += 1
        return found.value

    def tonnes(self, value: float, unit: str, metal: str, line: int, grade: float | None = None) -> float | None:
        """Tonnes of metal content; None where the unit is not read, with a problem noted."""
        try:
            factor = units.tonnes(unit, metal, self.symbols.get(metal, metal), grade)
        except units.UnitError as error:
            self.problems.append(Problem(self.file, line, "unit", error.wrong, error.right))
            return None
        if factor.words:
            self.converted[factor.words] += 1
        return value * factor.value

    def add(self, table: str, **row: Any) -> None:
        """A row; the rows of small countries that share a key are added up."""
        if row.get("iso3") == names.POOL:
            row[POOLED] = self.pool
        self.rows.setdefault(table, []).append(row)
        self.kept[table] += 1


def import_into(taken: Taken, folder: Path) -> list[str]:
    """Write the rows into the tables of a folder and return lines that say what was done; raises DataError with all problems.

    A row of a folder whose key comes again from another source is replaced; both values are shown where they differ.
    """
    if not taken.rows and not taken.problems:
        right = "See `lodeflow import --help`; another layout is read with a mapping: `lodeflow import generic`"
        said = "; ".join(f"{what}: {count}" for what, count in taken.dropped.items())
        wrong = f"no row could be used{f' ({said})' if said else ''}"
        taken.problems.append(Problem(taken.file, None, "", wrong, right))
    if taken.problems:
        raise DataError(taken.problems)
    folder.mkdir(parents=True, exist_ok=True)
    lines: list[str] = []
    for table in ("production", "reserves"):
        taken.rows[table] = _without_pool(table, taken)
    for table, rows in taken.rows.items():
        if not rows:
            continue
        lines += _write(folder / f"{table}.csv", table, _summed(table, rows), taken)
    for title, counts in (("converted", taken.converted), ("dropped", taken.dropped)):
        lines += [f"{title}: {what} ({count})" for what, count in counts.items()]
    return lines


def _without_pool(table: str, taken: Taken) -> list[dict[str, Any]]:
    """Rows in which the pool holds nothing twice.

    "Other countries" is less what the shipped table has of the countries that the file does not list; a small country is left out
    where the shipped pool holds it already.
    """
    shipped, rows = taken.tables[table], []
    group = [name for name in KEYS[table] if name != "iso3"]
    told = shipped["observed_t"].fillna(shipped["assumed_t"])
    known = dict(zip(zip(*(shipped[name] for name in KEYS[table]), strict=True), told, strict=True))
    at = KEYS[table].index("iso3")
    listed = {
        tuple(row[name] for name in KEYS[table]) for row in taken.rows.get(table, []) if row["iso3"] != names.POOL
    }
    for row in taken.rows.get(table, []):
        kind, key = row.pop(POOLED, ""), tuple(row[name] for name in group)
        beside = [
            v
            for k, v in known.items()
            if kind and k[:at] + k[at + 1 :] == key and k not in listed and k[at] != names.POOL
        ]
        if kind == SMALL and tuple(row[name] for name in KEYS[table]) in known:
            taken.dropped[f"small countries that the shipped {names.POOL} holds already"] += 1
            continue
        if kind == REMAINDER and beside:
            what = f"others, {', '.join(map(str, key))}: {row['observed_t']:,.0f} t"
            taken.converted[
                f"{what}, less {sum(beside):,.0f} t of countries that the shipped table lists and the file does not"
            ] += 1
            row["observed_t"] = max(row["observed_t"] - sum(beside), 0.0)
        rows.append(row)
    return rows


def _summed(table: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows by key; those that share one in the pool or by their kind of ore are added up."""
    summed: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        key = tuple(str(row[name]) for name in KEYS[table])
        if key in summed:
            for name in AMOUNTS[table]:
                summed[key][name] += row[name]
        else:
            summed[key] = dict(row)
    return list(summed.values())


def _write(path: Path, table: str, rows: list[dict[str, Any]], taken: Taken) -> list[str]:
    """Put rows into a table of a folder; returns what contradicts what was there, and how many rows were written."""
    old: list[dict[str, str]] = []
    if path.is_file():
        with path.open(encoding="utf-8-sig", newline="") as file:
            old = list(csv.DictReader(file))
    columns = list(dict.fromkeys([*(old[0] if old else []), *COLUMNS[table]]))
    place = {tuple(row.get(name, "") for name in KEYS[table]): row for row in old}
    lines, amount = [], AMOUNTS[table][0]
    for row in rows:
        key = tuple(str(row[name]) for name in KEYS[table])
        cells = {name: _cell(row.get(name, "")) for name in columns}
        before = place.get(key)
        if (
            before is not None
            and before.get("source") != cells.get("source")
            and _apart(before.get(amount), row[amount])
        ):
            lines.append(
                f"contradicted: {', '.join(key)}: {before[amount]} ({before.get('source')}) "
                f"and {cells[amount]} ({cells.get('source')}); the second is kept"
            )
        if before is None:
            old.append(cells)
            place[key] = cells
        else:
            before.update({name: cell for name, cell in cells.items() if name in COLUMNS[table]})
    lines += _beside_shipped(table, rows, taken)
    temporary = path.with_suffix(".tmp")
    with temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n", restval="")
        writer.writeheader()
        writer.writerows(old)
    temporary.replace(path)
    more = [f"contradicted: and {len(lines) - MOST} more"] if len(lines) > MOST else []
    return [f"kept: {len(rows)} rows of {table} in {path}", *lines[:MOST], *more]


def _beside_shipped(table: str, rows: list[dict[str, Any]], taken: Taken) -> list[str]:
    """Lines on rows that contradict the shipped table by more than half."""
    shipped, amount = taken.tables[table], AMOUNTS[table][0]
    keys = [shipped[name].astype(str) for name in KEYS[table]]
    known = dict(zip(zip(*keys, strict=True), zip(shipped[amount], shipped["source"], strict=True), strict=True))
    lines = []
    for row in rows:
        before, source = known.get(tuple(str(row[name]) for name in KEYS[table]), (float("nan"), ""))
        if before > 0 and not 0.5 < row[amount] / before < 2.0:
            what = ", ".join(str(row[name]) for name in KEYS[table])
            lines.append(
                f"contradicted: {what}: {before:g} ({source}, shipped) and {row[amount]:g} (this file); this file holds"
            )
    return lines


def _apart(before: str | None, after: float) -> bool:
    try:
        old = float(before or "")
    except ValueError:
        return False
    return abs(old - after) > APART * max(abs(old), abs(after), 1e-12)


def _cell(value: Any) -> str:
    return repr(round(value, 6)) if isinstance(value, float) else str(value)
