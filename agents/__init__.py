"""Who decides: countries, miners, refiners, manufacturers and recyclers, kept as columns; one file per kind.

Each file holds the vocabulary of its kind and the rules by which it decides, as functions over whole columns. Firms of a
country meet at desks (``ore_desk``, ``metal_desk``), in ``scrap_pool`` and as ``secondary_seller``.
"""

from __future__ import annotations

from lodeflow.agents import (
    belief,
    contract,
    country,
    firm,
    government,
    host,
    manufacturer,
    memory,
    metal_desk,
    miner,
    ore_desk,
    process,
    product_group,
    recycler,
    refiner,
    scrap_pool,
    secondary_seller,
    seller,
)
from lodeflow.agents.population import Attribute, Population, vocabulary

__all__ = [
    "Attribute",
    "Population",
    "belief",
    "contract",
    "country",
    "firm",
    "government",
    "host",
    "manufacturer",
    "memory",
    "metal_desk",
    "miner",
    "ore_desk",
    "process",
    "product_group",
    "recycler",
    "refiner",
    "scrap_pool",
    "secondary_seller",
    "seller",
    "vocabulary",
]
