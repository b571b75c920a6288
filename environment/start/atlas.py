"""Drawing up a world: the tables of ways, freight and duties as arrays."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lodeflow.data import Tables
from lodeflow.environment.market.ways import Atlas

UNION = "EU27"
"""Customs union: trade inside of it pays no duty."""
PERCENT = 100.0
FORMS = ("ore", "intermediate", "refined")
Key = tuple[str, str]
"""Metal and form."""


def atlas(tables: Tables) -> Atlas:
    """What the tables say of ways, for all countries that they know; see :class:`Atlas`."""
    names = sorted(tables.countries["iso3"])
    index = {name: row for row, name in enumerate(names)}
    access = tables.port_access.set_index("iso3").reindex(names)
    lands = {name: number for number, name in enumerate(sorted(set(access["land"].dropna())))}
    land = access["land"].map(lands).fillna(-1).astype(int)
    inland = (access["inland_km"] * access["abroad"]).fillna(0.0)
    passages = tables.passages["passage"].astype(str).tolist()
    members = set(tables.groups.loc[tables.groups["group"] == UNION, "iso3"])
    metals = tables.metals["metal"].astype(str)
    keys = [(metal, form) for metal in metals for form in FORMS]
    return Atlas(
        index=index,
        sea=_pairs(tables.sea_distances, index, tables.sea_distances["km"].to_numpy(float), np.nan),
        detour={name: _detours(tables, index, name) for name in passages},
        passes=_passes(tables, index, passages),
        toll=dict(zip(passages, tables.passages["toll"].astype(float), strict=True)),
        land=np.append(land.to_numpy(np.int64), -1),
        inland=np.append(inland.to_numpy(float), 0.0),
        next_port=np.append(access["next_km"].fillna(np.inf).to_numpy(float), np.inf),
        rate=dict(zip(tables.freight_rates["mode"], tables.freight_rates["rate"].astype(float), strict=True)),
        duty={form: _duties(tables, index, form) for form in FORMS},
        union=np.array([*(name in members for name in names), False]),
        content=_by_exporter(tables.gross_weights, index, keys, "content", 1.0),
        air=_by_exporter(tables.transport_modes, index, keys, "air", 0.0),
    )


def _pairs(rows: pd.DataFrame, index: dict[str, int], values: np.ndarray, elsewhere: float) -> np.ndarray:
    """Values of pairs of countries as a matrix, the same both ways, shape (C, C)."""
    matrix = np.full((len(index) + 1, len(index) + 1), elsewhere)
    a, b = (np.array([index[name] for name in rows[column]], np.int64) for column in ("iso3_a", "iso3_b"))
    matrix[a, b] = matrix[b, a] = values
    return matrix


def _detours(tables: Tables, index: dict[str, int], passage: str) -> np.ndarray:
    """Way by sea while a passage is closed, km, shape (C, C); inf where there is none."""
    rows = tables.sea_detours[tables.sea_detours["closed"] == passage]
    return _pairs(rows, index, rows["km"].fillna(np.inf).to_numpy(float), np.nan)


def _passes(tables: Tables, index: dict[str, int], passages: list[str]) -> dict[str, np.ndarray]:
    """Whether the shortest way uses a passage, boolean, shape (C, C), by passage."""
    rows, known = tables.sea_distances, [set(text.split(";")) for text in tables.sea_distances["passages"]]
    return {
        name: _pairs(rows, index, np.array([name in used for used in known], float), 0.0) > 0.0 for name in passages
    }


def _duties(tables: Tables, index: dict[str, int], form: str) -> np.ndarray:
    """Import duty of a form, share of the price, shape (C,)."""
    rows = tables.import_duties[tables.import_duties["form"] == form].set_index("iso3")["duty"]
    return np.append(rows.reindex(list(index)).fillna(0.0).to_numpy(float) / PERCENT, 0.0)


def _by_exporter(
    rows: pd.DataFrame, index: dict[str, int], keys: list[Key], column: str, elsewhere: float
) -> dict[Key, np.ndarray]:
    """A column by exporter, shape (C,), by metal and form: its own row, else the one that names none, else ``elsewhere``."""
    found = {key: np.full(len(index) + 1, elsewhere) for key in keys}
    ordered = sorted(
        zip(rows["iso3"], rows["metal"], rows["form"], rows[column], strict=True)
    )  # those without a name first
    for name, metal, form, value in ordered:
        if name in index:
            found[metal, form][index[name]] = value
        elif not name:
            found[metal, form][:] = value
    return found
