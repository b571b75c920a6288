"""Scenarios brought into worlds that can be compared: the same months, metals and random draws."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from lodeflow.data.problems import DataError, Problem
from lodeflow.environment.settings import WorldSettings
from lodeflow.experiments.scenario.scenario import Scenario

TOGETHER = "together"
"""Name of the world with the shocks of all scenarios."""


def aligned(scenarios: Sequence[Scenario]) -> tuple[list[Scenario], list[str]]:
    """Return the scenarios with one period, one set of metals and names of their own, and what changed for it, a line each.

    The period runs from the earliest start to the latest end, the metals are those of all. Other settings and parameters may
    differ. Raises DataError for fewer than two scenarios, different seeds, or settings that do not hold in the common period.
    """
    problems: list[Problem] = []
    if len(scenarios) < 2:
        problems.append(Problem("compare", None, "", "there is one scenario", "Name two or more"))
    seeds = sorted({one.world.seed for one in scenarios})
    if len(seeds) > 1:
        wrong = f"the seeds differ ({', '.join(map(str, seeds))}), and with them the random draws"
        problems.append(Problem("compare", None, "world.seed", wrong, "Give one to all with --seed"))
    if problems:
        raise DataError(problems)
    common = _common([one.world for one in scenarios])
    found, notes = [], []
    for one, name in zip(scenarios, _names(scenarios), strict=True):
        changed = [key for key, value in common.items() if getattr(one.world, key) != value]
        try:
            world = WorldSettings.model_validate(one.world.model_dump(exclude_none=True) | common)
        except ValidationError as error:
            wrong = "; ".join(item["msg"].removeprefix("Value error, ") for item in error.errors())
            right = "Give all of them --start and --end"
            problems.append(Problem(name, None, "world", f"in the period of all scenarios {wrong}", right))
            continue
        notes += [f"{name} runs with {_in_words(key, common[key])}, as the others do." for key in changed]
        found.append(one.model_copy(update={"name": name, "world": world}))
    if problems:
        raise DataError(problems)
    return found, notes


def _common(worlds: Sequence[WorldSettings]) -> dict[str, Any]:
    """Settings that all worlds of a comparison share."""
    named = all(world.metals for world in worlds)
    metals = dict.fromkeys(metal for world in worlds for metal in world.metals) if named else ()
    return {
        "start": min(world.start for world in worlds),
        "end": max(world.end for world in worlds),
        "metals": sorted(metals),
    }


def _in_words(key: str, value: Any) -> str:
    return f"{key} = {', '.join(value) or 'all'}" if isinstance(value, list) else f"{key} = {value}"


def _names(scenarios: Sequence[Scenario]) -> list[str]:
    """Names that tell them apart: the second of a name is called "name (2)"."""
    seen: dict[str, int] = {TOGETHER: 1}
    names = []
    for one in scenarios:
        seen[one.name] = seen.get(one.name, 0) + 1
        names.append(one.name if seen[one.name] == 1 else f"{one.name} ({seen[one.name]})")
    return names


def world_key(scenario: Scenario) -> tuple[str, str]:
    """What two scenarios must have in common to run in the same world."""
    return scenario.world.model_dump_json(), repr(sorted(scenario.parameters.items()))


def joined(scenarios: Sequence[Scenario]) -> tuple[Scenario | None, str]:
    """Return a scenario with the shocks of all, or None and why there is none: a shock must not be counted twice."""
    acting = [one for one in scenarios if one.shocks]
    if len(acting) < 2:
        return None, "fewer than two of the scenarios have shocks"
    keys = [world_key(one) for one in acting]
    if len(set(keys)) > 1:
        return None, "their worlds differ in settings or parameters"
    for number, one in enumerate(acting):
        for other in acting[number + 1 :]:
            shared = [shock.words for shock in one.shocks if shock in other.shocks]
            if shared:
                return None, f"{one.name} and {other.name} share a shock ({shared[0]}), which would count twice"
    shocks = [shock for one in acting for shock in one.shocks]
    title = " + ".join(one.name for one in acting)
    return acting[0].model_copy(update={"name": TOGETHER, "title": title, "description": "", "shocks": shocks}), ""
