"""Bids of refiners for feed and of recyclers for scrap."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import guards, recycler, refiner
from lodeflow.agents.arrays import ONE
from lodeflow.environment.market.contracts import contracted
from lodeflow.environment.month.phase import phase
from lodeflow.environment.month.state import Month
from lodeflow.environment.state import State


@phase(
    reads={
        "effects": "levers stage_kept",
        "month": "outlook",
        "refiners": "ask",
        "secondary": "ask",
    },
    last={
        "markets.feed": "weight",
        "recyclers": "added",
        "refiners": "bid",
    },
    writes={
        "recyclers": "bid",
        "refiners": "bid",
    },
)
def bid_feed(world: State, month: Month) -> None:
    """Refiners bid the netback of their ask, recyclers what the metals in scrap are worth less cost. ODD 7.9.

    ``(ask - tc) / (1 - tc0)`` and ``(value - c) / (1 - c)``, relative to base, shape (R,) and (Y,).
    """
    refiners, recyclers, parameters = world.refiners, world.recyclers, world.parameters
    target = refiner.feed_bid(
        refiners.ask - month.effects.levers.get("refinery_cost", 0.0),
        refiner.feed_per_plant(
            np.exp(month.outlook.feed.min(axis=0)),
            np.exp(month.outlook.feed[0]),
            _running(world, month),
            parameters["refinery_ceiling"],
        ),
        refiners.charge,
        parameters["charge_response"],
        parameters["charge_growth"],
        parameters["refinery_ceiling"],
        parameters["rent_response"],
    )
    refiners.bid = refiner.move_bid(refiners.bid, target, parameters["news_speed"])
    cost = recyclers.cost
    if "scrap_support" in month.effects.levers:
        cost = cost - month.effects.levers["scrap_support"]
    recyclers.bid = recycler.scrap_bid(value_of_metals(world), recyclers.cost, cost)


def _running(world: State, month: Month) -> np.ndarray:
    """Share of the plants that run among those to which a refiner's own suppliers sell, by contract, shape (R,)."""
    kept, feed = month.effects.stage_kept["refiners"], world.markets["feed"]
    if not month.effects.touched("stage_kept", "refiners") or (kept == 1.0).all():
        return kept
    sold, bought = (np.maximum(total, guards.LEAST) for total in contracted(world, "feed"))
    of_seller = feed.by_seller(feed.weight * kept[feed.buyer]) / sold
    return feed.by_buyer(feed.weight * of_seller[feed.seller]) / bought


def value_of_metals(world: State) -> np.ndarray:
    """Value of what each recycler recovers, relative to base prices, shape (Y,)."""
    recyclers = world.recyclers
    ask = np.concatenate((world.secondary.ask, ONE))
    return recycler.value_of_metals(recyclers.value_weight, ask[recyclers.seller], recyclers.added)
