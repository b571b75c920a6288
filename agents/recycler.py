"""Recyclers: one row per country, product group and class (formal or informal). They separate scrap into metals."""

from __future__ import annotations

import numpy as np

from lodeflow.agents.arrays import bounded
from lodeflow.agents.population import Attribute, Population, declare

ATTRIBUTES = declare(
    "recycler",
    Attribute("country", "index", 0, "country of the plant", fixed=True),
    Attribute("group", "index", 0, "product group whose scrap it takes", fixed=True),
    Attribute("formal", "index", 1, "1 large formal plant, 0 small informal workshop", fixed=True),
    Attribute("base", "USD/month", 0.0, "scrap treated in the base month, valued at base prices", fixed=True),
    Attribute("expansion", "1", 1.0, "capacity relative to what was planned for this month"),
    Attribute("planned", "USD/month", 0.0, "normal throughput planned for this month, at base prices"),
    Attribute("held", "USD", 0.0, "scrap in the yard, at base prices"),
    Attribute("throughput", "USD/month", 0.0, "scrap treated this month, at base prices"),
    Attribute("bid", "1", 1.0, "bid for scrap relative to base"),
    Attribute("margin", "1", 0.0, "12-month mean of ln(value of metals / base value)"),
)


def scrap_bid(value: np.ndarray, cost: float) -> np.ndarray:
    """What recyclers can pay for scrap: ``(value - c) / (1 - c)``, at least 0.05.

    Args:
        value: value of the metals that come out, relative to base, shape (Y,).
        cost: separation cost as a share of the base value.
    """
    return np.maximum((value - cost) / (1.0 - cost), 0.05)


def plan_throughput(recyclers: Population, response: float, ceiling: float) -> np.ndarray:
    """Scrap that recyclers want to treat this month, USD at base prices, shape (Y,).

    What lies in the yard, at most the plant's capacity, which is run harder when scrap pays.
    """
    capacity = recyclers.planned * recyclers.expansion * ceiling * bounded(recyclers.bid, 0.1, 6.0) ** response
    return np.minimum(recyclers.held, capacity)
