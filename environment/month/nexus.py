"""What a lack of metal does to plans for energy, and missing plants to smelters: part of the phase of demand."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import guards, manufacturer, refiner
from lodeflow.environment.market.nexus import Nexus
from lodeflow.environment.state import State


def slow_down(world: State, nexus: Nexus) -> None:
    """Let plans follow what could be made, and smelters the power that is there. ODD 7.2, 7.11.

    The power of the world is one: what is missing is missing everywhere alike.
    """
    makers, inputs, parameters = world.manufacturers, world.inputs, world.parameters
    some = inputs.planned > guards.NOTHING
    kept = np.divide(inputs.desired, inputs.planned, out=np.ones(len(inputs)), where=some)
    lowest = np.minimum.reduceat(kept, makers.first_input)
    deployed = manufacturer.put_up_share(makers.feasibility, lowest, parameters["deployment_share"])
    paced = manufacturer.pace(makers.pace, deployed, parameters["pace_months"])
    makers.pace = np.where(nexus.planned, paced, 1.0)
    path = makers.base * makers.expansion * world.blueprint.demand[world.t][makers.counted_input] / _total(world)
    planned, made = float(path[nexus.power].sum()), float((path * makers.pace * makers.feasibility)[nexus.power].sum())
    share = made / planned if planned > guards.NOTHING else 1.0
    step, backup = parameters["power_step"], parameters["power_backup"]
    missing = refiner.power_missing(float(world.refiners.unpowered[0]), share, step, backup)
    world.refiners.unpowered = np.full(len(world.refiners), missing)


def _total(world: State) -> np.ndarray:
    """The world's output of the product of each factory in the base month, which lets products count alike, shape (M,)."""
    makers = world.manufacturers
    total = np.bincount(makers.product, makers.base, len(world.layout.products))
    result: np.ndarray = np.maximum(total, guards.NOTHING)[makers.product]
    return result
