"""Scenario files: a question to the world, in TOML, checked as a whole before anything runs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeflow.data.problems import DataError, Problem
from lodeflow.experiments.scenario.include import Part, compose
from lodeflow.experiments.scenario.read import LIBRARY, find_scenario, parse_scenario, read_toml, shipped
from lodeflow.experiments.scenario.scenario import FILE, Scenario

if TYPE_CHECKING:
    from lodeflow.data import Tables
    from lodeflow.experiments.scenario.names import Names

__all__ = [
    "LIBRARY",
    "Scenario",
    "check_names",
    "check_scenario",
    "find_scenario",
    "load_scenario",
    "parse_scenario",
    "read_toml",
    "shipped",
]


def load_scenario(
    source: str | Path | Scenario, overrides: Iterable[str] = (), tables: Tables | None = None
) -> Scenario:
    """Read and check a scenario.

    source: a shipped name ("drc-cobalt-export-ban"), a TOML file, which may include others (see `include.py`), or a
    scenario made in Python, which is checked like a file; overrides: "key=value" (see `overrides.py`); tables: what names
    are checked against, the shipped tables if left out. Raises DataError with every problem of the scenario and of the
    overrides; conflicts of files that are put together come first.
    """
    from lodeflow.experiments.scenario.overrides import apply_overrides

    if isinstance(source, Scenario):
        name, part = source.name, Part(source.model_dump(mode="json", exclude_none=True))
    else:
        path = find_scenario(source)
        name, part = path.name, compose(read_toml(path), path.name, path.parent)
    problems: list[Problem] = []
    raw = apply_overrides(part.raw, overrides, problems)
    try:
        return check_scenario(raw, name, problems, tables)
    except DataError as error:
        raise DataError(part.placed(error.problems, name)) from None


def check_scenario(
    raw: dict[str, Any], file: str, problems: list[Problem] | None = None, tables: Tables | None = None
) -> Scenario:
    """Turn the contents of a scenario file into a Scenario.

    raw: as read from TOML; file: its name in reports; problems: those already found. Raises DataError with all of them.
    """
    from lodeflow import data
    from lodeflow.experiments.scenario.names import names_in

    tables = data.shared() if tables is None else tables
    names = tables.remember(names_in) if isinstance(tables, data.Tables) else names_in(tables)
    return check_names(raw, file, names, problems)


def check_names(raw: dict[str, Any], file: str, names: Names, problems: list[Problem] | None = None) -> Scenario:
    """Check as `check_scenario` does, against names that were read from the tables before."""
    from lodeflow.experiments.plugins import kinds
    from lodeflow.experiments.scenario.check import Checker

    kinds()  # a scenario without shocks has the indicators of plug-ins, too
    found = list(problems or [])
    scenario = Checker(file, names, found).scenario(raw)
    if found or scenario is None:
        raise DataError(found)
    scenario.__dict__[FILE] = file
    return scenario
