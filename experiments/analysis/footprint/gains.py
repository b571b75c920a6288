"""Net gain of a technology in greenhouse gases: what it saves in use, less what is spent on making it.

    plant of 1 MW:  saved = g E,  spent = l E + M (d - 1),  E = 8766 h c T
    car:            saved = D (u f - w g),  spent = B b + N + M (d - 1)

with ``g`` the carbon of a kWh there over that life, ``g = g(year) mean of (1 + k r)^t`` over its years ``t = 0 .. T - 1``: its
yearly change ``r`` of the ten years before goes on by the part ``k`` (``trend_kept``), ``c`` the share of full load, ``T`` the
life, ``l`` the published life cycle of a kWh; ``D`` the distance, ``u f`` the petrol that is not burnt, ``w`` the power of a km,
``B`` the battery and ``b`` its making, ``N`` the metals of the motor. ``M`` are the metals of the model in it at published factors
of ore (part of ``l E`` or ``B b``), and ``d`` what poorer ore makes of them
(:func:`lodeflow.experiments.analysis.footprint.account.dearer`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lodeflow.data.footprint import MINING, PRIMARY, WORLD, assumption, power_by_year, totals
from lodeflow.data.problems import DataError, Problem, did_you_mean
from lodeflow.experiments.analysis.footprint.account import dearer

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables

HOURS, KILO = 8766.0, 1e3
"""Hours of a year; kg in a t, kWh in a MWh."""
TREND = 10
"""Years over which the change of the carbon of power is taken."""
CAR = "ev"
PLANTS = {"pv": ("solar-pv",), "wind": ("wind-turbine",)}
BATTERY, MOTOR = "ev-battery-nickel", "ev-motor"
SAVED, METALS, REST, NET = "saved in use", "spent on metals", "spent on the rest of making", "net gain"
YEARS, PART = "years to pay back", "battery making in the life cycle"
UNITS = {SAVED: "t CO2e", METALS: "t CO2e", REST: "t CO2e", NET: "t CO2e", YEARS: "years", PART: "1"}
"""What is said of a technology, and its unit; the last of cars alone."""


@dataclass(frozen=True)
class Power:
    """Carbon of a kWh: g CO2e/kWh in a year, that year, and its yearly change over the ten years before, 1/year."""

    today: float
    year: int
    change: float

    def over(self, life: float, kept: float) -> float:
        """Mean over the years of a life, g CO2e/kWh; kept: part of the change that goes on."""
        years = max(round(life), 1)
        return self.today * sum((1.0 + kept * self.change) ** year for year in range(years)) / years


@dataclass(frozen=True)
class Metals:
    """Greenhouse gases of the metals in a unit, t CO2e: inside what is published of making, beside it, and what poorer ore adds."""

    inside: float
    beside: float
    added: float


def technologies(tables: Tables) -> list[str]:
    """Technologies of which a net gain is known."""
    return [str(name) for name in dict.fromkeys(tables.technology_gains["technology"])]


def unit_of(technology: str) -> str:
    """What one of it is: a car, or a MW."""
    return "car" if technology == CAR else "MW"


def content(tables: Tables, technology: str, left: float = 1.0) -> pd.DataFrame:
    """Return product, metal, kg in a unit and its range, t CO2e of a tonne from ore, t CO2e of the unit.

    Args:
        tables: the loaded tables.
        technology: one of `technologies`.
        left: ore in the ground over that of today.
    """
    import pandas as pd

    sizes = {BATTERY: values(tables, CAR)["battery_kwh"], MOTOR: 1.0} if technology == CAR else {}
    products = (BATTERY, MOTOR) if technology == CAR else PLANTS[technology]
    shares = tables.intensity_stages[tables.intensity_stages["stage"] == MINING].set_index("metal")["share"]
    harder = dearer(left, -assumption(tables, "grade_energy_elasticity") * assumption(tables, "grade_per_reserve"))
    rows = []
    for row in tables.composition[tables.composition["product"].isin(products)].to_dict("records"):
        known, product, metal = totals(tables, str(row["metal"])), str(row["product"]), str(row["metal"])
        if known:
            kg = [float(row[end]) * sizes.get(product, 1.0) for end in ("kg_per_unit", "low", "high")]
            rate = known[PRIMARY][1] * (1.0 + float(shares.get(metal, 0.0)) * (harder - 1.0))
            rows.append((product, metal, *kg, rate, kg[0] / KILO * rate))
    return pd.DataFrame(rows, columns=["product", "metal", "kg", "kg_low", "kg_high", "co2_t_per_t", "co2_t"])


def gain(
    tables: Tables, technology: str, place: str = WORLD, year: int | None = None, left: float = 1.0
) -> pd.DataFrame:
    """Return item, value, low, high, unit of one unit over its life, by the equations of this module.

    low, high: every assumption at the end of its range that lowers or raises the item.

    Args:
        tables: the loaded tables.
        technology: one of `technologies`.
        place: country whose power it replaces or uses; WLD for the world.
        year: of that power; left out: the last known one. Years outside the data have the nearest.
        left: ore in the ground over that of today; poorer ore takes more to mine.

    Raises:
        DataError: for a place whose power is not known.
    """
    import pandas as pd

    grid, life = carbon_of_power(tables, place, year), _life(tables, technology)
    rows = _rows_of(tables, technology, place)
    middle, low, high = (
        {str(name): float(value) for name, value in rows[end].items()} for end in ("value", "low", "high")
    )
    metals = [_metals(tables, technology, left, kg) for kg in ("kg", "kg_low", "kg_high")]
    start = items(technology, middle, grid, life, metals[0])
    found = []
    for item, value in start.items():
        ends = dict[str, tuple[float, float]]()
        for name in middle:
            rises = items(technology, middle | {name: high[name]}, grid, life, metals[0])[item] >= value
            ends[name] = (low[name], high[name]) if rises else (high[name], low[name])
        rises = items(technology, middle, grid, life, metals[2])[item] >= value
        lowest, highest = (
            items(
                technology, {name: end[k] for name, end in ends.items()}, grid, life, metals[1:][k if rises else 1 - k]
            )
            for k in (0, 1)
        )
        found.append((item, value, lowest[item], highest[item], UNITS[item]))
    return pd.DataFrame(found, columns=["item", "value", "low", "high", "unit"])


def items(
    technology: str, values: Mapping[str, float], power_of: Power, life: float, metals: Metals
) -> dict[str, float]:
    """Return the items of a unit at some values of its quantities; power_of: of the place, life: years."""
    grid = power_of.over(life, values["trend_kept"])
    if technology == CAR:
        driven = values["distance"] / KILO
        power = driven * values["power_per_km"] * grid / KILO
        saved = driven * values["fuel_per_km"] * values["fuel_carbon"] - power
        making = values["battery_kwh"] * values["battery_making"] / KILO
    else:
        made = HOURS * values["capacity_factor"] * life
        saved, making = (made * rate / KILO for rate in (grid, values["life_cycle"]))
    rest = max(making - metals.inside, 0.0)
    spent = metals.inside + metals.beside + metals.added
    result = {SAVED: saved, METALS: spent, REST: rest, NET: saved - spent - rest}
    result[YEARS] = (spent + rest) / (saved / life) if saved > 0.0 else float("inf")
    if technology == CAR:
        battery = rest + metals.inside
        result[PART] = battery / (battery + values["car_making"] + power)
    return result


def values(tables: Tables, technology: str, place: str = WORLD) -> dict[str, float]:
    """Return the quantities of a technology by name; a place has those of its own, and else those of the world."""
    return {str(name): float(value) for name, value in _rows_of(tables, technology, place)["value"].items()}


def _rows_of(tables: Tables, technology: str, place: str) -> pd.DataFrame:
    """Rows of a technology by quantity: those of the place before those of the world."""
    rows = tables.technology_gains
    rows = rows[(rows["technology"] == technology) & rows["place"].isin([WORLD, place])]
    own = rows.sort_values("place", key=lambda names: names == WORLD, kind="stable")
    return own.drop_duplicates("quantity").set_index("quantity")


def less_than_petrol(tables: Tables, place: str, year: int | None = None) -> float:
    """By what share an electric car emits less over its life than one with an engine, a share of the latter."""
    known, found = values(tables, CAR, place), gain(tables, CAR, place, year).set_index("item")["value"]
    petrol = known["distance"] * known["fuel_per_km"] * known["fuel_carbon"] / KILO + known["car_making"]
    return float(found[NET]) / petrol


def carbon_of_power(tables: Tables, place: str, year: int | None = None) -> Power:
    """Return the carbon of a kWh of a place; years as of `gain`. Raises DataError for a place that is not known."""
    known = tables.electricity_carbon["iso3"].unique()
    if place not in known:
        right = did_you_mean(place, known.tolist())
        raise DataError([Problem("--country", None, "", f"the power of {place} is not known", right)])
    grid, first = power_by_year(tables, [place])
    row = len(grid) - 1 if year is None else min(max(year - first, 0), len(grid) - 1)
    before = max(row - TREND, 0)
    change = (
        float((grid[row, 0] / grid[before, 0]) ** (1.0 / max(row - before, 1)) - 1.0) if grid[before, 0] > 0.0 else 0.0
    )
    return Power(float(grid[row, 0]), first + row, change)


def _metals(tables: Tables, technology: str, left: float, kg: str) -> Metals:
    rows, today = content(tables, technology, left), content(tables, technology)
    first, motor = rows[kg] * today["co2_t_per_t"] / KILO, rows["product"] == MOTOR
    added = float((rows[kg] * rows["co2_t_per_t"] / KILO - first).sum())
    return Metals(float(first[~motor].sum()), float(first[motor].sum()), added)


def _life(tables: Tables, technology: str) -> float:
    """Life of a technology, years: that of its product."""
    product = BATTERY if technology == CAR else PLANTS[technology][0]
    return float(tables.products.set_index("product")["lifetime_mean_years"][product])
