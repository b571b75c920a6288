"""Phases 5 and 6, bids and asks: a level around a slow anchor, never a multiple of last month's price."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lodeflow.agents import recycler, refiner
from lodeflow.agents.arrays import bounded
from lodeflow.environment.month.availability import Outlook
from lodeflow.environment.start.expectation import HORIZONS

if TYPE_CHECKING:
    from lodeflow.environment.world import World

ASK_HORIZON = 2
"""Asks follow the allocation over the third horizon, 12 months."""
NO_OUTLET = 0.98
"""What is left of a seller's worth after a month without any open outlet."""
COMPONENTS = ("stocks", "expected supply", "refining capacity", "own demand", "substitution", "cost", "news")


def scarcity(world: World, outlook: Outlook) -> tuple[np.ndarray, np.ndarray]:
    """How scarce the metal looks, ln points before the choke, and the horizon that decides it.

    ``l(h) = -ln A / eta`` when the metal is short, ``-gamma ln A`` when it is plentiful, less the cost of carry; the highest
    horizon counts.

    Returns:
        (l, h): shape (B,) each.
    """
    parameters, metal = world.parameters, world.desks.metal
    short = -outlook.refined / world.eta[metal]
    level = np.where(outlook.refined < 0.0, short, -parameters["gamma"] * outlook.refined)
    level = level - (parameters["carry"] * np.maximum(HORIZONS - HORIZONS[0], 0.0))[:, None]
    horizon = level.argmax(axis=0)
    return level[horizon, np.arange(len(metal))], horizon


def choked(level: np.ndarray, choke: float) -> np.ndarray:
    """Rises level off towards the choke price, where use is given up: ``Lc (1 - exp(-l / Lc))`` for l > 0."""
    return np.where(level > 0.0, choke * -np.expm1(-np.maximum(level, 0.0) / choke), level)


def bid_refined(world: World) -> None:
    """Bids and posted prices at every desk, and why they stand where they stand."""
    if world.rehearsing:
        return
    desks, parameters = world.desks, world.parameters
    scarce, decisive = scarcity(world, world.outlook)
    informed = world.calm_outlook is not world.outlook
    calm, horizon = scarcity(world, world.calm_outlook) if informed else (scarce, decisive)
    log_bid = choked(scarce + desks.premium, parameters["choke"])
    without_news = choked(calm + desks.premium, parameters["choke"])
    news = log_bid - without_news
    log_price = np.log(desks.price)
    jump = (
        parameters["news_speed"] * np.maximum(news - world.last_news, 0.0)
        if world.effects.news
        else np.zeros_like(news)
    )
    cover = world.desk_stock / np.maximum(world.normal_maker_desk, 1e-12)
    critical, speed = parameters["critical_cover"], parameters["price_speed"]
    hurried = speed + (parameters["critical_speed"] - speed) * bounded((critical - cover) / critical, 0.0, 1.0)
    gap = log_bid - log_price - jump
    log_price = log_price + jump + np.where(gap > 0.0, hurried, speed) * gap
    desks.bid, desks.price = np.exp(log_bid), np.exp(log_price)
    world.last_news = news
    if world.reasons:
        world.why = explain(world, calm, without_news, horizon, news)


def explain(
    world: World, calm: np.ndarray, without_news: np.ndarray, horizon: np.ndarray, news: np.ndarray
) -> np.ndarray:
    """Split each bid exactly into its reasons.

    ln A relative to the expected path is split with logarithmic means into own stocks, expected supply and need; need into
    own demand and substitution. What refiners cannot treat of the feed that they can get is refining capacity, as far as the
    metal is scarce; expected supply is then what that feed would give. The slow premium for unmet use counts as stocks
    (they are empty), the anchor as cost.

    Args:
        calm: scarcity without the news, before premium and choke, ln points, shape (B,).
        without_news: bid without the news, ln points, shape (B,).
        horizon: horizon that decides it, shape (B,).
        news: bid less bid without the news, ln points, shape (B,).

    Returns:
        ln points, shape (B, 7), in the order of ``COMPONENTS``; rows sum to ln(bid) relative to the base price.
    """
    outlook, expected, t = world.calm_outlook, world.expectation, world.t
    rows = np.arange(len(calm))
    own, got, need = (part[horizon, rows] for part in (outlook.own, outlook.got, outlook.need))
    own_e, got_e, need_e = (part[t][horizon, rows] for part in (expected.own, expected.got, expected.need))
    have, have_e = own + got, own_e + got_e
    mean = _logarithmic_mean(have, have_e)
    stocks, supply = (own_e - own) / mean, (got_e - got) / mean
    asked = np.log(np.maximum(need, 1e-300) / np.maximum(need_e, 1e-300))
    thrift = np.log(np.maximum(world.substitution_desk, 1e-300))
    total = stocks + supply + asked
    held_back = bounded(_held_back(world, outlook)[horizon, rows] / mean, 0.0, np.maximum(total, 0.0))
    parts = np.stack([stocks, supply - held_back, held_back, asked - thrift, thrift], axis=1)
    moved = np.abs(total) > 1e-12
    parts = parts * np.divide(calm, total, out=np.zeros_like(calm), where=moved)[:, None]
    parts[:, 0] += world.desks.premium
    scarce = calm + world.desks.premium
    parts[:, 1] += scarce - parts.sum(axis=1)
    ratio = np.divide(without_news, scarce, out=np.ones_like(scarce), where=np.abs(scarce) > 1e-12)
    anchor = world.anchor[world.desks.metal]
    return np.column_stack([parts * ratio[:, None], anchor, news])


