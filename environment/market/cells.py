"""Chemistries of vehicle batteries that makers choose from, laid out along their inputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lodeflow.agents import cell

if TYPE_CHECKING:
    from lodeflow.environment.state import State


@dataclass(frozen=True)
class Cells:
    """Figures of the tables ``cells`` and ``cell_mix`` for the countries that make vehicle batteries.

    Attributes:
        names: chemistries, K of them.
        product: product of each, 0 or 1, shape (K,).
        mix: part of each in the energy of its product on the expected path, shape (K,).
        inside: metal in a kWh, kg/kWh, shape (K, metals); last column 1, energy itself.
        factory: factory of each product in each country, row of manufacturers, -1 for none, shape (n, 2).
        desk: desk of each metal in each country, -1 for none, shape (n, metals).
        lines: inputs of these factories, shape (m,).
        place, product_of_line, column: of each line, country and product and column of ``inside``, shape (m,).
    """

    names: tuple[str, ...]
    product: np.ndarray
    mix: np.ndarray
    inside: np.ndarray
    factory: np.ndarray
    desk: np.ndarray
    lines: np.ndarray
    place: np.ndarray
    product_of_line: np.ndarray
    column: np.ndarray

    def reference(self, world: State) -> np.ndarray:
        """Share of each chemistry in the energy of each country's new batteries on the expected path, shape (n, K)."""
        makers = world.manufacturers
        ahead = world.blueprint.demand[world.t][makers.counted_input[self.factory]]
        energy = np.where(self.factory >= 0, (makers.base * makers.expansion)[self.factory] * ahead, 0.0)
        share = energy / energy.sum(axis=1, keepdims=True)
        planned: np.ndarray = share[:, self.product] * self.mix
        return planned

    def chosen(self, world: State, reference: np.ndarray) -> np.ndarray:
        """Share of each chemistry as designers choose it, shape (n, K). ODD 7.2."""
        desks, usual = world.desks, world.rates.price * np.exp(world.anchor)
        there = self.desk >= 0
        price = np.where(there, desks.design_price[self.desk], 1.0)
        mean = np.divide(
            (price * there).sum(axis=0), there.sum(axis=0), out=np.ones(len(usual)), where=there.any(axis=0)
        )
        price = np.where(there, price, mean)  # a metal that a country does not buy yet costs it what it costs others
        cost = cell.dearer(self.inside[:, :-1] * usual / 1000.0, price)
        return cell.shares(reference, cost, world.parameters["cell_cost_response"])

    def over_plan(self, world: State) -> tuple[np.ndarray, np.ndarray]:
        """Metal of each input, shape (L,), and output of each factory, shape (M,), over the expected path. ODD 7.2."""
        reference = self.reference(world)
        chosen = self.chosen(world, reference)
        parts = [self.product == p for p in (0, 1)]
        held = np.stack([cell.over_plan(chosen[:, k], reference[:, k], self.inside[k]) for k in parts], axis=1)
        metal, output = np.ones(len(world.inputs)), np.ones(len(world.manufacturers))
        metal[self.lines] = held[self.place, self.product_of_line, self.column]
        there = self.factory >= 0
        output[self.factory[there]] = held[..., -1][there]
        return metal, output
