"""The sidecar of a table: which columns it has, in which unit, and what values are allowed."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lodeflow.data.problems import Problem, did_you_mean

TYPES = ("str", "int", "float", "bool")
COLUMN_WORDS = ("type", "unit", "description", "required", "min", "max", "allowed", "allowed_from", "pattern")
TABLE_WORDS = ("description", "key", "columns", "sums")


@dataclass(frozen=True)
class Column:
    """One column. `required`: no cell may be empty. `allowed_from` ("table.column") names a foreign key."""

    name: str
    type: str = "str"
    unit: str = ""
    description: str = ""
    required: bool = False
    min: float | None = None
    max: float | None = None
    allowed: tuple[str, ...] = ()
    allowed_from: str = ""
    pattern: str = ""


@dataclass(frozen=True)
class Sum:
    """A rule that `column`, added up over the rows that agree in `by`, gives `total` (or at most `total`)."""

    column: str
    by: tuple[str, ...]
    total: float = 1.0
    tolerance: float = 1e-6
    at_most: bool = False


@dataclass(frozen=True)
class TableSchema:
    """The sidecar of one table."""

    name: str
    description: str = ""
    key: tuple[str, ...] = ()
    columns: dict[str, Column] = field(default_factory=dict)
    sums: tuple[Sum, ...] = ()


def read_schema(path: Path, problems: list[Problem]) -> TableSchema | None:
    """The sidecar at `path`; what is wrong with it is appended to `problems`, and then None is returned."""
    before = len(problems)
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        problems.append(Problem(path.name, None, "", "the sidecar is missing", "Write one: description, key, columns"))
        return None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        problems.append(Problem(path.name, None, "", f"cannot be read as TOML ({error})", "Mend or remove the file"))
        return None
    for word in raw:
        if word not in TABLE_WORDS:
            problems.append(Problem(path.name, "top level", word, "unknown entry", did_you_mean(word, TABLE_WORDS)))
    columns = _columns(path.name, raw.get("columns", {}), problems)
    key = _words(raw.get("key", []))
    for name in key:
        if name not in columns:
            problems.append(Problem(path.name, "key", name, "names no column", did_you_mean(name, columns)))
    sums = _sums(path.name, raw.get("sums", []), columns, problems)
    if len(problems) > before:
        return None
    return TableSchema(path.stem, str(raw.get("description", "")), key, columns, sums)


def _columns(file: str, raw: Any, problems: list[Problem]) -> dict[str, Column]:
    """The columns of a sidecar by name."""
    if not isinstance(raw, dict) or not raw:
        problems.append(Problem(file, None, "columns", "no columns are described", "Add a [columns.<name>] per column"))
        return {}
    columns = {}
    for name, words in raw.items():
        words = words if isinstance(words, dict) else {}
        for word in words:
            if word not in COLUMN_WORDS:
                problems.append(
                    Problem(file, f"columns.{name}", word, "unknown entry", did_you_mean(word, COLUMN_WORDS))
                )
        kind = words.get("type", "str")
        if kind not in TYPES:
            problems.append(Problem(file, f"columns.{name}", "type", f"{kind!r} is no type", did_you_mean(kind, TYPES)))
            continue
        known = {word: value for word, value in words.items() if word in COLUMN_WORDS}
        columns[name] = Column(name, **(known | {"allowed": _words(known.get("allowed", []))}))
    return columns


def _sums(file: str, raw: Any, columns: dict[str, Column], problems: list[Problem]) -> tuple[Sum, ...]:
    """The sum rules of a sidecar."""
    rules = []
    for number, words in enumerate(raw):
        try:
            rule = Sum(**(words | {"by": _words(words.get("by", []))}))
        except TypeError as error:
            right = "Use column, by, total, tolerance, at_most"
            problems.append(Problem(file, f"sums[{number}]", "", f"cannot be understood ({error})", right))
            continue
        for name in (rule.column, *rule.by):
            if name not in columns:
                wrong, right = "names no column", did_you_mean(name, columns)
                problems.append(Problem(file, f"sums[{number}]", name, wrong, right))
        rules.append(rule)
    return tuple(rules)


def _words(value: Any) -> tuple[str, ...]:
    """A list of words from a TOML value (a single word counts as a list of one)."""
    return tuple(str(word) for word in (value if isinstance(value, list) else [value]))
