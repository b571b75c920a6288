"""Scrap pools: one row per country and product group, where collected and new scrap waits for recyclers.

What lies in a pool is kept in three parts of one matrix: the metals' content, what formal plants can recover of it, and what
informal workshops can.
"""

from __future__ import annotations

import numpy as np

from lodeflow.agents.population import Attribute, declare

PARTS = 3
"""Content, formally recoverable, informally recoverable."""

ATTRIBUTES = declare(
    "scrap pool",
    Attribute("country", "index", 0, "country of the collectors", fixed=True),
    Attribute("group", "index", 0, "product group", fixed=True),
    Attribute("scrap", "t", 0.0, "content, formally, informally recoverable metal", shape=("agent", "part x metal")),
    Attribute("new_scrap", "t", 0.0, "new scrap of this month, in the same parts", shape=("agent", "part x metal")),
    Attribute("arising", "t", 0.0, "scrap that came in this month, in the same parts", shape=("agent", "part x metal")),
    Attribute("rate", "USD/month", 0.0, "scrap that comes in, at base prices, smoothed"),
    Attribute("ask", "1", 1.0, "ask relative to base"),
    Attribute("memory", "1", 0.0, "ln of the ask, smoothed over the memory of collectors"),
)


def content(parts: np.ndarray) -> np.ndarray:
    """Metal content of scrap kept in parts: a view of the first part, ``parts[:, :K / 3]``, shape (n, metals). ODD 7.12.

    Args:
        parts: content, formally and informally recoverable metal side by side, t, shape (n, 3 x metals).
    """
    return parts[:, : parts.shape[1] // PARTS]
