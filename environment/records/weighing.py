"""What the bills of policies come to: the tonnes of the month on which they fall, by country and metal, and the money."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lodeflow.agents import guards
from lodeflow.environment.shocks.bills import Bill, Weighed
from lodeflow.environment.state import State


def _put_on_market(world: State, bill: Bill) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    in_use = world.in_use
    return in_use.newest(), in_use.country, in_use.metal


def _collected(world: State, bill: Bill) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    in_use = world.in_use
    return in_use.collected, in_use.country, in_use.metal


def _not_collected(world: State, bill: Bill) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    in_use = world.in_use
    return np.maximum(bill.due * in_use.collectable - in_use.collected, 0.0), in_use.country, in_use.metal


def _content_missed(world: State, bill: Bill) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    inputs = world.inputs
    missed = np.maximum(inputs.content_minimum - inputs.recycled, 0.0) * inputs.use
    return missed, inputs.country, inputs.metal


def _recovered(world: State, bill: Bill) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    recyclers, metals = world.recyclers, world.recyclers.recovered.shape[1]
    tonnes: np.ndarray = recyclers.recovered.ravel()
    return tonnes, np.repeat(recyclers.country, metals), np.tile(np.arange(metals), len(recyclers))


def _mined(world: State, bill: Bill) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return world.miners.output, world.miners.country, world.miners.metal


def _refined(world: State, bill: Bill) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return world.refiners.output, world.refiners.country, world.refiners.metal


def _into_reserves(world: State, bill: Bill) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return world.now.to_reserves, world.desks.country, world.desks.metal


def _out_of_reserves(world: State, bill: Bill) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return world.now.opened, world.desks.country, world.desks.metal


def _in_reserves(world: State, bill: Bill) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return world.desks.reserve, world.desks.country, world.desks.metal


BASES: dict[str, Callable[[State, Bill], tuple[np.ndarray, np.ndarray, np.ndarray]]] = {
    "put on market": _put_on_market,
    "collected": _collected,
    "not collected": _not_collected,
    "content missed": _content_missed,
    "recovered": _recovered,
    "mined": _mined,
    "refined": _refined,
    "into reserves": _into_reserves,
    "out of reserves": _out_of_reserves,
    "in reserves": _in_reserves,
}
"""Tonnes of the month, country and metal of each row, by name of the basis.

Rows are those of products in use, of makers' inputs, of firms, of desks, or of recyclers x metals."""


def weighed(world: State, bill: Bill) -> list[Weighed]:
    """What a bill comes to at the end of the month: (country, metal, tonnes, USD) where there is any."""
    tonnes, country, metal = BASES[bill.basis](world, bill)
    rows, metals = bill.rows, len(world.layout.metals)
    cell = (country * metals + metal)[rows]
    size = len(world.layout.countries) * metals
    mass = np.bincount(cell, tonnes[rows], size)
    rate = bill.usd / max(float(tonnes[rows].sum()), guards.LEAST) if bill.usd else bill.rate
    if bill.priced:
        rate = (rate * world.desks.price * np.exp(world.anchor[metal]) * world.rates.price[metal])[rows]
    usd = np.bincount(cell, tonnes[rows] * rate, size)
    return [(int(c) // metals, int(c) % metals, float(mass[c]), float(usd[c])) for c in np.flatnonzero(usd)]
