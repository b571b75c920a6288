"""What becomes of products at the end of their life, by year, country, product and metal: collection and separation kept apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lodeflow.agents import country
from lodeflow.environment.records.columns import Columns
from lodeflow.environment.records.product_trade import by_year, yearly

if TYPE_CHECKING:
    from lodeflow.environment.records.blocks import Blocks

LEAST_SHOWN = 1e-6
"""Smallest sum of a year that the table shows, t: a gram."""


def end_of_life_columns(recorder: Blocks) -> Columns:
    """Metal that left use by country, product and metal, and where it went, t a year, calendar year by year.

    ``left use = into hibernation + exported used - imported used + end of life`` and
    ``end of life = collected (formal, local, informal, take-back) + landfilled``; into hibernation is net and below 0 where drawers
    are cleared. Recoverable is what recyclers at home get out of what was collected.
    """
    world, layout = recorder.world, recorder.world.layout
    rows, blueprint = world.in_use, world.blueprint
    left, hibernated, exported, ended, collected, recoverable = (
        yearly(recorder, name) for name in ("left_use", "hibernated", "used_exports", "ended", "gathered", "regained")
    )
    informal, local = _yearly_informal(recorder), world.pools.local[rows.pool]
    back = blueprint.take_back[layout.product_group[rows.product]]
    values = {
        "left_use": left,
        "into_hibernation": hibernated,
        "exported_used": exported,
        "imported_used": np.maximum(ended + exported + hibernated - left, 0.0),
        "end_of_life": ended,
        "collected_formal": (collected - informal) * (1.0 - back),
        "collected_local": informal * local,
        "collected_informal": informal * (1.0 - local),
        "collected_take_back": (collected - informal) * back,
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


def _yearly_informal(recorder: Blocks) -> np.ndarray:
    """What workshops took of what was collected, t a year, shape (years, V).

    Their share is that of the last month, moved back month by month.
    """
    pools, pool = recorder.world.pools, recorder.world.in_use.pool
    back = np.arange(recorder.written, 0, -1)[:, None] * pools.formal_trend
    share = 1.0 - country.built_up(1.0 - pools.informal, -back, 1.0)
    return by_year(recorder, recorder.block("gathered") * share[:, pool])
