"""Metal desks: one row per country and metal used, where the manufacturers and the government of a country buy.

A desk bids a level around a slow anchor, never a multiple of last month's price; its posted price moves towards the bid.
"""

from __future__ import annotations

import numpy as np

from lodeflow.agents import guards
from lodeflow.agents.arrays import bounded
from lodeflow.agents.population import Attribute, declare

ATTRIBUTES = declare(
    "desk",
    Attribute("country", "index", 0, "country of the market", fixed=True, of="countries"),
    Attribute("metal", "index", 0, "metal bought", fixed=True, of="metals"),
    Attribute("price", "1", 1.0, "posted price relative to the anchor"),
    Attribute("bid", "1", 1.0, "bid relative to the anchor"),
    Attribute("premium", "1", 0.0, "slow premium, in ln points, for use that stays unmet"),
    Attribute("missing", "1", 0.0, "share of expected inflow that is missing, smoothed"),
    Attribute("exposed", "1", 0.0, "share of normal inflow under a restriction that is believed"),
    Attribute("reserve", "t", 0.0, "strategic reserve of the government"),
    Attribute("investors", "t", 0.0, "metal that investors or governments bought and keep off the market"),
    Attribute("reserve_target", "months", 0.0, "strategic reserve wanted, in months of use", fixed=True),
    Attribute("green_premium", "1", 0.0, "premium paid for recycled metal to meet a content rule, in ln points"),
    Attribute("use", "t/month", 0.0, "use wanted before the short-run response to price"),
    Attribute("substitution", "1", 1.0, "metal per unit relative to the plan, over all its uses"),
    Attribute("demand_ahead", "1", 1.0, "demand expected because of shocks", shape=("horizon", "agent")),
    Attribute("stock", "t", 0.0, "metal that its manufacturers hold at the start of the month"),
    Attribute("normal_stock", "t", 0.0, "metal that they normally hold"),
    Attribute("normal_at_sellers", "t", 0.0, "normal stock of sellers, shared out to their buyers by contract"),
    Attribute("desired", "t/month", 0.0, "use wanted at the posted price"),
    Attribute("shortage", "t/month", 0.0, "use wanted at the posted price for which the metal was not there"),
    Attribute("news", "1", 0.0, "part of last month's bid that news caused, ln points"),
    Attribute("design_price", "1", 1.0, "price relative to the anchor that designers of cells count on, smoothed"),
    Attribute("recycled_inflow", "1", 0.0, "share of recycled metal in what was bought, smoothed"),
)


