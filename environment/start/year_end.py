"""Where prices stood at the end of the base year: a mean of a year says where it stood in the middle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lodeflow.agents import miner

if TYPE_CHECKING:
    from lodeflow.data import Tables
    from lodeflow.environment.start.draft import Draft

LAST_MONTHS = 3
"""Months at the end of a year whose mean is its last price: one month may be an outlier."""


def year_ends(draft: Draft) -> np.ndarray:
    """ln of the price at the end of the base year over its mean, ln points, shape (metals,).

    As quoted, by the month or at the end of the year; where neither is known, what prices do on average after a change of the mean
    as that of the base year. 0 outside mode 'historical', and where ``usual_years`` lets the base year alone count.
    """
    metals, year, parameters = draft.base.metals, draft.base.year, draft.parameters
    if draft.settings.mode != "historical" or parameters["usual_years"] < 2:
        return np.zeros(len(metals))
    table = draft.tables.base_prices
    before = table[table["year"] == year - 1].set_index("metal")["price_usd_per_t"].reindex(metals).to_numpy(float)
    moved = miner.moved_on(before, draft.base.price, parameters["year_end_part"])
    known = draft.tables.remember(quoted_year_ends).reindex([(metal, year) for metal in metals]).to_numpy(float)
    last: np.ndarray = np.nan_to_num(np.where(np.isnan(known), moved, known))
    return last


def quoted_year_ends(tables: Tables) -> pd.Series[float]:
    """ln of the price at the end of a year over its mean, by metal and year: the mean over the forms that are quoted so."""
    table = tables.prices
    year = table["date"].str[:4].astype(int)
    rows = table.assign(year=year, ln=np.log(table["price_usd_per_t"])).sort_values("date")
    keys = ["metal", "form", "year"]
    monthly = rows[rows["freq"] == "monthly_avg"].groupby(keys)["price_usd_per_t"]
    full = monthly.count() == miner.YEAR
    by_month = np.log(monthly.agg(lambda prices: prices.iloc[-LAST_MONTHS:].mean()) / monthly.mean())[full]
    end, mean = (rows[rows["freq"] == freq].groupby(keys)["ln"].mean() for freq in ("year_end", "annual_avg"))
    both = pd.concat([by_month, (end - mean).dropna()])
    return both.groupby(level=["metal", "year"]).mean()
