"""Trade in products: which share of what a country makes of a product comes into use in which country, by year."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lodeflow.environment.guarded import Guarded
from lodeflow.environment.market import clearing


@dataclass
class ProductTrade(Guarded):
    """Edges from where products are made to where they are used; what stays at home is an edge as well.

    The first block has one entry per edge, shape (E,): a product, a country that makes it and one that uses it. The second
    has one entry per edge and metal of the product, shape (N,): what the edge carries of the goods of one input.

    Attributes:
        product, maker, user: indices of the edge.
        share: share of what the maker makes that goes to the user, shape (years, E); sums to 1 by product and maker.
        edge: row of the edge.
        metal_share: the same for one metal of the product, shape (years, N); sums to 1 by input.
        input: row of the manufacturer's input whose metal it carries.
        row: row of the stock in use that it enters; the number of stocks where the product leaves none.
        first_year: calendar year of the first row of ``share``; the last row holds on.
    """

    product: np.ndarray
    maker: np.ndarray
    user: np.ndarray
    share: np.ndarray
    edge: np.ndarray
    metal_share: np.ndarray
    input: np.ndarray
    row: np.ndarray
    first_year: int

    def year(self, month: int) -> int:
        """Row of ``share`` that holds in a month (:mod:`lodeflow.environment.calendar`)."""
        return min(max(month // 12 - self.first_year, 0), len(self.share) - 1)

    def into_use(self, goods: np.ndarray, month: int, count: int) -> np.ndarray:
        """Metal that comes into use where goods are sold: ``sum over makers of goods x share``, t, shape (count,). ODD 7.12.

        Args:
            goods: metal in the goods of every input, t, shape (L,).
            month: number of the month.
            count: number of stocks in use.
        """
        share, each = self.metal_share[self.year(month)], np.arange(len(self.row))
        used: np.ndarray = clearing.spread(goods, self.input, share, each, self.row, count + 1)
        return used[:count]
