"""Decisions of governments in words, as the terminal, the report and the charts say them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from lodeflow.viz import words
from lodeflow.viz.language import foreign, say, told

if TYPE_CHECKING:
    from lodeflow.viz.frames import Labels, Run

MOST_DECISIONS = 60
"""Decisions in the table of a report; the others stand in the run folder."""
ORDER = ("restrict", "retaliate", "tariff", "lift", "side", "support", "stockpile")
"""Kinds of decisions by how much they change for others; kinds of a plug-in stand behind."""
VERBS = {
    "restrict": "restricts",
    "retaliate": "answers",
    "tariff": "taxes imports",
    "lift": "lifts",
    "side": "sides with friends",
    "support": "supports supply",
    "stockpile": "builds a reserve",
    "release": "opens its reserve",
}
"""What a government does, in the words of a headline."""


def did(row: Mapping[Any, Any], labels: Labels) -> str:
    """Who did what, in some words: "China restricts: export licence on gallium (refined), 38 %"."""
    kind = "release" if row["instrument"] == "release" else str(row["kind"])
    text = say(
        "{who} {verb}: {metals} ({form})",
        who=labels.region(str(row["who"])),
        verb=say(VERBS.get(kind, kind)),
        metals=words.series([labels.metal(name) for name in str(row["metal"]).split(", ")]),
        form=words.series([say(form) for form in str(row["form"]).split(", ")]),
    )
    against = "" if row["target"] == "all" or kind == "support" else against_whom(str(row["target"]), labels)
    return say(", ").join(filter(None, [text, against, amount(row)]))


def against_whom(target: str, labels: Labels) -> str:
    """Names of the other side; several stand in a list."""
    return words.series([labels.region(code) for code in target.split(", ")]) if foreign() else labels.region(target)


def amount(row: Mapping[Any, Any]) -> str:
    """Size of a decision with its unit; empty where it has none."""
    size, unit = float(row["size"]), str(row["unit"])
    if size == 0.0:
        return ""
    if unit.startswith("share"):
        return say("{size:.0%} of {what}", size=size, what=say(unit.removeprefix("share of ")))
    return f"{size:.0f} {say(unit)}" if unit.startswith("days") else f"{size:.2f} {say(unit)}"


def restricting_first(decisions: pd.DataFrame) -> pd.DataFrame:
    """Decisions by how much they change for others, the earliest first within a kind."""
    rank = {kind: number for number, kind in enumerate(ORDER)}
    order = decisions["kind"].astype(str).map(rank).fillna(len(ORDER))
    return decisions.assign(_rank=order).sort_values(["_rank", "month"], kind="stable").drop(columns="_rank")


def weightiest(run: Run, labels: Labels) -> str:
    """What a government decided that changes most for others, as a sentence; empty where none decided anything."""
    if run.decisions is None:
        return ""
    taken = run.decisions[(run.decisions["status"] != "vetoed") & (run.decisions["instrument"] != "release")]
    if taken.empty:
        return ""
    row = restricting_first(taken).iloc[0].to_dict()
    when = words.month(pd.Timestamp(f"{row['month']}-01"))
    return say("Governments decide, first of all: {what} ({when}).", what=did(row, labels), when=when)


def decision_rows(run: Run, labels: Labels) -> list[dict[str, Any]]:
    """What governments decided, for the report: month, what and why; opened reserves are left out, and all beyond the first."""
    if run.decisions is None or run.decisions.empty:
        return []
    taken = run.decisions[run.decisions["instrument"].astype(str) != "release"]
    shown = restricting_first(taken).head(MOST_DECISIONS).sort_values("month", kind="stable")
    names = {event.label: labels.event(event) for event in run.events}
    return [
        {
            "month": words.month(pd.Timestamp(f"{row['month']}-01")),
            "what": did(row, labels),
            "why": told(str(row["reason"]), names),
            "vetoed": str(row["status"]) == "vetoed",
        }
        for row in shown.to_dict("records")
    ]
