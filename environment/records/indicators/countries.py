"""Recorded channels by country, and their sums and means over the world and the European Union."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lodeflow.data.catalogue import BY_USE, SUM

if TYPE_CHECKING:
    from lodeflow.environment.records.blocks import Blocks
from lodeflow.environment.records.indicators.rows import UNION, WORLD, Rows, base_price, by_metal, form_of, sum_by


def country_rows(recorder: Blocks) -> list[Rows]:
    """Recorded channels by country, summed where several rows stand for one country and form."""
    from lodeflow.environment.records.channels import CHANNELS

    kinds: dict[tuple[str, str, str], list[tuple[np.ndarray, np.ndarray, np.ndarray]]] = {}
    for name, channel in CHANNELS.items():
        variable = channel.variable
        if not variable.is_series:
            continue
        metal, country = recorder.places[channel.place]
        values = recorder.block(name)
        if variable.unit == "USD/t":
            values = values * base_price(recorder, variable.form, metal)
        if channel.place == "cell":
            shown = np.flatnonzero(values.any(axis=0))
            metal, country, values = metal[shown], country[shown], values[:, shown]
        kinds.setdefault((variable.variable, variable.form, variable.unit), []).append((metal, country, values))
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
    from lodeflow.environment.records.channels import CHANNELS

    layout, rows = recorder.world.layout, []
    summed = {channel.variable.variable for channel in CHANNELS.values() if channel.variable.summed == SUM}
    members = {layout.countries[c] for c in layout.country_indices(UNION)}
    for part in country_rows(recorder) if parts is None else parts:
        if part.variable not in summed:
            continue
        for region, inside in ((WORLD, None), (UNION, members)):
            own, group, columns = _columns(part, inside)
            if columns:
                metals, forms = zip(*columns, strict=True)
                values = _added_up(part.values[:, own], group, len(columns))
                rows.append(Rows(part.variable, list(forms), list(metals), [region] * len(metals), values, part.unit))
    return rows


def _columns(part: Rows, inside: set[str] | None) -> tuple[np.ndarray | slice, np.ndarray, list[tuple[str, str]]]:
    """Series of the places `inside` (None: of all), the number of the sum that each goes into, and (metal, form) of each sum."""
    keys = list(zip(part.metal, part.form, strict=True))
    own: np.ndarray | slice = slice(None)
    if inside is not None:
        kept = [i for i, place in enumerate(part.region) if place in inside]
        own, keys = np.array(kept, np.int64), [keys[i] for i in kept]
    columns = list(dict.fromkeys(keys))
    number = {key: i for i, key in enumerate(columns)}
    return own, np.array([number[key] for key in keys], np.int64), columns


def _added_up(values: np.ndarray, group: np.ndarray, count: int) -> np.ndarray:
    """Sum columns of shape (months, n) by group, shape (months, count), in as many digits as they have.

    One after the other: the same to the last digit for one month and for many.
    """
    sums = np.zeros((len(values), count), values.dtype)
    cell = np.arange(len(values))[:, None] * count + group
    np.add.at(sums.ravel(), cell.ravel(), values.ravel())
    return sums


def means_by_use(recorder: Blocks) -> list[Rows]:
    """World and Union of what the catalogue calls a mean by use: recorded by desk, weighted by normal use."""
    from lodeflow.environment.records.channels import CHANNELS

    layout, rows = recorder.world.layout, []
    metal, country = recorder.places["desk"]
    members = layout.country_indices(UNION)
    for name, channel in CHANNELS.items():
        variable = channel.variable
        if variable.summed != BY_USE:
            continue
        for region, inside in ((WORLD, np.ones(len(metal), bool)), (UNION, np.isin(country, members))):
            if region == UNION and not len(members):
                continue
            use = recorder.block("normal_use") * inside
            total = sum_by(use * recorder.block(name), metal, len(layout.metals))
            mean = total / np.maximum(sum_by(use, metal, len(layout.metals)), 1e-300)
            rows.append(by_metal(recorder, variable.variable, variable.form, mean, region, variable.unit))
    return rows
