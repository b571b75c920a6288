"""Trade in products: which share of what a country makes of a product comes into use in which country, by year."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lodeflow.agents import guards
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

    def moved(self, usual: ProductTrade, month: int, plants: Plants, lines: Plants, owner: np.ndarray) -> ProductTrade:
        """The trade from the calendar year of a month on, once plants have moved: customers go with the plants. ODD 7.12.

        Args:
            usual: trade while plants stand where they stood in the base year.
            month: number of the month.
            plants: manufacturers by product.
            lines: their inputs by product and metal.
            owner: manufacturer of each input, shape (L,).
        """
        year = max(month // 12 - self.first_year, 0)
        rows = max(year + 1, len(self.share))
        kept = [min(y, len(self.share) - 1) for y in range(rows)]
        share, metal_share = self.share[kept], self.metal_share[kept]
        maker = np.zeros(len(self.product), np.int64)
        maker[self.edge] = owner[self.input]
        for y in range(year, rows):
            row = min(y, len(usual.share) - 1)
            share[y] = plants.sell(usual.share[row], maker, self.user)
            metal_share[y] = lines.sell(usual.metal_share[row], self.input, self.user[self.edge])
        return replace(self, share=share, metal_share=metal_share)


@dataclass(frozen=True)
class Plants:
    """What is made where, by goods: products, or products and their metals.

    Attributes:
        goods: index of what is made, shape (n,).
        base: made in the base month, in any unit that the makers of the same goods share, shape (n,).
        moved: share in what the world makes over that of the base year, shape (n,).
    """

    goods: np.ndarray
    base: np.ndarray
    moved: np.ndarray

    def sell(self, share: np.ndarray, owner: np.ndarray, user: np.ndarray) -> np.ndarray:
        """Share of each owner's sales by user once plants have moved, shape (E,): ``(min(e, 1) s + max(e - 1, 0) q) / e``.

        q are the users of what others have lost: who takes over a share takes over its customers, so that no user gets less because
        plants have moved. ODD 7.12.

        Args:
            share: s, as in the base year, shape (E,).
            owner: whose sales they are, a row of ``base``, shape (E,).
            user: index of the country that buys, shape (E,).
        """
        goods, users = self.goods[owner], int(user.max()) + 1
        lost = (self.base * np.maximum(1.0 - self.moved, 0.0))[owner] * share
        given = np.bincount(goods * users + user, lost)[goods * users + user]
        taken = given / np.maximum(np.bincount(goods, lost)[goods], guards.NOTHING)
        part = self.moved[owner]
        sold = np.minimum(part, 1.0) * share + np.maximum(part - 1.0, 0.0) * taken
        whole: np.ndarray = sold / np.bincount(owner, sold)[owner]
        return whole
