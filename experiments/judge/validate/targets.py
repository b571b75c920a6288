"""The published figures as rows that can be judged, read from the table `published_targets` and checked."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from lodeflow.data.problems import DataError, Problem, did_you_mean
from lodeflow.experiments.judge.validate import material_years
from lodeflow.experiments.judge.validate.runs import RUNS
from lodeflow.experiments.judge.validate.yearly import COMPOSED, QUANTITIES

if TYPE_CHECKING:
    from lodeflow.data import Tables

FILE = "published_targets.csv"
KNOWN = (*QUANTITIES, *COMPOSED, *material_years.QUANTITIES)
"""Quantities that a row may name."""
WORLD = "WLD"


@dataclass(frozen=True)
class Selection:
    """A number of one run: a quantity in a place, for some products, in a year or added up over years."""

    run: str
    quantity: str
    region: str
    products: tuple[str, ...]
    first: int
    last: int


@dataclass(frozen=True)
class Target:
    """One published figure and how to read the model's.

    Attributes:
        about: the row of the table: id, what, published, low, high, unit, kind and so on.
        reader: name in :data:`lodeflow.experiments.judge.validate.readers.READERS`.
        number, over: what is read, and what it is divided by (None: nothing).
    """

    about: dict[str, Any]
    reader: str
    number: Selection
    over: Selection | None

    @property
    def metal(self) -> str:
        """The metal of the figure."""
        return str(self.about["metal"])

    @property
    def runs(self) -> set[str]:
        """The runs that are read."""
        return {self.number.run} | ({self.over.run} if self.over else set())


def read_targets(tables: Tables, readers: tuple[str, ...]) -> list[Target]:
    """Return the rows of the table, in its order.

    Args:
        tables: the loaded tables.
        readers: names of the readers there are.

    Raises:
        DataError: naming every row with an unknown run, reader, quantity or region, and every bound that excludes the
            published figure.
    """
    problems: list[Problem] = []
    targets = []
    places = {WORLD, *tables.countries["iso3"], *tables.groups["group"]}
    for line, row in enumerate(tables.published_targets.to_dict("records"), start=2):
        about = {str(key): value for key, value in row.items()}
        before = len(problems)
        _check_names(line, about, readers, places, problems)
        _check_bounds(line, about, problems)
        number = _selection(about)
        over = _divisor(line, number, str(about["over"]), places, problems)
        if len(problems) == before:
            targets.append(Target(about, str(about["reader"]), number, over))
    if problems:
        raise DataError(problems)
    return targets


def _check_names(
    line: int, about: dict[str, Any], readers: tuple[str, ...], places: set[str], problems: list[Problem]
) -> None:
    known = {"run": RUNS, "reader": readers, "quantity": KNOWN, "region": places}
    for column, names in known.items():
        value = str(about[column])
        if value not in names:
            problems.append(Problem(FILE, line, column, f"there is no {column} {value!r}", did_you_mean(value, names)))


def _check_bounds(line: int, about: dict[str, Any], problems: list[Problem]) -> None:
    low, high, published = (float(about[name]) for name in ("low", "high", "published"))
    if math.isnan(low) and math.isnan(high):
        problems.append(Problem(FILE, line, "low", "neither low nor high is given", "Give at least one bound"))
    if low > high or low > published or published > high:
        wrong = f"low {low:g}, published {published:g} and high {high:g} are not in this order"
        problems.append(Problem(FILE, line, "low", wrong, "Give low <= published <= high"))


def _selection(about: dict[str, Any]) -> Selection:
    first, last = _years(str(about["years"]))
    products = tuple(str(about["products"]).split())
    return Selection(str(about["run"]), str(about["quantity"]), str(about["region"]), products, first, last)


def _years(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    return int(first), int(last or first)


def _divisor(line: int, number: Selection, text: str, places: set[str], problems: list[Problem]) -> Selection | None:
    """What the number is divided by: the number itself with the entries of `over` in place of its own."""
    if not text:
        return None
    known: dict[str, Any] = {
        "run": RUNS,
        "quantity": KNOWN,
        "region": places,
        "products": None,
        "years": None,
    }
    changes: dict[str, Any] = {}
    for entry in text.split(";"):
        name, mark, value = (part.strip() for part in entry.partition("="))
        if not mark or name not in known:
            right = "Use run, quantity, region, products or years with '=', separated by ';'"
            problems.append(Problem(FILE, line, "over", f"{entry.strip()!r} cannot be understood", right))
        elif name == "products":
            changes["products"] = tuple(value.split())
        elif name == "years":
            try:
                changes["first"], changes["last"] = _years(value)
            except ValueError:
                problems.append(Problem(FILE, line, "over", f"{value!r} is no year", "Give a year or two: 2011-2020"))
        elif value not in known[name]:
            right = did_you_mean(value, known[name])
            problems.append(Problem(FILE, line, "over", f"there is no {name} {value!r}", right))
        else:
            changes[name] = value
    return replace(number, **changes)
