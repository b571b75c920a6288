"""Refiners: one row per country and metal. They buy feed, hold metal, and earn the treatment charge."""

from __future__ import annotations

import numpy as np

from lodeflow.agents.arrays import bounded
from lodeflow.agents.population import Attribute, Population, declare

ATTRIBUTES = declare(
    "refiner",
    Attribute("country", "index", 0, "country of the refinery", fixed=True),
    Attribute("metal", "index", 0, "metal refined", fixed=True),
    Attribute("base", "t/month", 0.0, "refined output in the base month", fixed=True),
    Attribute("expansion", "1", 1.0, "capacity relative to what was planned for this month"),
    Attribute("yield_", "1", 1.0, "refined metal per metal in feed; the rest is slag", fixed=True),
    Attribute("feed_stock", "t", 0.0, "ore or intermediate in the yard"),
    Attribute("stock", "t", 0.0, "refined metal for sale"),
    Attribute("planned", "t/month", 0.0, "normal refined output planned for this month"),
    Attribute("throughput", "t/month", 0.0, "feed it wants to treat this month"),
    Attribute("output", "t/month", 0.0, "refined output of this month"),
    Attribute("bid", "1", 1.0, "bid for feed relative to its anchor"),
    Attribute("margin", "1", 0.0, "12-month mean of ln(refined ask / feed bid)"),
)


def feed_bid(
    ask: np.ndarray, availability: np.ndarray, charge: np.ndarray, response: float, growth: float
) -> np.ndarray:
    """What refiners can pay for feed: the netback ``(ask - tc) / (1 - tc0)``.

    The treatment charge tc shrinks when feed is scarce and grows a little with the refined price.

    Args:
        ask: refined ask relative to its anchor, shape (R,).
        availability: feed availability relative to what is expected, smallest over the horizons, shape (R,).
        charge: tc0, treatment charge as a share of the refined price in the base year, shape (R,).
        response: exponent of the charge on availability.
        growth: exponent of the charge on the refined price.

    Returns:
        Bid relative to the base feed price, shape (R,), at least 0.05.
    """
    scarce = bounded(availability, 0.05, 3.0) ** response
    treatment = charge * scarce * np.minimum(ask, 3.0) ** growth
    return np.maximum((ask - treatment) / (1.0 - charge), 0.05)


def plan_throughput(
    refiners: Population,
    availability: np.ndarray,
    ask: np.ndarray,
    charge: np.ndarray,
    ceiling: np.ndarray,
    response: float,
) -> np.ndarray:
    """Feed that refiners want to treat this month, t/month, shape (R,).

    Normal throughput times feed availability (at most the plant's ceiling), held back a little (exponent ``response``) when
    what the refined price leaves above the feed falls below the treatment charge of the base year.

    Args:
        refiners: the refiners; ``bid`` is what they pay for feed.
        availability: feed availability relative to what is expected, shape (R,).
        ask: refined ask relative to its anchor, shape (R,).
        charge: treatment charge as a share of the refined price in the base year, shape (R,).
        ceiling: largest throughput over normal, shape (R,).
        response: exponent.
    """
    normal = refiners.planned * refiners.expansion / refiners.yield_
    margin = bounded((ask - refiners.bid * (1.0 - charge)) / charge, 0.3, 1.0) ** response
    wanted: np.ndarray = normal * np.minimum(availability, ceiling) * margin
    return wanted
