"""Output of hosts that are no metals of the world: data to their last year, then a growth that is assumed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lodeflow.environment.calendar import parse_month
from lodeflow.environment.settings import LAST_BASE_YEAR

if TYPE_CHECKING:
    from lodeflow.data import Tables
    from lodeflow.environment.start.draft import Draft


def host_paths(draft: Draft) -> np.ndarray:
    """Output of each host over that of the base year by month, shape (T, X); infinite for metals left out of the world. ODD 7.4.

    Table ``host_output`` to its last year, then ``host_growth`` a year; countries without rows follow the sum of the others. For
    hosts that are metals of the world the column is not read: their mines say what they make.
    """
    settings = draft.settings
    months = np.arange(settings.months)
    names = [name for name, _ in draft.layout.host_names]
    listed = set(draft.tables.host_output["host"])
    if settings.mode == "historical":
        rate, dated = draft.parameters["host_growth"], True
    else:
        rate, dated = settings.growth if settings.mode == "growth" else 0.0, False
    later = np.maximum(months - (_months_to_last_data(settings.start) if dated else 0), 0)
    growth = (1.0 + rate) ** (later / 12.0)
    paths = np.full((len(months), len(names)), np.inf)
    at = parse_month(settings.start) + months + 0.5
    for x, (name, country) in enumerate(draft.layout.host_names):
        if name in listed:
            made = draft.tables.remember(_made, name, draft.base.countries[country], settings.data_year)
            seen = np.interp(at, made[0], made[1]) if dated else np.ones(len(months))
            paths[:, x] = seen * growth
    return paths


def _months_to_last_data(start: str) -> int:
    return max((LAST_BASE_YEAR + 1) * 12 - parse_month(start), 0)


def _made(tables: Tables, host: str, iso3: str, base_year: int) -> tuple[np.ndarray, np.ndarray]:
    """Middles of the years with data, as month numbers, and output over that of the base year."""
    table = tables.host_output
    rows = table[table["host"] == host]
    own = rows[rows["iso3"] == iso3].groupby("year")["tonnes"].sum()
    if len(own) < 2 or not (own > 0.0).all():
        whole = rows.pivot_table(index="year", columns="iso3", values="tonnes", aggfunc="sum").dropna(axis="columns")
        own = whole.sum(axis=1)
    if own.empty:
        return np.zeros(1), np.ones(1)
    middle = own.index.to_numpy(float) * 12.0 + 6.0
    made = own.to_numpy(float)
    base = np.interp(base_year * 12.0 + 6.0, middle, made)
    index = pd.Series(made / base, middle)
    return index.index.to_numpy(float), index.to_numpy(float)
