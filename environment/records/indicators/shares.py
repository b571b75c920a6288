"""Concentration, recycling and cover of stocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from lodeflow.environment.records.blocks import Blocks
from lodeflow.environment.records.indicators.rows import UNION, WORLD, Rows, by_metal, sum_by


def concentration(recorder: Blocks) -> list[Rows]:
    """Herfindahl-Hirschman index of mine and refined output by country, 0 to 1."""
    rows = []
    for form, name, place in (("feed", "mined", "ore desk"), ("refined", "refining", "refiner")):
        metal = recorder.places[place][0]
        output = recorder.block(name)
        count = len(recorder.world.layout.metals)
        total = np.maximum(sum_by(output, metal, count), 1e-300)
        rows.append(by_metal(recorder, "hhi", form, sum_by((output / total[:, metal]) ** 2, metal, count), WORLD, "1"))
    return rows


def recycling(recorder: Blocks) -> list[Rows]:
    """End-of-life recycling rate (collection x separation) of the world and of the Union."""
    world, metals = recorder.world, len(recorder.world.layout.metals)
    union = set(world.layout.country_indices(UNION).tolist())
    rows = []
    for region, inside in ((WORLD, None), (UNION, union)):
        if inside is not None and not inside:
            continue

        def total(name: str, place: str, inside: set[int] | None = inside) -> np.ndarray:
            metal, country = recorder.places[place]
            keep = np.ones(len(metal), bool) if inside is None else np.isin(country, list(inside))
            return sum_by(recorder.block(name) * keep, metal, metals)

        out = total("end_of_life", "cell")
        rate = np.divide(total("old_recoverable", "cell"), out, out=np.zeros(out.shape), where=out > 0)
        rows.append(by_metal(recorder, "eol_recycling_rate", "product", rate, region, "1"))
    return rows


def cover(recorder: Blocks) -> list[Rows]:
    """Stocks of manufacturers in months of normal use, by country and for the world."""
    metal, country = recorder.places["desk"]
    layout = recorder.world.layout
    stock, use = recorder.block("maker_stock"), np.maximum(recorder.block("normal_use"), 1e-300)
    names = [layout.metals[m] for m in metal]
    rows = Rows(
        "stock_cover", ["refined"] * len(metal), names, [layout.countries[c] for c in country], stock / use, "months"
    )
    count = len(layout.metals)
    world = sum_by(stock, metal, count) / np.maximum(sum_by(use, metal, count), 1e-300)
    return [rows, by_metal(recorder, "stock_cover", "refined", world, WORLD, "months")]
