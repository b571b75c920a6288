"""Product groups: what recyclers all over the world have learnt about the scrap of a group of products."""

from __future__ import annotations

from lodeflow.agents.population import Attribute, declare

ATTRIBUTES = declare(
    "product group",
    Attribute("first_volume", "USD/month", 0.0, "scrap that formal plants treated at the start", fixed=True),
    Attribute("volume", "USD/month", 0.0, "scrap that formal plants treat, smoothed"),
    Attribute("skill", "1", 1.0, "recovery yields relative to the start, learnt by volume"),
)
