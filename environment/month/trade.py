"""Phase 7, trade: offers meet orders, feed and scrap first, refined metal after refining."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lodeflow.agents import country, manufacturer, recycler, refiner
from lodeflow.agents.arrays import bounded
from lodeflow.environment.market import clearing as kernels

if TYPE_CHECKING:
    from lodeflow.environment.world import World

ROUNDS = 4


def offers(stock: np.ndarray, output: np.ndarray, normal: np.ndarray, ask: np.ndarray, world: World) -> np.ndarray:
    """What sellers offer: output and part of the stock above target, t.

    Sellers keep less stock when prices are high. All arguments have one entry per seller.
    """
    target = normal * bounded(ask, 0.3, 10.0) ** -world.parameters["seller_release"]
    return bounded(output + (stock - target) / world.parameters["offer_months"], 0.0, stock + output)


def match(world: World, name: str, offer: np.ndarray, order: np.ndarray, price: np.ndarray) -> np.ndarray:
    """Clear one market: matching in proportion to contract x order x price^theta, within the caps; exact.

    Args:
        name: ``feed``, ``refined`` or ``scrap``.
        offer: t, shape (S,).
        order: t, shape (B,).
        price: bid relative to the anchor, shape (B,).

    Returns:
        Trades, t, shape (E,).
    """
    market = world.markets[name]
    eagerness = price ** world.parameters["theta"] * order / np.maximum(world.contracted(name)[1], 1e-300)
    pull = market.weight * world.attraction(name) * eagerness[market.buyer]
    cap = world.largest_flow(name) * world.effects.cap_now[name] if name != "scrap" else np.full(len(market), np.inf)
    flow: np.ndarray = kernels.clear(offer, order, pull, cap, market.seller, market.buyer, ROUNDS)
    return flow


def trade_feed(world: World) -> None:
    """Mines sell ore or intermediates; refiners buy."""
    miners, refiners, market, parameters = world.miners, world.refiners, world.markets["feed"], world.parameters
    offered = offers(miners.stock, miners.output, world.normal_ore, world.feed_ask[miners.desk], world)
    offer = np.bincount(miners.desk, offered, len(market.sellers))
    availability = np.exp(world.outlook.feed[0])
    ceiling = np.full(len(refiners), parameters["refinery_ceiling"])
    refiners.throughput = refiner.plan_throughput(
        refiners,
        availability,
        world.refined_ask[: len(refiners)],
        world.treatment_charge[refiners.metal],
        ceiling,
        parameters["margin_response"],
    )
    normal = world.normal_throughput()
    if world.realised is not None:
        refiners.throughput = normal
    target = world.normal_feed * bounded(refiners.bid, 0.2, 1.0) ** -parameters["bargain"]
    gap = target + world.normal_transit("feed", normal) - refiners.feed_stock - market.in_transit()
    order = bounded(refiners.throughput + gap / parameters["order_months"], 0.0, 2.0 * normal)
    flow = match(world, "feed", offer, order, refiners.bid)
    sold, arrived = market.by_seller(flow), market.ship(flow)
    share = sold / np.maximum(offer, 1e-300)
    miners.stock = np.maximum(miners.stock + miners.output - offered * share[miners.desk], 0.0)
    refiners.feed_stock = refiners.feed_stock + arrived
    world.flows["feed sent"] = world.by_metal(sold, world.blueprint.ore_desk_metal)
    world.flows["feed arrived"] = world.by_metal(arrived, refiners.metal)


def refine(world: World) -> None:
    """Refiners turn feed into metal; the rest is slag."""
    refiners = world.refiners
    world.refinery_capacity = refiners.planned * refiners.expansion * world.parameters["refinery_ceiling"]
    most = np.minimum(refiners.feed_stock, world.refinery_capacity / refiners.yield_)
    feed = np.minimum(refiners.throughput * world.noise("refiner"), most)
    refiners.feed_stock = refiners.feed_stock - feed
    refiners.output = feed * refiners.yield_
    world.flows["slag"] = world.by_metal(feed - refiners.output, refiners.metal)
    world.flows["refined primary"] = world.by_metal(refiners.output, refiners.metal)


def trade_scrap(world: World) -> None:
    """Collectors sell scrap of a product group with all its metals; recyclers buy."""
    recyclers, market, parameters = world.recyclers, world.markets["scrap"], world.parameters
    metals = len(world.price)
    value = world.pool[:, :metals] @ world.price
    arising = world.arising[:, :metals] @ world.price
    before = value - arising
    surplus = (before - parameters["scrap_cover"] * world.pool_rate) / parameters["offer_months"]
    offer = bounded(arising + surplus, 0.0, value)
    world.pool_rate += (arising - world.pool_rate) / parameters["scrap_memory"]
    if world.rehearsing:
        recyclers.planned = market.by_buyer(
            market.weight * (offer / np.maximum(world.contracted("scrap")[0], 1e-300))[market.seller]
        )
        world.expectation.recyclers[world.t] = recyclers.planned
    capacity = recyclers.planned * recyclers.expansion * parameters["recycler_ceiling"]
    order = np.maximum(
        capacity * bounded(recyclers.bid, 0.1, 6.0) ** parameters["recycler_response"] - recyclers.held, 0.0
    )
    flow = match(world, "scrap", offer, order, recyclers.bid)
    market.flow = flow
    content = world.pool / np.maximum(value, 1e-300)[:, None]
    moved = flow[:, None] * content[market.seller]
    world.yard = world.yard + _row_sums(market.buyer, moved, len(recyclers))
    world.pool = np.maximum(world.pool - _row_sums(market.seller, moved, len(world.pool)), 0.0)
    recyclers.held = recyclers.held + market.by_buyer(flow)
    world.flows["scrap to recyclers"] = moved[:, :metals].sum(axis=0)


def _row_sums(rows: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
    """Sum of the rows of ``values``, shape (E, K), by row number, shape (count, K)."""
    width = values.shape[1]
    cells = (rows[:, None] * width + np.arange(width)).ravel()
    return np.bincount(cells, values.ravel(), count * width).reshape(count, width)


def recoverable(world: World, treated: np.ndarray) -> np.ndarray:
    """Metal that comes out of treated scrap, t, shape (Y, metals): by the plant's class, at least what a rule asks for.

    Args:
        treated: content, formally and informally recoverable metal, t, shape (Y, 3 x metals).
    """
    metals = len(world.price)
    content = treated[:, :metals]
    formal = world.recyclers.formal[:, None] == 1
    learned = (treated[:, metals : 2 * metals].T * world.skill[world.recyclers.group]).T
    learned = np.minimum(
        learned, np.maximum(world.parameters["separation_max"] * content, treated[:, metals : 2 * metals])
    )
    recovered = np.where(formal, learned, treated[:, 2 * metals :])
    for rows, metal, target, progress in world.effects.recovery:
        column = world.layout.metal_index[metal]
        gap = np.maximum(target * content[rows, column] - recovered[rows, column], 0.0)
        recovered[rows, column] += progress * gap
    return recovered


def _learn(world: World) -> None:
    """Formal recyclers get better with volume: yields rise by a share for every doubling of what their group treats."""
    recyclers = world.recyclers
    groups = len(world.layout.groups)
    volume = np.bincount(recyclers.group, recyclers.throughput * recyclers.formal, groups)
    world.volume = world.volume + (volume - world.volume) / world.parameters["scrap_memory"]
    doublings = np.log2(np.maximum(world.volume / world.first_volume, 1.0))
    world.skill = np.maximum(world.skill, 1.0 + world.parameters["recycler_learning"] * doublings)


def separate(world: World) -> None:
    """Recyclers separate scrap into metals; what they do not recover is lost."""
    recyclers, parameters = world.recyclers, world.parameters
    recyclers.throughput = recycler.plan_throughput(
        recyclers, parameters["recycler_response"], parameters["recycler_ceiling"]
    )
    share = np.divide(recyclers.throughput, recyclers.held, out=np.zeros(len(recyclers)), where=recyclers.held > 0)
    treated = world.yard * share[:, None]
    world.yard = world.yard - treated
    recyclers.held = recyclers.held - recyclers.throughput
    recovered = recoverable(world, treated)
    world.secondary_output = np.bincount(world.secondary_of.ravel(), recovered.ravel(), len(world.secondary_stock) + 1)[
        : len(world.secondary_stock)
    ]
    _learn(world)
    content = treated[:, : len(world.price)]
    world.flows["recycling loss"] = (content - recovered).sum(axis=0)
    world.flows["secondary supply"] = recovered.sum(axis=0)
    world.flows["treated scrap"] = content.sum(axis=0)


def trade_refined(world: World) -> None:
    """Refiners and recyclers sell metal; manufacturers and governments buy."""
    refiners, desks, inputs, market = world.refiners, world.desks, world.inputs, world.markets["refined"]
    parameters = world.parameters
    stock = np.concatenate([refiners.stock, world.secondary_stock])
    output = np.concatenate([refiners.output, world.secondary_output])
    offer = offers(stock, output, world.normal_refined, world.refined_ask, world)
    wanted = world.maker_orders()
    order = np.bincount(inputs.desk, wanted, len(desks))
    months = parameters["order_months"] / (1.0 + parameters["threat_speed"] * desks.exposed)
    under_way = world.normal_transit("refined", world.use_desk) - market.in_transit()
    for_reserve = country.reserve_order(
        desks.reserve,
        desks.reserve_target * world.use_desk,
        desks.price,
        parameters["reserve_refill_months"],
        parameters["reserve_calm_price"],
    )
    asked = bounded(order + under_way / months, 0.0, parameters["order_max"] * world.use_desk)
    bought = world.effects.purchases
    wanted_desk = asked + for_reserve + bought
    flow = match(world, "refined", offer, wanted_desk, desks.price)
    sold, arrived = market.by_seller(flow), market.ship(flow)
    left = np.maximum(stock + output - sold, 0.0)
    refiners.stock, world.secondary_stock = left[: len(refiners)], left[len(refiners) :]
    world.flows["primary sent"] = world.by_metal(sold[: len(refiners)], refiners.metal)
    world.flows["recycled sent"] = world.by_metal(sold[len(refiners) :], world.secondary_metal)
    to_reserve, kept = (arrived * part / np.maximum(wanted_desk, 1e-300) for part in (for_reserve, bought))
    desks.reserve = desks.reserve + to_reserve
    desks.investors = desks.investors + kept
    to_makers = arrived - to_reserve - kept
    weight = np.where((order > 0.0)[inputs.desk], wanted, inputs.structural)
    inputs.stock = inputs.stock + manufacturer.share_out(inputs, to_makers, weight)
    world.flows["refined sent"] = world.flows["primary sent"] + world.flows["recycled sent"]
    world.flows["refined arrived"] = world.by_metal(arrived, desks.metal)
    world.flows["to manufacturers"] = world.by_metal(to_makers, desks.metal)
    world.flows["to strategic reserves"] = world.by_metal(to_reserve, desks.metal)
    world.flows["to investors"] = world.by_metal(kept, desks.metal)
    recycled = market.by_buyer(np.where(market.seller >= len(refiners), flow, 0.0))
    inflow = market.by_buyer(flow)
    fraction = np.divide(recycled, inflow, out=desks.recycled_inflow.copy(), where=inflow > 0)
    desks.recycled_inflow = desks.recycled_inflow + (fraction - desks.recycled_inflow) / parameters["recycled_memory"]
    world.secondary_rate = (
        world.secondary_rate + (world.secondary_output - world.secondary_rate) / parameters["recycled_memory"]
    )
