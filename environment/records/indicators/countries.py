"""Recorded channels by country, and their sums over the world and the European Union."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from lodeflow.environment.records.blocks import Blocks
from lodeflow.environment.records.indicators.rows import UNION, WORLD, Rows, base_price, form_of

SUMMED = (
    "production",
    "use",
    "demand",
    "shortage",
    "stock",
    "capacity",
    "secondary_supply",
    "in_use_stock",
    "hibernating_stock",
    "end_of_life",
    "collected",
    "strategic_reserve",
    "investor_stock",
)
"""Variables of which the world's value is the sum of the countries'."""


def country_rows(recorder: Blocks) -> list[Rows]:
    """Recorded channels by country, summed where several rows stand for one country and form."""
    from lodeflow.environment.records.channels import CHANNELS

    layout = recorder.world.layout
    sums: dict[tuple[str, str, str], dict[tuple[int, int], np.ndarray]] = {}
    for name, channel in CHANNELS.items():
        if not channel.variable:
            continue
        metal, country = recorder.places[channel.place]
        values = recorder.block(name)
        if channel.unit == "USD/t":
            values = values * base_price(recorder, channel.form, metal)
        target = sums.setdefault((channel.variable, channel.form, channel.unit), {})
        shown = np.flatnonzero(values.any(axis=0)) if channel.place == "cell" else range(values.shape[1])
        for row in shown:
            key = (int(metal[row]), int(country[row]))
            target[key] = target[key] + values[:, row] if key in target else values[:, row]
    rows = []
    for (variable, form, unit), series in sums.items():
        metals = [layout.metals[m] for m, _ in series]
        forms = [form_of(recorder, form, m) for m, _ in series]
        regions = [layout.countries[c] for _, c in series]
        rows.append(
            Rows(
                variable,
                forms,
                metals,
                regions,
                np.stack(list(series.values()), axis=1) if series else np.zeros((recorder.written, 0)),
                unit,
            )
        )
    return rows


def group_rows(recorder: Blocks) -> list[Rows]:
    """Sums over the world and the European Union."""
    union = set(recorder.world.layout.country_indices(UNION))
    members = {recorder.world.layout.countries[c] for c in union}
    rows = []
    for part in country_rows(recorder):
        if part.variable not in SUMMED:
            continue
        for region, inside in ((WORLD, None), (UNION, members)):
            totals: dict[tuple[str, str], np.ndarray] = {}
            for i, key in enumerate(zip(part.metal, part.form, strict=True)):
                if inside is None or part.region[i] in inside:
                    totals[key] = totals.get(key, 0.0) + part.values[:, i]
            if totals:
                metals, forms = zip(*totals, strict=True)
                values = np.stack(list(totals.values()), axis=1)
                rows.append(Rows(part.variable, list(forms), list(metals), [region] * len(metals), values, part.unit))
    return rows
