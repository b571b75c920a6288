"""Who decided what, and when: one line of marks for each government."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lodeflow.viz import style, words
from lodeflow.viz.colors import DECISIONS
from lodeflow.viz.decided import ORDER, VERBS
from lodeflow.viz.frames import Labels, Run
from lodeflow.viz.language import say

MARKS = dict(zip((*ORDER, "release"), ("v", "X", "<", "^", "D", "P", "s", "o"), strict=True))

MOST = 12
"""Governments that are shown: those that decided most of what concerns others."""
SPREAD = 0.3
"""Height over which marks of one government and quarter are spread, of the height of a line."""


@style.styled
def decisions(run: Run, labels: Labels | None = None) -> Figure:
    """What governments decided, by government and month; vetoed decisions are left out.

    Raises:
        ValueError: for a run in which nobody decided anything.
    """
    labels = labels or Labels()
    taken = taken_by(run)
    if taken.empty:
        raise ValueError("no government decided anything in this run")
    order = _most_first(taken)
    shown = taken[taken["who"].isin(order)]
    figure = style.new_figure(1.9 + 0.34 * len(order))
    axes = figure.subplots()
    for kind in MARKS:
        _marks(axes, shown[shown["act"] == kind], kind, order)
    axes.set_yticks(range(len(order)), [labels.region(who) for who in order])
    axes.set_ylim(len(order) - 0.4, -0.6)
    axes.grid(axis="x")
    first, last = (pd.Timestamp(f"{run.manifest[end]}-01") for end in ("start", "end"))
    style.date_axis(axes, first, last)
    axes.legend(loc="upper center", bbox_to_anchor=(0.45, -0.12), ncols=4, frameon=False)
    restricting = int((shown["act"] == "restrict").sum())
    leader = labels.region(order[0])
    title = say(
        "{count} and what followed: {leader} decides most",
        count=words.count(restricting, "restriction", "restrictions"),
        leader=leader,
    )
    left = len(set(taken["who"])) - len(order)
    note = say(
        "Each mark is a decision in the month of its announcement; decisions are the model's own, from published figures."
    )
    note += say(" {left} more governments decided less.", left=left) if left > 0 else ""
    return style.finish(
        figure, title, say("What governments decided, by month of the announcement."), run.manifest, note
    )


def taken_by(run: Run) -> pd.DataFrame:
    """Decisions that were not vetoed, with what was done in the column ``act`` and the month as a date."""
    table = pd.DataFrame() if run.decisions is None else run.decisions
    if table.empty:
        return pd.DataFrame(columns=["who", "act", "date"])
    table = table[table["status"].astype(str) != "vetoed"].astype({"who": str, "kind": str, "instrument": str})
    act = table["kind"].where(table["instrument"] != "release", "release")
    return table.assign(act=act, date=pd.to_datetime(table["month"].astype(str) + "-01"))


def _most_first(taken: pd.DataFrame) -> list[str]:
    """Governments by what they did to others, then by all that they decided."""
    others = taken[taken["act"].isin(("restrict", "retaliate"))]["who"].value_counts()
    every = taken["who"].value_counts()
    return sorted(every.index, key=lambda who: (-others.get(who, 0), -every[who], who))[:MOST]


def _marks(axes: Axes, rows: pd.DataFrame, kind: str, order: list[str]) -> None:
    if rows.empty:
        return
    line = np.array([order.index(who) for who in rows["who"]], float)
    away = SPREAD * (list(MARKS).index(kind) / (len(MARKS) - 1) - 0.5)
    axes.scatter(
        style.middle(pd.Series(0.0, rows["date"])),
        line + away,
        marker=MARKS[kind],
        color=DECISIONS[kind],
        s=34,
        label=say(VERBS[kind]),
        linewidths=0.4,
        edgecolors="white",
        zorder=3,
    )
