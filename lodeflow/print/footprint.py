"""Energy and carbon on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lodeflow.experiments.analysis.footprint.gains import unit_of
from lodeflow.print.table import headed, rows_of
from lodeflow.print.terminal import console
from lodeflow.viz.words import LEVERS, percent, significant, tonnes

if TYPE_CHECKING:
    from lodeflow.experiments.analysis.footprint.account_report import AccountReport
    from lodeflow.experiments.analysis.footprint.report import Footprint

SHOWN = 8
"""Countries and paths that are named."""


def co2(kt: float) -> str:
    """Emissions (kt CO2e) as text: '1.8 Mt CO2e'."""
    return f"{tonnes(1e3 * kt)} CO2e"


def print_footprint(found: Footprint, without: Footprint | None = None) -> None:
    """Print totals, stages, countries and paths; without: the same world without its shocks."""
    out, where = console(), f"{', '.join(found.metals)}; {found.region}, {found.span}"
    total = headed(
        f"Energy and carbon: {where}",
        "metal",
        "energy",
        "emitted",
        "consumed",
        "avoided by recycling",
        "shocks change emitted",
    )
    before = {} if without is None else without.tables["totals"].set_index("metal")["production_co2_kt"].to_dict()
    for row in rows_of(found.tables["totals"]):
        made = float(row["production_co2_kt"])
        change = made / before[row["metal"]] - 1.0 if before.get(row["metal"]) else float("nan")
        energy = f"{significant(row['production_energy_tj'] / 1e3)} PJ"
        numbers = (co2(row[f"{name}_co2_kt"]) for name in ("production", "consumption", "avoided"))
        total.add_row(row["metal"], energy, *numbers, percent(change, sign=True))
    stages = headed("By stage", "metal", "stage", "tonnes", "energy a tonne", "CO2e a tonne", "CO2e")
    for row in rows_of(found.tables["stages"]):
        rates = f"{significant(row['energy_gj_per_t'])} GJ", f"{significant(row['co2_t_per_t'])} t"
        stages.add_row(row["metal"], row["stage"], tonnes(row["tonnes"]), *rates, co2(row["co2_kt"]))
    out.print(total)
    out.print(stages)
    for metal in found.metals:
        _metal(found, metal)
    gap = float(found.tables["totals"]["largest_gap"].max()) if len(found.tables["totals"]) else 0.0
    out.print(
        "Emitted + imported = exported + consumed + what stays in stock, for every country; "
        f"largest gap {gap:.0e}. Mining to refined metal and recycling; making products is not counted."
    )
    if found.unknown:
        out.print(f"No source gives energy and emissions of {', '.join(found.unknown)}: left out.")


def _metal(found: Footprint, metal: str) -> None:
    """Countries of a metal, and the paths of what a region buys."""
    names = ("emitted", "imported", "exported", "consumed", "a tonne for makers")
    table = headed(f"{metal}: who emits, who consumes", "country", *names)
    own = found.tables["countries"]
    for row in rows_of(own[own["metal"] == metal].head(SHOWN)):
        numbers = (co2(row[f"{name}_co2_kt"]) for name in ("production", "imports", "exports", "consumption"))
        table.add_row(row["region"], *numbers, f"{significant(row['co2_t_per_t'])} t CO2e")
    console().print(table)
    paths = headed(
        f"{metal}: what {found.region} buys, by path", "mined in", "made in", "tonnes", "share", "CO2e a tonne"
    )
    own = found.tables["lots"]
    for row in rows_of(own[own["metal"] == metal].head(SHOWN)):
        rate = f"{significant(row['co2_t_per_t'])} t"
        paths.add_row(row["mined_in"], row["made_in"], tonnes(row["tonnes"]), percent(row["share"]), rate)
    console().print(paths)


def print_material(found: AccountReport) -> None:
    """Print stages, countries, what scrap avoids and the levers of steel or aluminium."""
    out, tables = console(), found.tables
    stages = headed(
        f"{found.name} by stage",
        "route",
        "stage",
        "energy a tonne",
        "CO2e a tonne",
        "share of the route's energy",
        "of its CO2e",
    )
    for row in rows_of(tables["stages"]):
        rates = f"{significant(row['energy_gj_per_t'])} GJ", f"{significant(row['co2_t_per_t'])} t"
        stages.add_row(row["route"], row["stage"], *rates, percent(row["energy_share"]), percent(row["carbon_share"]))
    sums = tables["countries"].groupby("region")[["energy_tj", "co2_kt"]].sum().sort_values("co2_kt", ascending=False)
    countries = headed("Who emits in a year", "country", "energy", "CO2e", "share")
    for row in rows_of(sums.head(SHOWN).reset_index()):
        countries.add_row(
            row["region"],
            f"{significant(row['energy_tj'] / 1e6)} EJ",
            co2(row["co2_kt"]),
            percent(row["co2_kt"] / sums["co2_kt"].sum()),
        )
    avoided = headed("Avoided by scrap in a year", "where", "scrap", "energy", "CO2e")
    for row in rows_of(tables["avoided"]):
        avoided.add_row(
            row["region"], tonnes(row["scrap_t"]), f"{significant(row['energy_tj'] / 1e6)} EJ", co2(row["co2_kt"])
        )
    pulled = headed(f"Levers, {found.place}, output of today", "lever", "CO2e a year", "range", "change")
    for row in rows_of(tables["levers"]):
        span = f"{co2(row['low'])} to {co2(row['high'])}"
        pulled.add_row(
            LEVERS.get(row["lever"], row["lever"]), co2(row["co2_kt"]), span, percent(row["change"], sign=True)
        )
    for table in (stages, countries, avoided, pulled):
        out.print(table)
    if len(tables["history"]):
        past = tables["history"]
        total = f"{past['tonnes'].sum() / 1e9:.0f} Gt of crude steel, {past['co2_kt'].sum() / 1e6:.0f} Gt CO2e"
        out.print(f"{past['year'].iloc[0]} to {past['year'].iloc[-1]}: {total}.")


def print_gain(found: AccountReport) -> None:
    """Print what a technology saves in use and what is spent on making it, and the metals in it."""
    out, asked = console(), found.made_from["inputs"]
    unit = unit_of(found.name)
    where = f"power of {found.place} in {asked['year']}"
    table = headed(f"Net gain of {found.name}: one {unit} over its life; {where}", "what", "value", "range")
    for row in rows_of(found.tables["gain"]):
        value, low, high = (gain_text(row[name], row["unit"]) for name in ("value", "low", "high"))
        table.add_row(row["item"], value, f"{low} to {high}")
    metals = headed(f"Metals in one {unit}, from ore", "product", "metal", "kg", "CO2e a tonne", "CO2e")
    for row in rows_of(found.tables["content"]):
        rate = f"{significant(row['co2_t_per_t'])} t"
        metals.add_row(row["product"], row["metal"], significant(row["kg"]), rate, gain_text(row["co2_t"], "t CO2e"))
    out.print(table)
    out.print(metals)
    out.print(
        "Power gets cleaner over the life as it did in the ten years before. Range: every assumption at the end that lowers or "
        "raises the item. Metals that the model does not hold (steel, silicon, aluminium) are in the rest of making."
    )
    if asked["left"] < 1.0:
        out.print(f"Ore: {percent(asked['left'])} of today's reserve is left, so a tonne takes more to mine.")


def gain_text(value: float, unit: str) -> str:
    """An item of a net gain as text: '18.6 kt CO2e', '2.5 years', '17 %'."""
    if unit == "1":
        return percent(value)
    if unit == "years":
        return "never" if value == float("inf") else f"{significant(value)} years"
    return co2(value / 1e3) if abs(value) >= 1.0 else f"{significant(1e3 * value)} kg CO2e"
