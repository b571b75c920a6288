"""Governments: reserves open when firms run short; content rules make buyers prefer recycled metal."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import country, guards, manufacturer, metal_desk
from lodeflow.environment.month.phase import phase
from lodeflow.environment.month.state import Month
from lodeflow.environment.state import State


@phase(
    reads={
        "desks": "normal_stock price recycled_inflow reserve stock use",
        "effects": "content",
        "inputs": "stock structural",
    },
    last={
        "desks": "green_premium",
    },
    writes={
        "desks": "green_premium reserve",
        "inputs": "content_minimum stock",
        "month": "flows opened",
    },
)
def govern(world: State, month: Month) -> None:
    """Release reserves to makers by their use, and move the premium for recycled metal. ODD 7.14.

    ``released = reserve / months`` where a reserve opens, t, shape (B,).
    """
    desks, inputs, parameters = world.desks, world.inputs, world.parameters
    released = country.reserve_release(
        desks.reserve,
        desks.stock / np.maximum(desks.normal_stock, guards.NOTHING),
        desks.price,
        parameters["reserve_release_months"],
        parameters["reserve_low_cover"],
        parameters["reserve_high_price"],
    )
    desks.reserve = desks.reserve - released
    inputs.stock = inputs.stock + manufacturer.share_out(inputs, released, inputs.structural)
    month.opened = released
    month.flows["released"] = world.by_metal(released, desks.metal)
    _content_rules(world, month)


def _content_rules(world: State, month: Month) -> None:
    """The premium for recycled metal rises while the rule is missed, up to the penalty, and falls when it is met."""
    desks, inputs, parameters = world.desks, world.inputs, world.parameters
    minimum = np.zeros(len(inputs))
    for rows, target, progress in month.effects.content:
        minimum[rows] = manufacturer.content_minimum(minimum[rows], target, progress)
    inputs.content_minimum = minimum
    wanted = np.bincount(inputs.desk, minimum * inputs.structural, len(desks)) / desks.use
    desks.green_premium = metal_desk.green_premium(
        desks.green_premium,
        wanted,
        desks.recycled_inflow,
        parameters["green_premium_speed"],
        parameters["green_premium_max"],
    )
