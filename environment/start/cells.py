"""Drawing up a world: chemistries that makers of vehicle batteries choose from, from the tables ``cells`` and ``cell_mix``."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lodeflow.agents.population import Population
from lodeflow.data import Tables
from lodeflow.data.problems import DataError, Problem
from lodeflow.environment.market.cells import Cells
from lodeflow.environment.settings import CARRIER
from lodeflow.environment.start.draft import Draft

WHOLE = 1e-6
"""By how much parts may miss adding up to 1: rounding."""


def build_cells(draft: Draft, manufacturers: Population, inputs: Population, desks: Population) -> Cells | None:
    """Lay the tables out along the factories of batteries; None where chemistries stay what they are.

    What ``substitution`` says of metals that some cells hold and others do not stands aside: the choice of cells takes its place.

    Raises:
        DataError: where the world has no lithium, by which batteries are counted; as :func:`cell_tables`.
    """
    if draft.settings.cell_choice == "fixed":
        return None
    layout = draft.layout
    if CARRIER not in layout.metals:
        wrong = f"cell_choice 'logit' counts batteries by their {CARRIER}, and it is not among the metals"
        raise DataError([Problem("scenario", "world", "metals", wrong, f"add {CARRIER!r} to the metals")])
    wide, mix, product = cell_tables(draft.tables)
    products = list(dict.fromkeys(product))
    inside = wide.reindex(columns=layout.metals).fillna(0.0).to_numpy(float)
    rows = [layout.product_index[name] for name in products]
    lines = np.flatnonzero(np.isin(inputs.product, rows))
    countries, place = np.unique(inputs.country[lines], return_inverse=True)
    cells_with = np.count_nonzero(inside, axis=0)
    _stand_aside(inputs, lines, (cells_with > 0) & (cells_with < len(inside)))
    return Cells(
        names=tuple(map(str, wide.index)),
        product=np.array([products.index(name) for name in product]),
        mix=mix.to_numpy(float),
        inside=np.column_stack([inside, np.ones(len(inside))]),
        factory=_rows(manufacturers.country, manufacturers.product, countries, rows),
        desk=_rows(desks.country, desks.metal, countries, range(len(layout.metals))),
        lines=lines,
        place=place,
        product_of_line=np.array([rows.index(p) for p in inputs.product[lines].tolist()]),
        column=np.where(cells_with[inputs.metal[lines]] > 0, inputs.metal[lines], len(layout.metals)),
    )


def cell_tables(tables: Tables) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    """Metal in a kWh of each chemistry (kg/kWh, chemistry by metal), its part in the energy of its product, and that product.

    Raises:
        DataError: naming every chemistry that is in two products or has no part, every part of an unknown one, and every product
            whose parts do not add up to 1.
    """
    table, part = tables.cells, tables.cell_mix.set_index("chemistry")["share"]
    wide = table.pivot_table(index="chemistry", columns="metal", values="kg_per_kwh", sort=False).fillna(0.0)
    product = table.groupby("chemistry", sort=False)["product"].first().reindex(wide.index)
    several = table.groupby("chemistry", sort=False)["product"].nunique()
    problems = [
        Problem("cells.csv", name, "product", "is in more than one product", "give each chemistry one product")
        for name in several.index[several > 1]
    ]
    for name in wide.index.difference(part.index, sort=False):
        wrong = "is in the table cells and has no part in its product"
        problems.append(Problem("cell_mix.csv", name, "share", wrong, "add a row; 0 where nobody builds it"))
    for name in part.index.difference(wide.index, sort=False):
        problems.append(Problem("cell_mix.csv", name, "chemistry", "is not in the table cells", "add its metals there"))
    mix = part.reindex(wide.index)
    totals = mix.groupby(product.to_numpy(), sort=False).sum()
    for name, total in totals[(totals - 1.0).abs() > WHOLE].items():
        wrong = f"the parts of the chemistries of {name} add up to {total:.6g}"
        problems.append(Problem("cell_mix.csv", str(name), "share", wrong, "make them add up to 1"))
    if problems:
        raise DataError(problems)
    return wide, mix, product


def _rows(country: np.ndarray, kind: np.ndarray, countries: np.ndarray, kinds: range | list[int]) -> np.ndarray:
    """Row of each country and kind, -1 where there is none, shape (countries, kinds)."""
    at = {(int(c), int(k)): row for row, (c, k) in enumerate(zip(country, kind, strict=True))}
    return np.array([[at.get((int(c), int(k)), -1) for k in kinds] for c in countries])


def _stand_aside(inputs: Population, lines: np.ndarray, chosen: np.ndarray) -> None:
    """Take metals that the choice of cells is about out of the substitution of old."""
    ceiling = inputs.ceiling.copy()
    ceiling[lines] = np.where(chosen[inputs.metal[lines]], 0.0, ceiling[lines])
    inputs.ceiling = ceiling
