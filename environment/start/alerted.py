"""What the early warning of a world begins with: its rules, and the prices before the first month."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lodeflow.data import Tables
from lodeflow.environment.calendar import parse_month
from lodeflow.environment.quotes import YEAR, Alert, kept
from lodeflow.environment.start.draft import Draft


def build_alert(draft: Draft) -> Alert:
    """Rules of the table `warning_rules` and yearly prices of the table `base_prices`, no later than the base year.

    Where no price is known, and outside of mode 'historical', the past was like the base year.
    """
    rules = dict(zip(draft.tables.warning_rules["rule"], draft.tables.warning_rules["value"], strict=True))
    months = int(rules["mean_months"])
    metals = list(draft.base.metals)
    past = np.ones((kept(months), len(metals)))
    if draft.settings.mode == "historical":
        table = draft.tables.remember(_yearly).loc[: draft.base.year].reindex(columns=metals)
        first = parse_month(draft.settings.start)
        years = np.arange(first - len(past), first) // YEAR
        past = np.nan_to_num(table.reindex(years).to_numpy(float) / draft.base.price, nan=1.0)
    published = draft.tables.remember(_monthly)
    monthly = np.array([metal in published for metal in metals])
    return Alert(months, float(rules["own_weight"]), float(rules["threshold"]), monthly, past)


def _yearly(tables: Tables) -> pd.DataFrame:
    """Prices of the table `base_prices`, USD/t; index year, one column per metal."""
    return tables.base_prices.pivot_table(index="year", columns="metal", values="price_usd_per_t")


def _monthly(tables: Tables) -> frozenset[str]:
    """Metals whose price is published every month."""
    rows = tables.prices[tables.prices["freq"] == "monthly_avg"]
    return frozenset(map(str, rows["metal"]))
