"""Phase 4, forward availability: what each buyer can count on over the next months, against what it was expected to have.

The same look ahead is made twice in months with shocks: with what is known of them, and without. The difference is the
news.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lodeflow.agents.arrays import bounded
from lodeflow.environment.market import clearing as kernels
from lodeflow.environment.start.expectation import HORIZONS

if TYPE_CHECKING:
    from lodeflow.environment.world import World

SWEEPS, ROUNDS = 3, 3
MONTHS = HORIZONS[:, None]


@dataclass
class Outlook:
    """One look ahead.

    Attributes:
        feed: ln(A / A expected) for feed, shape (H, R).
        refined: ln(A / A expected) for refined metal, shape (H, B).
        own, got, need: parts of refined availability, t, shape (H, B).
        feed_flow, refined_flow: allocation over the horizons, t, shape (H, E).
        feed_supply, refined_supply: what sellers will have over the horizons, t, shape (H, sellers).
    """

    feed: np.ndarray
    refined: np.ndarray
    own: np.ndarray
    got: np.ndarray
    need: np.ndarray
    feed_flow: np.ndarray
    refined_flow: np.ndarray
    feed_supply: np.ndarray
    refined_supply: np.ndarray


def look_ahead(world: World) -> None:
    """Compute the outlook with what is known of shocks (``world.outlook``) and without (``world.calm_outlook``)."""
    world.desks.exposed = _exposed(world)
    world.outlook = _outlook(world, world.memory, aware=True)
    if world.effects.restricts or world.effects.buys:
        world.calm_outlook = _outlook(world, world.calm_memory, aware=False)
    else:
        world.calm_outlook = world.outlook
        for market, memory in world.memory.items():
            world.calm_memory[market][:] = memory
    _notice_missing(world)


def _outlook(world: World, memory: dict[str, np.ndarray], aware: bool) -> Outlook:
    """One look ahead; ``aware`` of the month's restrictions and losses or not."""
    log_feed, _, feed_supply, feed_flow = _feed(world, memory["feed"], aware)
    if world.rehearsing:
        world.expectation.feed[world.t] = log_feed
    feed = log_feed - world.expectation.feed[world.t]
    log_refined, own, got, need, refined_flow, refined_supply = _refined(world, memory["refined"], feed, aware)
    if world.rehearsing:
        _rehearse(world, log_refined, own, got, need)
    log_refined = log_refined - world.expectation.refined[world.t]
    return Outlook(feed, log_refined, own, got, need, feed_flow, refined_flow, feed_supply, refined_supply)


def _feed(world: World, memory: np.ndarray, aware: bool) -> tuple[np.ndarray, ...]:
    market, miners, refiners = world.markets["feed"], world.miners, world.refiners
    growth = world.expectation.growth[world.t]
    kept = world.effects.output_kept_ahead * world.host_kept_ahead if aware else 1.0
    coming = MONTHS * world.potential * growth[:, miners.metal] * kept
    supply = _sum_rows(coming + miners.stock, miners.desk, len(market.sellers))
    own = refiners.feed_stock + _arriving(market.pipeline)
    treat = world.normal_throughput()
    normal = world.normal_feed + world.share_of_sellers("feed", world.normal_ore_desk)
    need = (
        MONTHS * treat * growth[:, refiners.metal] + normal * world.expectation.growth_end[world.t][:, refiners.metal]
    )
    return _allocate(world, "feed", supply, own, need, memory, refiners.metal, world.expectation.feed, aware)


