"""Write docs/energy.md: ``python -m docs.make_energy``, from the tables, a run to 2026 and the shipped verdicts."""

from __future__ import annotations

import json
import sys
import tempfile
from functools import cache
from pathlib import Path

import pandas as pd

from docs.make_tables import markdown
from lodeflow import data
from lodeflow.data.footprint import PRIMARY, SECONDARY, WORLD, assumption, totals
from lodeflow.experiments.analysis.flows.source import Source, made
from lodeflow.experiments.analysis.footprint.gains import (
    CAR,
    NET,
    PART,
    REST,
    SAVED,
    YEARS,
    carbon_of_power,
    gain,
    less_than_petrol,
    technologies,
    unit_of,
    values,
)
from lodeflow.experiments.analysis.footprint.gains import (
    METALS as METALS_IN,
)
from lodeflow.experiments.analysis.footprint.levers import PLACE, levers
from lodeflow.experiments.analysis.footprint.materials import MATERIALS, stages
from lodeflow.experiments.analysis.footprint.report import Footprint, footprint
from lodeflow.experiments.judge.validate.baseline import BASELINE, number_text
from lodeflow.experiments.scenario.model import load_scenario
from lodeflow.print.footprint import gain_text
from lodeflow.viz.words import LEVERS, percent, significant, tonnes

PAGE = Path(__file__).with_name("energy.md")
METALS = ("copper", "cobalt")
CHANGES = ['world.metals=["copper", "cobalt"]', "world.end=2026-12", "name=energy-page"]
PLACES = ("WLD", "CHN", "USA", "DEU", "NOR")
"""Whose power a technology replaces or uses: the world's, dirty, middling and clean."""
SHOWN = 6
"""Countries of a table."""


@cache
def found() -> Footprint:
    """The baseline of two metals to 2026."""
    tables = data.shared()
    with tempfile.TemporaryDirectory() as folder:
        source: Source = made(load_scenario("baseline", CHANGES, tables), tables, METALS, Path(folder))
        return footprint(source, tables, METALS)


def factor_table() -> str:
    """Energy and greenhouse gases of a tonne by metal and route, with what comes from a source."""
    tables, rows = data.shared(), []
    for metal in dict.fromkeys(tables.intensity["metal"]):
        known = totals(tables, str(metal))
        own = tables.intensity[tables.intensity["metal"] == metal]
        numbers = [significant(known[route][k]) for route in (PRIMARY, SECONDARY) for k in (0, 1)]
        rows.append([str(metal), *numbers, ", ".join(own["route"]), str(int(known[PRIMARY][2]))])
    return markdown(
        ("metal", "primary, GJ/t", "t CO2e/t", "secondary, GJ/t", "t CO2e/t", "published routes", "year"), rows
    )


def country_table() -> str:
    """Who emits and who consumes."""
    rows = []
    for metal in METALS:
        own = found().tables["countries"]
        for row in own[own["metal"] == metal].head(SHOWN).to_dict("records"):
            numbers = (
                row["production_co2_kt"],
                row["imports_co2_kt"],
                row["exports_co2_kt"],
                row["consumption_co2_kt"],
            )
            rows.append(
                [
                    metal,
                    str(row["region"]),
                    *(tonnes(1e3 * value) for value in numbers),
                    significant(row["co2_t_per_t"]),
                ]
            )
    return markdown(
        ("metal", "country", "emitted", "imported", "exported", "consumed", "t CO2e a tonne for makers"), rows
    )


def stage_table() -> str:
    """Stages of steel and aluminium."""
    rows = []
    for material in MATERIALS:
        for row in stages(data.shared(), material).to_dict("records"):
            shares = percent(row["energy_share"]), percent(row["carbon_share"]), percent(row["power_share"])
            numbers = significant(row["energy_gj_per_t"]), significant(row["co2_t_per_t"])
            rows.append([material, str(row["route"]), str(row["stage"]), *numbers, *shares])
    return markdown(
        ("material", "route", "stage", "GJ/t", "t CO2e/t", "of the route's energy", "of its CO2e", "from electricity"),
        rows,
    )


def lever_table() -> str:
    """Levers of steel and aluminium."""
    rows = []
    for material in MATERIALS:
        for row in levers(data.shared(), material).to_dict("records"):
            span = f"{tonnes(1e3 * row['low'])} to {tonnes(1e3 * row['high'])}"
            name = LEVERS.get(str(row["lever"]), str(row["lever"]))
            rows.append(
                [
                    f"{material}, {PLACE[material]}",
                    name,
                    tonnes(1e3 * row["co2_kt"]),
                    span,
                    percent(row["change"], sign=True),
                ]
            )
    return markdown(("what, where", "lever", "CO2e a year", "range", "change"), rows)


def gain_table() -> str:
    """Net gain of each technology where power is dirty, middling and clean."""
    tables, rows = data.load(), []
    for technology in technologies(tables):
        for place in PLACES:
            known = gain(tables, technology, place).set_index("item")
            cells = []
            for item in (SAVED, METALS_IN, REST, NET, YEARS):
                row = known.loc[item]
                span = (
                    f" ({gain_text(row['low'], row['unit'])} to {gain_text(row['high'], row['unit'])})"
                    if item == NET
                    else ""
                )
                cells.append(gain_text(row["value"], row["unit"]) + span)
            part = percent(float(known.at[PART, "value"])) if PART in known.index else ""
            rows.append([f"{technology}, one {unit_of(technology)}", place, *cells, part])
    head = (
        "what",
        "power of",
        "saved in use",
        "metals",
        "rest of making",
        "net gain (range)",
        "paid back after",
        "battery making",
    )
    return markdown(head, rows)


