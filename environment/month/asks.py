"""Asks: the mean bid where a seller can sell, net of tax, less what it cannot place."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import guards, scrap_pool, seller
from lodeflow.agents.arrays import anything
from lodeflow.agents.population import Population
from lodeflow.environment.market.asking import outlets
from lodeflow.environment.market.contracts import contracted, reach, taxes
from lodeflow.environment.month.phase import phase
from lodeflow.environment.month.state import Month
from lodeflow.environment.state import State

ASK_HORIZON = 2
"""Asks follow the allocation over the third horizon, 12 months."""


@phase(
    reads={
        "desks": "price",
        "effects": "cap_ahead cap_now charges duty floor freight tax_now taxes",
        "month": "outlook",
    },
    last={
        "world": "anchor",
        "markets.refined": "weight",
        "refiners": "unsold worth",
        "secondary": "unsold worth",
    },
    writes={
        "refiners": "ask unsold worth",
        "secondary": "ask unsold worth",
    },
)
def ask_refined(world: State, month: Month) -> None:
    """Asks of refiners and recyclers. ODD 7.8.

    ``ask = exp(worth + unsold)``, relative to the anchor, shape (S,).
    """
    _ask(world, month, "refined", (world.refiners, world.secondary), world.desks.price)


@phase(
    reads={
        "effects": "cap_ahead cap_now charges duty floor freight tax_now taxes",
        "month": "outlook",
        "recyclers": "bid",
        "refiners": "bid",
    },
    last={
        "world": "anchor",
        "markets.feed": "weight",
        "markets.scrap": "weight",
        "ore_desks": "unsold worth",
    },
    writes={
        "ore_desks": "ask unsold worth",
        "pools": "ask",
    },
)
def ask_feed(world: State, month: Month) -> None:
    """Asks of ore desks and of scrap pools. ODD 7.8, 7.9.

    ``ask = exp(worth + unsold)`` for feed, the geometric mean of bids for scrap, shape (S,).
    """
    _ask(world, month, "feed", (world.ore_desks,), world.refiners.bid)
    scrap = world.markets["scrap"]
    total = contracted(world, "scrap")[0]
    price = scrap.by_seller(scrap.weight * np.log(world.recyclers.bid[scrap.buyer]))
    world.pools.ask = scrap_pool.ask(price / np.maximum(total, guards.LEAST))


def placed_share(world: State, month: Month, name: str) -> np.ndarray:
    """Share of its supply that each seller can place over the asking horizon, shape (S,)."""
    flow, supply = _ahead(month, name)
    share: np.ndarray = world.markets[name].by_seller(flow) / np.maximum(supply, guards.LEAST)
    return share


def _ahead(month: Month, name: str) -> tuple[np.ndarray, np.ndarray]:
    """What is allocated over the asking horizon, t, on edges, shape (E,), and what sellers will have by then, t, shape (S,)."""
    outlook = month.outlook
    if name == "feed":
        return outlook.feed_flow[ASK_HORIZON], outlook.feed_supply[ASK_HORIZON]
    return outlook.refined_flow[ASK_HORIZON], outlook.refined_supply[ASK_HORIZON]


def _net_bids(world: State, month: Month, name: str, price: np.ndarray) -> np.ndarray:
    """:func:`seller.net_bid` of every edge, shape (E,): found by buyer, and by edge where a measure or tax lies on it."""
    market, open_now, tax = world.markets[name], month.effects.cap_now[name], taxes(world, name)
    if month.effects.charges:
        return seller.net_bid(price[market.buyer], open_now, tax, reach(world, name))
    net: np.ndarray = seller.net_bid(price, 1.0, 0.0)[market.buyer]
    held, dear = month.effects.touched("cap_now", name), anything(tax)
    if held or dear:
        other = np.flatnonzero((tax != 0.0) | (open_now != 1.0))
        net[other] = seller.net_bid(price[market.buyer[other]], open_now[other], tax[other])
    return net


def _ask(world: State, month: Month, name: str, sellers: tuple[Population, ...], price: np.ndarray) -> None:
    """Asks of a market's sellers; who has nothing to sell asks what its contract partners bid."""
    market, effects, parameters = world.markets[name], month.effects, world.parameters
    net, kept = _net_bids(world, month, name, price), effects.cap_ahead[name][ASK_HORIZON]
    flow, supply = _ahead(month, name)
    share, nothing, mean, has_outlet = outlets(
        market.seller, flow, supply, market.weight, contracted(world, name)[0], kept, net
    )
    expected, floor = world.expectation.placed[name][world.t], parameters["ask_floor"]
    seen = seller.discount(share, expected, nothing, parameters["unsold_discount"], floor)
    before = np.concatenate([group.worth for group in sellers])
    worth = seller.worth(mean, has_outlet, before, parameters["outlet_fade"])
    before = np.concatenate([group.unsold for group in sellers])
    unsold = seller.notice_unsold(before, seen, parameters["missing_rise"], parameters["missing_fall"])
    ask, first = np.maximum(seller.ask(worth, unsold, floor), effects.floor[name]), 0
    for group in sellers:
        rows = slice(first, first := first + len(group))
        group.worth, group.unsold, group.ask = worth[rows], unsold[rows], ask[rows]
