"""Sellers of recycled metal: one row per country and metal, where the recyclers of a country sell what they recover."""

from __future__ import annotations

from lodeflow.agents.population import Attribute, declare

ATTRIBUTES = declare(
    "secondary seller",
    Attribute("country", "index", 0, "country of the recyclers", fixed=True, of="countries"),
    Attribute("metal", "index", 0, "metal sold", fixed=True, of="metals"),
    Attribute("stock", "t", 0.0, "recycled metal for sale"),
    Attribute("rate", "t/month", 0.0, "output, smoothed over the memory of recyclers"),
    Attribute("output", "t/month", 0.0, "recycled metal that came in this month"),
    Attribute("old_output", "t/month", 0.0, "part of it that comes from products at the end of their life"),
    Attribute("foreign_output", "t/month", 0.0, "part of it that comes from scrap collected abroad"),
    Attribute("grade", "1", 0.0, "share of each quality in what it has for sale", shape=("agent", "grade")),
    Attribute("ask", "1", 1.0, "ask relative to the anchor"),
    Attribute("worth", "1", 0.0, "mean net bid where it sells, ln points"),
    Attribute("unsold", "1", 0.0, "what it takes off its worth because it cannot place all, ln points"),
    Attribute("normal_stock", "t", 0.0, "stock that is normal this month"),
)
