"""Drawing up a world: what recyclers could do with the scrap of each product group, from the table ``processes``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lodeflow.agents import process
from lodeflow.agents.population import Population
from lodeflow.data import Tables
from lodeflow.data.footprint import SECONDARY, totals
from lodeflow.environment.market.in_use import InUse
from lodeflow.environment.market.processes import GRADES, NEEDED, Processes
from lodeflow.environment.start.draft import Draft

USUAL = "usual"
"""What plants do today."""
PROVEN = 9
"""Technology readiness level at which a process may be built."""


@dataclass(frozen=True)
class ByGroup:
    """The table by product group and metal: shape (groups, metals), (groups, processes, metals), ready (groups, processes)."""

    best: np.ndarray
    grade: np.ndarray
    yields: np.ndarray
    cost: np.ndarray
    energy: np.ndarray
    ready: np.ndarray
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
    layout = draft.layout
    table = draft.tables.remember(_by_group, tuple(layout.groups), tuple(layout.metals))
    group = recyclers.group
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
        energy=table.energy[group[plants]],
        ready=table.ready[group],
        seller=seller,
        grade_added=(seller[:, None, :] * len(GRADES) + table.grade_added[group[plants]]).ravel(),
        names=table.names,
        need=np.array([NEEDED.get(draft.layout.groups[g], 0) for g in draft.layout.product_group]),
        best_in_use=table.best[row_group, in_use.metal],
        yields_in_use=table.yields[row_group, :, in_use.metal],
        plant_in_use=np.array([formal.get(place, len(recyclers)) for place in places], np.int64),
    )


def _by_group(tables: Tables, of_groups: tuple[str, ...], of_metals: tuple[str, ...]) -> ByGroup:
    """Figures by product group and metal; 0 where the table has none, and as good as from ore."""
    names = tables.remember(added)
    groups, metals, most = len(of_groups), len(of_metals), most_added(tables)
    best, grade = np.zeros((groups, metals)), np.zeros((groups, metals), np.int64)
    yields, cost, energy = np.zeros((3, groups, most, metals))
    ready = np.zeros((groups, most), np.int64)
    usual = general_energy(tables, list(of_metals))
    grade_added = np.zeros((groups, most, metals), np.int64)
    for row in _rows(tables.processes, list(of_groups), list(of_metals)):
        g, m, quality = of_groups.index(row["group"]), of_metals.index(row["metal"]), GRADES.index(row["grade"])
        if row["process"] == USUAL:
            best[g, m], grade[g, m] = 0.0 if pd.isna(row["yield"]) else row["yield"], quality
        else:
            p = names[row["group"]].index(row["process"])
            yields[g, p, m], cost[g, p, m], grade_added[g, p, m] = row["yield"], row["cost"], quality
            energy[g, p, m] = usual[m] if pd.isna(row["energy"]) else row["energy"]
            ready[g, p] = max(ready[g, p], ready_from(row))
    return ByGroup(best, grade, yields, cost, energy, ready, grade_added, names)


def general_energy(tables: Tables, metals: list[str]) -> list[float]:
    """Energy of recycling each metal whatever the process (table ``intensity``), GJ/t; 0 where no source gives it."""
    known = [totals(tables, metal) for metal in metals]
    return [routes[SECONDARY][0] if routes else 0.0 for routes in known]


def ready_from(row: Mapping[str, Any]) -> int:
    """Month in which a process of the table is ready to be built, number of the month; 0 where its readiness is not judged."""
    if pd.isna(row["readiness"]) or pd.isna(row["readiness_year"]) or row["readiness"] >= PROVEN:
        return 0
    years = 0.0 if pd.isna(row["years_left"]) else float(row["years_left"])
    return round(12.0 * (int(row["readiness_year"]) + years))


def _rows(table: pd.DataFrame, groups: list[str], metals: list[str]) -> list[dict]:
    """Rows of product groups and metals that the world has."""
    found = table[table["group"].isin(groups) & table["metal"].isin(metals)]
    rows: list[dict] = found.to_dict("records")
    return rows
