"""Demand of makers in regions that depart from the world's demand scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lodeflow.environment.calendar import parse_month
from lodeflow.environment.start.demand import BEYOND, LEAST_INDEX

if TYPE_CHECKING:
    from lodeflow.agents.population import Population
    from lodeflow.environment.start.draft import Draft


def regional_factor(draft: Draft, inputs: Population, pair: np.ndarray) -> np.ndarray | None:
    """Demand of every input over what the world's index alone would give; None where no region departs from it. ODD 7.2.

    ``factor = regional index / world index``, straight lines between the middles of years, 1 up to the first and constant after
    the last year of the table `regional_demand`.

    Args:
        draft: the tables, the scenario, and the months.
        inputs: inputs of manufacturers, with ``country``.
        pair: pair of product and metal of each input, shape (L,).

    Returns:
        shape (months + BEYOND, L), 1 where nothing is known.
    """
    settings = draft.settings
    rows = draft.tables.regional_demand
    rows = rows[rows["scenario"] == settings.demand]
    if rows.empty or settings.mode != "historical":
        return None
    at = parse_month(settings.start) + np.arange(settings.months + BEYOND) + 0.5
    factor = np.ones((len(at), len(inputs)))
    names = list(zip(draft.base.pairs["product_name"], draft.base.pairs["metal_name"], strict=True))
    for (region, metal, product), own in rows.groupby(["region", "metal", "product"], sort=False):
        if (product, metal) not in names:
            continue
        there = np.isin(inputs.country, draft.layout.country_indices(str(region)))
        mine = there & (pair == names.index((product, metal)))
        factor[:, mine] = _over_world(draft, own.set_index("year")["index"], str(metal), str(product), at)[:, None]
    return factor


def _over_world(draft: Draft, own: pd.Series, metal: str, product: str, at: np.ndarray) -> np.ndarray:
    """A region's index over the world's of the same metal and product, by month number, shape (len(at),)."""
    table = draft.tables.demand_index
    named = (table["scenario"] == draft.settings.demand) & (table["metal"] == metal) & (table["product"] == product)
    world = table[named].set_index("year")["index"].reindex(own.index).fillna(1.0)
    ratio = (own / world.clip(lower=LEAST_INDEX)).sort_index()
    found: np.ndarray = np.interp(at, ratio.index.to_numpy(float) * 12.0 + 6.0, ratio.to_numpy(float), left=1.0)
    return found
