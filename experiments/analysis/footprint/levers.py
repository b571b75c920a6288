"""Levers of steel and aluminium: emissions of a year when each is pulled alone, each side together, and all.

    E = D { (1 - s) P k [1 - p(P) (1 - g)] + s S [1 - p(S) (1 - g)] + R [1 - p(R) (1 - g)] }

with ``D`` what is made (times what of demand is kept), ``s`` the share of scrap, ``P``, ``S`` and ``R`` the ore route, the scrap
route and processing per tonne, ``p`` their share from electricity, ``g`` what is left of the carbon of a kWh and ``k`` what is left
of the emissions of the ore route by other means. Scrap that a loop brings takes the place of ore.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lodeflow.experiments.analysis.footprint.materials import SCRAP, amounts, output, routes, stages

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables

PLACE = {"steel": "WLD", "aluminium": "CHN"}
"""Whose levers: the steel of the world; the aluminium of China, whose scrap has a domestic and a foreign loop."""
NOTHING, TOGETHER = "none", "all together"


def base(tables: Tables, material: str) -> dict[str, float]:
    """Return what is made (t), scrap of the country and imported scrap (t) in the year of the data."""
    if material == "steel":
        known = amounts(tables, material)
        return {"made": known["processing"], "home": known["secondary"], "imported": 0.0}
    rows = tables.material_output
    own = rows[(rows["material"] == material) & (rows["iso3"] == PLACE[material])]
    imported = own[own["what"] == f"imported {SCRAP}"].iloc[0]
    scrap = float(output(tables, material, SCRAP)[PLACE[material]])
    made = own[(own["what"] == material) & (own["year"] == imported["year"])]["tonnes"].iloc[0]
    return {
        "made": float(made) + scrap,
        "home": scrap - float(imported["tonnes"]),
        "imported": float(imported["tonnes"]),
    }


def emissions(tables: Tables, material: str, pulled: Mapping[str, float]) -> float:
    """Return emissions of a year with some levers pulled (value by name), kt CO2e; the equation of this module."""
    start, known = base(tables, material), routes(tables, material)
    rows = stages(tables, material)
    power = {
        route: float((own["power_share"] * own["co2_t_per_t"]).sum() / own["co2_t_per_t"].sum())
        for route, own in rows.groupby("route")
    }
    scrap = start["home"] * pulled.get("home_scrap_times", 1.0) + start["imported"] * pulled.get(
        "imported_scrap_times", 1.0
    )
    share = min(pulled.get("scrap_share", scrap / start["made"]), 1.0)
    clean = 1.0 - pulled.get("power_kept", 1.0)
    parts = {"primary": (1.0 - share) * pulled.get("ore_route_kept", 1.0), "secondary": share, "processing": 1.0}
    rate = sum(part * known[route][1] * (1.0 - power[route] * clean) for route, part in parts.items())
    return start["made"] * pulled.get("demand_kept", 1.0) * rate / 1e3


def levers(tables: Tables, material: str) -> pd.DataFrame:
    """Return lever, side, co2_kt, low, high (kt CO2e with both ends of its range), change against none (1): alone, by side, all."""
    import pandas as pd

    rows = tables.material_levers[tables.material_levers["material"] == material]
    groups = {NOTHING: (NOTHING, rows.iloc[:0])}
    for side, own in rows.groupby("side", sort=False):
        if len(own) > 1:
            groups |= {str(one["lever"]): (str(side), own.iloc[[i]]) for i, (_, one) in enumerate(own.iterrows())}
        groups[str(side)] = (str(side), own)
    groups[TOGETHER] = (TOGETHER, rows)
    ends = {str(one["lever"]): _ends(tables, material, one) for _, one in rows.iterrows()}
    table = []
    for name, (side, own) in groups.items():
        found = [
            emissions(tables, material, {str(lever): ends[str(lever)][k] for lever in own["lever"]}) for k in range(3)
        ]
        table.append((name, side, *found))
    whole = pd.DataFrame(table, columns=["lever", "side", "co2_kt", "low", "high"])
    return whole.assign(change=whole["co2_kt"] / whole["co2_kt"].iloc[0] - 1.0)


def _ends(tables: Tables, material: str, row: pd.Series) -> tuple[float, float, float]:
    """Value of a lever, and the ends of its range: the one that leaves least, and the one that leaves most."""
    name = str(row["lever"])
    strong, weak = sorted(
        (float(row[end]) for end in ("low", "high")), key=lambda value: emissions(tables, material, {name: value})
    )
    return float(row["value"]), strong, weak
