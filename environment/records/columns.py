"""Recorded series side by side, one column each, and the tidy table that they make: no row is sorted, only the columns are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

DATE = "date"
SCRAP = ("old scrap", "new scrap")
"""Forms of scrap in the table of trade: from products at the end of their life, and from factories."""
ENDS = ("exporter", "importer")
"""Labels that name the two ends of a trade."""


@dataclass(frozen=True)
class Columns:
    """Some series of the same months.

    Attributes:
        labels: what the n series are, by name of the table's column, shape (n,) each, text.
        values: numbers by name of the table's column, shape (months, n) each.
        shown: which of them are rows of the table, shape (months, n); None: all.
    """

    labels: dict[str, np.ndarray]
    values: dict[str, np.ndarray]
    shown: np.ndarray | None = None

    def labelled(self, name: str, text: str) -> Columns:
        """The same with one more label, alike for all."""
        return Columns(self.labels | {name: constant(text, len(self))}, self.values, self.shown)

    def __len__(self) -> int:
        return int(next(iter(self.values.values())).shape[1])


def ore_and_metal(trade: pd.DataFrame) -> pd.DataFrame:
    """Rows of the table of trade without those of scrap."""
    return trade[~trade["form"].isin(SCRAP)]


def constant(text: str, count: int) -> np.ndarray:
    """A label that many series share."""
    return np.full(count, text, object)


def tidy_table(
    parts: Sequence[Columns], dates: pd.DatetimeIndex, order: Sequence[str], free: Sequence[str]
) -> pd.DataFrame:
    """One tidy table of all series: sorted by date, then by the labels in the order of the columns; text as categories.

    Args:
        parts: series with the same labels and values.
        dates: first days of the months, shape (months,).
        order: columns of the table; the first is ``date``.
        free: labels that are not sorted by, such as the unit.
    """
    labels = {name: np.concatenate([part.labels[name] for part in parts]) for name in parts[0].labels}
    both = set(ENDS) <= set(labels)  # one set of categories, so that both ends of a trade can be compared
    coded = {name: pd.factorize(texts, sort=True) for name, texts in labels.items() if not (both and name in ENDS)}
    if both:
        codes, ends = pd.factorize(np.concatenate([labels[name] for name in ENDS]), sort=True)
        coded |= {name: (own, ends) for name, own in zip(ENDS, codes.reshape(len(ENDS), -1), strict=True)}
    keys = [coded[name][0] for name in reversed(order) if name in coded and name not in free]
    sort = np.lexsort(keys)
    shown, rows = _shown(parts, sort, len(dates))
    columns: dict[str, object] = {}
    for name in order:
        if name == DATE:
            columns[name] = np.repeat(dates.to_numpy(), rows)
        elif name in coded:
            codes, names = coded[name]
            small = np.broadcast_to(codes[sort].astype(np.min_scalar_type(-len(names))), (len(dates), len(sort)))
            columns[name] = pd.Categorical.from_codes(small.ravel() if shown is None else small[shown], pd.Index(names))
        else:
            columns[name] = _in_order([part.values[name] for part in parts], sort, shown, rows)
    return pd.DataFrame(columns, copy=False)


def _shown(parts: Sequence[Columns], sort: np.ndarray, months: int) -> tuple[np.ndarray | None, np.ndarray]:
    """Which series of which month are rows, in their new order, shape (months, n), None: all; and rows of each month."""
    if all(part.shown is None for part in parts):
        return None, np.full(months, len(sort))
    masks = [np.ones((months, len(part)), bool) if part.shown is None else part.shown for part in parts]
    shown = np.concatenate(masks, axis=1)[:, sort]
    return shown, np.count_nonzero(shown, axis=1)


def _in_order(parts: Sequence[np.ndarray], sort: np.ndarray, shown: np.ndarray | None, rows: np.ndarray) -> np.ndarray:
    """Numbers of all parts in their new order, one month after the other: never more than a month beside the table.

    Args:
        parts: numbers, shape (months, n) each.
        sort: old place of every series in the new order.
        shown, rows: of :func:`_shown`.
    """
    place = np.empty_like(sort)
    place[sort] = np.arange(len(sort))
    places = np.split(place, np.cumsum([part.shape[1] for part in parts])[:-1])
    month = np.empty(len(sort), np.result_type(*parts))
    table = np.empty(int(rows.sum()), month.dtype)
    first = 0
    for t, count in enumerate(rows):
        for own, part in zip(places, parts, strict=True):
            month[own] = part[t]
        table[first : first + count] = month if shown is None else month[shown[t]]
        first += count
    return table
