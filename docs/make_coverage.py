"""Writes docs/coverage.md from docs/coverage.toml and the shipped verdicts: `python -m docs.make_coverage`."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

from docs.make_tables import markdown
from lodeflow.experiments.judge.validate.baseline import BASELINE, number_text

DOCS = Path(__file__).parent
PAGE, LIST = DOCS / "coverage.md", DOCS / "coverage.toml"
CAPABILITIES = ("piece", "capability", "command", "published figures")
FIGURES = ("piece", "row", "metal", "figure", "published", "simulated", "unit", "verdict", "kind", "why")
EMERGENT, JUDGED = "emergent", ("within", "outside")
LONG_VIEW = ("P3", "P5", "P9")
"""Pieces of the long view: paths, urban mine, risk and the state's tools."""
HEAD = """# What of the papers is there

Every capability that the source papers describe, the command that shows it, and what became of its published figures. Written
by `python -m docs.make_coverage` from `docs/coverage.toml` and the shipped verdicts of `lodeflow validate`, where every row
stands with its kind (input, calibrated, emergent), its tolerance and, where it is missed, the reason.
"""


def capabilities() -> list[dict[str, Any]]:
    """Return the list: piece, what, command (empty: missing), rows (groups of verdicts)."""
    found: list[dict[str, Any]] = tomllib.loads(LIST.read_text(encoding="utf-8"))["capabilities"]
    return found


def verdicts() -> list[dict[str, Any]]:
    """Return the shipped verdicts of published figures."""
    rows: list[dict[str, Any]] = json.loads(BASELINE.read_text(encoding="utf-8"))
    return [row for row in rows if row["section"] == "published figures"]


def rows_of(capability: dict[str, Any], shipped: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the verdicts of a capability: those whose group or id is a name of it, or begins with one."""
    names = tuple(capability["rows"])
    return [
        row
        for row in shipped
        if any(name in (row["group"], row["id"]) or row["id"].startswith(f"{name}-") for name in names)
    ]


def state(capability: dict[str, Any], rows: list[dict[str, Any]]) -> str:
    """Return where a capability stands, in words: missing, there, or how its figures are met."""
    if not rows:
        return "there; no figure is published" if capability["command"] else "missing"
    counts = Counter(row["verdict"] for row in rows)
    return ", ".join(f"{count} {verdict}" for verdict, count in counts.items())


def page() -> str:
    """Return the whole text."""
    shipped, listed = verdicts(), capabilities()
    table = [
        (one["piece"], one["what"], f"`{one['command']}`" if one["command"] else "", state(one, rows_of(one, shipped)))
        for one in listed
    ]
    figures: list[tuple[str, ...]] = []
    seen: set[str] = set()
    for one in listed:
        for row in rows_of(one, shipped):
            if row["id"] not in seen:
                seen.add(row["id"])
                figures.append(_figure(one["piece"], row))
    there = sum(bool(one["command"]) for one in listed)
    long_view = [row for one in listed if one["piece"] in LONG_VIEW for row in rows_of(one, shipped)]
    counts = f"{there} of {len(listed)} capabilities are there; {_score(shipped)} {_score(long_view, 'the long view (P3, P5, P9)')}"
    parts = [HEAD, counts + "\n", markdown(CAPABILITIES, table), "\n## Figures\n", markdown(FIGURES, figures)]
    return "\n".join(parts) + "\n"


def _figure(piece: str, row: dict[str, Any]) -> tuple[str, ...]:
    simulated = "–" if row["simulated"] is None else number_text(row["simulated"])
    published = row["tolerance"] if row["published"] is None else number_text(row["published"])
    why = str(row["note"]) if row["verdict"] != "within" else ""
    return (
        piece,
        row["id"],
        row["metal"],
        row["what"],
        published,
        simulated,
        row["unit"],
        row["verdict"],
        row["kind"],
        why,
    )


def _score(shipped: list[dict[str, Any]], whose: str = "") -> str:
    """How many emergent figures are within their tolerance; whose: of which part of the papers."""
    judged = {row["id"]: row for row in shipped if row["kind"] == EMERGENT and row["verdict"] in JUDGED}
    within = sum(row["verdict"] == "within" for row in judged.values())
    share = f"{within / len(judged):.0%}"
    if whose:
        return f"Of the {len(judged)} of {whose} {within} are ({share})."
    return f"of {len(judged)} emergent figures that can be judged {within} are within their tolerance ({share})."


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
