"""Where the tonnes of a metal go, on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lodeflow.print.table import headed, rows_of
from lodeflow.print.terminal import console
from lodeflow.viz.words import percent, tonnes

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.experiments.analysis.flows.report import Flows

SHOWN = 4
"""Origins and suppliers that are named."""
RATES = {
    "eol_rr": "end-of-life recycling rate (old scrap recycled / end of life)",
    "rir": "recycling input rate (recycled / refined and recycled)",
    "eol_rir": "the same, old scrap only",
    "osr": "old scrap ratio (old / old and new scrap recycled)",
    "recycled_content": "recycled content of what is bought",
}


def print_flows(flows: Flows) -> None:
    """Print the views of an account: routes, dependence, origin, recycling, stocks in use and what is lost."""
    out, where = console(), f"{flows.metal}, {flows.region}, {flows.span}"
    routes = headed(f"Supply routes of refined metal: {where}", "route", "tonnes", "share")
    for row in rows_of(flows.tables["routes"]):
        routes.add_row(row["route"], tonnes(row["tonnes"]), percent(row["share"]))
    depends = headed(
        "Dependence", "stage", "imports", "exports", "used", "net / used", "from abroad", "largest supplier"
    )
    for row in rows_of(flows.tables["dependence"]):
        first = f"{row['first']} {percent(row['first_share'])}" if row["first"] else "–"
        numbers = (tonnes(row[name]) for name in ("imports", "exports", "used"))
        depends.add_row(row["stage"], *numbers, percent(row["net"]), percent(row["share"]), first)
    for table in (routes, depends, _origins(flows.tables["origin"]), *_recycling(flows)):
        out.print(table)
    out.print(_notes(flows))


def _origins(table: pd.DataFrame) -> object:
    origins = headed("Where it was mined", "stage", "product", "tonnes", "origins")
    for (stage, product), rows in table.groupby(["stage", "product"], sort=False):
        named = [
            f"{row['origin']}{'' if row['kind'] == 'mined' else ' scrap'} {percent(row['share'])}"
            for row in rows_of(rows.head(SHOWN))
        ]
        origins.add_row(str(stage), str(product) or "all", tonnes(float(rows["tonnes"].sum())), ", ".join(named))
    return origins


def _recycling(flows: Flows) -> list[object]:
    rates = headed("Recycling, old and new scrap apart", "what", "")
    for row in rows_of(flows.tables["recycling"]):
        for name, text in (
            ("end_of_life", "reaches end of life"),
            ("collected", "old scrap collected"),
            ("new_scrap", "new scrap of factories"),
            ("recycled_old", "recycled here from old scrap"),
            ("recycled_new", "recycled here from new scrap"),
            ("scrap_imports", "scrap imported"),
            ("scrap_exports", "scrap exported"),
        ):
            rates.add_row(text, tonnes(row[name]))
        for name, text in RATES.items():
            rates.add_row(text, percent(row[name]))
    use = headed("In use at the end", "product", "in use", "in drawers", "growth in the span")
    for row in rows_of(flows.tables["in_use"]):
        use.add_row(str(row["product"]), tonnes(row["in_use"]), tonnes(row["drawers"]), percent(row["growth"]))
    return [rates, use]


def _notes(flows: Flows) -> str:
    lost = flows.tables["losses"].groupby("kind")["tonnes"].sum()
    told = ", ".join(f"{kind} {tonnes(amount)}" for kind, amount in lost.items())
    gap = float(flows.tables["closure"]["gap"].max())
    return (
        f"Lost: {told or 'nothing'}. Largest gap of any stage of any country: {gap:.0e} of what passes and lies there."
    )
