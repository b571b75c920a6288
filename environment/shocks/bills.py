"""What policies make somebody pay: an entry, who pays, who gets, and the tonnes on which it falls.

Bills are written by policies at the start of a month and weighed at its end, when the tonnes are known: every entry is
tonnes x rate, by country and metal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lodeflow.agents import guards

if TYPE_CHECKING:
    from lodeflow.environment.state import State


@dataclass(frozen=True)
class Bill:
    """A payment by tonnes.

    Attributes:
        entry: name of the entry.
        payers: kinds of payer with their shares, which sum to 1.
        payee: kind that gets it.
        basis: name of the tonnes on which it falls, in :data:`BASES`.
        rows: rows of the basis, boolean, shape (n,).
        rate: USD/t, one for all or by row, shape (rows that are true,).
        usd: instead of a rate: an amount for the month, USD, which is spread over the tonnes.
        due: for what is missed: the share that a rule asks for.
        shock: number of the policy that wrote it.
    """

    entry: str
    payers: Mapping[Any, float]
    payee: str
    basis: str
    rows: np.ndarray
    rate: np.ndarray | float = 0.0
    usd: float = 0.0
    due: float = 0.0
    shock: int = -1


Weighed = tuple[int, int, float, float]
"""Country, metal, tonnes and USD of a bill in a month."""


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


BASES: dict[str, Callable[[State, Bill], tuple[np.ndarray, np.ndarray, np.ndarray]]] = {
    "put on market": _put_on_market,
    "collected": _collected,
    "not collected": _not_collected,
    "content missed": _content_missed,
    "recovered": _recovered,
    "mined": _mined,
    "refined": _refined,
}
"""Tonnes of the month, country and metal of each row, by name of the basis.

Rows are those of products in use, of makers' inputs, or of recyclers x metals."""


def weighed(world: State, bill: Bill) -> list[Weighed]:
    """What a bill comes to at the end of the month: (country, metal, tonnes, USD) where there is any."""
    tonnes, country, metal = BASES[bill.basis](world, bill)
    rows, metals = bill.rows, len(world.layout.metals)
    cell = (country * metals + metal)[rows]
    size = len(world.layout.countries) * metals
    mass = np.bincount(cell, tonnes[rows], size)
    rate = bill.usd / max(float(tonnes[rows].sum()), guards.LEAST) if bill.usd else bill.rate
    usd = np.bincount(cell, tonnes[rows] * rate, size)
    return [(int(c) // metals, int(c) % metals, float(mass[c]), float(usd[c])) for c in np.flatnonzero(usd)]


def costs(
    bills: Iterable[tuple[Bill, list[Weighed]]], metals: Sequence[str]
) -> tuple[dict[str, float], dict[str, float]]:
    """What those who bear a policy pay in all, by kind of bearer and by metal, USD.

    Args:
        bills: with what they come to.
        metals: names by index.
    """
    by_bearer: dict[str, float] = {}
    by_metal: dict[str, float] = {}
    for bill, rows in bills:
        for _, metal, _, usd in rows:
            by_metal[metals[metal]] = by_metal.get(metals[metal], 0.0) + usd
            for payer, share in bill.payers.items():
                by_bearer[payer] = by_bearer.get(payer, 0.0) + share * usd
    return by_bearer, by_metal
