"""The run that a path is read from: one metal, without noise and shocks, to the end of the path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lodeflow.data.problems import DataError, Problem, did_you_mean
from lodeflow.experiments.judge.validate.yearly import YearlyRun, run_by_year

if TYPE_CHECKING:
    from lodeflow.data import Tables

FIRST = 2024
"""First year of a path: the last one with data."""
DEMANDS = ("STEPS", "APS", "NZE")
CHEMISTRIES = ("present", "NCA", "cobalt-free")
WATCHED = ("use", "secondary supply", "old scrap recycled", "refined output", "in-use stock", "end of life", "reserves")
"""Quantities of a run that a path is made of; the others are not written down, which saves a third of the time."""


def check(tables: Tables, metals: list[str], demand: str, chemistry: str, last: int) -> None:
    """Make sure that a path can be made.

    Args:
        tables: the loaded tables.
        metals: names of metals.
        demand: IEA scenario of `DEMANDS`.
        chemistry: of nickel-based vehicle batteries, of `CHEMISTRIES`.
        last: last year.

    Raises:
        DataError: naming every metal, scenario, chemistry and year that there is not.
    """
    known = [str(name) for name in tables.metals["metal"]]
    asked = [("metal", name, known) for name in metals]
    asked += [("demand", demand, list(DEMANDS)), ("chemistry", chemistry, list(CHEMISTRIES))]
    problems = [
        Problem("paths", None, name, f"there is no {name} {value!r}", did_you_mean(value, names))
        for name, value, names in asked
        if value not in names
    ]
    if not FIRST < last <= 2200:
        wrong, right = f"{last} is no end of a path", f"Give a year from {FIRST + 1} to 2200"
        problems.append(Problem("paths", None, "to", wrong, right))
    if problems:
        raise DataError(problems)


def long_run(
    tables: Tables, metal: str, demand: str = "STEPS", chemistry: str = "present", last: int = 2100
) -> YearlyRun:
    """Return the years of a run of one metal from `FIRST` to a last year.

    Args: as those of :func:`check`; metal: its name.

    Raises:
        DataError: when the tables lack what the run asks for.
    """
    from lodeflow import environment
    from lodeflow.environment import WorldSettings

    about: dict[str, Any] = {"start": f"{FIRST}-01", "end": f"{last}-12", "base_year": FIRST, "noise": 0.0}
    about |= {"demand": demand, "chemistry": chemistry}
    settings = WorldSettings(metals=[metal], **about)
    world = environment.build(tables, settings)
    world.recorder.purse.whole = False
    return run_by_year(world, names=WATCHED)
