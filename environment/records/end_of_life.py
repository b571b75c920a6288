"""What becomes of products at the end of their life, by year, country, product and metal: collection and separation kept apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lodeflow.environment.records.columns import Columns
from lodeflow.environment.records.product_trade import yearly

if TYPE_CHECKING:
    from lodeflow.environment.records.blocks import Blocks

LEAST_SHOWN = 1e-6
"""Smallest sum of a year that the table shows, t: a gram."""


def end_of_life_columns(recorder: Blocks) -> Columns:
    """Metal that left use by country, product and metal, and where it went, t a year, calendar year by year.

    ``left use = into hibernation + exported used - imported used + end of life`` and ``end of life = collected (formal, informal,
    take-back) + landfilled``; into hibernation is net and below 0 where drawers are cleared. Recoverable is what plants at home
    get out of what was collected.
    """
    world, layout = recorder.world, recorder.world.layout
    rows, blueprint = world.in_use, world.blueprint
    left, hibernated, exported, ended, collected, recoverable = (
        yearly(recorder, name) for name in ("left_use", "hibernated", "used_exports", "ended", "gathered", "regained")
    )
    informal = world.countries.informal_share[rows.country]
    back = blueprint.take_back[layout.product_group[rows.product]]
    values = {
        "left_use": left,
        "into_hibernation": hibernated,
        "exported_used": exported,
        "imported_used": np.maximum(ended + exported + hibernated - left, 0.0),
        "end_of_life": ended,
        "collected_formal": collected * (1.0 - informal) * (1.0 - back),
        "collected_informal": collected * informal,
        "collected_take_back": collected * (1.0 - informal) * back,
        "landfilled": ended - collected,
        "recoverable": recoverable,
    }
    names = (layout.products, layout.countries, layout.metals)
    labels = {
        label: np.array(texts, object)[index]
        for label, texts, index in zip(
            ("product", "region", "metal"), names, (rows.product, rows.country, rows.metal), strict=True
        )
    }
    return Columns(labels, values, (left > LEAST_SHOWN) | (ended > LEAST_SHOWN))
