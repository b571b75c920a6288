"""Energy and metal act on each other: who is put up by plan, who makes power, and what that does to smelters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lodeflow.agents import guards, manufacturer, refiner

if TYPE_CHECKING:
    from lodeflow.environment.state import State


@dataclass(frozen=True)
class Nexus:
    """Factories of energy technologies, from the table ``technologies``.

    Attributes:
        planned: factories whose goods are put up by plan, boolean, shape (M,).
        power: those of them that make plants for wind and solar power, boolean, shape (M,).
    """

    planned: np.ndarray
    power: np.ndarray

    def slow_down(self, world: State) -> None:
        """Let plans follow what could be made, and smelters the power that is there. ODD 7.2, 7.11.

        The power of the world is one: what is missing is missing everywhere alike.
        """
        makers, inputs, parameters = world.manufacturers, world.inputs, world.parameters
        usual = np.divide(
            inputs.desired, inputs.planned, out=np.ones(len(inputs)), where=inputs.planned > guards.NOTHING
        )
        kept = np.minimum.reduceat(usual, makers.first_input)
        deployed = manufacturer.put_up_share(makers.feasibility, kept, parameters["deployment_share"])
        paced = manufacturer.pace(makers.pace, deployed, parameters["pace_months"])
        makers.pace = np.where(self.planned, paced, 1.0)
        path = makers.base * makers.expansion * world.blueprint.demand[world.t][makers.counted_input] * _size(world)
        planned, made = (
            float(path[self.power].sum()),
            float((path * makers.pace * makers.feasibility)[self.power].sum()),
        )
        share = made / planned if planned > guards.NOTHING else 1.0
        step, backup = parameters["power_step"], parameters["power_backup"]
        missing = refiner.power_missing(float(world.refiners.unpowered[0]), share, step, backup)
        world.refiners.unpowered = np.full(len(world.refiners), missing)


def _size(world: State) -> np.ndarray:
    """Weight that makes factories of different products count alike: 1 over the world's output of the product, shape (M,)."""
    makers = world.manufacturers
    total = np.bincount(makers.product, makers.base, len(world.layout.products))
    weight: np.ndarray = 1.0 / np.maximum(total, guards.NOTHING)[makers.product]
    return weight
