"""Accounts as years that rows can read like those of a run, without a world: steel, aluminium and an electric car."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lodeflow.data.footprint import assumption
from lodeflow.experiments.analysis.footprint.gains import CAR, PART, gain
from lodeflow.experiments.analysis.footprint.materials import (
    FIRST,
    MATERIALS,
    amounts,
    avoided,
    countries,
    history,
    neutral_year,
    routes,
)
from lodeflow.experiments.judge.validate.yearly import COLUMNS, YearlyRun

if TYPE_CHECKING:
    from lodeflow.data import Tables

YEAR = 2021
"""Year under which factors and the output of countries stand."""
BOTH, ELECTRIC_CAR = "steel and aluminium", "electric car"
QUANTITIES = {
    "output": "crude steel made, t/year",
    "emissions": "greenhouse gases of making and processing it, t CO2e/year",
    "emissions of a tonne": "t CO2e per t",
    "energy of the ore route": "GJ per t",
    "energy of the scrap route": "GJ per t",
    "scrap recovered": "t/year",
    "avoided by scrap": "t CO2e/year",
    "ore avoided": "t/year",
    "coal avoided": "t/year",
    "emissions of the world": "greenhouse gases of everything, t CO2e/year",
    "year of neutrality": "year in which emissions must have fallen to nothing for 1.5 degrees",
    "battery making": "part of it in the life cycle of an electric car",
}
"""What is written down, and its unit."""
Row = tuple[int, str, str, str, str, float]


def material_years(tables: Tables) -> YearlyRun:
    """Return what the account of steel and aluminium says, by year; columns as those of a run, in the units of `QUANTITIES`."""
    import pandas as pd

    rows = _of_history(tables)
    for material in MATERIALS:
        rows += _of_now(tables, material)
    total = sum(float(countries(tables, material)["co2_kt"].sum()) * 1e3 for material in MATERIALS)
    rows += [(YEAR, "emissions", BOTH, "WLD", "", total)]
    rows += [(YEAR, "emissions of the world", BOTH, "WLD", "", 1e9 * assumption(tables, "world_emissions"))]
    rows += [(YEAR, "year of neutrality", "steel", "WLD", "", neutral_year(tables))]
    part = float(gain(tables, CAR, "WLD", YEAR).set_index("item")["value"][PART])
    rows += [(YEAR, "battery making", ELECTRIC_CAR, "WLD", "", part)]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return YearlyRun(table, tuple(range(FIRST, YEAR + 1)), (*MATERIALS, BOTH, ELECTRIC_CAR), ("CHN",), ())


def _of_history(tables: Tables) -> list[Row]:
    """Steel since 1900."""
    found: list[Row] = []
    for row in history(tables).to_dict("records"):
        values = {"output": row["tonnes"], "emissions": 1e3 * row["co2_kt"], "emissions of a tonne": row["co2_t_per_t"]}
        found += [(int(row["year"]), name, "steel", "WLD", "", float(value)) for name, value in values.items()]
    return found


def _of_now(tables: Tables, material: str) -> list[Row]:
    """Factors, and what scrap avoids."""
    known, rows = routes(tables, material), avoided(tables, material)
    (saved,) = rows[rows["region"] == "WLD"].to_dict("records")
    values = {
        "energy of the ore route": known["primary"][0],
        "energy of the scrap route": known["secondary"][0],
        "scrap recovered": amounts(tables, material)["secondary"],
        "avoided by scrap": 1e3 * saved["co2_kt"],
    }
    if material == "steel":
        values |= {"ore avoided": saved["ore_t"], "coal avoided": saved["coal_t"]}
    return [(YEAR, name, material, "WLD", "", float(value)) for name, value in values.items()]
