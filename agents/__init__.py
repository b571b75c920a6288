"""Who decides: countries, miners, refiners, manufacturers and recyclers, kept as columns."""

from __future__ import annotations

from agents.population import Attribute, Population, vocabulary

__all__ = ["Attribute", "Population", "vocabulary"]
