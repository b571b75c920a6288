"""What flows are normal, and what could flow: contract weights, room on edges, and what makes an edge attractive."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lodeflow.agents import guards
from lodeflow.agents import seller as sellers
from lodeflow.agents.arrays import anything
from lodeflow.environment.market.processes import ALLOY

if TYPE_CHECKING:  # the vocabulary of shocks needs neither Mesa nor compiled code
    from lodeflow.environment.market.edges import Market
    from lodeflow.environment.state import State


def contracted(world: State, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Contract weights of the month summed per seller, shape (S,), and per buyer, shape (B,), t/month."""
    kept = world.now.contracts
    if name not in kept:
        market = world.markets[name]
        kept[name] = (market.by_seller(market.weight), market.by_buyer(market.weight))
    return kept[name]


def largest_flow(world: State, name: str, ahead: bool = False) -> np.ndarray:
    """Largest flow of each open edge, t/month, shape (E,): a surge on what is contracted or built, and room for new trade.

    Args:
        world: the world.
        name: market.
        ahead: the flow that can be kept up over months, which agents count on; else the largest of a single month.
    """
    kept = world.now.largest
    if (name, ahead) not in kept:
        parameters = world.parameters
        kept[name, False], kept[name, True] = world.markets[name].largest_flows(
            contracted(world, name),
            (parameters["opening"], parameters["spread_opening"]),
            (parameters["surge_home"], parameters["surge_month"], parameters["surge"]),
        )
    return kept[name, ahead]


def taxes(world: State, name: str) -> np.ndarray:
    """What a sale over each edge pays this month, share of the price, shape (E,): written on the edge, and by shocks."""
    market, effects = world.markets[name], world.now.effects
    if name == "scrap" or not effects.taxes:
        return market.tax
    return sellers.both_taxes(market.tax, effects.tax_now[name])


def attraction(world: State, name: str, tax: np.ndarray | None = None) -> np.ndarray:
    """What makes an edge more or less attractive than its contract: tax on sales, and premiums for recycled metal, shape (E,).

    Duty and freight come on top: :func:`reach` this month, ``effects.reach_ahead`` in the look ahead.

    Args:
        world: the world.
        name: market.
        tax: that is reckoned with, share of the price, shape (E,); None: this month's.
    """
    pull = _attraction(world, name, tax)
    return np.ones(len(world.markets[name])) if pull is None else pull


def attracted(world: State, name: str, tax: np.ndarray | None = None) -> np.ndarray:
    """Contract weight of each edge times its :func:`attraction`, t/month, shape (E,)."""
    weight, pull = world.markets[name].weight, _attraction(world, name, tax)
    return weight if pull is None else weight * pull


def _attraction(world: State, name: str, tax: np.ndarray | None) -> np.ndarray | None:
    """:func:`attraction`; None where nothing makes an edge more or less attractive."""
    tax = taxes(world, name) if tax is None else tax
    market, theta, pull = world.markets[name], world.parameters["theta"], None
    if anything(tax):
        taxed, pull = np.flatnonzero(tax), np.ones(len(market))
        pull[taxed] = sellers.tax_pull(tax[taxed], theta)
    if name == "refined" and anything(world.desks.green_premium):
        pull = np.ones(len(market)) if pull is None else pull
        recycled = np.append(np.zeros(len(world.refiners)), 1.0 - world.secondary.grade[:, ALLOY])[market.seller]
        pull *= sellers.green_pull(world.desks.green_premium[market.buyer], recycled, theta)
    return pull


def bids(world: State, name: str) -> np.ndarray:
    """What every buyer of ``feed`` or ``refined`` bids or posts, relative to the anchor, shape (B,)."""
    bid: np.ndarray = world.refiners.bid if name == "feed" else world.desks.price
    return bid


def base_prices(world: State, name: str) -> np.ndarray:
    """Price anchor of what each edge carries, USD/t metal, shape (E,): feed is the refined price less the treatment charge."""
    metal, rates = world.markets[name].metal, world.rates
    price = rates.price * np.exp(world.anchor)
    anchor: np.ndarray = (price * (1.0 - rates.treatment_charge) if name == "feed" else price)[metal]
    return anchor


def reach(world: State, name: str) -> np.ndarray | float:
    """Share of what a buyer pays that reaches the seller this month over each edge, shape (E,); 1 where nothing is charged."""
    effects = world.now.effects
    if name == "scrap" or not effects.charges:
        return 1.0
    bid = bids(world, name)[world.markets[name].buyer]
    return sellers.reach(bid, effects.duty[name], effects.freight[name] / base_prices(world, name))


def share_of_sellers(world: State, name: str, stock: np.ndarray) -> np.ndarray:
    """Sellers' stock shared out over their buyers by contract weight, t, shape (B,)."""
    market = world.markets[name]
    share = stock / np.maximum(contracted(world, name)[0], guards.LEAST)
    return market.passed_on(market.weight, share)


def normal_transit(world: State, name: str, inflow: np.ndarray) -> np.ndarray:
    """What is under way to each buyer when it takes in ``inflow`` t/month, t, shape (B,)."""
    market = world.markets[name]
    total = np.maximum(contracted(world, name)[1], guards.LEAST)
    return market.weighed(market.weight, market.lead) / total * inflow


def sellers_ask(world: State, name: str) -> np.ndarray:
    """Ask of every seller of a market relative to its anchor, shape (S,)."""
    if name == "feed":
        return world.ore_desks.ask
    return np.concatenate([world.refiners.ask, world.secondary.ask])


def half_way(bid: np.ndarray, ask: np.ndarray, market: Market) -> np.ndarray:
    """:func:`lodeflow.agents.seller.transaction_price` where all trade is let through and nothing charged, (..., E).

    Its two factors belong to the buyer and to the seller and are found for these, not for every edge.

    Args:
        bid: relative to base, shape (..., B).
        ask: relative to base, shape (..., S).
        market: whose edges.
    """
    price: np.ndarray = sellers.half_way(bid)[..., market.buyer] * sellers.half_way(ask)[..., market.seller]
    return price


def price_spread(world: State, name: str) -> np.ndarray:
    """ln of the buyer's price over the seller's ask on every edge, at least 0, shape (E,)."""
    market = world.markets[name]
    paid, asked = np.log(bids(world, name)), np.log(sellers_ask(world, name))
    spread: np.ndarray = paid[market.buyer]
    spread -= asked[market.seller]
    return np.maximum(spread, 0.0, out=spread)


def price_gap(world: State, name: str, mask: np.ndarray) -> np.ndarray:
    """ln of the buyer's price over the seller's ask on some edges, at least 0."""
    market = world.markets[name]
    ask = sellers_ask(world, name)
    gap: np.ndarray = np.log(bids(world, name)[market.buyer[mask]]) - np.log(ask[market.seller[mask]])
    return np.maximum(gap, 0.0)
