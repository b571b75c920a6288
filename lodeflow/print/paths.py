"""Paths to 2100 on the terminal."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from lodeflow.print.table import headed, rows_of
from lodeflow.print.terminal import console
from lodeflow.viz.words import percent, significant, tonnes

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

    from lodeflow.experiments.analysis.paths.report import Paths

COUNTRIES = 5
"""Countries with the largest reserves that are shown for each metal."""


def print_paths(found: Paths) -> None:
    """Print what every path comes to, years of cover by own reserves, and the band of published forecasts."""
    out, asked = console(), found.asked
    how = f"{asked.demand}, batteries {asked.chemistry}" + (f", rates reached by {asked.by}" if asked.by else "")
    for metal in asked.metals:
        rows = found.tables["summary"]
        out.print(_summary(rows[rows["metal"] == metal], f"{metal} to {asked.last}: {how}"))
        out.print(_cover(found.tables["cover"], metal, asked.last))
    if len(found.tables["forecasts"]):
        out.print(_forecasts(found.tables["forecasts"]))
    out.print(
        "net: gross less recycled old and new scrap, what mines must deliver; old scrap beyond gross is kept for later years"
    )


def _summary(rows: pd.DataFrame, title: str) -> Table:
    table = headed(
        title, "recycling", "gross", "recycled", "net", "net / reserves", "net peaks", "recycled passes net",
        "in use passes reserves left", "net in the last year",
    )  # fmt: skip
    for row in rows_of(rows):
        table.add_row(
            row["recycling"],
            tonnes(row["gross_sum"]),
            tonnes(row["recovered_sum"]),
            tonnes(row["primary_sum"]),
            _ratio(row["primary_over_reserves"]),
            _year(row["primary_peak"], "rises on"),
            _year(row["secondary_passes"], "never"),
            _year(row["urban_passes"], "never"),
            tonnes(row["primary_last"]),
        )
    return table


def _cover(table: pd.DataFrame, metal: str, last: int) -> Table:
    shown = headed(
        f"Own reserves of {metal} beside what makers at home use", "country", "reserves", "energy alone", "all uses"
    )
    for row in rows_of(table[table["metal"] == metal].head(COUNTRIES)):
        years = (_years(row[name], last) for name in ("energy_years", "all_years"))
        shown.add_row(row["country"], tonnes(row["reserves_t"]), *years)
    return shown


def _forecasts(table: pd.DataFrame) -> Table:
    shown = headed(
        "Beside published forecasts", "metal", "year", "published", "run", "", "growth since 2010", "run", ""
    )
    for row in rows_of(table):
        known = isfinite(row["low"])
        shown.add_row(
            row["metal"],
            str(row["year"]),
            f"{tonnes(row['low'])} to {tonnes(row['high'])}" if known else "–",
            tonnes(row["demand"]),
            row["verdict"],
            f"{row['growth_low']:g} to {row['growth_high']:g} times" if isfinite(row["growth_low"]) else "–",
            f"{row['growth']:.1f} times",
            row["growth_verdict"],
        )
    return shown


def _year(value: float, without: str) -> str:
    return f"{value:.0f}" if isfinite(value) else without


def _years(value: float, last: int) -> str:
    return f"{significant(value, 2)} years" if isfinite(value) else f"beyond {last}"


def _ratio(value: float) -> str:
    return percent(value) if isfinite(value) else "none published"
