"""Tempers: what stands before each term of a decision, from the table ``tempers``, with a scenario's own values on top."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from lodeflow.data.limits import Rules
from lodeflow.data.problems import DataError, Problem

if TYPE_CHECKING:
    from lodeflow.data import Tables


def temper_rules(tables: Tables) -> Rules:
    """What may be set under ``[governments.temper]``, and within which limits."""
    table = tables["tempers"].rename(columns={"temper": "parameter"})
    return Rules.of(table.assign(scope=""), ())


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
