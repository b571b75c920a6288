"""Hosts: one row per country and host industry of a by-product, such as zinc smelters, or copper mines of the world itself."""

from __future__ import annotations

import numpy as np

from lodeflow.agents.population import Attribute, declare

ATTRIBUTES = declare(
    "host",
    Attribute("country", "index", 0, "country of the host", fixed=True, of="countries"),
    Attribute("ratio", "1", 1.0, "output relative to plan; 1 for hosts outside the world's metals"),
)


def output_ratio(made: np.ndarray, planned: np.ndarray) -> np.ndarray:
    """Output of each host over its plan, 1 where nothing of it is mined in the world: ``made / planned``, shape (X,). ODD 7.4.

    Args:
        made, planned: of the mines that are part of the host, t/month, shape (X,).
    """
    return np.divide(made, planned, out=np.ones(len(made)), where=planned > 0)