def _held_back(world: World, outlook: Outlook) -> np.ndarray:
    """Metal that buyers could count on if refiners could treat all feed they can get, over what they do, t, shape (H, B)."""
    refiners, market = world.refiners, world.markets["refined"]
    feed = np.exp(outlook.feed)
    idle = np.maximum(feed - world.parameters["refinery_ceiling"], 0.0)
    if not idle.any():
        return np.zeros_like(outlook.got)
    growth = world.expectation.growth[world.t][:, refiners.metal]
    more = HORIZONS[:, None] * refiners.planned * refiners.expansion * growth * idle
    share = np.zeros_like(outlook.refined_supply)
    share[:, : len(refiners)] = more / np.maximum(outlook.refined_supply[:, : len(refiners)], 1e-300)
    flow = outlook.refined_flow * share[:, market.seller]
    return np.stack([market.by_buyer(row) for row in flow])


def _logarithmic_mean(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(a - b) / ln(a / b), which makes differences add up to logarithms exactly; a where both are equal."""
    a, b = np.maximum(a, 1e-300), np.maximum(b, 1e-300)
    log_ratio = np.log(a / b)
    same = np.abs(log_ratio) < 1e-9
    return np.where(same, a, (a - b) / np.where(same, 1.0, log_ratio))


def ask_refined(world: World) -> None:
    """Asks of refiners and recyclers: the mean bid where they sell, net of tax, weighted by allocation."""
    world.refined_ask = _asks(world, "refined", world.desks.price, world.refined_ask)


def bid_feed(world: World) -> None:
    """Bids of refiners for feed and of recyclers for scrap."""
    if world.rehearsing:
        return
    refiners, recyclers, parameters = world.refiners, world.recyclers, world.parameters
    ask = world.refined_ask[: len(refiners)]
    charge = world.treatment_charge[refiners.metal]
    target = refiner.feed_bid(
        ask, np.exp(world.outlook.feed.min(axis=0)), charge, parameters["charge_response"], parameters["charge_growth"]
    )
    refiners.bid = np.exp(np.log(refiners.bid) + parameters["news_speed"] * (np.log(target) - np.log(refiners.bid)))
    value = world.recycler_value()
    recyclers.bid = recycler.scrap_bid(value, parameters["scrap_cost"])


def ask_feed(world: World) -> None:
    """Asks of ore desks and of scrap pools."""
    world.feed_ask = _asks(world, "feed", world.refiners.bid, world.feed_ask)
    scrap = world.markets["scrap"]
    total = world.contracted("scrap")[0]
    price = scrap.by_seller(scrap.weight * np.log(world.recyclers.bid[scrap.buyer]))
    world.scrap_ask = np.exp(price / np.maximum(total, 1e-300))


def _asks(world: World, name: str, price: np.ndarray, old: np.ndarray) -> np.ndarray:
    """Allocation-weighted geometric mean of net bids per seller (its worth), less a discount for what stays unsold; floored.

    What a restriction holds back is worth the anchor at most: it can be sold only after the end, together with all else that
    was held back. A seller who has nothing to sell asks what its contract partners bid; without any outlet the worth falls
    by 2 % a month. A seller who can place only a share of what it was expected to place comes to ask that much less: a
    tonne more finds no buyer, and sellers compete for the outlets that are left. As what buyers miss, what sellers cannot
    place is noticed fast and forgotten slowly, so that an end that nears and is put off does not throw the ask about.
    """
    market, outlook, parameters = world.markets[name], world.outlook, world.parameters
    flow, supply = (
        (outlook.feed_flow, outlook.feed_supply) if name == "feed" else (outlook.refined_flow, outlook.refined_supply)
    )
    flow, supply = flow[ASK_HORIZON], supply[ASK_HORIZON]
    placed = market.by_seller(flow)
    share = placed / np.maximum(supply, 1e-300)
    if world.rehearsing:
        world.expectation.placed[name][world.t] = share
        return old
    normal = np.maximum(world.contracted(name)[0], 1e-300)
    nothing = supply <= 1e-6 * normal
    contracts = market.weight * world.effects.cap_ahead[name][ASK_HORIZON]
    weight = np.where(nothing[market.seller], contracts, flow)
    open_to = market.by_seller(weight)
    open_now, bid = world.effects.cap_now[name], price[market.buyer]
    later = np.minimum(bid, 1.0)
    net = np.log(later + open_now * (bid - later)) + np.log1p(-np.minimum(market.tax, 0.99))
    mean = market.by_seller(weight * net) / np.maximum(open_to, 1e-300)
    worth = np.where(open_to > 1e-9 * normal, mean, world.worth[name] + np.log(NO_OUTLET))
    relative = np.minimum(share / np.maximum(world.expectation.placed[name][world.t], 1e-12), 1.0)
    floor = parameters["ask_floor"]
    unsold = np.where(nothing, 0.0, parameters["unsold_discount"] * np.log(np.maximum(relative, floor)))
    world.worth[name] = worth
    before = world.unsold[name]
    speed = np.where(unsold < before, parameters["missing_rise"], 1.0 / parameters["missing_fall"])
    world.unsold[name] = before + speed * (unsold - before)
    return np.maximum(np.exp(worth + world.unsold[name]), floor)
