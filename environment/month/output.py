"""Phases 1 and 3, news and planned output: what is known of shocks, and what mines will bring out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lodeflow.agents import miner
from lodeflow.environment.month.govern import expected_growth
from lodeflow.environment.shocks.effects import Effects
from lodeflow.environment.start.expectation import HORIZONS

if TYPE_CHECKING:
    from lodeflow.environment.world import World


def hear_news(world: World) -> None:
    """Let every known shock write its effects; find out whether the month brings news.

    Without shocks the neutral effects of the first month stand for all.
    """
    if world.t > 0 and not world.shocks:
        return
    effects = Effects(world, HORIZONS)
    world.effects = effects
    for number, shock in enumerate(world.shocks):
        effects.shock = number
        key = shock.news_key(world.month)
        if shock.known(world.month):
            shock.act(world, effects, world.month)
        changed = world.news_keys.get(number) != key
        effects.news |= changed and (number in effects.had_effect or number in world.had_effect)
        world.news_keys[number] = key
    world.had_effect |= effects.had_effect


def plan_output(world: World) -> None:
    """Set normal output for the month, move utilisation, and let mines produce."""
    miners, refiners, recyclers, expectation, t = (
        world.miners,
        world.refiners,
        world.recyclers,
        world.expectation,
        world.t,
    )
    if world.rehearsing:
        _plan(world)
    recyclers.planned = expectation.recyclers[t].copy()
    miners.planned = miners.base * expectation.mines[t][miners.metal]
    refiners.planned = refiners.base * expectation.refiners[t][refiners.metal]
    given = world.realised
    if given is not None:
        miners.planned = miners.base * given.mines[t][miners.metal]
        refiners.planned = refiners.base * given.refiners[t][refiners.metal]
    ask = world.feed_ask[miners.desk]
    target = miner.utilisation_target(
        ask, miners.cost, world.supply_elasticity[miners.metal], world.parameters["mine_steepness"], world.mine_ceiling
    )
    if given is None:
        miners.utilisation = miners.utilisation + (target - miners.utilisation) / world.parameters["utilisation_months"]
    world.normal_ore = world.cover["mine"][miners.metal] * miners.planned
    world.normal_ore_desk = np.bincount(miners.desk, world.normal_ore, len(world.markets["feed"].sellers))
    _mine(world, ask)


def _mine(world: World, ask: np.ndarray) -> None:
    """Output of hosts first, then of by-products, which follow them."""
    miners, effects, parameters = world.miners, world.effects, world.parameters
    unhosted = np.ones(len(miners))
    own = miner.plan_output(miners, ask, unhosted, world.normal_ore, parameters["trapped_months"])
    kept = effects.output_kept * world.noise("miner")
    world.host_ratio = _host_ratio(world, own * effects.output_kept)
    has_host = miners.host >= 0
    ratio = np.where(has_host, world.host_ratio[miners.host], 1.0) if len(world.hosts) else unhosted
    outside = np.where(has_host, effects.host_kept[miners.host], 1.0) if len(world.hosts) else unhosted
    with_host = miner.plan_output(miners, ask, ratio, world.normal_ore, parameters["trapped_months"])
    actual = miner.plan_output(miners, ask, ratio * outside, world.normal_ore, parameters["trapped_months"])
    world.potential = np.where(has_host, with_host, own)
    world.host_kept_ahead = _host_kept_ahead(world, has_host)
    world.mine_capacity = _mine_capacity(world, ratio * outside)
    most = np.minimum(world.mine_capacity, miners.reserve * miners.recovery)
    miners.output = np.minimum(actual * kept, most)
    world.flows["mined"] = world.by_metal(miners.output, miners.metal)
    world.flows["tailings"] = world.by_metal(miners.output * (1.0 / miners.recovery - 1.0), miners.metal)


def _mine_capacity(world: World, host_ratio: np.ndarray) -> np.ndarray:
    """Largest output of the month, t, shape (I,): normal output at the ceiling of the plant; noise does not pass it.

    What comes with a host can be more when the host makes more than planned; a host that stops takes output, not capacity.
    """
    miners = world.miners
    with_host = miners.host_share * np.maximum(host_ratio, 1.0)
    capacity: np.ndarray = (
        miners.planned * miners.expansion * world.mine_ceiling * (with_host + 1.0 - miners.host_share)
    )
    return capacity


def _host_ratio(world: World, output: np.ndarray) -> np.ndarray:
    """Output of each host relative to its plan, shape (X,); 1 for hosts outside the world's metals."""
    miners = world.miners
    ratio = np.ones(len(world.hosts))
    inside = world.host_of_miner >= 0
    made = np.bincount(world.host_of_miner[inside], output[inside], len(world.hosts))
    planned = np.bincount(world.host_of_miner[inside], miners.planned[inside], len(world.hosts))
    here = planned > 0
    ratio[here] = made[here] / planned[here]
    return ratio