def scarcity(
    availability: np.ndarray, eta: np.ndarray, gamma: float, carry: float, horizons: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """How scarce the metal looks, ln points before the choke, and the horizon that decides it.

    ``l(h) = -ln A / eta`` when the metal is short, ``-gamma ln A`` when it is plentiful, less the cost of carry; the highest
    horizon counts. ODD 7.6.

    Args:
        availability: ln of availability over what is expected, shape (H, B).
        eta: scarcity response of the price, ln points per ln point (an elasticity), shape (B,).
        gamma: response to plenty.
        carry: cost of carry, ln points per month of horizon beyond the first.
        horizons: months, shape (H,).

    Returns:
        (l, h): shape (B,) each.
    """
    short = -availability / eta
    level = np.where(availability < 0.0, short, -gamma * availability)
    level = level - (carry * np.maximum(horizons - horizons[0], 0.0))[:, None]
    horizon = level.argmax(axis=0)
    return level[horizon, np.arange(len(eta))], horizon


def choked(level: np.ndarray, choke: float) -> np.ndarray:
    """Rises level off towards the choke price, where use is given up: ``Lc (1 - exp(-l / Lc))`` for l > 0. ODD 7.6.

    Args:
        level: ln points, shape (B,).
        choke: Lc, ln points.
    """
    return np.where(level > 0.0, choke * -np.expm1(-np.maximum(level, 0.0) / choke), level)


def hurry(cover: np.ndarray, speed: float, critical_speed: float, critical_cover: float) -> np.ndarray:
    """Share of the gap to a higher bid that the posted price closes in a month, shape (B,). ODD 7.6.

    ``speed + (critical_speed - speed) (1 - cover / critical_cover)``: ``speed`` while stocks are at least ``critical_cover`` of
    normal, rising to ``critical_speed`` as they empty.

    Args:
        cover: stock over normal stock, shape (B,).
        speed, critical_speed, critical_cover: parameters ``price_speed``, ``critical_speed``, ``critical_cover``.
    """
    return speed + (critical_speed - speed) * bounded((critical_cover - cover) / critical_cover, 0.0, 1.0)


def post_price(
    log_price: np.ndarray, log_bid: np.ndarray, jump: np.ndarray, hurried: np.ndarray, speed: float
) -> np.ndarray:
    """ln of the posted price: it takes the jump of the news, then moves towards the bid, faster upwards when stocks are empty.

    ``ln P + j + lambda (ln B - ln P - j)``. ODD 7.6.

    Args:
        log_price: last month's price, ln points, shape (B,).
        log_bid: this month's bid, ln points, shape (B,).
        jump: ln points, shape (B,), at least 0.
        hurried: :func:`hurry`, share of the gap in a month, shape (B,).
        speed: parameter ``price_speed``.
    """
    gap = log_bid - log_price - jump
    return log_price + jump + np.where(gap > 0.0, hurried, speed) * gap


def unmet_premium(
    premium: np.ndarray, unmet: np.ndarray, step: float, fade: float, threshold: float, most: float
) -> np.ndarray:
    """The slow premium after one month: it grows by ``step x unmet`` while use stays unmet, and fades, ln points, shape (B,).

    ODD 7.6.

    Args:
        premium: ln points, shape (B,).
        unmet: share of the desired use for which the metal was not there, shape (B,).
        step, fade, threshold, most: parameters ``unmet_premium``, ``unmet_fade``, ``unmet_threshold``, ``unmet_premium_max``.
    """
    return bounded(np.where(unmet > threshold, premium + step * unmet, premium * fade), 0.0, most)


def notice_missing(missing: np.ndarray, ratio: np.ndarray, rise: float, fall: float) -> np.ndarray:
    """Share of expected inflow that buyers see missing: noticed fast, forgotten slowly, shape (B,). ODD 7.5.

    ``m + speed (1 - min ratio - m)``, with ``rise`` as the speed where more is missing than before, else ``1 / fall``.

    Args:
        missing: share seen so far, shape (B,).
        ratio: allocated over expected inflow by horizon, shape (H, B).
        rise: share of a rise noticed in a month (parameter ``missing_rise``).
        fall: months over which it is forgotten (parameter ``missing_fall``).
    """
    seen = bounded(1.0 - ratio.min(axis=0), 0.0, 1.0)
    speed = np.where(seen > missing, rise, 1.0 / fall)
    moved: np.ndarray = missing + speed * (seen - missing)
    return moved


def green_premium(
    premium: np.ndarray,
    wanted: np.ndarray,
    recycled: np.ndarray,
    speed: float,
    most: float | np.ndarray,
    wish: float | np.ndarray = 0.0,
) -> np.ndarray:
    """Premium for recycled metal: it moves towards ``max(most x share of the rule that is missed, wish)``, ln points, shape (B,).

    ODD 7.14.

    Args:
        premium: ln points, shape (B,).
        wanted: share of recycled metal that the law asks for, shape (B,).
        recycled: share of recycled metal in what was bought, shape (B,).
        speed: parameter ``green_premium_speed``.
        most: what the penalty of the rule makes worth paying, else parameter ``green_premium_max``, ln points, one or shape (B,).
        wish: what buyers pay by choice, ln points, one or shape (B,).
    """
    missed = np.maximum(wanted - recycled, 0.0) / np.maximum(wanted, guards.NOTHING)
    target = np.maximum(most * (wanted > 0) * np.minimum(missed, 1.0), wish)
    moved: np.ndarray = premium + speed * (target - premium)
    return moved


def news_jump(news: np.ndarray, before: np.ndarray, speed: float) -> np.ndarray:
    """Part of the news that the posted price takes at once: ``speed max(news - before, 0)``, ln points, shape (B,). ODD 7.6.

    Args:
        news: part of the bid that news causes, ln points, shape (B,).
        before: the same of last month, ln points, shape (B,).
        speed: share taken at once (parameter ``news_speed``).
    """
    jump: np.ndarray = speed * np.maximum(news - before, 0.0)
    return jump


def orders(makers: np.ndarray, lacking: np.ndarray, months: np.ndarray, use: np.ndarray, most: float) -> np.ndarray:
    """What a desk orders for its makers, t, shape (B,): their orders, and part of what is missing on the way. ODD 7.10.

    ``min(orders + lacking / months, most x use)``, at least 0.

    Args:
        makers: sum of the orders of manufacturers, t, shape (B,).
        lacking: goods normally under way less those that are, t, shape (B,).
        months: time over which the gap is closed, months, shape (B,).
        use: wanted before the response to price, t/month, shape (B,).
        most: largest order, months of use (parameter ``order_max``).
    """
    return bounded(makers + lacking / months, 0.0, most * use)
