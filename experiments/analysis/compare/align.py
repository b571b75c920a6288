"""Scenarios brought into worlds that can be compared: the same months, metals and random draws."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from lodeflow.data.problems import DataError, Problem
from lodeflow.environment.calendar import parse_month
from lodeflow.environment.settings import WorldSettings
from lodeflow.environment.shocks.shock import Shock
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
    return f"{key} = {', '.join(value) or 'the core metals'}" if isinstance(value, list) else f"{key} = {value}"


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


def same_measure(one: Shock, other: Shock) -> bool:
    """Whether two shocks are one measure, or two versions of it: kind, actor, passage, metals, products and months are of both."""

    def meet(a: list[str], b: list[str]) -> bool:
        return not a or not b or bool({*a} & {*b})

    return (
        one.kind == other.kind
        and one.acting_place == other.acting_place
        and getattr(one, "passage", None) == getattr(other, "passage", None)
        and meet(one.touched_metals, other.touched_metals)
        and meet(one.model_dump().get("products", []), other.model_dump().get("products", []))
        and not (_ends(one) < parse_month(other.start) or _ends(other) < parse_month(one.start))
    )


def _ends(shock: Shock) -> float:
    return math.inf if shock.final_end is None else shock.final_end


def joined(scenarios: Sequence[Scenario]) -> tuple[Scenario | None, str]:
    """Return a scenario with the shocks of all, or None and why there is none: a shock must not be counted twice.

    Shocks stand in the order of their news, whatever the order of the scenarios: what one of two restrictions of the same trade
    leaves to the other depends on which comes first.
    """
    acting = [one for one in scenarios if one.shocks]
    if len(acting) < 2:
        return None, "fewer than two of the scenarios have shocks"
    keys = [world_key(one) for one in acting]
    if len(set(keys)) > 1:
        return None, "their worlds differ in settings or parameters"
    for number, one in enumerate(acting):
        for other in acting[number + 1 :]:
            for shock in one.shocks:
                if any(same_measure(shock, another) for another in other.shocks):
                    return None, f"{one.name} and {other.name} share a measure ({shock.words}), which would count twice"
    every = (shock for one in acting for shock in one.shocks)
    shocks = sorted(every, key=lambda shock: (shock.announced_at, shock.start, shock.model_dump_json()))
    title = " + ".join(one.name for one in acting)
    return acting[0].model_copy(update={"name": TOGETHER, "title": title, "description": "", "shocks": shocks}), ""
