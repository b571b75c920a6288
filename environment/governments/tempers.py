"""Tempers: what stands before each term of a decision, from the table ``tempers``, with a scenario's own values on top."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from lodeflow.agents import guards
from lodeflow.data.limits import Rules, as_number
from lodeflow.data.problems import DataError, Problem, did_you_mean

if TYPE_CHECKING:
    from lodeflow.data import Tables

ODDS = "ln odds"
"""Unit of what may have any sign."""


class TemperRules(Rules):
    """What may be set under ``[governments.temper]``: as for parameters, but that ln odds may be of any sign."""

    def fault(self, key: str, value: Any) -> tuple[str, str] | None:
        """What is wrong with a temper and its value, and what would be right, or None."""
        if key not in self.limits:
            return "there is no such temper", did_you_mean(key, self.limits)
        number = as_number(value)
        if self.limits[key].unit != ODDS or number is None:
            return self.limits[key].fault(value)
        if abs(number) <= guards.MOST_ODDS:
            return None
        low, high = self.limits[key].low, self.limits[key].high
        return f"{number:g} has no meaning here", f"The range to explore is {low:g} to {high:g}"


def temper_rules(tables: Tables) -> TemperRules:
    """What may be set under ``[governments.temper]``, and within which limits."""
    table = tables["tempers"].rename(columns={"temper": "parameter"})
    rules = Rules.of(table.assign(scope=""), ())
    return TemperRules(rules.limits, rules.scopes)


def tempers(tables: Tables, own: Mapping[str, float]) -> dict[str, float]:
    """Tempers by name.

    Args:
        own: values other than those of the table.

    Raises:
        DataError: for a name that the table does not have, or a value without a meaning.
    """
    rules = tables.remember(temper_rules)
    faults = {name: rules.fault(name, value) for name, value in own.items()}
    problems = [
        Problem("scenario", f"governments.temper.{name}", "", *fault) for name, fault in faults.items() if fault
    ]
    if problems:
        raise DataError(problems)
    table = tables["tempers"]
    return dict(zip(table["temper"], table["value"].astype(float), strict=True)) | dict(own)


def climate(tables: Tables, year: float) -> float:
    """Export restrictions in force in the world over those of 2009: between two years evenly in percent, else the table's ends."""
    table = tables["restriction_climate"]
    if table.empty:
        return 1.0
    return float(np.exp(np.interp(year, table["year"], np.log(table["stock"]))))
