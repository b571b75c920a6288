"""Realised supply: output of mines and refiners as the data have it after the base year, instead of what firms plan.

A run that takes it as given is conditional: its prices say how the market values a known gap between supply and demand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from environment.calendar import parse_month

if TYPE_CHECKING:
    from agents.population import Population
    from environment.draft import Draft


@dataclass(frozen=True)
class Realised:
    """Output relative to that of the first month.

    Attributes:
        mines: by miner, shape (T, I).
        refiners: by metal, shape (T, metals).
    """

    mines: np.ndarray
    refiners: np.ndarray


def realised_supply(draft: Draft, miners: Population) -> Realised | None:
    """Output that the production table gives for the months of the run; None where firms plan it.

    Each country's mines follow their country's output; they are then scaled together, so that the world's output is that
    of the table although countries which began to mine later are missing. Refined metal follows the world's output.
    """
    settings, base = draft.settings, draft.base
    if settings.supply != "realised":
        return None
    table = draft.tables.production
    used = table["reconciled_t"].fillna(table["observed_t"]).fillna(table["assumed_t"])
    table = table.assign(used=used)
    index = np.bincount(draft.pair_metal, draft.first_shares() * draft.mean_index)
    months = np.arange(settings.months) + parse_month(settings.start)
    mines = np.ones((settings.months, len(miners)))
    refiners = np.ones((settings.months, len(base.metals)))
    for number, metal in enumerate(base.metals):
        here = table[table["metal"] == metal]
        world = here.pivot_table(index="year", columns="stage", values="used", aggfunc="sum")
        if "refine" in world:
            refiners[:, number] = monthly(world["refine"], months, settings.data_year) * index[number]
        if "mine" not in world:
            continue
        total = monthly(world["mine"], months, settings.data_year) * index[number]
        by_country = here[here["stage"] == "mine"].pivot_table(
            index="year", columns="iso3", values="used", aggfunc="sum"
        )
        rows = np.flatnonzero(miners.metal == number)
        for row in rows:
            name = draft.layout.countries[int(miners.country[row])]
            if name in by_country:
                mines[:, row] = monthly(by_country[name].fillna(0.0), months, settings.data_year)
        made = mines[:, rows] @ miners.base[rows] / miners.base[rows].sum()
        mines[:, rows] *= (total / made)[:, None]
    return Realised(mines, refiners)


def monthly(yearly: pd.Series, months: np.ndarray, base_year: int) -> np.ndarray:
    """Monthly path through yearly totals that stand in the middle of their years, relative to the mean of the base year.

    Args:
        yearly: t/year, index year.
        months: month numbers, shape (T,).
        base_year: year whose mean is 1.

    Returns:
        shape (T,); ones where the base year has no output.
    """
    values = yearly.to_numpy(float)
    middle = yearly.index.to_numpy(float) * 12 + 5.5
    mean = np.interp(base_year * 12 + np.arange(12), middle, values).mean()
    if not mean > 0.0:
        return np.ones(len(months))
    path: np.ndarray = np.interp(months, middle, values) / mean
    return path
