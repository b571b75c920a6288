"""Realised supply: output of mines and refiners as the data have it after the base year, instead of what firms plan.

A run that takes it as given is conditional: its prices say how the market values a known gap between supply and demand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lodeflow.environment.blueprint import Realised
from lodeflow.environment.calendar import parse_month
from lodeflow.environment.start.demand import monthly_path

if TYPE_CHECKING:
    from lodeflow.environment.start.draft import Draft


def realised_supply(draft: Draft) -> Realised | None:
    """World output that the production table gives for the months of the run; None where firms plan it.

    Countries keep their shares of the base year: those which began to mine later have no partners in its trade.
    """
    settings, base = draft.settings, draft.base
    if settings.supply != "realised":
        return None
    table = draft.tables.production
    used = table["reconciled_t"].fillna(table["observed_t"]).fillna(table["assumed_t"])
    yearly = table.assign(used=used).pivot_table(index="year", columns=["stage", "metal"], values="used", aggfunc="sum")
    mean = np.bincount(draft.pair_metal, draft.first_shares() * draft.mean_index)
    months = np.arange(settings.months) + parse_month(settings.start)
    paths = {}
    for stage in ("mine", "refine"):
        columns = [
            monthly(yearly[stage, metal].dropna(), months, settings.data_year)
            if (stage, metal) in yearly
            else monthly(yearly["refine", metal].dropna(), months, settings.data_year)
            for metal in base.metals
        ]
        paths[stage] = np.column_stack(columns) * mean
    return Realised(paths["mine"], paths["refine"])


def monthly(yearly: pd.Series, months: np.ndarray, base_year: int) -> np.ndarray:
    """Monthly path through yearly totals, relative to the mean of the base year, shape (T,).

    Args:
        yearly: t/year, index consecutive years.
        months: month numbers, shape (T,).
        base_year: year whose mean is 1.
    """
    return monthly_path(yearly, months) / float(yearly[base_year])
