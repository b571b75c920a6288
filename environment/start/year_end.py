"""Where prices stood at the end of the base year: a mean of a year says where it stood in the middle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lodeflow.agents import miner

if TYPE_CHECKING:
    from lodeflow.data import Tables
    from lodeflow.environment.start.draft import Draft


def year_ends(draft: Draft) -> np.ndarray:
    """ln of the price at the end of the base year over its mean, as quoted, ln points, shape (metals,).

    0 where nothing is quoted, outside mode 'historical', and where ``usual_years`` lets the mean of the base year alone count.
    """
    metals = draft.base.metals
    if draft.settings.mode != "historical" or draft.parameters["usual_years"] < 2:
        return np.zeros(len(metals))
    last = round(draft.parameters["year_end_months"])
    found = draft.tables.remember(quoted_year_ends, draft.base.year, last)
    ends: np.ndarray = found.reindex(metals).fillna(0.0).to_numpy(float)
    return ends


def quoted_year_ends(tables: Tables, year: int, last: int) -> pd.Series[float]:
    """ln of the price at the end of a year over its mean, by metal: the mean over the forms that are quoted so.

    Args:
        tables: the loaded tables.
        year: the year.
        last: months at its end whose mean is its last price, where months are quoted.
    """
    table = tables.prices
    rows = table[table["date"].str[:4] == str(year)].sort_values("date")
    by_freq = {freq: own.groupby(["metal", "form"])["price_usd_per_t"] for freq, own in rows.groupby("freq")}
    found = []
    if "monthly_avg" in by_freq:
        monthly = by_freq["monthly_avg"]
        ends = monthly.agg(lambda prices: prices.iloc[-last:].mean()) / monthly.mean()
        found.append(ends[monthly.count() == miner.YEAR])
    if {"year_end", "annual_avg"} <= set(by_freq):
        found.append((by_freq["year_end"].mean() / by_freq["annual_avg"].mean()).dropna())
    if not found:
        return pd.Series(dtype=float)
    return np.log(pd.concat(found)).groupby(level="metal").mean()
