"""Trade in feed: mines sell ore or intermediates, refiners buy."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import guards, refiner, seller
from lodeflow.environment.market.contracts import normal_transit
from lodeflow.environment.market.matching import match
from lodeflow.environment.month.phase import phase
from lodeflow.environment.month.state import Month
from lodeflow.environment.state import State


@phase(
    reads={
        "effects": "cap_now charges delay_months duty freight levers stage_kept tax_now taxes",
        "miners": "normal_stock output",
        "month": "outlook",
        "ore_desks": "ask",
        "refiners": "ask bid normal_feed planned unpowered",
    },
    last={
        "world": "anchor",
        "markets.feed": "built pipeline weight",
        "miners": "stock",
        "refiners": "expansion feed_stock",
    },
    writes={
        "markets.feed": "arrived flow pipeline",
        "miners": "stock",
        "month": "flows",
        "refiners": "feed_stock throughput",
    },
)
def trade_feed(world: State, month: Month) -> None:
    """Offers of mines meet orders of refiners; what was sent earlier arrives. ODD 7.10, 7.11.

    ``stock = stock + output - sold``, t, shape (I,); flows of the month, t, shape (E,), stand in ``markets["feed"].flow``.
    """
    miners, refiners, market, parameters = world.miners, world.refiners, world.markets["feed"], world.parameters
    ask = world.ore_desks.ask[miners.desk]
    offered = seller.offers(
        miners.stock,
        miners.output,
        miners.normal_stock,
        ask,
        parameters["seller_release"],
        parameters["offer_months"],
    )
    offer = np.bincount(miners.desk, offered, len(market.sellers))
    normal = refiner.normal_throughput(refiners)
    refiners.throughput = _throughput(world, month, normal) * month.effects.stage_kept["refiners"]
    if world.blueprint.nexus is not None:
        refiners.throughput = refiners.throughput * refiner.powered(refiners.unpowered, parameters["smelter_power"])
    order = refiner.feed_order(
        refiners,
        normal,
        normal_transit(world, "feed", normal),
        market.in_transit(),
        parameters["bargain"],
        parameters["order_months"],
        parameters["feed_order_max"],
    )
    flow = match(world, "feed", offer, order, refiners.bid)
    sold, arrived = market.by_seller(flow), market.ship(flow, month.effects.longer("feed"))
    share = sold / np.maximum(offer, guards.LEAST)
    miners.stock = np.maximum(miners.stock + miners.output - offered * share[miners.desk], 0.0)
    refiners.feed_stock = refiners.feed_stock + arrived
    month.flows["feed sent"] = world.by_metal(sold, world.ore_desks.metal)
    month.flows["feed arrived"] = world.by_metal(arrived, refiners.metal)


def _throughput(world: State, month: Month, normal: np.ndarray) -> np.ndarray:
    """Feed that refiners want to treat, t/month, shape (R,); where supply is given, what the data say."""
    if world.blueprint.realised is not None:
        return normal
    refiners, parameters = world.refiners, world.parameters
    expected, critical = np.exp(month.outlook.feed[0]), parameters["critical_cover"]
    return refiner.plan_throughput(
        refiners,
        refiner.run_down(refiners, expected, refiners.feed_stock, critical),
        parameters["refinery_ceiling"],
        parameters["margin_response"],
        parameters["margin_floor"],
        month.effects.levers.get("refinery_cost", 0.0),
    )
