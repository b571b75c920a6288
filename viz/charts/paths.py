"""The long view of a metal: what is needed, what comes back, and what mines must deliver under rates of recycling."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lodeflow.experiments.analysis.paths.sweep import MODEL
from lodeflow.viz import style, words
from lodeflow.viz.frames import Labels

if TYPE_CHECKING:
    from lodeflow.experiments.analysis.paths.report import Paths

BAND = "#cccccc"
"""Published forecasts: a grey bar."""


@style.styled
def path_chart(found: Paths, metal: str, labels: Labels | None = None) -> Figure:
    """Gross demand, and net demand as the model recycles and at each rate that was asked for, by year; forecasts as a bar."""
    labels = labels or Labels()
    table = found.tables["paths"]
    mine = table[table["metal"] == metal]
    model = mine[mine["recycling"] == MODEL].set_index("year")
    size, unit = words.mass_unit(float(model["gross"].max()))
    figure = style.new_figure(4.8)
    ax = figure.subplots()
    names = [name for name in dict.fromkeys(mine["recycling"]) if name != MODEL]
    ax.plot(model.index, model["gross"] / size, color=style.INK, lw=2.6)
    _name(ax, model["gross"] / size, "gross demand", style.INK, 4)
    for name in names:
        net = mine[mine["recycling"] == name].set_index("year")["primary"] / size
        ax.plot(net.index, net, color=style.INSIDE, lw=0.9, alpha=0.55)
    for name in {*names[:1], *names[-1:]}:
        _name(
            ax,
            mine[mine["recycling"] == name].set_index("year")["primary"] / size,
            f"net, {name} recycled",
            style.INSIDE,
            -4,
        )
    net = model["primary"] / size
    ax.plot(net.index, net, color=style.SHOCK, lw=2.6)
    _name(ax, net, "net, as modelled", style.SHOCK)
    _forecasts(ax, found.tables["forecasts"], metal, size)
    ax.set(ylabel=f"{unit} of metal a year", xlim=(model.index[0], model.index[-1] + 0.28 * len(model)))
    ax.set_ylim(bottom=0.0)
    ax.set_xticks(list(range(2030, int(model.index[-1]) + 1, 10)))
    caption = "Gross demand of makers, and what mines must deliver after recycling: at the model's own rate and at fixed rates."
    note = "Thin blue lines: net demand when a fixed share of discarded metal comes back. Beyond 2050 the yearly rise fades."
    return style.finish(figure, _title(found, metal, labels), caption, found.made_from, note)


def _name(ax: Axes, line: pd.Series, text: str, color: str, up: float = 0.0) -> None:
    """Write a name at the end of a line, some points above or below it."""
    ax.annotate(text, (float(line.index[-1]), float(line.iloc[-1])), (4, up), textcoords="offset points", va="center",
                color=color, fontsize=8.5)  # fmt: skip


def _forecasts(ax: Axes, table: pd.DataFrame, metal: str, size: float) -> None:
    """A bar from the lowest to the highest published forecast, as far as the axis goes."""
    for row in table[table["metal"] == metal].to_dict("records"):
        if not isfinite(row["low"]):
            continue
        top = ax.get_ylim()[1]
        low, high = row["low"] / size, min(row["high"] / size, top)
        ax.bar(row["year"], high - low, 1.6, bottom=low, color=BAND, zorder=0.5)
        cut = f" (to {words.tonnes(row['high'])})" if row["high"] / size > top else ""
        text = f"published forecasts\nfor {row['year']}{cut}"
        ax.annotate(text, (row["year"], low), (0, -3), textcoords="offset points", ha="center", va="top", fontsize=7.5,
                    color="#666666")  # fmt: skip


def _title(found: Paths, metal: str, labels: Labels) -> str:
    """The finding: when net demand turns, and how much of today's reserves it takes."""
    rows = found.tables["summary"]
    row = rows[(rows["metal"] == metal) & (rows["recycling"] == MODEL)].iloc[0]
    turn = (
        f"net demand peaks in {row['primary_peak']:.0f}"
        if isfinite(row["primary_peak"])
        else "net demand rises to the end"
    )
    share = row["primary_over_reserves"]
    reserves = (
        f", mines deliver {words.percent(share)} of today's reserves by {found.asked.last}" if isfinite(share) else ""
    )
    return f"{labels.metal(metal)}: {turn}{reserves}"
