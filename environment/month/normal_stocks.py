"""Normal stocks of the month, and what firms hold at its start."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import refiner
from lodeflow.environment.market.contracts import share_of_sellers
from lodeflow.environment.month.phase import phase
from lodeflow.environment.month.state import Month
from lodeflow.environment.state import State

SURPLUS_MONTHS = 12
"""The base year's market surplus comes in over its twelve months."""


@phase(
    reads={
        "inputs": "planned",
        "refiners": "planned",
    },
    last={
        "inputs": "stock",
        "markets.refined": "weight",
        "refiners": "expansion",
        "secondary": "rate",
    },
    writes={
        "desks": "normal_at_sellers normal_stock stock",
        "refiners": "normal_feed normal_stock",
        "secondary": "normal_stock",
    },
)
def set_normals(world: State, month: Month) -> None:
    """Normal stocks: months of cover times normal flow, t, shape (n,); and stocks of desks. ODD 7.5.

    ``normal = cover x planned output``; sellers of primary metal also hold what the base year left idle.
    """
    inputs, desks, refiners, secondary = world.inputs, world.desks, world.refiners, world.secondary
    cover = world.rates.cover
    desks.stock = np.bincount(inputs.desk, inputs.stock, len(desks))
    desks.normal_stock = np.bincount(inputs.desk, cover["manufacturer"][inputs.metal] * inputs.planned, len(desks))
    refiners.normal_feed = cover["feed"][refiners.metal] * refiner.normal_throughput(refiners)
    refiners.normal_stock = cover["refined"][refiners.metal] * refiners.planned * refiners.expansion
    secondary.normal_stock = cover["refined"][secondary.metal] * secondary.rate
    desks.normal_at_sellers = share_of_sellers(world, "refined", sellers_normal(world))


def idle(world: State) -> np.ndarray:
    """Stock that the base year's market surplus has left above ground so far, t, shape (metals,)."""
    return world.blueprint.surplus * min(world.t + 1, SURPLUS_MONTHS) / float(SURPLUS_MONTHS)


def sellers_normal(world: State) -> np.ndarray:
    """Normal stock of all sellers of refined metal, t, shape (S,)."""
    return np.concatenate([world.refiners.normal_stock, world.secondary.normal_stock])
