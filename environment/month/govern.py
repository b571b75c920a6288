"""Phases 9 and 10: governments and long decisions. Reserves, content rules, capacity, cost anchor, contracts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lodeflow.agents import country, manufacturer
from lodeflow.agents.arrays import bounded

if TYPE_CHECKING:
    from lodeflow.agents.population import Population
    from lodeflow.environment.world import World

STAGES = 3
"""Capacity under construction passes through three stages of equal mean time."""


def govern(world: World) -> None:
    """Strategic reserves open when firms run short; content rules make buyers prefer recycled metal."""
    desks, inputs, parameters = world.desks, world.inputs, world.parameters
    if world.rehearsing:
        return
    cover = world.desk_stock / np.maximum(world.normal_maker_desk, 1e-12)
    released = country.reserve_release(
        desks.reserve,
        cover,
        desks.price,
        parameters["reserve_release_months"],
        parameters["reserve_low_cover"],
        parameters["reserve_high_price"],
    )
    desks.reserve = desks.reserve - released
    inputs.stock = inputs.stock + manufacturer.share_out(inputs, released, inputs.structural)
    world.flows["released"] = world.by_metal(released, desks.metal)
    _content_rules(world)


def _content_rules(world: World) -> None:
    """The premium for recycled metal rises while the rule is missed, up to the penalty, and falls when it is met."""
    desks, inputs, parameters = world.desks, world.inputs, world.parameters
    minimum = np.zeros(len(inputs))
    for rows, target, progress in world.effects.content:
        minimum[rows] = np.maximum(minimum[rows], target * bounded(progress, 0.0, 1.0))
    inputs.content_minimum = minimum
    wanted = np.bincount(inputs.desk, minimum * inputs.structural, len(desks)) / world.use_desk
    missed = np.maximum(wanted - desks.recycled_inflow, 0.0) / np.maximum(wanted, 1e-12)
    most = parameters["green_premium_max"] * (wanted > 0)
    target = most * np.minimum(missed, 1.0)
    desks.green_premium = desks.green_premium + parameters["green_premium_speed"] * (target - desks.green_premium)


def invest(world: World) -> None:
    """Capacity follows the margin of the last year, through a pipeline; contracts drift to who delivered."""
    miners, refiners, recyclers, parameters = world.miners, world.refiners, world.recyclers, world.parameters
    if not world.rehearsing:
        ask = world.refined_ask[: len(refiners)]
        _remember(miners, np.log(world.feed_ask[miners.desk]), parameters["margin_memory"])
        _remember(refiners, np.log(ask / refiners.bid), parameters["margin_memory"])
        _remember(recyclers, np.log(world.recycler_value()), parameters["margin_memory"])
        if world.realised is None:
            _build(world, miners, "mine", parameters["lead_mine"])
            _build(world, refiners, "refinery", parameters["lead_refinery"])
        _build(world, recyclers, "recycler", parameters["lead_recycler"])
        _move_anchor(world)
    drift, trace = parameters["contract_drift"], parameters["contract_trace"]
    by_desk, by_metal = expected_growth(world)
    held = world.effects.held
    world.markets["refined"].drift(drift, trace, by_desk, held["refined"])
    world.markets["feed"].drift(drift, trace, by_metal[refiners.metal], held["feed"])
    world.markets["scrap"].drift(drift, trace, np.ones(len(recyclers)))


def expected_growth(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Demand of next month over this month's on the expected path: by desk, shape (B,), and by metal, shape (metals,)."""
    inputs = world.inputs
    now, coming = (world.blueprint.demand[world.t + k] * inputs.base for k in (0, 1))
    desks = np.bincount(inputs.desk, coming, len(world.desks)) / np.bincount(inputs.desk, now, len(world.desks))
    return desks, world.by_metal(coming, inputs.metal) / world.by_metal(now, inputs.metal)


def _remember(firms: Population, log_margin: np.ndarray, months: float) -> None:
    firms.margin = firms.margin + (log_margin - firms.margin) / months


def _build(world: World, firms: Population, name: str, lead: float) -> None:
    """Start, build and finish capacity; losses close it. In shares of planned capacity."""
    parameters = world.parameters
    wanted = (
        bounded(parameters["invest_response"] * firms.margin, -parameters["invest_max"], parameters["invest_max"])
        / 12.0
    )
    pipeline = world.building[name]
    moving = pipeline * (STAGES / lead)
    pipeline -= moving
    pipeline[1:] += moving[:-1]
    pipeline[0] += np.maximum(wanted, 0.0) * firms.expansion
    firms.expansion = np.maximum(firms.expansion * (1.0 + np.minimum(wanted, 0.0)) + moving[-1], 0.0)


def _move_anchor(world: World) -> None:
    """Anchors follow unit costs slowly: ores get dearer as reserves shrink faster than exploration adds to them."""
    miners, parameters = world.miners, world.parameters
    found = parameters["exploration"] * miners.planned / miners.recovery * world.noise("exploration")
    miners.reserve = np.maximum(miners.reserve - miners.output / miners.recovery + found, 0.0)
    world.flows["found"] = world.by_metal(found, miners.metal)
    left = world.by_metal(miners.reserve, miners.metal) / world.first_reserve
    cost = parameters["grade_elasticity"] * (1.0 - left)
    world.anchor = world.anchor + (cost - world.anchor) / parameters["anchor_months"]
