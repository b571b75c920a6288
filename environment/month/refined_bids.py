"""Bids and posted prices of refined metal: a level around a slow anchor, never a multiple of last month's price."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import guards, metal_desk
from lodeflow.environment.expectation import HORIZONS
from lodeflow.environment.month.outlook import Outlook
from lodeflow.environment.month.phase import phase
from lodeflow.environment.month.reasons import explain
from lodeflow.environment.month.state import Month
from lodeflow.environment.state import State


@phase(
    reads={
        "desks": "normal_stock stock substitution",
        "effects": "news",
        "month": "calm_outlook outlook",
        "refiners": "planned",
    },
    last={
        "world": "anchor",
        "desks": "news premium price",
        "refiners": "expansion",
    },
    writes={
        "desks": "bid news price",
        "month": "why",
    },
)
def bid_refined(world: State, month: Month) -> None:
    """Bids and posted prices at every desk, and why they stand where they stand. ODD 7.6, 7.7.

    ``ln B = choke(l + premium)``, ln points, shape (B,); the price takes the jump of the news and moves towards the bid.
    """
    desks, parameters = world.desks, world.parameters
    scarce, decisive = _scarcity(world, month.outlook)
    informed = month.calm_outlook is not month.outlook
    calm, horizon = _scarcity(world, month.calm_outlook) if informed else (scarce, decisive)
    log_bid = metal_desk.choked(scarce + desks.premium, parameters["choke"])
    without_news = metal_desk.choked(calm + desks.premium, parameters["choke"])
    news = log_bid - without_news
    jump = np.zeros_like(news)
    if month.effects.news:
        jump = metal_desk.news_jump(news, desks.news, parameters["news_speed"])
    cover = desks.stock / np.maximum(desks.normal_stock, guards.NOTHING)
    speed = parameters["price_speed"]
    hurried = metal_desk.hurry(cover, speed, parameters["critical_speed"], parameters["critical_cover"])
    log_price = metal_desk.post_price(np.log(desks.price), log_bid, jump, hurried, speed)
    desks.bid, desks.price = np.exp(log_bid), np.exp(log_price)
    desks.news = news
    if world.reasons:
        month.why = explain(world, month, calm, without_news, horizon, news)


def _scarcity(world: State, outlook: Outlook) -> tuple[np.ndarray, np.ndarray]:
    parameters = world.parameters
    eta = world.rates.eta[world.desks.metal]
    return metal_desk.scarcity(outlook.refined, eta, parameters["gamma"], parameters["carry"], HORIZONS)
