"""Why a bid stands where it stands: an exact split into its reasons."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import guards, refiner
from lodeflow.agents.arrays import bounded
from lodeflow.environment.expectation import HORIZONS
from lodeflow.environment.month.state import Month, Outlook
from lodeflow.environment.state import State

COMPONENTS = (
    "stocks",
    "expected supply",
    "refining capacity",
    "own demand",
    "substitution",
    "cost",
    "usual price",
    "news",
)


def explain(
    world: State, month: Month, calm: np.ndarray, without_news: np.ndarray, horizon: np.ndarray, news: np.ndarray
) -> np.ndarray:
    """Split each bid exactly into its reasons.

    ln A relative to the expected path is split with logarithmic means into own stocks, expected supply and need; need into
    own demand and substitution. What refiners cannot treat of the feed that they can get is refining capacity, as far as the
    metal is scarce; expected supply is then what that feed would give. The slow premium for unmet use counts as stocks
    (they are empty). The anchor is cost, and the way back to the usual price (ODD 7.14).

    Args:
        world, month: the month so far.
        calm: scarcity without the news, before premium and choke, ln points, shape (B,).
        without_news: bid without the news, ln points, shape (B,).
        horizon: horizon that decides it, shape (B,).
        news: bid less bid without the news, ln points, shape (B,).

    Returns:
        ln points, shape (B, 8), in the order of ``COMPONENTS``; rows sum to ln(bid) relative to the base price.
    """
    outlook, expected, t = month.calm_outlook, world.expectation, world.t
    rows = np.arange(len(calm))
    own, got, need = (part[horizon, rows] for part in (outlook.own, outlook.got, outlook.need))
    own_e, got_e, need_e = (part[t][horizon, rows] for part in (expected.own, expected.got, expected.need))
    have, have_e = own + got, own_e + got_e
    mean = _logarithmic_mean(have, have_e)
    stocks, supply = (own_e - own) / mean, (got_e - got) / mean
    asked = np.log(np.maximum(need, guards.LEAST) / np.maximum(need_e, guards.LEAST))
    thrift = np.log(np.maximum(world.desks.substitution, guards.LEAST))
    total = stocks + supply + asked
    held_back = bounded(_held_back(world, outlook, horizon) / mean, 0.0, np.maximum(total, 0.0))
    parts = np.stack([stocks, supply - held_back, held_back, asked - thrift, thrift], axis=1)
    moved = np.abs(total) > guards.NOTHING
    parts = parts * np.divide(calm, total, out=np.zeros_like(calm), where=moved)[:, None]
    parts[:, 0] += world.desks.premium
    scarce = calm + world.desks.premium
    parts[:, 1] += scarce - parts.sum(axis=1)
    ratio = np.divide(without_news, scarce, out=np.ones_like(scarce), where=np.abs(scarce) > guards.NOTHING)
    usual = world.returned(t)
    cost = world.anchor - usual
    return np.column_stack([parts * ratio[:, None], cost[world.desks.metal], usual[world.desks.metal], news])


def _held_back(world: State, outlook: Outlook, horizon: np.ndarray) -> np.ndarray:
    """Metal that buyers could count on if refiners could treat all feed they can get, over what they do, t, shape (B,).

    ``horizon``: horizon that decides the bid, shape (B,).
    """
    refiners, market = world.refiners, world.markets["refined"]
    feed = np.exp(outlook.feed)
    idle = refiner.idle_feed(feed, world.parameters["refinery_ceiling"])
    if not idle.any():
        return np.zeros(len(horizon))
    growth = world.expectation.growth[world.t][:, refiners.metal]
    more = HORIZONS[:, None] * refiners.planned * refiners.expansion * growth * idle
    share = np.zeros_like(outlook.refined_supply)
    share[:, : len(refiners)] = more / np.maximum(outlook.refined_supply[:, : len(refiners)], guards.LEAST)
    busy = share.max(axis=0) > 0.0
    edges = np.flatnonzero(busy[market.seller])
    seller, buyer = market.seller[edges], market.buyer[edges]
    decisive = horizon[buyer]
    return np.bincount(buyer, outlook.refined_flow[decisive, edges] * share[decisive, seller], len(horizon))


def _logarithmic_mean(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(a - b) / ln(a / b), which makes differences add up to logarithms exactly; a where both are equal."""
    a, b = np.maximum(a, guards.LEAST), np.maximum(b, guards.LEAST)
    log_ratio = np.log(a / b)
    same = np.abs(log_ratio) < guards.SAME
    return np.where(same, a, (a - b) / np.where(same, 1.0, log_ratio))