def american_power(tables: data.Tables) -> tuple[float, float, str]:
    """American power over the life of a car, and what 60 % less than petrol would take, g CO2e/kWh; its yearly fall."""
    power, known = carbon_of_power(tables, "USA", 2021), values(tables, CAR, "USA")
    found = gain(tables, CAR, "USA", 2021).set_index("item")["value"]
    petrol = known["distance"] * known["fuel_per_km"] * known["fuel_carbon"] / 1e3 + known["car_making"]
    more = 0.6 * petrol - float(found[NET])
    mean = power.over(15.0, known["trend_kept"])
    return mean, mean - 1e6 * more / (known["distance"] * known["power_per_km"]), percent(-power.change)


def verdict_table() -> str:
    """Figures of the papers beside what comes out."""
    rows = [row for row in json.loads(BASELINE.read_text(encoding="utf-8")) if row["group"].startswith("P6-")]
    cells = [
        [
            row["id"],
            row["what"],
            number_text(row["published"]),
            number_text(row["simulated"]),
            row["unit"],
            row["verdict"],
            row["kind"],
        ]
        for row in rows
    ]
    return markdown(("row", "figure", "published", "here", "unit", "verdict", "kind"), cells)


def page() -> str:
    """Return the page."""
    total: pd.DataFrame = found().tables["totals"]
    gap = float(total["largest_gap"].max())
    tables = data.shared()
    gains_year = carbon_of_power(tables, WORLD).year
    less = {place: percent(less_than_petrol(tables, place, 2021)) for place in ("CHN", "IND", "USA")}
    known = values(tables, CAR)
    battery = known["battery_kwh"] * known["battery_making"] / 1e3
    clean = percent(battery / (battery + known["car_making"]))
    mean, needed, fall = american_power(tables)
    year, ratio = int(tables.material_levers["year"].max()), assumption(tables, "secondary_over_primary")
    return f"""# Energy and carbon through the chain

Generated by `python -m docs.make_energy`. Equations stand in [odd.md](odd.md), 7.15 and 7.13.

    lodeflow footprint copper                          # a metal: by stage and country, for whom, by path
    lodeflow footprint copper --country CHN --year 2025
    lodeflow footprint drc-cobalt-export-ban           # a scenario, beside the same world without its shocks
    lodeflow footprint steel aluminium                 # accounting materials, no agents
    lodeflow footprint pv wind ev --country CHN        # net gain of a technology: saved in use less spent on making
    lodeflow run baseline --set world.footprint=true   # the same by month in the series, KPIs, summary and report
    lodeflow compare A B --set world.footprint=true    # and side by side

What is counted: mining and concentration, refining, recycling. Making products is not: no source in hand gives it by metal.
Greenhouse gases depend on the country by the carbon of its electricity and by nothing else. Metal and scrap that are lost carry
nothing (cut-off), so what comes into use carries all of it.

## Factors

Published totals per tonne of metal. Where only the mix on the market is published it stands for the primary route. Only copper
has a published secondary route; the others take copper's ratio ({ratio:.2f}; range 0.1 to 0.6), an assumption. How a total is
spread over stages, and its share from electricity, are assumptions with ranges (table `intensity_stages`).

{factor_table()}

## Who emits, who consumes

Baseline, {found().span}, the largest consumers. For every country, metal and year: emitted + imported = exported + consumed + what
stays in stock; largest gap here {gap:.0e} of the terms.

{country_table()}

## Steel and aluminium

{stage_table()}

Levers at the output of today, as far as they go by {year}. How far that is, is an assumption (table `material_levers`). Together
they save less than the sum of what each saves alone, and more than any alone.

{lever_table()}

## Net gain of a technology

What one MW or one car saves in use, less what is spent on making it, over its life (equations in
`experiments/analysis/footprint/gains.py`). It replaces or uses power with the carbon of the country in {gains_year};
over the life it gets cleaner as it did in the ten years before (an assumption; range: not at all, to half as fast again), so cars
save more and plants less. Making of plants is the median of published life cycles, making of
batteries a published span; the metals of the model in them are counted apart, from ore at published factors, and get
dearer with poorer ore (`--left 0.5`). Silver, silicon, steel and aluminium are in the rest of making. What a car takes
and how far it drives are assumptions with ranges (table `technology_gains`); American cars are
larger and drive farther.

{gain_table()}

The papers say that battery making, above all its metals, is 70 % of the life cycle of an electric car. With what is
published of cells (41 to 89 kg CO2e per kWh) it is the share in the table, and {clean} of a car that drives on power
without any carbon. Beside a petrol car of the same size the electric one emits {less["CHN"]} less over its life in
China (ICCT 2021: 37 to 45 %), {less["IND"]} in India (19 to 34 %) and {less["USA"]} in the United States (60 to 68 %). With power
that stays as it is, batteries of 2019 and the same cars everywhere it was 29, 21 and 43 %. What is left in the United
States is most likely its power: ICCT takes the policies stated in 2021, the table the fall of the ten years before
({fall} a year). At {needed:.0f} g CO2e a kWh over the life of the car, instead of {mean:.0f}, it would be 60 %.

## Figures of the papers

Rows of kind *input* repeat numbers that were put in: they prove arithmetic, not the model.

{verdict_table()}

The year in which steel must be neutral is that of all emissions: they fall in a straight line from 2020 and use up what may
still be emitted for 1.5 degrees (500 Gt CO2, range 400 to 650; 40.9 Gt were emitted in 2019). Steel has the same part of the budget
as of the emissions, so its own path does not move the year.
"""


def main() -> int:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
