"""Product groups: what recyclers all over the world have learnt about the scrap of a group of products."""

from __future__ import annotations

from lodeflow.agents.population import Attribute, declare

ATTRIBUTES = declare(
    "product group",
    Attribute("first_volume", "USD/month", 0.0, "scrap that formal plants treated at the start", fixed=True),
    Attribute("volume", "USD/month", 0.0, "the same, mean over the years that experience counts"),
    Attribute("unlearned", "1", 1.0, "part of the gap to the yields of the best plants that is left"),
)
