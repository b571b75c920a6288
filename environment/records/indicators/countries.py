"""Recorded channels by country, and their sums over the world and the European Union."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from lodeflow.environment.records.blocks import Blocks
from lodeflow.environment.records.indicators.rows import UNION, WORLD, Rows, base_price, form_of, sum_by

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

    kinds: dict[tuple[str, str, str], list[tuple[np.ndarray, np.ndarray, np.ndarray]]] = {}
    for name, channel in CHANNELS.items():
        if not channel.variable:
            continue
        metal, country = recorder.places[channel.place]
        values = recorder.block(name)
        if channel.unit == "USD/t":
            values = values * base_price(recorder, channel.form, metal)
        if channel.place == "cell":
            shown = np.flatnonzero(values.any(axis=0))
            metal, country, values = metal[shown], country[shown], values[:, shown]
        kinds.setdefault((channel.variable, channel.form, channel.unit), []).append((metal, country, values))
    return [_country_rows(recorder, kind, parts) for kind, parts in kinds.items()]


def _country_rows(
    recorder: Blocks, kind: tuple[str, str, str], parts: list[tuple[np.ndarray, np.ndarray, np.ndarray]]
) -> Rows:
    """One variable by country from the rows of some channels: (metal, country, values) each."""
    layout, (variable, form, unit) = recorder.world.layout, kind
    metal, country = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
    values = parts[0][2] if len(parts) == 1 else np.concatenate([part[2] for part in parts], axis=1)
    _, first, group = np.unique(country * len(layout.metals) + metal, return_index=True, return_inverse=True)
    if len(first) < len(metal):
        order = np.argsort(first)
        values = sum_by(values, np.argsort(order)[group], len(first))
        metal, country = metal[first[order]], country[first[order]]
    names, countries = np.array(layout.metals, object), np.array(layout.countries, object)
    forms = np.array([form_of(recorder, form, m) for m in range(len(names))], object)
    return Rows(variable, forms[metal].tolist(), names[metal].tolist(), countries[country].tolist(), values, unit)


def group_rows(recorder: Blocks, parts: list[Rows] | None = None) -> list[Rows]:
    """Sums over the world and the European Union; parts: the rows by country, where they are known already."""
    layout, rows = recorder.world.layout, []
    members = {layout.countries[c] for c in set(layout.country_indices(UNION))}
    for part in country_rows(recorder) if parts is None else parts:
        if part.variable not in SUMMED:
            continue
        for region, inside in ((WORLD, None), (UNION, members)):
            columns: dict[tuple[str, str], list[int]] = {}
            for i, (place, *key) in enumerate(zip(part.region, part.metal, part.form, strict=True)):
                if inside is None or place in inside:
                    columns.setdefault((key[0], key[1]), []).append(i)
            if columns:
                metals, forms = zip(*columns, strict=True)
                # one after the other, as long as the sum is: the same to the last digit for one month and for many
                totals = [np.add.accumulate(part.values[:, own], axis=1)[:, -1] for own in columns.values()]
                values = np.stack(totals, axis=1)
                rows.append(Rows(part.variable, list(forms), list(metals), [region] * len(metals), values, part.unit))
    return rows
