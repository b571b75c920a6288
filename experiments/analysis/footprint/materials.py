"""Steel and aluminium as accounting materials: stages, routes, output by country, what scrap avoids, the history of steel.

They have no agents: output is data, and energy and emissions are output times factors. A stage of a country emits

    E = Q s F [1 + p (g / g mean - 1)]

with ``Q`` the output of the world, ``s`` the country's part of it, ``F`` and ``p`` emissions of the stage per tonne and their share
from electricity, ``g`` the carbon of its kWh and ``g mean`` the mean by output, so that the countries add up to ``Q F``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lodeflow.data.footprint import WORLD, assumption, power_by_year

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables

MATERIALS = ("steel", "aluminium")
ROUTES = ("primary", "secondary", "processing")
SCRAP = "scrap"
REST = "ROW"
FIRST, LAST = 1900, 2015
"""Years of the history of steel."""


def routes(tables: Tables, material: str) -> dict[str, tuple[float, float]]:
    """Return energy (GJ/t) and greenhouse gases (t CO2e/t) by route."""
    rows = tables.material_routes[tables.material_routes["material"] == material]
    values = zip(rows["energy_gj_per_t"], rows["co2e_t_per_t"], strict=True)
    return dict(zip(rows["route"], values, strict=True))


def stages(tables: Tables, material: str) -> pd.DataFrame:
    """Return route, stage, made_of, energy_gj_per_t, co2_t_per_t, both shares of the route, and power_share, in order."""
    rows = tables.material_stages[tables.material_stages["material"] == material].reset_index(drop=True)
    known = routes(tables, material)
    whole = np.array([known[route] for route in rows["route"]])
    rows = rows.assign(
        energy_gj_per_t=rows["energy_share"] * whole[:, 0], co2_t_per_t=rows["carbon_share"] * whole[:, 1]
    )
    return rows[
        ["route", "stage", "made_of", "energy_gj_per_t", "co2_t_per_t", "energy_share", "carbon_share", "power_share"]
    ]


def output(tables: Tables, material: str, what: str) -> pd.Series:
    """Return tonnes by country in the year for which countries are known; of scrap China and the rest."""
    import pandas as pd

    rows = tables.material_output
    own = rows[(rows["material"] == material) & (rows["what"] == what)]
    if what == SCRAP:
        known = dict(zip(own["iso3"], own["tonnes"].astype(float), strict=True))
        return pd.Series({"CHN": known["CHN"], REST: known[WORLD] - known["CHN"]})
    countries = own[own["iso3"] != WORLD]
    latest = countries[countries["year"] == countries["year"].max()]
    return latest.set_index("iso3")["tonnes"]


def amounts(tables: Tables, material: str) -> dict[str, float]:
    """Return what the world makes by route, t a year: from ore, from scrap, and what is processed.

    Steel is counted whole, so what is from ore is the rest beside scrap; of aluminium metal from ore is counted.
    """
    made, scrap = (float(output(tables, material, what).sum()) for what in (material, SCRAP))
    primary = made - scrap if material == "steel" else made
    return {"primary": primary, "secondary": scrap, "processing": primary + scrap}


def countries(tables: Tables, material: str) -> pd.DataFrame:
    """Return route, stage, region, tonnes (of the material), energy_tj, co2_kt: a year of output, production based."""
    import pandas as pd

    parts, total = [], amounts(tables, material)
    for row in stages(tables, material).to_dict("records"):
        by = output(tables, material, str(row["made_of"]))
        share = (by / by.sum()).to_numpy(float)
        grid = power_by_year(tables, list(by.index))[0][-1]
        tonnes = share * total[str(row["route"])]
        carbon = tonnes * row["co2_t_per_t"] * (1.0 + row["power_share"] * (grid / (share @ grid) - 1.0))
        parts.append(
            pd.DataFrame(
                {"route": row["route"], "stage": row["stage"], "region": by.index, "tonnes": tonnes}
                | {"energy_tj": tonnes * row["energy_gj_per_t"] / 1e3, "co2_kt": carbon / 1e3}
            )
        )
    return pd.concat(parts, ignore_index=True)


def avoided(tables: Tables, material: str) -> pd.DataFrame:
    """Return region, scrap_t, energy_tj, co2_kt (and ore_t, coal_t of steel) that recovered scrap avoids in a year."""
    import pandas as pd

    scrap, known = output(tables, material, SCRAP), routes(tables, material)
    scrap = pd.concat([scrap, pd.Series({WORLD: scrap.sum()})])
    energy, carbon = (known["primary"][k] - known["secondary"][k] for k in (0, 1))
    table = pd.DataFrame({"region": scrap.index, "scrap_t": scrap.to_numpy(float)})
    table = table.assign(energy_tj=table["scrap_t"] * energy / 1e3, co2_kt=table["scrap_t"] * carbon / 1e3)
    if material == "steel":
        for name in ("ore", "coal"):
            table[f"{name}_t"] = table["scrap_t"] * assumption(tables, f"steel_{name}_per_scrap")
    return table


def history(tables: Tables) -> pd.DataFrame:
    """Return year, tonnes, co2_t_per_t (processing included), co2_kt of world crude steel, FIRST to LAST.

    Years without a source lie between their neighbours in ln. Emissions per tonne are those of today from the year since which they
    are flat, and fall to them in ln from 1900 by the gain of the assumptions.
    """
    import pandas as pd

    rows = tables.material_output
    known = rows[(rows["what"] == "steel") & (rows["iso3"] == WORLD)].set_index("year")["tonnes"].sort_index()
    years = np.arange(FIRST, LAST + 1)
    tonnes = np.exp(np.interp(years, known.index, np.log(known)))
    now = mean_emissions(tables, "steel") + routes(tables, "steel")["processing"][1]
    flat, gain = assumption(tables, "steel_flat_since"), assumption(tables, "steel_efficiency_gain")
    left = np.clip((flat - years) / (flat - FIRST), 0.0, 1.0)
    rate = now * (1.0 - gain) ** -left
    return pd.DataFrame({"year": years, "tonnes": tonnes, "co2_t_per_t": rate, "co2_kt": tonnes * rate / 1e3})


def mean_emissions(tables: Tables, material: str) -> float:
    """Return emissions of a mean tonne before processing, t CO2e/t: by routes as the table of routes weighs them.

    Of steel that is the published mean that both routes were split from (26 percent electric furnaces).
    """
    known, total = routes(tables, material), amounts(tables, material)
    share = electric_share(tables) if material == "steel" else total["secondary"] / total["processing"]
    return (1.0 - share) * known["primary"][1] + share * known["secondary"][1]


def electric_share(tables: Tables) -> float:
    """Share of steel from electric furnaces in the year of the factors (row of `footprint_assumptions`)."""
    return assumption(tables, "steel_electric_share")


def neutral_year(tables: Tables) -> float:
    """Year by which a material's emissions must be nothing: ``y + 2 B / E``.

    They fall in a straight line from the year y on. A material may emit that part of the world's budget B (Gt CO2) which it has in
    the world's emissions E (Gt CO2 a year); the part cancels, so the year is the same for all.
    """
    first, budget, emitted = (assumption(tables, name) for name in ("budget_year", "carbon_budget", "world_co2"))
    return first + 2.0 * budget / emitted
