"""Net import reliance: how much of what a country needs comes from abroad, by stage of the chain and in all.

The definition is that of the US Geological Survey, (imports - exports) / apparent use, in metal content. Nothing is cut off:
a net exporter is below 0 (the Survey prints an E), and a country that imports for its stocks is above 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lodeflow.environment.records.indicators.rows import UNION, Rows, form_of, row_sums, sum_by

if TYPE_CHECKING:
    from lodeflow.environment.records.blocks import Blocks

ALL = "all"
"""Form of the headline: ore, intermediates and refined metal together."""
LEAST = 1e-6
"""t a month; a country that uses less than this gram, the least that the trade table holds, uses none: its reliance is 0."""


def reliance_rows(recorder: Blocks, trade: list[Rows]) -> list[Rows]:
    """Net import reliance of the countries and of the European Union, for feed, refined metal and both together.

    Feed: of what refiners treat; refined: of what makers use; all: of what makers use and refiners lose in slag.
    Where nothing is ever used there is no row.

    Args:
        recorder: the records.
        trade: imports and exports of both forms; those of the Union leave out trade within it.
    """
    layout, yields = recorder.world.layout, recorder.world.refiners.yield_
    treated = _by_place(recorder, "refiner", recorder.block("refining") / yields)
    slag = treated - _by_place(recorder, "refiner", recorder.block("refining"))
    made = _by_place(recorder, "desk", recorder.block("use"))
    feed = {name for name in layout.feed_forms if name != "refined"}
    net_feed, net_refined = _net(recorder, trade, feed), _net(recorder, trade, {"refined"})
    stages = {"feed": (net_feed, treated), "refined": (net_refined, made), ALL: (net_feed + net_refined, made + slag)}
    return [_rows(recorder, form, net, used) for form, (net, used) in stages.items()]


def _places(recorder: Blocks) -> list[str]:
    return [*recorder.world.layout.countries, UNION]


def _by_place(recorder: Blocks, place: str, values: np.ndarray) -> np.ndarray:
    """Sums by country, the Union and metal, shape (months, places, metals)."""
    layout = recorder.world.layout
    countries, metals = len(layout.countries), len(layout.metals)
    metal, country = recorder.places[place]
    cube = sum_by(values, country * metals + metal, countries * metals).reshape(-1, countries, metals)
    members = cube[:, layout.country_indices(UNION)]
    union = np.stack([row_sums(members[:, :, m]) for m in range(metals)], axis=1)[:, None]
    return np.concatenate([cube, union], axis=1)


def _net(recorder: Blocks, trade: list[Rows], forms: set[str]) -> np.ndarray:
    """Imports less exports in some forms, t, shape (months, places, metals)."""
    layout = recorder.world.layout
    row_of = {name: i for i, name in enumerate(_places(recorder))}
    net = np.zeros((recorder.written, len(row_of), len(layout.metals)))
    for rows in trade:
        sign = 1.0 if rows.variable == "imports" else -1.0
        own = [i for i, form in enumerate(rows.form) if form in forms]
        place, metal = [row_of[rows.region[i]] for i in own], [layout.metal_index[rows.metal[i]] for i in own]
        net[:, place, metal] += sign * rows.values[:, own]  # no place stands twice for a metal
    return net


def _rows(recorder: Blocks, form: str, net: np.ndarray, used: np.ndarray) -> Rows:
    """Reliance where anything is ever used; 0 in months without use."""
    share = np.divide(net, used, out=np.zeros_like(net), where=used > LEAST)
    place, metal = np.nonzero((used > LEAST).any(axis=0))
    names, metals = _places(recorder), recorder.world.layout.metals
    return Rows(
        "net_import_reliance",
        [form_of(recorder, form, int(m)) for m in metal],
        [metals[m] for m in metal],
        [names[p] for p in place],
        share[:, place, metal],
        "1",
    )
