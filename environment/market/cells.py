"""Chemistries of vehicle batteries that makers choose from, laid out along their inputs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


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
