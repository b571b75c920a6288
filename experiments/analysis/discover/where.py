"""Conditions on indicators, such as "shortage.cobalt > 10%": read, checked against a batch, and applied to its runs."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lodeflow.data.problems import DataError, Problem, nearest
from lodeflow.experiments.batch.read.inputs import indicator_name

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.experiments.batch.store import Batch

COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
IN_WORDS = {">=": "at least", "<=": "at most", ">": "above", "<": "below"}
UNITS: dict[str, dict[str, float]] = {
    "1": {"": 1.0, "%": 0.01, "x": 1.0, "times": 1.0},
    "t": {"": 1.0, "t": 1.0, "kt": 1e3, "Mt": 1e6},
    "USD/t": {"": 1.0, "USD/t": 1.0},
    "months": {"": 1.0, "months": 1.0, "month": 1.0, "years": 12.0, "year": 12.0},
}
"""Units that may stand behind a number, by the unit of the indicator, and what they are worth in it."""
RECOVERY = "months_to_recover"
_CONDITION = re.compile(
    r"^\s*([A-Za-z_][\w.\-]*)\s*(>=|<=|>|<)\s*([-+]?\d[\d_,]*\.?\d*(?:[eE][-+]?\d+)?)\s*([%A-Za-z/]*)\s*$"
)
EXAMPLE = 'Write an indicator, a comparison and a number, such as "shortage.cobalt > 10%"'


@dataclass(frozen=True)
class Condition:
    """One comparison.

    kpi: full name of an indicator; sign: one of COMPARISONS; bound: in the unit of the indicator; text: as it was written;
    unit: of the indicator.
    """

    kpi: str
    sign: str
    bound: float
    text: str
    unit: str

    @property
    def words(self) -> str:
        """The condition in plain words: 'shortage, share of demand, cobalt above 10 %'."""
        shares = self.unit == "1" and not self.kpi.startswith("price_")
        bound = f"{100 * self.bound:g} %" if shares else f"{self.bound:,g} {'times' if self.unit == '1' else self.unit}"
        return f"{indicator_name(self.kpi)} {IN_WORDS[self.sign]} {bound}"

    def holds(self, values: pd.Series[float]) -> np.ndarray:
        """Return for every run whether it holds: 1, 0, or nan where the indicator is not defined.

        A price that does not recover within the run takes longer than any number of months.
        """
        numbers = values.to_numpy(float)
        if self.kpi.startswith(f"{RECOVERY}."):
            numbers = np.where(np.isnan(numbers), np.inf, numbers)
        held: np.ndarray = COMPARISONS[self.sign](numbers, self.bound).astype(float)
        held[np.isnan(numbers)] = np.nan
        return held


def parse_where(text: str, batch: Batch) -> list[Condition]:
    """Read conditions joined by "and". Raises DataError with everything that is wrong with them."""
    problems: list[Problem] = []
    found = [_condition(part, batch, problems) for part in re.split(r"\s+and\s+|\s*&&?\s*", text.strip())]
    if problems:
        raise DataError(problems)
    return [condition for condition in found if condition is not None]


def _condition(text: str, batch: Batch, problems: list[Problem]) -> Condition | None:
    match = _CONDITION.match(text)
    if match is None:
        problems.append(Problem("--where", None, "", f"{text.strip()!r} cannot be read", EXAMPLE))
        return None
    name, sign, number, unit = match.groups()
    kpi = _kpi(name, batch, problems)
    if kpi is None:
        return None
    own = str(batch.kpis.set_index("name").loc[kpi, "unit"])
    units = UNITS[own]
    if unit not in units:
        allowed = ", ".join(repr(known) for known in units if known)
        wrong = f"{kpi} is not counted in {unit!r}"
        problems.append(Problem("--where", None, "", wrong, f"Use {allowed} or no unit"))
        return None
    return Condition(kpi, sign, float(number.replace(",", "").replace("_", "")) * units[unit], text.strip(), own)


def _kpi(name: str, batch: Batch, problems: list[Problem]) -> str | None:
    """Full name of an indicator; the metal may be left out where there is one alone."""
    known = list(batch.kpis["name"])
    full = [kpi for kpi in known if kpi == name or kpi.rpartition(".")[0] == name]
    if len(full) == 1:
        return full[0]
    if full:
        wrong, right = f"{name!r} stands for several metals", f"Write one of: {', '.join(full)}"
    else:
        near = nearest(name, known)
        start = f"Did you mean {near!r}? " if near else ""
        wrong, right = f"the batch holds no indicator {name!r}", f"{start}It holds: {', '.join(known)}"
    problems.append(Problem("--where", None, "", wrong, right))
    return None
