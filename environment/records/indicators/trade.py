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
    imports, exports = rows[-4:-2], rows[-2:]
    use = sum_by(recorder.block("use"), world.desks.country * metals + world.desks.metal, countries * metals)
    for incoming, outgoing in zip(imports, exports, strict=True):
        net = _align(incoming, outgoing)
        used = _use_of(recorder, incoming, use, union)
        share = np.clip(np.divide(net, used, out=np.zeros_like(net), where=used > 0), 0.0, 1.0)
        rows.append(Rows("net_import_reliance", incoming.form, incoming.metal, incoming.region, share, "1"))
    return rows


def _align(incoming: Rows, outgoing: Rows) -> np.ndarray:
    """Imports less exports for the rows of the imports."""
    place = {key: i for i, key in enumerate(zip(outgoing.metal, outgoing.region, strict=True))}
    net = incoming.values.copy()
    for i, key in enumerate(zip(incoming.metal, incoming.region, strict=True)):
        if key in place:
            net[:, i] -= outgoing.values[:, place[key]]
    return net


def _use_of(recorder: Blocks, rows: Rows, use: np.ndarray, union: np.ndarray) -> np.ndarray:
    layout = recorder.world.layout
    metals = len(layout.metals)
    cube = use.reshape(len(use), -1, metals)
    columns = []
    for metal, region in zip(rows.metal, rows.region, strict=True):
        m = layout.metal_index[metal]
        columns.append(cube[:, union, m].sum(axis=1) if region == UNION else cube[:, layout.country_index[region], m])
    return np.stack(columns, axis=1) if columns else np.zeros((len(use), 0))
