"""Imports, exports and net import reliance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lodeflow.environment.records.scrap import scrap_abroad
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
    return rows + reliance_rows(recorder, rows) + scrap_rows(recorder, union)


def scrap_rows(recorder: Blocks, union: np.ndarray) -> list[Rows]:
    """Imports and exports of scrap, which arrives in the month in which it is sold; union: its members, shape (countries,)."""
    market, rows = recorder.world.markets["scrap"], []
    crosses = recorder.world.places.scrap_abroad
    leaves = crosses & ~(union[market.seller_country] & union[market.buyer_country])
    metals = len(recorder.world.layout.metals)
    for variable, place in (("scrap_imports", market.buyer_country), ("scrap_exports", market.seller_country)):
        cell = scrap_abroad(recorder, crosses, place)
        of_union = scrap_abroad(recorder, leaves & union[place], place).reshape(len(cell), -1, metals).sum(axis=1)
        rows.append(by_cell(recorder, variable, "scrap", cell, "t"))
        rows.append(by_metal(recorder, variable, "scrap", of_union, UNION, "t"))
    return rows
