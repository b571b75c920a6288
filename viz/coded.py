"""Columns of long tables as small numbers, and where in the table each combination of them stands."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd


def coded(column: pd.Series) -> tuple[np.ndarray, pd.Index]:
    """Codes of a column, shape (rows,), and what they stand for, in order; -1 for what is missing."""
    if column.dtype == "category" and column.cat.categories.is_monotonic_increasing:
        return column.cat.codes.to_numpy(), column.cat.categories
    codes, names = pd.factorize(column, sort=True)
    return codes.astype(np.min_scalar_type(-len(names))), pd.Index(names)


def rows_by(table: pd.DataFrame, columns: Sequence[str]) -> dict[tuple[str, ...], np.ndarray]:
    """Row numbers, in order, by what stands in some columns of text without gaps.

    What `groupby(...).indices` gives, in a third of its time and without its long row numbers of every column.
    """
    if table.empty:
        return {}
    codes, names = zip(*(coded(table[name]) for name in columns), strict=True)
    sizes = tuple(map(len, names))
    cell = np.ravel_multi_index(codes, sizes).astype(np.min_scalar_type(int(np.prod(sizes))))
    order = np.argsort(cell, kind="stable")
    present, first = np.unique(cell[order], return_index=True)
    parts = [known[code].astype(str) for known, code in zip(names, np.unravel_index(present, sizes), strict=True)]
    return dict(zip(zip(*parts, strict=True), np.split(order, first[1:]), strict=True))
