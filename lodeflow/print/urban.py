"""The urban mine on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lodeflow.print.table import headed, rows_of
from lodeflow.print.terminal import console
from lodeflow.viz.words import tonnes

if TYPE_CHECKING:
    from lodeflow.experiments.analysis.urban.report import Urban

GRADES = ("today", "higher_price", "in_principle")
REGIONS = 8
"""Regions that are shown."""


def print_urban(found: Urban) -> None:
    """Print the urban mine by place with its grades, and by region beside the reserves in the ground."""
    out = console()
    shown = headed(
        f"Urban mine of {found.metal}, end of 2024", "place", "metal", "today", "at a higher price", "in principle"
    )
    for place, rows in found.table.groupby("place", sort=False):
        shown.add_row(str(place), tonnes(rows["tonnes"].sum()), *(tonnes(rows[name].sum()) for name in GRADES))
    out.print(shown)
    beside = headed(
        "Beside the reserves in the ground", "region", "today", "at a higher price", "in principle", "reserves"
    )
    for row in rows_of(found.regions.head(REGIONS)):
        known = tonnes(row["reserves"]) if row["reserves"] > 0.0 else "none published"
        beside.add_row(row["region"], *(tonnes(row[name]) for name in GRADES), known)
    out.print(beside)
    out.print("end of life: what a year discards, a part of what is in use; landfill, tailings and slag: since 2000")
