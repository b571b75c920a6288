"""Series that are made from what was recorded, and the tidy table that they are stacked into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lodeflow.environment.records.columns import Columns

if TYPE_CHECKING:
    from lodeflow.environment.records.blocks import Blocks


WORLD, UNION = "WLD", "EU27"


OUTSIDE = "outside"
"""Region of the causes of bids outside the country that restricts a metal's trade."""


@dataclass(frozen=True)
class Rows:
    """Some series: values of shape (months, n), and what they are."""

    variable: str
    form: list[str]
    metal: list[str]
    region: list[str]
    values: np.ndarray
    unit: str


def stack(parts: list[Rows], dates: pd.DatetimeIndex) -> pd.DataFrame:
    """One tidy table from many series; text columns are categories."""
    months = len(dates)

    def column(values: list[str]) -> pd.Categorical:
        codes, names = pd.factorize(np.array(values, object))
        return pd.Categorical.from_codes(np.repeat(codes, months).tolist(), pd.Index(names))

    kept = [part for part in parts if len(part.metal)]
    return pd.DataFrame(
        {
            "date": np.tile(dates.to_numpy(), sum(len(part.metal) for part in kept)),
            "metal": column([name for part in kept for name in part.metal]),
            "form": column([name for part in kept for name in part.form]),
            "region": column([name for part in kept for name in part.region]),
            "variable": column([part.variable for part in kept for _ in part.metal]),
            "value": np.concatenate([part.values.T.ravel() for part in kept]),
            "unit": column([part.unit for part in kept for _ in part.metal]),
        }
    )


def columns_of(parts: list[Rows]) -> Columns:
    """Many series side by side."""
    kept = [part for part in parts if len(part.metal)]
    labels = {
        "metal": [name for part in kept for name in part.metal],
        "form": [name for part in kept for name in part.form],
        "region": [name for part in kept for name in part.region],
        "variable": [part.variable for part in kept for _ in part.metal],
        "unit": [part.unit for part in kept for _ in part.metal],
    }
    values = np.concatenate([part.values for part in kept], axis=1)
    return Columns({name: np.array(texts, object) for name, texts in labels.items()}, {"value": values})


def form_of(recorder: Blocks, form: str, metal: int) -> str:
    """Name of a form for a metal: ``feed`` is ore or intermediate, as the metal has it."""
    return recorder.world.layout.feed_forms[metal] if form == "feed" else form


def base_price(recorder: Blocks, form: str, metal: np.ndarray) -> np.ndarray:
    """Base price of a form, USD/t metal content: feed is the refined price less the treatment charge."""
    world = recorder.world
    price: np.ndarray = world.rates.price[metal]
    return price * (1.0 - world.rates.treatment_charge[metal]) if form == "feed" else price


def sum_by(values: np.ndarray, group: np.ndarray, count: int) -> np.ndarray:
    """Sum columns of shape (months, n) by group, shape (months, count)."""
    from lodeflow.environment.market.loops import months_by_row

    sums: np.ndarray = (
        months_by_row(group, np.ascontiguousarray(values), count) if count else np.zeros((len(values), 0))
    )
    return sums


def row_sums(values: np.ndarray) -> np.ndarray:
    """Sum over the columns of (months, n), one after the other: the same to the last digit for one month and for many."""
    return sum_by(values, np.zeros(values.shape[1], np.int64), 1)[:, 0]


def by_cell(recorder: Blocks, variable: str, form: str, values: np.ndarray, unit: str) -> Rows:
    """Series by country and metal, those that are ever above zero."""
    layout, metals = recorder.world.layout, len(recorder.world.layout.metals)
    shown = np.flatnonzero(values.any(axis=0))
    return Rows(
        variable,
        [form_of(recorder, form, int(cell % metals)) for cell in shown],
        [layout.metals[cell % metals] for cell in shown],
        [layout.countries[cell // metals] for cell in shown],
        values[:, shown],
        unit,
    )


def by_metal(recorder: Blocks, variable: str, form: str, values: np.ndarray, region: str, unit: str) -> Rows:
    """Series of every metal in one region; values of shape (months, metals)."""
    layout = recorder.world.layout
    forms = [form_of(recorder, form, m) for m in range(len(layout.metals))]
    return Rows(variable, forms, list(layout.metals), [region] * len(layout.metals), values, unit)
