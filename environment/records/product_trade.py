"""Trade in products by year: units and the metal in them, from where they were made to where they came into use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lodeflow.environment.records.columns import Columns
from lodeflow.environment.records.frames import LEAST_TRADE

if TYPE_CHECKING:
    from lodeflow.environment.records.blocks import Blocks


def calendar_years(recorder: Blocks) -> np.ndarray:
    """Calendar years of which months are recorded, shape (years,)."""
    return np.unique((recorder.world.first_month + np.arange(recorder.written)) // 12)


def yearly(recorder: Blocks, name: str) -> np.ndarray:
    """Sum of a recorded channel over the recorded months of every calendar year, shape (years, n)."""
    return by_year(recorder, recorder.block(name))


def by_year(recorder: Blocks, monthly: np.ndarray) -> np.ndarray:
    """Sum of monthly values over the recorded months of every calendar year, shape (years, n), from shape (written, n)."""
    month = (recorder.world.first_month + np.arange(recorder.written)) // 12
    sums: np.ndarray = np.add.reduceat(monthly, np.searchsorted(month, np.unique(month)), axis=0)
    return sums


def product_trade_columns(recorder: Blocks) -> Columns:
    """Product, exporter, importer and metal: tonnes of the metal in the goods and units of the product, by calendar year.

    ``tonnes = (use - new scrap) x share of the maker's sales``; what stays at home has the same country at both ends. Units are
    those of the whole product, so they repeat for each of its metals. Flows below a gram are not shown.
    """
    world, layout, trade = recorder.world, recorder.world.layout, recorder.world.trade
    rows = [trade.year(12 * int(year)) for year in calendar_years(recorder)]
    tonnes = yearly(recorder, "goods")[:, trade.input] * trade.metal_share[rows]
    units = (
        yearly(recorder, "products_made")[:, world.inputs.manufacturer[trade.input]] * trade.share[rows][:, trade.edge]
    )
    countries, products, metals, names = (
        np.array(names, object) for names in (layout.countries, layout.products, layout.metals, layout.units)
    )
    labels = {
        "product": products[trade.product[trade.edge]],
        "exporter": countries[trade.maker[trade.edge]],
        "importer": countries[trade.user[trade.edge]],
        "metal": metals[world.inputs.metal[trade.input]],
        "unit": names[trade.product[trade.edge]],
    }
    return Columns(labels, {"tonnes": tonnes, "units": units}, tonnes > LEAST_TRADE)


def year_starts(recorder: Blocks) -> pd.DatetimeIndex:
    """First days of the calendar years of which months are recorded."""
    return pd.DatetimeIndex([f"{year}-01-01" for year in calendar_years(recorder)]).as_unit("ns")
