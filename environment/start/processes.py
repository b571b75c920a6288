"""Drawing up a world: what recyclers could do with the scrap of each product group, from the table ``processes``."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lodeflow.agents import process
from lodeflow.agents.population import Population
from lodeflow.data import Tables
from lodeflow.environment.market.in_use import InUse
from lodeflow.environment.market.processes import GRADES, NEEDED, Processes
from lodeflow.environment.start.draft import Draft

USUAL = "usual"
"""What plants do today."""


@dataclass(frozen=True)
class _ByGroup:
    """The table by product group and metal: shape (groups, metals), or (groups, processes, metals)."""

    best: np.ndarray
    grade: np.ndarray
    yields: np.ndarray
    cost: np.ndarray
    grade_added: np.ndarray
    names: dict[str, tuple[str, ...]]


def added(tables: Tables) -> dict[str, tuple[str, ...]]:
    """Processes that can be added, by product group, in the order of the table."""
    rows = tables.processes
    groups = rows[rows["process"] != USUAL].groupby("group", sort=False)["process"]
    return {str(group): tuple(dict.fromkeys(names)) for group, names in groups}


def most_added(tables: Tables) -> int:
    """The largest number of processes that a plant can choose from, at least 1."""
    return max((len(names) for names in tables.remember(added).values()), default=1)


def build_processes(draft: Draft, recyclers: Population, in_use: InUse) -> Processes:
    """Lay the table out along the recyclers, formal ones alone for what can be added, and the rows in use."""
    table, group = _by_group(draft), recyclers.group
    possible = np.asarray(table.yields.any(axis=(1, 2)))
    plants = np.flatnonzero((recyclers.formal == 1) & possible[group])
    seller = recyclers.seller[plants]
    formal = {
        (int(recyclers.country[y]), int(group[y])): int(y) for y in range(len(recyclers)) if recyclers.formal[y] == 1
    }
    row_group = draft.layout.product_group[in_use.product]
    places = zip(in_use.country.tolist(), row_group.tolist(), strict=True)
    return Processes(
        best=table.best[group],
        grade=(recyclers.seller * len(GRADES) + table.grade[group]).ravel(),
        plants=plants,
        yields=table.yields[group[plants]],
        cost=process.delivered_cost(
            table.cost[group[plants]], recyclers.way[plants], draft.parameters["scrap_freight"]
        ),
        seller=seller,
        grade_added=(seller[:, None, :] * len(GRADES) + table.grade_added[group[plants]]).ravel(),
        names=table.names,
        need=np.array([NEEDED.get(draft.layout.groups[g], 0) for g in draft.layout.product_group]),
        best_in_use=table.best[row_group, in_use.metal],
        yields_in_use=table.yields[row_group, :, in_use.metal],
        plant_in_use=np.array([formal.get(place, len(recyclers)) for place in places], np.int64),
    )


def _by_group(draft: Draft) -> _ByGroup:
    """Figures by product group and metal; 0 where the table has none, and as good as from ore."""
    layout, names = draft.layout, draft.tables.remember(added)
    groups, metals, most = len(layout.groups), len(layout.metals), most_added(draft.tables)
    best, grade = np.zeros((groups, metals)), np.zeros((groups, metals), np.int64)
    yields, cost = np.zeros((2, groups, most, metals))
    grade_added = np.zeros((groups, most, metals), np.int64)
    for row in _rows(draft.tables.processes, layout.groups, layout.metals):
        g, m, quality = layout.groups.index(row["group"]), layout.metal_index[row["metal"]], GRADES.index(row["grade"])
        if row["process"] == USUAL:
            best[g, m], grade[g, m] = 0.0 if pd.isna(row["yield"]) else row["yield"], quality
        else:
            p = names[row["group"]].index(row["process"])
            yields[g, p, m], cost[g, p, m], grade_added[g, p, m] = row["yield"], row["cost"], quality
    return _ByGroup(best, grade, yields, cost, grade_added, names)


def _rows(table: pd.DataFrame, groups: list[str], metals: list[str]) -> list[dict]:
    """Rows of product groups and metals that the world has."""
    found = table[table["group"].isin(groups) & table["metal"].isin(metals)]
    rows: list[dict] = found.to_dict("records")
    return rows
