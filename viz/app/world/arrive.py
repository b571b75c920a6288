"""What a visitor may bring: a scenario from a file, read apart and no larger than the server allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lodeflow.data.problems import DataError, Problem
from lodeflow.environment.calendar import parse_month
from lodeflow.experiments.scenario.apart import check_apart
from lodeflow.experiments.scenario.model import Scenario
from lodeflow.experiments.scenario.names import names_in
from lodeflow.viz import words
from lodeflow.viz.app.server import limits

if TYPE_CHECKING:
    from lodeflow.data import Tables

DESK = "shock desk"
"""Where a problem is said to lie when a form was filled in wrongly."""


def no_room(scenario: Scenario, t: int) -> list[Problem]:
    """Why no further shock can be fired after `t` months of a run."""
    bound, problems = limits.current(), []
    if len(scenario.shocks) >= bound.shocks:
        right = f"A scenario holds at most {words.count(bound.shocks, 'shock or policy', 'shocks and policies')}"
        problems.append(Problem(DESK, None, "", "there are too many shocks", right))
    if t >= scenario.world.months:
        right = "Rewind to an earlier month and fire it there"
        problems.append(Problem(DESK, None, "start", "the run is at its end", right))
    return problems


def wrong_months(scenario: Scenario, raw: dict[str, Any], first: str, rewound: bool = False) -> list[Problem]:
    """Which dates of a shock lie before the month `first` or after the run; `rewound`: whether to rewind would help."""
    world, problems = scenario.world, []
    for column in ("announce", "start"):
        if raw.get(column) is None:
            continue
        try:
            month = parse_month(raw[column])
        except ValueError:
            continue  # the scenario's own checks say so
        if month < parse_month(first):
            right = f"Choose {first} or later" + (", or rewind first" if rewound else "")
            problems.append(Problem(DESK, None, column, f"{raw[column]} lies in the past", right))
        elif month > parse_month(world.end):
            problems.append(
                Problem(DESK, None, column, f"{raw[column]} lies after the run", f"Choose {world.end} or earlier")
            )
    return problems


def too_large(scenario: Scenario) -> list[Problem]:
    """What of a scenario is larger than the server allows."""
    bound, problems = limits.current(), []
    if scenario.world.months > bound.months:
        wrong = f"the run has {words.count(scenario.world.months, 'month', 'months')}"
        problems.append(
            Problem(scenario.name, "world", "end", wrong, f"The dashboard runs at most {bound.months}; end it earlier")
        )
    if len(scenario.shocks) > bound.shocks:
        wrong = f"the scenario has {words.count(len(scenario.shocks), 'shock', 'shocks')}"
        problems.append(Problem(scenario.name, "shocks", "", wrong, f"The dashboard runs at most {bound.shocks}"))
    varied = len(scenario.monte_carlo.vary) if scenario.monte_carlo else 0
    if varied > bound.varied:
        wrong = f"there are {varied} inputs that differ from run to run"
        right = f"The dashboard takes at most {bound.varied}"
        problems.append(Problem(scenario.name, "monte_carlo.vary", "", wrong, right))
    return problems


def read_upload(content: bytes, name: str, tables: Tables) -> Scenario:
    """A scenario from the contents of an uploaded file, read and checked in a process of its own.

    Nothing is read from or written to a path.

    Args:
        content: the bytes of the file.
        name: what the visitor's file is called, for reports only.
        tables: what names are checked against.

    Raises:
        lodeflow.data.DataError: with everything that is wrong with it.
    """
    scenario = check_apart(content, name, names_in(tables), limits.current().upload_bytes)
    problems = too_large(scenario)
    if problems:
        raise DataError(problems)
    return scenario
