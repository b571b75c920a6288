"""Ore desks: one row per country and metal mined, where the mines of a country sell ore or intermediates."""

from __future__ import annotations

from lodeflow.agents.population import Attribute, declare

ATTRIBUTES = declare(
    "ore desk",
    Attribute("country", "index", 0, "country of the mines", fixed=True, of="countries"),
    Attribute("metal", "index", 0, "metal sold", fixed=True, of="metals"),
    Attribute("entrant", "1", 0, "1 where the country did not mine the metal in the base year", fixed=True),
    Attribute("ask", "1", 1.0, "ask relative to the anchor"),
    Attribute("worth", "1", 0.0, "mean net bid where it sells, ln points"),
    Attribute("unsold", "1", 0.0, "what it takes off its worth because it cannot place all, ln points"),
    Attribute("normal_stock", "t", 0.0, "ore stock that is normal for its mines"),
)
