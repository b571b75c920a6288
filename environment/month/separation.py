"""Separation: recyclers treat scrap, sell the metals, and learn."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import country, recycler
from lodeflow.agents.memory import remember
from lodeflow.agents.scrap_pool import content
from lodeflow.environment.month.phase import phase
from lodeflow.environment.month.state import Month
from lodeflow.environment.state import State


@phase(
    reads={
        "effects": "recovery",
        "recyclers": "bid held planned yard",
    },
    last={
        "groups": "skill volume",
        "recyclers": "expansion",
    },
    writes={
        "groups": "skill volume",
        "month": "flows treated",
        "recyclers": "held recovered throughput yard",
        "secondary": "output",
    },
)
def separate(world: State, month: Month) -> None:
    """Recyclers separate scrap into metals; what they do not recover is lost. ODD 7.12.

    ``recovered = content x yield``, t, shape (Y, metals).
    """
    recyclers, secondary, parameters = world.recyclers, world.secondary, world.parameters
    recyclers.throughput = recycler.plan_throughput(
        recyclers, parameters["recycler_response"], parameters["recycler_ceiling"]
    )
    share = np.divide(recyclers.throughput, recyclers.held, out=np.zeros(len(recyclers)), where=recyclers.held > 0)
    treated = recyclers.yard * share[:, None]
    recyclers.yard = recyclers.yard - treated
    recyclers.held = recyclers.held - recyclers.throughput
    recovered = recyclers.recovered = _recovered(world, month, treated)
    output = np.bincount(recyclers.seller.ravel(), recovered.ravel(), len(secondary) + 1)
    secondary.output = output[: len(secondary)]
    _learn(world)
    inside = month.treated = content(treated)
    month.flows["recycling loss"] = (inside - recovered).sum(axis=0)
    month.flows["secondary supply"] = recovered.sum(axis=0)
    month.flows["treated scrap"] = inside.sum(axis=0)


def _recovered(world: State, month: Month, treated: np.ndarray) -> np.ndarray:
    """Metal that comes out of treated scrap, t, shape (Y, metals): by the plant's class, at least what a rule asks for."""
    recyclers, inside = world.recyclers, content(treated)
    skill = world.groups.skill[recyclers.group]
    recovered = recycler.recovered(treated, skill, recyclers.formal, world.parameters["separation_max"])
    for rows, metal, target, progress in month.effects.recovery:
        column = world.layout.metal_index[metal]
        asked = target * inside[rows, column]
        recovered[rows, column] = country.under_rule(recovered[rows, column], asked, progress)
    return recovered


def _learn(world: State) -> None:
    """Formal recyclers get better with the volume that their product group treats all over the world."""
    recyclers, groups, parameters = world.recyclers, world.groups, world.parameters
    volume = np.bincount(recyclers.group, recyclers.throughput * recyclers.formal, len(groups))
    groups.volume = remember(groups.volume, volume, parameters["scrap_memory"])
    groups.skill = recycler.learned_skill(
        groups.skill, groups.volume, groups.first_volume, parameters["recycler_learning"]
    )
