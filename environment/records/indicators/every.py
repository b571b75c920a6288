"""All indicators of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lodeflow.environment.records.blocks import Blocks
from lodeflow.environment.records.indicators.countries import means_by_use
from lodeflow.environment.records.indicators.footprint import footprint_rows
from lodeflow.environment.records.indicators.prices import edge_prices, watched_prices, world_prices
from lodeflow.environment.records.indicators.rows import Rows
from lodeflow.environment.records.indicators.shares import concentration, cover, recycling
from lodeflow.environment.records.indicators.trade import trade_flows


def indicator_rows(recorder: Blocks, trade: bool = True) -> list[Rows]:
    """Everything that is more than a sum; without imports, exports and net import reliance where ``trade`` is false."""
    on_edges = {form: edge_prices(recorder, form) for form in ("refined", "feed")}
    return [
        *world_prices(recorder, on_edges),
        *(trade_flows(recorder) if trade else []),
        *concentration(recorder),
        *recycling(recorder),
        *means_by_use(recorder),
        *cover(recorder),
        *watched_prices(recorder, on_edges),
        *footprint_rows(recorder),
    ]
