"""The catalogue of recorded variables, `variables.csv`: what each is, by what it is recorded, and where it is shown.

Recorder, batches, differences, dashboard, the tables of the README and of the docs and `lodeflow describe` read it. A new
variable is one row, and one function of that name in `environment/records/channels.py`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lodeflow.data.problems import DataError, Problem

FILE = Path(__file__).with_name("variables.csv")
FEED = "feed"
"""Form of ore or intermediates, as a metal has it."""
PREFIXES = {FEED: "feed_", "ore": "feed_", "intermediate": "feed_", "all": "all_"}
"""What the names of series begin with by form, so that a variable's forms are told apart; others have no prefix."""
SUM, BY_USE, OWN, NONE, KEPT = "sum", "mean by use", "own rule", "none", "kept"
"""How the world's value is made from those of countries: their sum; their mean by normal use (for what is recorded by desk);
by a function of `environment/records/indicators`; not at all. What is kept is recorded for other sums, and is no series."""
PLACES, WORLD, UNION, PARTED, NO = "places", "world", "world and union", "parted", "no"
"""What batches keep: world and places, the world alone, world and European Union, what a shock can part, nothing."""
FAN, DIFFERENCES, LINE = "fan", "differences", "line"
"""Where it is drawn: as a fan of batches, as a difference of two runs, as a line of its own in the dashboard."""
CHOICES = {
    "form": (FEED, "refined", "product", "scrap", "all"),
    "per": ("", "month"),
    "summed": (SUM, BY_USE, OWN, NONE, KEPT),
    "worse": ("", "more", "less"),
    "batches": (PLACES, WORLD, UNION, PARTED, NO),
}
WAYS = (FAN, DIFFERENCES, LINE)


@dataclass(frozen=True)
class Variable:
    """One row of the catalogue.

    variable: what the tidy table calls it; form: "feed" is ore or intermediates; unit; per: "month" for flows; arrays: names of
    the functions that read it from the world, which add up; by: what each of them is recorded by, in the same order; summed,
    batches, drawn: see SUM, PLACES, FAN; worse: "more", "less" or neither; label: in English and Chinese; meaning: one line.
    """

    variable: str
    form: str
    unit: str
    per: str
    arrays: tuple[str, ...]
    by: tuple[str, ...]
    summed: str
    worse: str
    batches: str
    drawn: tuple[str, ...]
    label_en: str
    label_zh: str
    meaning: str

    @property
    def name(self) -> str:
        """Name that tells the forms apart, as batches have it: `production`, `feed_production`."""
        return named(self.variable, self.form)

    @property
    def is_series(self) -> bool:
        """Whether the table `series` holds it."""
        return self.summed != KEPT

    @property
    def measured_in(self) -> str:
        """Its unit in words: "t per month"."""
        return f"{self.unit} per {self.per}" if self.per else self.unit

    def label(self, language: str = "en") -> str:
        """Its name in a language; in English where the language is not known."""
        return self.label_zh if language == "zh" else self.label_en


def named(variable: str, form: str) -> str:
    """Return the name of a series that tells forms apart; form: of the catalogue or of the table `series`."""
    return PREFIXES.get(form, "") + variable


COLUMNS = tuple(Variable.__dataclass_fields__)


def read(path: Path = FILE) -> list[Variable]:
    """Return the rows of a catalogue. Raises DataError with everything that is wrong with it."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    problems: list[Problem] = []
    if tuple(reader.fieldnames or ()) != COLUMNS:
        problem = Problem(path.name, 1, "", "has other columns", f"Give {', '.join(COLUMNS)}")
        raise DataError([problem])
    found = [_variable(row, path.name, line, problems) for line, row in enumerate(rows, 2)]
    keys = [(one.variable, one.form) for one in found]
    for line, key in enumerate(keys, 2):
        if key in keys[: line - 2]:
            problems.append(Problem(path.name, line, "variable", f"{key[0]} ({key[1]}) stands there twice", "Keep one"))
    if problems:
        raise DataError(problems)
    return found


def _variable(row: dict[str, str], file: str, line: int | None, problems: list[Problem]) -> Variable:
    """One row; what is wrong with it is noted."""
    cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
    arrays, by = cells["arrays"].split(), cells["by"].split()
    drawn = tuple(cells["drawn"].split())

    def wrong(column: str, what: str, right: str) -> None:
        problems.append(Problem(file, line, column, what, right))

    for column, known in CHOICES.items():
        if cells[column] not in known:
            wrong(column, f"{cells[column]!r} is none of the words", f"Use one of: {', '.join(filter(None, known))}")
    if set(drawn) - set(WAYS):
        wrong("drawn", f"{' '.join(drawn)!r} is none of the words", f"Use some of: {', '.join(WAYS)}")
    if len(arrays) != len(by):
        wrong("by", "does not name one place for each array", "Give as many words as in arrays")
    if cells["summed"] == BY_USE and by != ["desk"]:
        wrong("summed", "a mean by use needs one array by desk", "Record it by desk, or give it an own rule")
    if not arrays and cells["summed"] != OWN:
        wrong("arrays", "nothing is recorded", "Name a function, or write 'own rule' under summed")
    for column in ("variable", "unit", "label_en", "label_zh", "meaning"):
        if not cells[column]:
            wrong(column, "is empty", "Fill it in")
    lists = {"arrays": tuple(arrays), "by": tuple(name.replace("_", " ") for name in by), "drawn": drawn}
    return Variable(**(cells | lists))  # type: ignore[arg-type]


_known: list[Variable] = []


def variables() -> tuple[Variable, ...]:
    """Return all variables, in the order of the file, then those that were added."""
    if not _known:
        _known.extend(read())
    return tuple(_known)


def add(row: str) -> Variable:
    """Add a variable for the rest of the process; its row as in the file. Raises DataError for a row that is wrong."""
    problems: list[Problem] = []
    cells = next(csv.reader([row]))
    if len(cells) != len(COLUMNS):
        problem = Problem(FILE.name, None, "", f"{row!r} has {len(cells)} cells", f"Give {', '.join(COLUMNS)}")
        raise DataError([problem])
    new = _variable(dict(zip(COLUMNS, cells, strict=True)), FILE.name, None, problems)
    if any((one.variable, one.form) == (new.variable, new.form) for one in variables()):
        problems.append(Problem(FILE.name, None, "variable", f"{new.variable} ({new.form}) is there already", ""))
    if problems:
        raise DataError(problems)
    _known.append(new)
    return new


def remove(variable: Variable) -> None:
    """Take back what was added."""
    _known.remove(variable)


def series() -> Iterator[Variable]:
    """Yield the variables that the table `series` holds."""
    return (one for one in variables() if one.is_series)


def in_batches() -> dict[str, Variable]:
    """Return the series that batches keep, by the name that tells their forms apart."""
    return {one.name: one for one in series() if one.batches != NO}


def of_array(name: str) -> tuple[Variable, str]:
    """Return the variable that an array is part of, and what it is recorded by. Raises KeyError where none names it."""
    for one in variables():
        if name in one.arrays:
            return one, one.by[one.arrays.index(name)]
    raise KeyError(f"no row of {FILE.name} names the array {name!r}")


def drawn(way: str) -> list[Variable]:
    """Return the series that are drawn in one of the ways (FAN, DIFFERENCES, LINE)."""
    return [one for one in series() if way in one.drawn]
