"""Trade between governments: what each buys of and sells to whom, from trade between countries, in one pass over its terms."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from lodeflow.environment.governments.seats import Seats
from lodeflow.environment.market.clearing import compiled


@dataclass(frozen=True)
class Side:
    """Who trades with whom, seen by buyers or by sellers: runs of cells, one run for each form, government and metal.

    Attributes:
        pair: pair of countries of each term, shape (T,); terms stand in the order of their cells.
        terms: where the terms of each cell begin, shape (N + 1,); cells, one for each partner, stand in the order of their runs.
        cells: where the cells of each run begin, shape (R + 1,).
        run: place of each run among forms, governments and metals, shape (R,).
        place: place of each cell among forms, governments, partners and metals, shape (N,).
        partner: place of its partner among forms, governments and metals, shape (N,).
        foreign: whether the partner is not who trades for the government itself, boolean, shape (N,).
        counted: whether the government trades for itself or is a union that does, boolean, shape (N,).
        shape: forms, governments, metals.
        kept: cells of governments that were asked for (:meth:`of`).
    """

    pair: np.ndarray
    terms: np.ndarray
    cells: np.ndarray
    run: np.ndarray
    place: np.ndarray
    partner: np.ndarray
    foreign: np.ndarray
    counted: np.ndarray
    shape: tuple[int, int, int]
    kept: dict[int, tuple[np.ndarray, np.ndarray, np.ndarray]] = field(default_factory=dict)

    def traded(self, tonnes: np.ndarray, nothing: float) -> Traded:
        """What governments trade with whom.

        Args:
            tonnes: of each pair of countries, t/year, shape (P,).
            nothing: what counts as no trade at all, t/year.
        """
        each, table = np.empty(len(self.place)), np.zeros((6, *self.shape))
        _fill(
            tonnes,
            self.pair,
            self.terms,
            self.cells,
            self.run,
            self.partner,
            self.foreign,
            self.counted,
            nothing,
            each,
            table.reshape(6, -1),
        )
        return Traded(self, each, *table)

    def of(self, row: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Cells of a government, and the partner of each and its place among forms and metals, shape (n,) each."""
        if row not in self.kept:
            form, who, partner, metal = np.unravel_index(
                self.place, (self.shape[0], *2 * self.shape[1:2], self.shape[2])
            )
            cells = np.flatnonzero(who == row)
            self.kept[row] = cells, partner[cells], form[cells] * self.shape[2] + metal[cells]
        return self.kept[row]


@dataclass(frozen=True)
class Traded:
    """One side's trade of a year, by form, government and metal, shape (F, G, M) unless said.

    Attributes:
        side: who trades with whom.
        each: share of a government's trade in each cell of the side, 0 at home, shape (N,).
        total: at home and abroad, t/year.
        home: share of it at home.
        abroad: share of it with all foreign partners.
        largest: share of it with the largest of them.
        concentration: HHI of foreign partners.
        others: what those who trade for themselves or a union have with a government as their partner, t/year.
    """

    side: Side
    each: np.ndarray
    total: np.ndarray
    home: np.ndarray
    abroad: np.ndarray
    largest: np.ndarray
    concentration: np.ndarray
    others: np.ndarray

    @cached_property
    def share(self) -> np.ndarray:
        """Share of trade with each foreign partner, shape (F, G, P, M)."""
        forms, rows, metals = self.side.shape
        share = np.zeros(forms * rows * rows * metals)
        share[self.side.place] = self.each
        return share.reshape(forms, rows, rows, metals)

    def with_some(self, row: int, partners: np.ndarray) -> np.ndarray:
        """Share of a government's trade with some partners (boolean, shape (P,)), shape (F, M)."""
        cells, partner, where = self.side.of(row)
        forms, _, metals = self.side.shape
        return np.bincount(where, self.each[cells] * partners[partner], forms * metals).reshape(forms, metals)


def side(seats: Seats, where: np.ndarray, shape: tuple[int, ...], buys: bool) -> Side:
    """The view of buyers or of sellers: countries of each, unions and who trades for them as partners.

    Args:
        seats: governments.
        where: form, buyer, seller and metal of each pair of countries, indices, shape (4, P).
        shape: forms, countries, countries, metals.
        buys: whether it is the view of buyers.
    """
    form, metal = where[0], where[3]
    own, other = (where[1], where[2]) if buys else (where[2], where[1])
    forms, rows, metals = shape[0], len(seats.names), shape[3]
    pair, who, partner = _terms(seats, own, other)
    whole = np.ravel_multi_index((form[pair], who, metal[pair], partner), (forms, rows, metals, rows))
    order = np.argsort(whole, kind="stable")
    keys, terms = np.unique(whole[order], return_index=True)
    f, g, m, p = np.unravel_index(keys, (forms, rows, metals, rows))
    runs, cells = np.unique(keys // rows, return_index=True)
    return Side(
        pair[order],
        np.append(terms, len(order)),
        np.append(cells, len(keys)),
        runs,
        np.ravel_multi_index((f, g, p, m), (forms, rows, rows, metals)),
        np.ravel_multi_index((f, p, m), (forms, rows, metals)),
        p != seats.union[g],
        seats.union[g] == g,
        (forms, rows, metals),
    )


def _terms(seats: Seats, own: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pair, government and partner of each term: every government of a pair's first country, and who trades for the second."""
    pair, who = np.nonzero(seats.members[:, own].T)
    spoken = np.asarray(seats.trades.any(axis=0))
    partner = np.argmax(seats.trades, axis=0)
    kept = spoken[other[pair]]
    return pair[kept], who[kept], partner[other[pair[kept]]]


@compiled()
def _fill(
    tonnes: np.ndarray,
    pair: np.ndarray,
    terms: np.ndarray,
    cells: np.ndarray,
    run: np.ndarray,
    partner: np.ndarray,
    foreign: np.ndarray,
    counted: np.ndarray,
    nothing: float,
    each: np.ndarray,
    table: np.ndarray,
) -> None:
    """Fill the share of each cell, and the rows total, home, abroad, largest, concentration and others of a table of zeros."""
    for r in range(len(run)):
        i, total = run[r], 0.0
        for c in range(cells[r], cells[r + 1]):
            each[c] = 0.0
            for k in range(terms[c], terms[c + 1]):
                each[c] += tonnes[pair[k]]
            total += each[c]
        abroad, largest, squares = 0.0, 0.0, 0.0
        for c in range(cells[r], cells[r + 1]):
            if foreign[c]:
                table[5, partner[c]] += each[c] if counted[c] else 0.0
                each[c] /= max(total, nothing)
                abroad += each[c]
                largest = max(largest, each[c])
            else:
                table[1, i] = each[c] / max(total, nothing)
                each[c] = 0.0
        for c in range(cells[r], cells[r + 1]):
            squares += (each[c] / max(abroad, nothing)) ** 2
        table[0, i], table[2, i], table[3, i], table[4, i] = total, abroad, largest, squares
