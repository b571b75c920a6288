"""Tidy tables and indicators (HHI, net import reliance, recycling rates, price indices) from what was recorded."""

from __future__ import annotations

from lodeflow.environment.records.indicators.countries import country_rows, group_rows
from lodeflow.environment.records.indicators.every import indicator_rows
from lodeflow.environment.records.indicators.prices import (
    edge_prices,
    price_index,
    price_rows,
    watched,
    watched_prices,
    world_prices,
)
from lodeflow.environment.records.indicators.rows import (
    OUTSIDE,
    UNION,
    WORLD,
    Rows,
    base_price,
    by_cell,
    by_metal,
    columns_of,
    form_of,
    row_sums,
    stack,
    sum_by,
)
from lodeflow.environment.records.indicators.shares import concentration, cover, recycling
from lodeflow.environment.records.indicators.trade import trade_flows

__all__ = [
    "OUTSIDE",
    "UNION",
    "WORLD",
    "Rows",
    "base_price",
    "by_cell",
    "by_metal",
    "columns_of",
    "concentration",
    "country_rows",
    "cover",
    "edge_prices",
    "form_of",
    "group_rows",
    "indicator_rows",
    "price_index",
    "price_rows",
    "recycling",
    "row_sums",
    "stack",
    "sum_by",
    "trade_flows",
    "watched",
    "watched_prices",
    "world_prices",
]
