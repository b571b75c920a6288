"""Countries: government, households and customs. They hold strategic reserves and collect what comes out of use."""

from __future__ import annotations

import numpy as np

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

DESK_ATTRIBUTES = declare(
    "desk",
    Attribute("country", "index", 0, "country of the market", fixed=True),
    Attribute("metal", "index", 0, "metal bought", fixed=True),
    Attribute("price", "1", 1.0, "posted price relative to the anchor"),
    Attribute("bid", "1", 1.0, "bid relative to the anchor"),
    Attribute("premium", "1", 0.0, "slow premium, in ln points, for use that stays unmet"),
    Attribute("missing", "1", 0.0, "share of expected inflow that is missing, smoothed"),
    Attribute("exposed", "1", 0.0, "share of normal inflow under a restriction that is believed"),
    Attribute("reserve", "t", 0.0, "strategic reserve of the government"),
    Attribute("investors", "t", 0.0, "metal that investors or governments bought and keep off the market"),
    Attribute("reserve_target", "months", 0.0, "strategic reserve wanted, in months of use", fixed=True),
    Attribute("green_premium", "1", 0.0, "premium paid for recycled metal to meet a content rule, in ln points"),
    Attribute("recycled_inflow", "1", 0.0, "share of recycled metal in what was bought, smoothed"),
)


def collection_rate(base: np.ndarray, scrap_price: np.ndarray, elasticity: float, ceiling: float) -> np.ndarray:
    """Share of end-of-life products that is collected.

    Collectors bring in more when scrap pays: ``c (P_scrap)^e``, at most ``ceiling``.

    Args:
        base: collection rate at base prices, including what a rule asks for, shape (V,).
        scrap_price: price of scrap relative to base, shape (V,).
        elasticity: of collection to the scrap price.
        ceiling: largest share that can ever be collected.
    """
    return np.minimum(base * bounded(scrap_price, 0.1, 10.0) ** elasticity, np.maximum(base, ceiling))


def reserve_release(
    reserve: np.ndarray, cover: np.ndarray, price: np.ndarray, months: float, low_cover: float, high_price: float
) -> np.ndarray:
    """Metal that governments release this month, t, shape (B,).

    A reserve opens when firms hold less than ``low_cover`` of their normal stock and the price is above ``high_price``; it
    empties over ``months``.
    """
    opened = (cover < low_cover) & (price > high_price)
    return np.where(opened, reserve / months, 0.0)


def reserve_order(
    reserve: np.ndarray, target: np.ndarray, price: np.ndarray, months: float, calm_price: float
) -> np.ndarray:
    """Metal that governments want to buy back this month, t, shape (B,): the gap over ``months`` while prices are calm."""
    return np.where(price < calm_price, np.maximum(target - reserve, 0.0) / months, 0.0)
