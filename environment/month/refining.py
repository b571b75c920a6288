"""Refining: feed becomes metal, the rest is slag."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import refiner
from lodeflow.environment.month.phase import phase
from lodeflow.environment.month.state import Month
from lodeflow.environment.state import State


@phase(
    reads={
        "refiners": "feed_stock planned throughput",
    },
    last={
        "refiners": "expansion",
    },
    writes={
        "month": "flows",
        "refiners": "capacity feed_stock output",
    },
)
def refine(world: State, month: Month) -> None:
    """``output = feed x yield``, t, shape (R,). ODD 7.11."""
    refiners = world.refiners
    refiners.capacity = refiner.capacity(refiners, world.parameters["refinery_ceiling"])
    most = np.minimum(refiners.feed_stock, refiners.capacity / refiners.yield_)
    feed = np.minimum(refiners.throughput * world.noise("refiner"), most)
    refiners.feed_stock = refiners.feed_stock - feed
    refiners.output = feed * refiners.yield_
    month.flows["slag"] = world.by_metal(feed - refiners.output, refiners.metal)
    month.flows["refined primary"] = world.by_metal(refiners.output, refiners.metal)
