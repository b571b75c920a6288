"""Who governs: one row per country of a world, and one per union whose members act as one in trade."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from lodeflow.environment.start.base_year import POOL

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables
    from lodeflow.environment.layout import Layout


@dataclass(frozen=True)
class Seats:
    """Rows of governments.

    Attributes:
        names: ISO alpha-3 of a country, or name of a union.
        members: countries of each, boolean, shape (G, C).
        trades: countries for whose trade each speaks, boolean, shape (G, C): of a member of a union none.
        union: row that trades for each, shape (G,).
        decides: kinds of decisions that are each one's own; None: all.
        not_own: kinds that are its members' own.
        blocs: table of blocs whose members are friends and do not act as one.
    """

    names: tuple[str, ...]
    members: np.ndarray
    trades: np.ndarray
    union: np.ndarray
    decides: tuple[frozenset[str] | None, ...]
    not_own: tuple[frozenset[str], ...]
    blocs: pd.DataFrame

    def row(self, name: str | None) -> int:
        """Row of a government, -1 where there is none of that name."""
        return self.names.index(name) if name in self.names else -1

    def rows_of(self, countries: np.ndarray) -> np.ndarray:
        """Rows that speak for the trade of any of some countries (indices), boolean, shape (G,)."""
        return np.asarray(self.trades[:, countries].any(axis=1))

    def may(self, row: int, kind: str) -> bool:
        """Whether a kind of decision is a government's own."""
        own = self.decides[row]
        return kind not in self.not_own[row] and (own is None or kind in own)

    def summed(self, values: np.ndarray) -> np.ndarray:
        """Sums over the countries of each government, shape (G, ...), from values by country, shape (C, ...)."""
        first, nobody, several, countries, starts = self._rows
        found: np.ndarray = values[first]
        found[nobody] = 0.0
        if several.size:
            found[several] = np.add.reduceat(values[countries], starts, axis=0)
        return found

    @cached_property
    def single(self) -> np.ndarray:
        """Row of each country itself, -1 for the pool, shape (C,)."""
        rows = np.arange(len(self.names))
        plain = np.setdiff1d(rows, self.union[self.union != rows])
        found = np.full(self.members.shape[1], -1)
        found[np.argmax(self.members[plain], axis=1)] = plain
        return found

    @cached_property
    def _rows(self) -> tuple[np.ndarray, ...]:
        """First country of each government; who has none; who has more than one, their countries in a row, where they begin."""
        counts = self.members.sum(axis=1)
        several = np.flatnonzero(counts > 1)
        more = counts[several]
        countries = np.nonzero(self.members[several])[1]
        return np.argmax(self.members, axis=1), counts == 0, several, countries, np.cumsum(more) - more

    @cached_property
    def _bloc_rows(self) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Of each bloc with members here: their rows, and first and last year of each membership."""
        row_of = {name: row for row, name in enumerate(self.names)}
        here = self.blocs[self.blocs["member"].isin(row_of)]
        return [
            (own["member"].map(row_of).to_numpy(), own["year_from"].to_numpy(float), own["year_to"].to_numpy(float))
            for _, own in here.groupby("bloc")
        ]

    def friends(self, year: int) -> np.ndarray:
        """Who counts whom as a friend in a year: both are members of the same bloc, boolean, shape (G, G)."""
        found = np.zeros((len(self.names), len(self.names)), bool)
        for members, begins, ends in self._bloc_rows:
            rows = members[(begins <= year) & ~(ends < year)]
            found[np.ix_(rows, rows)] = True
        np.fill_diagonal(found, False)
        return found


def seats(tables: Tables, layout: Layout) -> Seats:
    """Rows of the governments of a world."""
    blocs = tables["blocs"]
    terms = tables["bloc_terms"].set_index("bloc")
    places = {name: i for i, name in enumerate(layout.countries) if name != POOL}
    unions = {
        bloc: [places[name] for name in blocs[blocs["bloc"] == bloc]["member"] if name in places]
        for bloc in terms.index[terms["one"]]
    }
    unions = {bloc: members for bloc, members in unions.items() if members}
    names = (*places, *unions)
    members = np.zeros((len(names), len(layout.countries)), bool)
    members[np.arange(len(places)), list(places.values())] = True
    for row, own in enumerate(unions.values(), len(places)):
        members[row, own] = True
    trades, union = members.copy(), np.arange(len(names))
    for row in range(len(places), len(names)):
        inside = np.flatnonzero(members[: len(places)] @ members[row])
        trades[inside], union[inside] = False, row
    keeps = {bloc: _words(terms.loc[bloc, "members_keep"]) for bloc in unions}
    decides = [None if union[row] == row else keeps[names[union[row]]] for row in range(len(names))]
    friends = blocs[~blocs["bloc"].isin(terms.index[terms["one"]])]
    not_own = tuple(keeps.get(name, frozenset()) for name in names)
    return Seats(names, members, trades, union, tuple(decides), not_own, friends)


def _words(text: Iterable[str]) -> frozenset[str]:
    return frozenset(word.strip() for word in str(text or "").split(";") if word.strip())
