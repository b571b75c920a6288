"""What a parameter may be set to: the scopes it is read by, and a range around the one to explore."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, time
from typing import TYPE_CHECKING, Any

from lodeflow.data.problems import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

BEYOND = 100.0
"""How many times the ends of its range a parameter may reach; assumption: far enough to explore, near enough to compute."""
WHOLE_UNITS = ("years",)
"""Units of parameters of which the model takes whole numbers only."""


@dataclass(frozen=True)
class Limits:
    """The rules for one parameter.

    Attributes:
        scoped: whether the model reads it by metal; else it has one value for the world.
        low, high: ends of the range to explore, over all scopes.
        unit: its unit.
    """

    scoped: bool
    low: float
    high: float
    unit: str

    def fault(self, value: Any) -> tuple[str, str] | None:
        """What is wrong with a value and what would be right, or None."""
        number = as_number(value)
        if number is None:
            what = "a finite number" if isinstance(value, float) else "a number"
            return f"{shown(value)} is not {what}", "Write a number"
        if not self._makes_sense(number):
            return f"{number:g} has no meaning here", f"The range to explore is {self.low:g} to {self.high:g}"
        if self.unit in WHOLE_UNITS and number % 1:
            return f"{number:g} is not a whole number", f"Give whole {self.unit}"
        return None

    def _makes_sense(self, value: float) -> bool:
        """Whether a value lies on the side of zero on which the range lies, and not too far beyond its ends."""
        if self.low < 0:
            return BEYOND * self.low <= value <= max(self.high, 0.0)
        least = self.low / BEYOND if self.low > 0 else 0.0
        return least <= value <= BEYOND * self.high


@dataclass(frozen=True)
class Rules:
    """What parameters there are, and the scopes ("cobalt", "exchange") that those read by metal may have."""

    limits: dict[str, Limits]
    scopes: tuple[str, ...]

    @classmethod
    def of(cls, parameters: pd.DataFrame, scopes: Iterable[str]) -> Rules:
        """The rules that a table of parameters sets."""
        table = parameters.assign(scoped=parameters["scope"].fillna("").astype(str) != "").groupby("parameter")
        columns = table["scoped"].any(), table["low"].min(), table["high"].max(), table["unit"].first()
        limits = {
            str(name): Limits(bool(scoped), float(low), float(high), str(unit))
            for name, scoped, low, high, unit in zip(columns[0].index, *columns, strict=True)
        }
        return cls(limits, tuple(sorted(set(scopes))))

    def fault(self, key: str, value: Any) -> tuple[str, str] | None:
        """What is wrong with "parameter" or "parameter.scope" and its value, and what would be right, or None."""
        return self.key_fault(key) or self.limits[key.partition(".")[0]].fault(value)

    def key_fault(self, key: str) -> tuple[str, str] | None:
        """What is wrong with a key, and what would be right, or None."""
        name, dot, scope = key.partition(".")
        if name not in self.limits:
            return "there is no such parameter", did_you_mean(name, self.limits)
        if not dot:
            return None
        if not scope:
            return "the scope after the dot is missing", f"Write {name} for all metals, or name one behind the dot"
        if not self.limits[name].scoped:
            return f"{name} has one value for all metals, no scope {shown(scope)}", f"Write {name}"
        if scope not in self.scopes:
            return f"{name} has no scope {shown(scope)}", did_you_mean(scope, self.scopes)
        return None


def rules_of(tables: Mapping[str, pd.DataFrame]) -> Rules:
    """The rules that the tables set: their parameters, metals and price classes."""
    metals = tables["metals"]
    return Rules.of(tables["parameters"], [*metals["metal"], *metals["price_class"]])


def as_number(value: Any) -> float | None:
    """A finite number as float; None for text, true, nan, infinity, and whole numbers too long for a float."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def shown(value: Any, most: int = 60) -> str:
    """A value as it stands in a report: escaped, and cut where it is long."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date | time):
        return str(value)
    try:
        text = repr(value)
    except ValueError:  # a whole number of thousands of digits
        return "a number of thousands of digits"
    return text if len(text) <= most else f"{text[:most]}..."
