"""Governments: reserves open when firms run short; content rules make buyers prefer recycled metal."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import country, guards, manufacturer, metal_desk
from lodeflow.agents.arrays import anything
from lodeflow.environment.market.loops import sums_by_row
from lodeflow.environment.month.phase import phase
from lodeflow.environment.month.state import Month
from lodeflow.environment.state import State


@phase(
    reads={
        "desks": "normal_stock price recycled_inflow reserve stock use",
        "effects": "content levers",
        "markets.refined": "flow",
        "secondary": "grade",
        "inputs": "stock structural",
    },
    last={
        "desks": "green_premium",
    },
    writes={
        "desks": "green_premium reserve",
        "inputs": "content_minimum recycled stock",
        "month": "flows opened",
    },
)
def govern(world: State, month: Month) -> None:
    """Release reserves to makers by their use, and move the premium for recycled metal. ODD 7.14.

    ``released = reserve / months`` where a reserve opens, t, shape (B,).
    """
    desks, inputs, parameters, levers = world.desks, world.inputs, world.parameters, month.effects.levers
    released = country.reserve_release(
        desks.reserve,
        desks.stock / np.maximum(desks.normal_stock, guards.NOTHING),
        desks.price,
        parameters["reserve_release_months"],
        country.ruled(levers.get("reserve_low_cover"), parameters["reserve_low_cover"]),
        country.ruled(levers.get("reserve_high_price"), parameters["reserve_high_price"]),
    )
    if anything(released):
        desks.reserve = desks.reserve - released
        inputs.stock = inputs.stock + manufacturer.share_out(inputs, released, inputs.structural)
    month.opened = released
    month.flows["released"] = world.by_metal(released, desks.metal)
    _content_rules(world, month)


def _content_rules(world: State, month: Month) -> None:
    """The premium for recycled metal rises while the rule is missed, up to the penalty, and falls when it is met."""
    desks, inputs, parameters, levers = world.desks, world.inputs, world.parameters, month.effects.levers
    minimum = np.zeros(len(inputs))
    if not (month.effects.content or "recycled_wish" in levers or anything(desks.green_premium)):
        inputs.content_minimum = minimum
        return
    for rows, target, progress in month.effects.content:
        minimum[rows] = manufacturer.content_minimum(minimum[rows], target, progress)
    inputs.content_minimum = minimum
    met = wanted = np.zeros(len(desks))
    if month.effects.content:
        inputs.recycled = manufacturer.recycled_content(
            world.blueprint.processes.need[inputs.product], inputs.desk, inputs.structural, desks.use, _graded(world)
        )
        wanted, met = (
            np.bincount(inputs.desk, share * inputs.structural, len(desks)) / desks.use
            for share in (minimum, np.minimum(minimum, inputs.recycled))
        )
    desks.green_premium = metal_desk.green_premium(
        desks.green_premium,
        wanted,
        met,
        parameters["green_premium_speed"],
        country.ruled(levers.get("content_penalty"), parameters["green_premium_max"]),
        levers.get("recycled_wish", 0.0),
    )


def _graded(world: State) -> np.ndarray:
    """Share of recycled metal of each quality in what desks buy, shape (B, grades), by this month's qualities."""
    desks, market, first = world.desks, world.markets["refined"], len(world.refiners)
    edges = np.flatnonzero(market.seller >= first)
    sold = market.flow[edges, None] * world.secondary.grade[market.seller[edges] - first]
    bought = sums_by_row(market.buyer[edges], sold, len(desks))
    total = bought.sum(axis=1, keepdims=True)
    share: np.ndarray = np.divide(bought, total, out=np.zeros_like(bought), where=total > guards.NOTHING)
    return share * desks.recycled_inflow[:, None]
