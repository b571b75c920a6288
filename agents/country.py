"""Countries: government, households and customs. They hold strategic reserves and collect what comes out of use."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import guards
from lodeflow.agents.arrays import bounded
from lodeflow.agents.population import Attribute, declare

ATTRIBUTES = declare(
    "country",
    Attribute("latitude", "degree", 0.0, "where it is drawn, north positive", fixed=True),
    Attribute("longitude", "degree", 0.0, "where it is drawn, east positive", fixed=True),
    Attribute("population", "persons", 0.0, "people in the base year", fixed=True),
    Attribute("gdp", "USD/year", 0.0, "income in the base year, current USD", fixed=True),
    Attribute("informal_share", "1", 0.0, "share of collected scrap that goes to informal workshops", fixed=True),
)


def collection_rate(base: np.ndarray, scrap_price: np.ndarray, elasticity: float, ceiling: float) -> np.ndarray:
    """Share of end-of-life products that is collected.

    Collectors bring in more when scrap pays: ``c (P_scrap)^e``, at most ``ceiling``.

    Args:
        base: share collected at base prices, including what a rule asks for, shape (V,).
        scrap_price: price of scrap relative to base, shape (V,).
        elasticity: of collection to the scrap price.
        ceiling: largest share that can ever be collected.

    Returns:
        Share, shape (V,).

    ODD 7.12.
    """
    return np.minimum(base * bounded(scrap_price, *guards.COLLECTION_PRICE) ** elasticity, np.maximum(base, ceiling))


def built_up(rate: np.ndarray, trend: np.ndarray, ceiling: float) -> np.ndarray:
    """Collection at base prices as systems are built up: along a logistic line, ``r e^s / (1 + (r / c) (e^s - 1))``, shape (n,).

    ODD 7.12.

    Args:
        rate: r, share collected before, shape (n,).
        trend: s, rise of ln(r / (c - r)) over the time that passes, ln points, shape (n,).
        ceiling: c, largest share that can ever be collected (parameter ``collection_max``); a rate above it stays.
    """
    grown = np.exp(trend)
    return np.where(rate < ceiling, rate * grown / (1.0 + (rate / ceiling) * (grown - 1.0)), rate)


def reserve_release(
    reserve: np.ndarray, cover: np.ndarray, price: np.ndarray, months: float, low_cover: float, high_price: float
) -> np.ndarray:
    """Metal that governments release this month, t, shape (B,).

    A reserve opens when firms hold less than ``low_cover`` of their normal stock and the price is above ``high_price``; it
    empties over ``months``: ``reserve / months``. ODD 7.14.

    Args:
        reserve: t, shape (B,).
        cover: what firms hold over their normal stock, shape (B,).
        price: relative to the anchor, shape (B,).
        months, low_cover, high_price: parameters ``reserve_release_months``, ``reserve_low_cover``, ``reserve_high_price``.
    """
    opened = (cover < low_cover) & (price > high_price)
    return np.where(opened, reserve / months, 0.0)


def reserve_order(
    reserve: np.ndarray, target: np.ndarray, price: np.ndarray, months: float, calm_price: float
) -> np.ndarray:
    """Metal that governments want to buy back this month, t, shape (B,): ``(target - reserve) / months`` while prices are calm.

    ODD 7.14.

    Args:
        reserve, target: t, shape (B,).
        price: relative to the anchor, shape (B,).
        months, calm_price: parameters ``reserve_refill_months``, ``reserve_calm_price``.
    """
    return np.where(price < calm_price, np.maximum(target - reserve, 0.0) / months, 0.0)


def under_rule(before: np.ndarray, target: np.ndarray | float, progress: float) -> np.ndarray:
    """What a rule lifts a rate or a yield to: ``before + max(target - before, 0) x progress``, shape (n,). ODD 7.14.

    Args:
        before: rate or yield without the rule, a share, or t of a given content, shape (n,).
        target: what the rule asks for, a share or t as ``before``, shape (n,) or one for all.
        progress: part of the way that has been gone, 0 to 1.
    """
    lifted: np.ndarray = before + np.maximum(target - before, 0.0) * progress
    return lifted


def approved_share(expected: float, noise: float) -> float:
    """Share of normal exports that a government licenses this month: ``max(1 - (1 - a) noise, 0)``. ODD 7.13.

    Args:
        expected: a, share that it approves on average (parameter ``licence_approval``, or what the measure says).
        noise: mean 1.
    """
    refused = (1.0 - expected) * noise
    return max(1.0 - refused, 0.0)
