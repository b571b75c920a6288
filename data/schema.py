"""The sidecar of a table: which columns it has, in which unit, and what values are allowed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lodeflow.data.guard import no_file, parse_toml, read_file
from lodeflow.data.limits import as_number, shown
from lodeflow.data.problems import DataError, Problem, did_you_mean

TYPES = ("str", "int", "float", "bool")
COLUMN_WORDS = ("type", "unit", "description", "required", "min", "max", "allowed", "allowed_from", "pattern")
TABLE_WORDS = ("description", "key", "columns", "sums", "empty")
WORD_TYPES: dict[str, tuple[type, ...]] = {
    "required": (bool,),
    "min": (int, float),
    "max": (int, float),
    "allowed": (list, str),
}
"""Types of the words that describe a column; the others are text."""


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

    def same_rules(self, other: Column) -> bool:
        """Whether a column may hold what `other` may, or less of it, in the same unit; the description is free."""
        free: dict[str, Any] = {"description": "", "min": None, "max": None}
        inside = [
            self.min == other.min or _within(other.min, self.min),
            self.max == other.max or _within(self.max, other.max),
        ]
        return replace(self, **free) == replace(other, **free) and all(inside)


def _within(low: float | None, high: float | None) -> bool:
    """Whether two bounds are there, the first at most the second."""
    return low is not None and high is not None and low <= high


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
    """The sidecar of one table. `empty`: what a table without rows means; "" where it needs rows."""

    name: str
    description: str = ""
    key: tuple[str, ...] = ()
    columns: dict[str, Column] = field(default_factory=dict)
    sums: tuple[Sum, ...] = ()
    empty: str = ""


def file_problem(path: Path) -> Problem | None:
    """What is wrong with a path that must be a regular file: missing, a broken link, a folder, a pipe; else None."""
    odd = no_file(path)
    if odd is not None:
        return Problem(path.name, None, "", odd, "Put a file in its place")
    if path.is_symlink() and not path.exists():
        return Problem(path.name, None, "", "is a link to a file that is not there", "Mend the link, or remove it")
    if not path.exists():
        what = "sidecar" if path.suffix == ".toml" else "file"
        return Problem(path.name, None, "", f"the {what} is missing", "Add it, or remove its partner (.csv or .toml)")
    return None


def read_schema(path: Path, problems: list[Problem]) -> TableSchema | None:
    """The sidecar at `path`; what is wrong with it is appended to `problems`, and then None is returned."""
    before = len(problems)
    problem = file_problem(path)
    if problem is not None:
        problems.append(problem)
        return None
    try:
        raw = parse_toml(read_file(path), path.name)
    except DataError as error:
        problems += (replace(problem, file=path.name) for problem in error.problems)
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
    return TableSchema(path.stem, str(raw.get("description", "")), key, columns, sums, str(raw.get("empty", "")))


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
            elif not _fits(word, words[word]):
                wrong = f"{shown(words[word])} is not what this entry holds"
                problems.append(Problem(file, f"columns.{name}", word, wrong, "See the shipped sidecars"))
                words = {key: value for key, value in words.items() if key != word}
        kind = words.get("type", "str")
        if kind not in TYPES:
            near = did_you_mean(str(kind), TYPES)
            problems.append(Problem(file, f"columns.{name}", "type", f"{shown(kind)} is no type", near))
            continue
        known = {word: value for word, value in words.items() if word in COLUMN_WORDS}
        columns[name] = Column(name, **(known | {"allowed": _words(known.get("allowed", []))}))
    return columns


def _sums(file: str, raw: Any, columns: dict[str, Column], problems: list[Problem]) -> tuple[Sum, ...]:
    """The sum rules of a sidecar."""
    rules = []
    for number, words in enumerate(raw if isinstance(raw, list) else [raw]):
        try:
            rule = Sum(**(words | {"by": _words(words.get("by", []))}))
            if None in (as_number(rule.total), as_number(rule.tolerance)):
                raise TypeError("total and tolerance are numbers")
        except (TypeError, AttributeError) as error:
            right = "Use column, by, total, tolerance, at_most"
            problems.append(Problem(file, f"sums[{number}]", "", f"cannot be understood ({error})", right))
            continue
        for name in (rule.column, *rule.by):
            if name not in columns:
                wrong, right = "names no column", did_you_mean(name, columns)
                problems.append(Problem(file, f"sums[{number}]", name, wrong, right))
        rules.append(rule)
    return tuple(rules)


def _fits(word: str, value: Any) -> bool:
    """Whether an entry of a column has the type of its word, and a pattern is one."""
    if not isinstance(value, WORD_TYPES.get(word, (str,))) or (isinstance(value, bool) and word != "required"):
        return False
    if word != "pattern":
        return True
    try:
        re.compile(str(value))
    except re.error:
        return False
    return True


def _words(value: Any) -> tuple[str, ...]:
    """A list of words from a TOML value (a single word counts as a list of one)."""
    return tuple(str(word) for word in (value if isinstance(value, list) else [value]))
