"""Energy and greenhouse gases of a tonne of metal by route, stage, country and year, from the published totals of the tables.

    f(stage, country, year) = F(route) share(stage) y(stage) [1 + p(stage) (g(country, year) / g(world, year of F) - 1)]

with ``F`` the published total of a route (`intensity`), ``share`` and ``p`` (from electricity) of `intensity_stages`, and ``g``
the carbon of a kWh (`electricity_carbon`). F is published per tonne of refined metal, so ``y`` is the refining yield for a tonne
that a mine delivers, else 1. Energy does not depend on the country. Years after the data have the last one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lodeflow.data.problems import DataError, Problem

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data.loader import Tables

MINING, REFINING, RECYCLING = "mining", "refining", "recycling"
STAGES = (MINING, REFINING, RECYCLING)
"""Stages with energy use of their own; making products is not known by metal."""
PRIMARY, SECONDARY, MIX = "primary", "secondary", "mix"
WORLD = "WLD"


@dataclass(frozen=True)
class Factors:
    """Energy and greenhouse gases per tonne of metal content.

    Attributes:
        metals, regions: names of the rows.
        energy: GJ/t, shape (metals, stages); nan for a metal without a published total.
        carbon: t CO2e/t with the world's power of the year of the total, shape (metals, stages).
        power: share of the emissions that comes from electricity, shape (metals, stages).
        reference: carbon of a kWh to which that belongs, g CO2e/kWh, shape (metals,).
        grid: carbon of a kWh, g CO2e/kWh, shape (years, regions); first_year: of its first row.
        grade: energy of mining on the reserve that is left, both in ln, its sign turned: at least 0.
    """

    metals: tuple[str, ...]
    regions: tuple[str, ...]
    energy: np.ndarray
    carbon: np.ndarray
    power: np.ndarray
    reference: np.ndarray
    grid: np.ndarray
    first_year: int
    grade: float

    @property
    def unknown(self) -> list[str]:
        """Metals of which no source gives energy and emissions."""
        return [name for name, known in zip(self.metals, ~np.isnan(self.energy).any(axis=1), strict=True) if not known]

    def of_year(self, year: int) -> np.ndarray:
        """Greenhouse gases of a year, t CO2e/t, shape (metals, stages, regions)."""
        row = min(max(year - self.first_year, 0), len(self.grid) - 1)
        over = self.grid[row][None, None] / self.reference[:, None, None] - 1.0
        found: np.ndarray = self.carbon[:, :, None] * (1.0 + self.power[:, :, None] * over)
        return found


def assumption(tables: Tables, name: str) -> float:
    """Value of a row of the table `footprint_assumptions`. Raises DataError if it is not there."""
    rows = tables.footprint_assumptions
    found = rows.loc[rows["assumption"] == name, "value"]
    if found.empty:
        raise DataError(
            [Problem("footprint_assumptions.csv", None, "assumption", f"{name} is missing", "Give its row")]
        )
    return float(found.iloc[0])


def factors(tables: Tables, metals: Sequence[str], regions: Sequence[str]) -> Factors:
    """Return the factors of some metals and countries; a country without data of its own has the power of the world.

    A metal without a published total of energy and emissions, or without its stages, is unknown. Raises DataError where the
    tables do not say what a kWh of the world emits, or lack an assumption.
    """
    grid, first = power_by_year(tables, regions)
    world = power_by_year(tables, [WORLD])[0][:, 0]
    shape = len(metals), len(STAGES)
    energy, carbon, power = np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(shape)
    reference = np.full(len(metals), world[-1])
    rows = tables.intensity_stages
    shares: dict[tuple[str, str], tuple[float, float]] = {
        (str(row["metal"]), str(row["stage"])): (float(row["share"]), float(row["power_share"]))
        for row in rows[rows["metal"].isin(list(metals))].to_dict("records")
    }
    spread = set(zip(rows["metal"], rows["route"], strict=True))
    refined = tables.yields[tables.yields["step"] == REFINING]
    yields: dict[str, float] = dict(zip(refined["metal"], refined["value"].astype(float), strict=True))
    for m, metal in enumerate(metals):
        routes = totals(tables, metal)
        if not routes or not spread >= {(metal, PRIMARY), (metal, SECONDARY)}:
            continue
        reference[m] = world[min(max(routes[PRIMARY][2] - first, 0), len(world) - 1)]
        for s, stage in enumerate(STAGES):
            share, power[m, s] = shares.get((metal, stage), (0.0, 0.0))
            share *= yields.get(metal, 1.0) if stage == MINING else 1.0
            route = routes[SECONDARY if stage == RECYCLING else PRIMARY]
            energy[m, s], carbon[m, s] = share * route[0], share * route[1]
    grade = assumption(tables, "grade_energy_elasticity") * assumption(tables, "grade_per_reserve")
    return Factors(tuple(metals), tuple(regions), energy, carbon, power, reference, grid, first, grade)


def totals(tables: Tables, metal: str) -> dict[str, tuple[float, float, int]]:
    """Energy (GJ/t), greenhouse gases (t CO2e/t) and year by route; nothing where no source gives both of the primary route.

    Where only the mix on the market is published it stands for the primary route; emissions that are missing follow the energy.
    """
    rows = tables.intensity[tables.intensity["metal"] == metal].to_dict("records")
    own: dict[str, dict[Any, Any]] = {str(row["route"]): row for row in rows}
    if not {PRIMARY, MIX} & own.keys():
        return {}
    first = own[PRIMARY if PRIMARY in own else MIX]
    energy, carbon = float(first["energy_mj_per_kg"]), float(first["co2e_kg_per_kg"])
    if np.isnan(carbon) and MIX in own:
        carbon = float(own[MIX]["co2e_kg_per_kg"]) * energy / float(own[MIX]["energy_mj_per_kg"])
    if np.isnan(carbon):
        return {}
    ratio = assumption(tables, "secondary_over_primary")
    if SECONDARY in own:
        ratio = float(own[SECONDARY]["energy_mj_per_kg"]) / energy
    year = int(first["ref_year"])
    return {PRIMARY: (energy, carbon, year), SECONDARY: (ratio * energy, ratio * carbon, year)}


def power_by_year(tables: Tables, regions: Sequence[str]) -> tuple[np.ndarray, int]:
    """Carbon of a kWh, g CO2e/kWh, shape (years, regions), and the first year; gaps have the last known value.

    Raises DataError if the world is missing, or a kWh of it emits nothing: countries are measured by it.
    """
    table: pd.DataFrame = tables.electricity_carbon.pivot(index="year", columns="iso3", values="gco2e_per_kwh")
    if WORLD not in table or not (table[WORLD].dropna() > 0.0).all():
        wrong = f"the world ({WORLD}) has no row, or one of 0 g CO2e/kWh"
        raise DataError([Problem("electricity_carbon.csv", None, "iso3", wrong, "Give what a kWh of the world emits")])
    table = table.reindex(range(int(table.index.min()), int(table.index.max()) + 1)).ffill().bfill()
    known = [region if region in table.columns else WORLD for region in regions]
    return table[known].to_numpy(float), int(table.index[0])
