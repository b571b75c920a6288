"""Write the table and the picture of docs/flows.md: ``python -m docs.make_flows``, from a run of 2010 to 2024."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from docs.blocks import rewritten
from lodeflow import data
from lodeflow.experiments.analysis.flows.picture import boxes
from lodeflow.experiments.analysis.flows.report import Flows, flows
from lodeflow.experiments.analysis.flows.source import find_source
from lodeflow.viz import Labels, style
from lodeflow.viz.charts.account import flow_diagram
from lodeflow.viz.words import percent, tonnes

PAGE = Path(__file__).with_name("flows.md")
PICTURE = Path(__file__).parent / "images" / "flows-cobalt-CHN-2016.png"
ASKED = (
    ("lithium", "CHN", (2021,)),
    ("cobalt", "CHN", (2016,)),
    ("indium", "CHN", (2014,)),
    ("niobium", "CHN", (2020,)),
    ("germanium", "CHN", (2019,)),
    ("cobalt", "WLD", (2015,)),
    ("indium", "WLD", tuple(range(2010, 2021))),
    ("niobium", "WLD", (2019,)),
)
"""Metals, places and years of the papers' diagrams."""
SHOWN = ("Mining", "Refining", "Making", "Use", "End of life", "Recycling")


def row(found: Flows) -> str:
    """One line of the table: what every stage took in, and whom the place depends on."""
    taken = {box.name: box.taken for box in boxes(found.account, found.members)}
    depends = found.tables["dependence"].set_index("stage")
    first = depends.loc["ore and metal"]
    dependence = (
        "–" if found.region == "WLD" else f"{percent(first['net'])}, {first['first']} {percent(first['first_share'])}"
    )
    routes = " / ".join(percent(share) for share in found.tables["routes"]["share"])
    stages = " | ".join(tonnes(taken[name]) for name in SHOWN)
    return f"| {found.metal}, {found.region}, {found.span} | {stages} | {dependence} | {routes} |"


def main() -> int:
    """Write both."""
    tables = data.shared()
    years = sorted({year for *_, span in ASKED for year in span})
    lines = [
        f"| what, where, when | {' | '.join(SHOWN)} | net dependence, first supplier | routes |",
        "| --- " * 9 + "|",
    ]
    with tempfile.TemporaryDirectory() as folder:
        source = find_source(years, tables, runs=Path(folder))
        there = set(source.movements["metal"].unique())
        for metal, region, span in ASKED:
            if metal not in there:
                lines.append(f"| {metal}, {region}, {span[0]} | not in the model yet |" + " |" * 7)
                continue
            found = flows(source, metal, region, tables, span)
            lines.append(row(found))
            if (metal, region) == ("cobalt", "CHN"):
                labels = Labels.of(tables.countries, tables.metals, tables.products)
                PICTURE.write_bytes(style.png(flow_diagram(found, labels)))
    PAGE.write_text(rewritten(PAGE.read_text(encoding="utf-8"), {"papers": lambda: "\n".join(lines)}), encoding="utf-8")
    print(f"{PAGE} written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
