"""Exposure to a shock on the terminal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lodeflow.print.table import headed, rows_of
from lodeflow.print.terminal import console
from lodeflow.viz.words import dollars, percent, significant, tonnes

if TYPE_CHECKING:
    from lodeflow.experiments.analysis.exposure.report import Exposure


def print_exposure(found: Exposure) -> None:
    """Print what is at risk, when it stops, what it costs, and the measures in their order."""
    out = console()
    metals = headed(f"Exposure of {found.position.name} to {found.scenario}", *METALS)
    for row in rows_of(found.metals):
        metals.add_row(
            row["metal"],
            f"{tonnes(row['use'])} a month, {significant(row['cover'])} days",
            row["restricted"] or "–",
            f"{tonnes(row['at_risk_metal'])} / {tonnes(row['at_risk_products'])} a year",
            f"{tonnes(row['lacking'])} ({percent(row['lacking_share'])})",
            days(row["days_first"]),
            days(row["days_stop"]),
            dollars(row["cost"]),
        )
    makers = headed("In the run itself, where all are free to buy elsewhere", "product", "wanted", "made", "short")
    for row in rows_of(found.makers):
        share = row["short"] / row["wanted"] if row["wanted"] > 0.0 else 0.0
        wanted, made = (f"{significant(row[name])} {row['unit']}" for name in ("wanted", "made"))
        makers.add_row(row["product"], wanted, made, percent(share))
    measures = headed("What helps, the best first", "measure", "lacking", "saves", "less than half left", "metal bill")
    for row in rows_of(found.measures):
        name = row["title"] + (" (policy, run anew)" if row["kind"] == "policy" else "")
        lacking = f"{tonnes(row['lacking'])} ({percent(row['lacking_share'])})"
        measures.add_row(name, lacking, percent(row["saved"]), days(row["days_stop"]), dollars(row["cost"]))
    for table in (metals, *([makers] if len(found.makers) else []), measures):
        out.print(table)
    out.print(
        "Lacking: use that the named suppliers do not cover, stock gone, nobody else found. Days count from the first news."
    )


METALS = (
    "metal",
    "use and stock",
    "restricted by",
    "at risk in metal / in products bought",
    "lacking",
    "first lack",
    "less than half left",
    "dearer by",
)


def days(value: float) -> str:
    """Days in words."""
    return f"after {value:,.0f} days" if math.isfinite(value) else "never"