def _refined(world: World, memory: np.ndarray, feed: np.ndarray, aware: bool) -> tuple[np.ndarray, ...]:
    refiners, desks, t = world.refiners, world.desks, world.t
    growth, end = world.expectation.growth[t], world.expectation.growth_end[t]
    fed = np.minimum(np.exp(feed), world.parameters["refinery_ceiling"])
    primary = refiners.stock + MONTHS * refiners.planned * refiners.expansion * growth[:, refiners.metal] * fed
    recycled = world.secondary_stock + MONTHS * world.secondary_rate * growth[:, world.secondary_metal]
    own = world.desk_stock + _arriving(world.markets["refined"].pipeline)
    use = world.use_desk
    ahead = growth[:, desks.metal] * world.demand_ahead_desk
    normal = world.normal_maker_desk + world.share_of_sellers("refined", world.normal_refined)
    cover = world.parameters["precaution"] * desks.missing + world.parameters["exposure"] * desks.exposed
    need = MONTHS * use * ahead + normal * end[:, desks.metal]
    if aware:
        need = need + use * cover + world.effects.purchases_ahead
    supply = np.concatenate([primary, recycled], axis=1)
    log_a, got, _, flow = _allocate(
        world, "refined", supply, own, need, memory, desks.metal, world.expectation.refined, aware
    )
    return log_a, own, got, need, flow, supply


def _allocate(
    world: World,
    name: str,
    supply: np.ndarray,
    own: np.ndarray,
    need: np.ndarray,
    memory: np.ndarray,
    metal: np.ndarray,
    expected: np.ndarray,
    aware: bool,
) -> tuple[np.ndarray, ...]:
    market = world.markets[name]
    cap = MONTHS * world.largest_flow(name, ahead=True)
    if aware:
        cap = cap * world.effects.cap_ahead[name]
    exponent = world.parameters["theta"] / world.eta[metal]
    log_a, got, flow = kernels.forward(
        supply,
        own,
        need,
        market.weight * world.attraction(name),
        cap,
        market.seller,
        market.buyer,
        exponent,
        1.0 / (1.0 + exponent),
        expected[world.t],
        memory,
        1 if world.rehearsing else SWEEPS,
        ROUNDS,
    )
    return log_a, got, supply, flow


def _arriving(pipeline: np.ndarray) -> np.ndarray:
    """What is under way and arrives within each horizon, t, shape (H, buyers)."""
    cumulated = np.cumsum(pipeline, axis=0)
    last = np.minimum(HORIZONS.astype(int), len(pipeline)) - 1
    arriving: np.ndarray = cumulated[last]
    return arriving


def _sum_rows(values: np.ndarray, group: np.ndarray, count: int) -> np.ndarray:
    return np.stack([np.bincount(group, row, count) for row in values])


def _exposed(world: World) -> np.ndarray:
    """Share of each desk's normal inflow under a restriction that is believed, at the metal or at its feed, shape (B,)."""
    if not world.effects.restricts:
        return np.zeros(len(world.desks))
    feed, refined = world.markets["feed"], world.markets["refined"]
    by_refiner = feed.by_buyer(feed.weight * world.effects.exposed["feed"])
    of_feed = np.zeros(len(refined.sellers))
    of_feed[: len(world.refiners)] = by_refiner / np.maximum(world.contracted("feed")[1], 1e-300)
    share = 1.0 - (1.0 - world.effects.exposed["refined"]) * (1.0 - of_feed[refined.seller])
    return refined.by_buyer(refined.weight * share) / np.maximum(world.contracted("refined")[1], 1e-300)


def _notice_missing(world: World) -> None:
    """Move the share of expected inflow that buyers see missing: noticed fast, forgotten slowly."""
    outlook, expectation, t = world.outlook, world.expectation, world.t
    if world.rehearsing:
        return
    ratio = outlook.got / world.normal_inflow() / expectation.inflow[t]
    missing = bounded(1.0 - ratio.min(axis=0), 0.0, 1.0)
    old = world.desks.missing
    speed = np.where(missing > old, world.parameters["missing_rise"], 1.0 / world.parameters["missing_fall"])
    world.desks.missing = old + speed * (missing - old)


def _rehearse(world: World, log_refined: np.ndarray, own: np.ndarray, got: np.ndarray, need: np.ndarray) -> None:
    """Write down what is expected."""
    expectation, t = world.expectation, world.t
    expectation.refined[t] = log_refined
    expectation.own[t], expectation.got[t], expectation.need[t] = own, got, need
    expectation.inflow[t] = got / world.normal_inflow()
