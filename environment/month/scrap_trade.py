"""Trade in scrap: collectors sell the scrap of a product group with all its metals, recyclers buy."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import guards, recycler, scrap_pool
from lodeflow.agents.memory import remember
from lodeflow.agents.scrap_pool import content
from lodeflow.environment.market.loops import carried
from lodeflow.environment.market.matching import match
from lodeflow.environment.month.phase import phase
from lodeflow.environment.month.state import Month
from lodeflow.environment.state import State


@phase(
    reads={
        "effects": "scrap_open",
        "pools": "arising scrap",
        "recyclers": "bid planned",
    },
    last={
        "markets.scrap": "weight",
        "pools": "rate",
        "recyclers": "expansion foreign held yard",
    },
    writes={
        "markets.scrap": "flow",
        "month": "flows",
        "pools": "mix old_share rate scrap",
        "recyclers": "foreign held yard",
    },
)
def trade_scrap(world: State, month: Month) -> None:
    """Offers of pools meet orders of recyclers, in USD at base prices; metals move in proportion. ODD 7.10, 7.12.

    ``moved = flow x scrap / value of scrap``, t, shape (E, 3 x metals).
    """
    exchange(world, month, *offer_scrap(world))


def offer_scrap(world: State) -> tuple[np.ndarray, np.ndarray]:
    """What pools offer: what came in, and part of what lies above the normal stock, and what lies there.

    Both in USD at base prices, shape (Q,).
    """
    pools, parameters, price = world.pools, world.parameters, world.rates.price
    value, arising = content(pools.scrap) @ price, content(pools.arising) @ price
    normal = scrap_pool.normal_stock(pools, parameters["scrap_cover"])
    offer = scrap_pool.offers(value, arising, normal, parameters["offer_months"])
    pools.rate = remember(pools.rate, arising, parameters["scrap_memory"])
    return offer, value


def exchange(world: State, month: Month, offer: np.ndarray, value: np.ndarray) -> None:
    """Clear the scrap market and move the metals from pools to yards; arguments as :func:`offer_scrap` gives them."""
    pools, recyclers, market, parameters = world.pools, world.recyclers, world.markets["scrap"], world.parameters
    order = recycler.scrap_order(recyclers, parameters["recycler_response"], parameters["recycler_ceiling"])
    flow = match(world, "scrap", offer, order, recyclers.bid)
    market.flow = flow
    parts = pools.scrap / np.maximum(value, guards.LEAST)[:, None]
    pools.mix, pools.old_share = content(parts), scrap_pool.old_share(parts)
    counts = len(pools), len(recyclers), len(world.rates.price)
    moved, sold, bought, foreign = carried(parts, flow, market.seller, market.buyer, world.places.scrap_abroad, *counts)
    recyclers.yard, recyclers.foreign = recyclers.yard + bought, recyclers.foreign + foreign
    pools.scrap = np.maximum(pools.scrap - sold, 0.0)
    recyclers.held = recyclers.held + market.by_buyer(flow)
    month.flows["scrap to recyclers"] = moved.sum(axis=0)
