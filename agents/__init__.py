"""Who decides: countries, miners, refiners, manufacturers and recyclers, kept as columns."""

from __future__ import annotations

from lodeflow.agents import country, manufacturer, miner, recycler, refiner
from lodeflow.agents.population import Attribute, Population, vocabulary

__all__ = ["Attribute", "Population", "country", "manufacturer", "miner", "recycler", "refiner", "vocabulary"]
