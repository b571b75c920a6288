"""Under which licence every row of the tables stands: the table `sources.csv`, matched to the column `source`."""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lodeflow.data.store import Tables

FILE = Path(__file__).parent / "sources.csv"
RANK = {"yes": 0, "open": 1, "no": 2}
"""Whether rows may be passed on: yes; open (the licence leaves it open, or none is stated); no."""


@dataclass(frozen=True)
class Licence:
    """One entry of the table.

    Attributes:
        document: what the rows come from.
        licence: as stated.
        pass_on: "yes", "open" or "no": whether the rows may be passed on.
        acknowledge: who must be named.
    """

    document: str
    licence: str
    pass_on: str
    acknowledge: str


@lru_cache(maxsize=1)
def licences() -> dict[str, Licence]:
    """The table: by the beginning of a source."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return {
            row["begins"]: Licence(row["document"], row["licence"], row["pass_on"], row["acknowledge"])
            for row in csv.DictReader(file)
        }


def licences_of(source: str) -> list[Licence]:
    """The licences of the documents that a cell of `source` names, one per document; the longest beginning counts."""
    known = licences()
    parts = [part for part in re.split(r";\s*", source) if part] or [""]
    return [known[max((b for b in known if part.strip().startswith(b)), key=len)] for part in parts]


def pass_on(source: str) -> str:
    """Whether a row with this source may be passed on: "yes", "open" or "no", the strictest of its documents."""
    return max((one.pass_on for one in licences_of(source)), key=RANK.__getitem__)


def report(tables: Tables) -> str:
    """Every document with its licence and rows, and what a release without the doubtful rows would lose, as Markdown."""
    rows: Counter[Licence] = Counter()
    for name in tables:
        if "source" in tables[name]:
            for source, count in tables[name]["source"].value_counts().items():
                for one in set(licences_of(str(source))):
                    rows[one] += int(count)
    head = "| document | licence as stated | may be passed on | name | rows |\n| --- | --- | --- | --- | --- |"
    lines = [
        f"| {one.document} | {one.licence} | {one.pass_on} | {one.acknowledge} | {count:,} |"
        for one, count in sorted(rows.items(), key=lambda item: (-RANK[item[0].pass_on], -item[1]))
    ]
    return "\n".join(["# Licences of the data", "", head, *lines, "", lost(tables)]) + "\n"


def lost(tables: Tables) -> str:
    """What a release would lose without the rows whose licence forbids passing them on, or leaves it open, as Markdown."""
    parts = ["## What a release without doubtful rows would lose", "", "| table | rows | no | open | left |"]
    parts.append("| --- | --- | --- | --- | --- |")
    for name in tables:
        frame = tables[name]
        if "source" not in frame:
            continue
        kinds = Counter(pass_on(str(source)) for source in frame["source"])
        if kinds["no"] or kinds["open"]:
            parts.append(
                f"| {name} | {len(frame):,} | {kinds['no']:,} | {kinds['open']:,} | {kinds['yes'] / len(frame):.0%} |"
            )
    return "\n".join(parts)
