"""Trade in refined metal: refiners and recyclers sell, manufacturers, governments and investors buy."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import country, guards, manufacturer, metal_desk, seller
from lodeflow.agents.memory import remember
from lodeflow.environment.market import rules
from lodeflow.environment.market.contracts import normal_transit, sellers_ask
from lodeflow.environment.market.matching import match
from lodeflow.environment.month.normal_stocks import sellers_normal
from lodeflow.environment.month.phase import phase
from lodeflow.environment.month.sharing import arrived
from lodeflow.environment.month.state import Month
from lodeflow.environment.state import State


@phase(
    reads={
        "desks": "exposed missing price use",
        "effects": "cap_now charges delay_months duty freight levers purchases stage_kept tax_now taxes",
        "inputs": "desired others planned structural",
        "refiners": "ask normal_stock output",
        "secondary": "ask grade normal_stock output",
    },
    last={
        "world": "anchor",
        "desks": "green_premium investors recycled_inflow reserve",
        "inputs": "stock",
        "markets.refined": "built pipeline spread weight",
        "refiners": "stock",
        "secondary": "rate stock",
    },
    writes={
        "desks": "investors recycled_inflow reserve",
        "inputs": "stock",
        "markets.refined": "arrived flow pipeline",
        "month": "flows to_investors to_reserves",
        "refiners": "stock",
        "secondary": "rate stock",
    },
)
def trade_refined(world: State, month: Month) -> None:
    """Offers meet orders; what arrives is shared between makers, reserves and investors as they ordered. ODD 7.10, 7.14.

    ``stock = stock + output - sold``, t, shape (S,); flows of the month, t, shape (E,), stand in ``markets["refined"].flow``.
    """
    market, inputs, desks = world.markets["refined"], world.inputs, world.desks
    months = _order_months(world)
    wanted = _maker_orders(world, months)
    order = np.bincount(inputs.desk, wanted, len(desks))
    for_reserve, for_investors = _reserve_orders(world, month), month.effects.purchases
    wanted_desk = _desk_orders(world, order, months) + for_reserve + for_investors
    flow = _sell(world, month, wanted_desk)
    coming = market.ship(flow, month.effects.longer("refined"))
    to_reserve, kept, to_makers = arrived(coming, wanted_desk, (for_reserve, for_investors))
    month.to_reserves, month.to_investors = to_reserve, kept
    desks.reserve = desks.reserve + to_reserve
    desks.investors = desks.investors + kept
    weight = np.where((order > 0.0)[inputs.desk], wanted, inputs.structural)
    inputs.stock = inputs.stock + manufacturer.share_out(inputs, to_makers, weight)
    month.flows["refined arrived"] = world.by_metal(coming, desks.metal)
    parts = (("manufacturers", to_makers), ("strategic reserves", to_reserve), ("investors", kept))
    for name, tonnes in parts:
        month.flows[f"to {name}"] = world.by_metal(tonnes, desks.metal)
    _note_recycled(world, month, flow)


def _order_months(world: State) -> np.ndarray:
    """Months over which each desk's buyers close gaps of stock, shape (B,)."""
    parameters = world.parameters
    return manufacturer.order_months(world.desks.exposed, parameters["order_months"], parameters["threat_speed"])


def _maker_orders(world: State, months: np.ndarray) -> np.ndarray:
    """What each input of a manufacturer orders, t, shape (L,)."""
    inputs, desks, parameters = world.inputs, world.desks, world.parameters
    extra = manufacturer.extra_cover(desks.missing, desks.exposed, parameters["precaution"], parameters["exposure"])
    cover = world.rates.cover["manufacturer"][inputs.metal]
    return manufacturer.orders(inputs, cover, desks.price, extra, months, parameters["bargain"])


def _desk_orders(world: State, order: np.ndarray, months: np.ndarray) -> np.ndarray:
    """Orders of makers by desk with what fills the way, t, shape (B,), at most ``order_max`` months of use."""
    desks, parameters = world.desks, world.parameters
    under_way = normal_transit(world, "refined", desks.use) - world.markets["refined"].in_transit()
    return metal_desk.orders(order, under_way, months, desks.use, parameters["order_max"])


def _reserve_orders(world: State, month: Month) -> np.ndarray:
    """What governments order for their reserves, t, shape (B,)."""
    desks, parameters, levers = world.desks, world.parameters, month.effects.levers
    target = desks.reserve_target
    if "reserve_months" in levers:
        target = np.maximum(target, levers["reserve_months"])
    return country.reserve_order(
        desks.reserve,
        target * desks.use,
        desks.price,
        country.ruled(levers.get("reserve_fill_months"), parameters["reserve_refill_months"]),
        country.ruled(levers.get("reserve_calm_price"), parameters["reserve_calm_price"]),
    )


def _sell(world: State, month: Month, wanted: np.ndarray) -> np.ndarray:
    """Clear the market and take what is sold off the sellers' stocks; returns trades, t, shape (E,)."""
    refiners, secondary, market, parameters = (
        world.refiners,
        world.secondary,
        world.markets["refined"],
        world.parameters,
    )
    stock = np.concatenate([refiners.stock, secondary.stock])
    output = np.concatenate([refiners.output, secondary.output])
    offer = seller.offers(
        stock,
        output,
        sellers_normal(world),
        sellers_ask(world, "refined"),
        parameters["seller_release"],
        parameters["offer_months"],
    )
    flow = match(world, "refined", offer, wanted, world.desks.price)
    sold = market.by_seller(flow)
    left = np.maximum(stock + output - sold, 0.0)
    refiners.stock, secondary.stock = left[: len(refiners)], left[len(refiners) :]
    month.flows["primary sent"] = world.by_metal(sold[: len(refiners)], refiners.metal)
    month.flows["recycled sent"] = world.by_metal(sold[len(refiners) :], secondary.metal)
    month.flows["refined sent"] = month.flows["primary sent"] + month.flows["recycled sent"]
    return flow


def _note_recycled(world: State, month: Month, flow: np.ndarray) -> None:
    """Smooth the share of recycled metal in what desks buy, and what sellers of recycled metal bring out when plants run."""
    desks, secondary, market = world.desks, world.secondary, world.markets["refined"]
    memory = world.parameters["recycled_memory"]
    sides, first = (market.seller, market.buyer), len(world.refiners)
    desks.recycled_inflow = rules.recycled_share(flow, sides, first, desks.recycled_inflow, memory)
    usual = secondary.output
    if month.effects.touched("stage_kept", "secondary"):
        kept = month.effects.stage_kept["secondary"]
        usual = np.divide(usual, kept, out=secondary.rate.copy(), where=kept > guards.NOTHING)
    secondary.rate = remember(secondary.rate, usual, memory)
