"""Bids of refiners for feed and of recyclers for scrap."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import recycler, refiner
from lodeflow.environment.month.phase import phase
from lodeflow.environment.month.state import Month
from lodeflow.environment.state import State


@phase(
    reads={
        "month": "outlook",
        "refiners": "ask",
        "secondary": "ask",
    },
    last={
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
        refiners.ask,
        np.exp(month.outlook.feed.min(axis=0)),
        refiners.charge,
        parameters["charge_response"],
        parameters["charge_growth"],
        parameters["refinery_ceiling"],
        parameters["rent_response"],
    )
    refiners.bid = refiner.move_bid(refiners.bid, target, parameters["news_speed"])
    recyclers.bid = recycler.scrap_bid(value_of_metals(world), parameters["scrap_cost"])


def value_of_metals(world: State) -> np.ndarray:
    """Value of what each recycler recovers, relative to base prices, shape (Y,)."""
    recyclers = world.recyclers
    ask = np.append(world.secondary.ask, 1.0)
    return recycler.value_of_metals(recyclers.value_weight, ask[recyclers.seller], recyclers.added)
