"""Drawing up a world: chemistries that makers of vehicle batteries choose from, from the tables ``cells`` and ``cell_mix``."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lodeflow.agents.population import Population
from lodeflow.data.problems import DataError, Problem
from lodeflow.environment.market.cells import Cells
from lodeflow.environment.settings import CARRIER
from lodeflow.environment.start.draft import Draft


def build_cells(draft: Draft, manufacturers: Population, inputs: Population, desks: Population) -> Cells | None:
    """Lay the tables out along the factories of batteries; None where chemistries stay what they are.

    What ``substitution`` says of metals that some cells hold and others do not stands aside: the choice of cells takes its place.

    Raises:
        DataError: where the world has no lithium, by which batteries are counted.
    """
    if draft.settings.cell_choice == "fixed":
        return None
    layout, table = draft.layout, draft.tables.cells
    if CARRIER not in layout.metals:
        wrong = f"cell_choice 'logit' counts batteries by their {CARRIER}, and it is not among the metals"
        raise DataError([Problem("scenario", "world", "metals", wrong, f"add {CARRIER!r} to the metals")])
    products = list(dict.fromkeys(table["product"]))
    wide = table.pivot_table(index="chemistry", columns="metal", values="kg_per_kwh", sort=False).fillna(0.0)
    inside = wide.reindex(columns=layout.metals).fillna(0.0).to_numpy(float)
    rows = [layout.product_index[name] for name in products]
    lines = np.flatnonzero(np.isin(inputs.product, rows))
    countries, place = np.unique(inputs.country[lines], return_inverse=True)
    cells_with = np.count_nonzero(inside, axis=0)
    _stand_aside(inputs, lines, (cells_with > 0) & (cells_with < len(inside)))
    mix = draft.tables.cell_mix.set_index("chemistry")["share"].reindex(wide.index)
    return Cells(
        names=tuple(map(str, wide.index)),
        product=_product_of(table, wide.index, products),
        mix=mix.to_numpy(float),
        inside=np.column_stack([inside, np.ones(len(inside))]),
        factory=_rows(manufacturers.country, manufacturers.product, countries, rows),
        desk=_rows(desks.country, desks.metal, countries, range(len(layout.metals))),
        lines=lines,
        place=place,
        product_of_line=np.array([rows.index(p) for p in inputs.product[lines].tolist()]),
        column=np.where(cells_with[inputs.metal[lines]] > 0, inputs.metal[lines], len(layout.metals)),
    )


def _product_of(table: pd.DataFrame, chemistries: pd.Index, products: list[str]) -> np.ndarray:
    of = table.groupby("chemistry")["product"].first().reindex(chemistries)
    return np.array([products.index(name) for name in of])


def _rows(country: np.ndarray, kind: np.ndarray, countries: np.ndarray, kinds: range | list[int]) -> np.ndarray:
    """Row of each country and kind, -1 where there is none, shape (countries, kinds)."""
    at = {(int(c), int(k)): row for row, (c, k) in enumerate(zip(country, kind, strict=True))}
    return np.array([[at.get((int(c), int(k)), -1) for k in kinds] for c in countries])


def _stand_aside(inputs: Population, lines: np.ndarray, chosen: np.ndarray) -> None:
    """Take metals that the choice of cells is about out of the substitution of old."""
    ceiling = inputs.ceiling.copy()
    ceiling[lines] = np.where(chosen[inputs.metal[lines]], 0.0, ceiling[lines])
    inputs.ceiling = ceiling
