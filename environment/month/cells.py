"""Which battery cells makers choose: part of the phase of demand."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import cell
from lodeflow.environment.market.cells import Cells
from lodeflow.environment.state import State


def reference(world: State, cells: Cells) -> np.ndarray:
    """Share of each chemistry in the energy of each country's new batteries on the expected path, shape (n, K)."""
    makers = world.manufacturers
    ahead = world.blueprint.demand[world.t][makers.counted_input[cells.factory]]
    energy = np.where(cells.factory >= 0, (makers.base * makers.expansion)[cells.factory] * ahead, 0.0)
    share = energy / energy.sum(axis=1, keepdims=True)
    planned: np.ndarray = share[:, cells.product] * cells.mix
    return planned


def chosen(world: State, cells: Cells, planned: np.ndarray) -> np.ndarray:
    """Share of each chemistry as designers choose it, shape (n, K). ODD 7.2."""
    desks, usual = world.desks, world.rates.price * np.exp(world.anchor)
    there = cells.desk >= 0
    price = np.where(there, desks.design_price[cells.desk], 1.0)
    seen = there.any(axis=0)
    mean = np.divide((price * there).sum(axis=0), there.sum(axis=0), out=np.ones(len(usual)), where=seen)
    price = np.where(there, price, mean)  # a metal that a country does not buy yet costs it what it costs others
    cost = cell.dearer(cell.worth(cells.inside[:, :-1], usual), price)
    return cell.shares(planned, cost, world.parameters["cell_cost_response"])


def over_plan(world: State, cells: Cells) -> tuple[np.ndarray, np.ndarray]:
    """Metal of each input, shape (L,), and output of each factory, shape (M,), over the expected path. ODD 7.2."""
    planned = reference(world, cells)
    built = chosen(world, cells, planned)
    parts = [cells.product == p for p in (0, 1)]
    held = np.stack([cell.over_plan(built[:, k], planned[:, k], cells.inside[k]) for k in parts], axis=1)
    metal, output = np.ones(len(world.inputs)), np.ones(len(world.manufacturers))
    metal[cells.lines] = held[cells.place, cells.product_of_line, cells.column]
    there = cells.factory >= 0
    output[cells.factory[there]] = held[..., -1][there]
    return metal, output
