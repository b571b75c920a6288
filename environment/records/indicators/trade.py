"""Imports, exports and net import reliance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lodeflow.environment.records.transit import arrivals

if TYPE_CHECKING:
    from lodeflow.environment.records.blocks import Blocks
from lodeflow.environment.records.indicators.rows import UNION, Rows, by_cell, by_metal, sum_by


def trade_flows(recorder: Blocks) -> list[Rows]:
    """Imports, exports and net import reliance of countries and of the European Union.

    Exports count when goods leave, imports when they arrive; what is between the two is under way.
    """
    from lodeflow.environment.records.indicators.reliance import reliance_rows

    world, layout = recorder.world, recorder.world.layout
    countries, metals = len(layout.countries), len(layout.metals)
    union = np.zeros(countries, bool)
    union[layout.country_indices(UNION)] = True
    rows = []
    for form in ("feed", "refined"):
        market, flow = world.markets[form], recorder.block(f"{form}_flow")
        crosses = market.seller_country != market.buyer_country
        leaves = crosses & ~(union[market.seller_country] & union[market.buyer_country])
        ends = (("imports", market.buyer_country, arrivals(recorder, form)), ("exports", market.seller_country, flow))
        for variable, place, tonnes in ends:
            cell = sum_by(tonnes * crosses, place * metals + market.metal, countries * metals)
            of_union = sum_by(tonnes * (leaves & union[place]), market.metal, metals)
            rows.append(by_cell(recorder, variable, form, cell, "t"))
            rows.append(by_metal(recorder, variable, form, of_union, UNION, "t"))
    return rows + reliance_rows(recorder, rows)