def _host_kept_ahead(world: World, has_host: np.ndarray) -> np.ndarray:
    """Share of by-product output kept as hosts outside the world's metals are expected to lose output, shape (H, I)."""
    if not len(world.hosts):
        return world.ones_miners_ahead
    kept = world.effects.host_kept_ahead[:, np.maximum(world.miners.host, 0)]
    share = np.where(has_host, world.miners.host_share, 0.0)
    kept_ahead: np.ndarray = 1.0 - share * (1.0 - kept)
    return kept_ahead


def _plan(world: World) -> None:
    """Rehearsal: output that meets use, builds stocks as they grow, and closes gaps to normal stocks.

    In the base year itself output is what the data say, along the path of use; what it leaves too much or too little is
    made good afterwards.
    """
    expectation, t, metals = world.expectation, world.t, len(world.layout.metals)
    refiners, inputs, miners, cover = world.refiners, world.inputs, world.miners, world.cover
    months = world.parameters["plan_months"]
    use, now = world.by_metal(inputs.structural, inputs.metal), world.blueprint.demand[t] * inputs.base
    recycled = np.bincount(world.secondary_metal, world.secondary_rate, metals)
    growth = expected_growth(world)[1] - 1.0
    last = expectation.refiners[max(t - 1, 0)]
    normal = cover["manufacturer"] * use + cover["refined"] * (
        world.by_metal(refiners.base, refiners.metal) * last + recycled
    )
    normal += world.idle()
    held = world.by_metal(inputs.stock, inputs.metal) + world.by_metal(refiners.stock, refiners.metal)
    held += np.bincount(world.secondary_metal, world.secondary_stock, metals)
    under_way = world.transit_by_metal("refined")
    surplus = world.blueprint.surplus / 12.0 if t < 11 else 0.0
    wanted = use - recycled + (normal + under_way) * growth + surplus + (normal - held) / months
    base = world.by_metal(refiners.base, refiners.metal)
    expectation.refiners[t] = np.maximum(wanted / base, 0.02)
    in_data = t < world.settings.months_of_data
    if in_data:
        expectation.refiners[t] = world.by_metal(now, inputs.metal) / world.by_metal(inputs.base, inputs.metal)
    treat = world.by_metal(refiners.base / refiners.yield_, refiners.metal) * expectation.refiners[t]
    last = expectation.mines[max(t - 1, 0)]
    ore = world.by_metal(miners.base, miners.metal)
    normal = cover["feed"] * treat + cover["mine"] * ore * last
    held = world.by_metal(refiners.feed_stock, refiners.metal) + world.by_metal(miners.stock, miners.metal)
    under_way = world.transit_by_metal("feed")
    expectation.mines[t] = np.maximum((treat + (normal + under_way) * growth + (normal - held) / months) / ore, 0.02)
    if in_data:
        expectation.mines[t] = expectation.refiners[t]
