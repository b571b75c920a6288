"""One metal of a scenario alone: what is quick to run many times."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lodeflow.experiments.scenario.model import Scenario


def alone(scenario: Scenario, metal: str) -> Scenario:
    """The scenario with one metal, and those of its shocks that touch the metal."""
    world = scenario.world.model_copy(update={"metals": [metal]})
    shocks = [shock for shock in scenario.shocks if shock.touches(metal)]
    return scenario.model_copy(update={"world": world, "shocks": shocks})
