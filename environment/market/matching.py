"""Matching: one market is cleared, by the contracts, orders and prices of the month."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import contract
from lodeflow.agents import seller as sellers
from lodeflow.environment.market import clearing
from lodeflow.environment.market.contracts import attracted, contracted, largest_flow, reach
from lodeflow.environment.state import State

ROUNDS = 4
"""Rounds in which offers that were not taken up are offered again."""


def match(world: State, name: str, offer: np.ndarray, order: np.ndarray, price: np.ndarray) -> np.ndarray:
    """Clear one market: matching in proportion to contract x order x price^theta, within the caps; exact.

    Args:
        world: the world.
        name: ``feed``, ``refined`` or ``scrap``.
        offer: t, shape (S,).
        order: t, shape (B,).
        price: bid relative to the anchor, shape (B,).

    Returns:
        Trades, t, shape (E,).
    """
    market = world.markets[name]
    eagerness = sellers.eagerness(price, order, contracted(world, name)[1], world.parameters["theta"])
    pull = attracted(world, name) * eagerness[market.buyer]
    if name != "scrap" and world.now.effects.charges:
        pull = pull * sellers.reach_pull(reach(world, name), world.parameters["theta"])
    if name == "scrap":
        cap = _scrap_limit(world)
    else:
        cap, effects = largest_flow(world, name), world.now.effects
        cap = cap * effects.cap_now[name] if effects.touched("cap_now", name) else cap
    flow: np.ndarray = clearing.clear(offer, order, pull, cap, market.seller, market.buyer, ROUNDS)
    return flow


def _scrap_limit(world: State) -> np.ndarray:
    """:func:`lodeflow.agents.contract.scrap_limit`, USD/month at base prices, shape (E,); infinite where nothing limits it."""
    effects = world.now.effects
    if not effects.touched("scrap_open"):
        return world.places.scrap_unlimited
    return contract.scrap_limit(world.markets["scrap"].base, effects.scrap_open, world.parameters["restriction_room"])
