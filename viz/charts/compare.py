"""Scenarios side by side, month by month: every world, and what the shocks do together beyond the sum."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lodeflow.data import catalogue
from lodeflow.experiments.kpis import KPIS
from lodeflow.viz import style, words
from lodeflow.viz.frames import WORLD, Labels
from lodeflow.viz.language import language, say

if TYPE_CHECKING:
    from lodeflow.experiments.analysis.compare import Comparison

SHOWN = 12
"""Differences in the chart of what matters; ranking.csv holds all."""
COLORS = (style.SHOCK, style.INSIDE, *(c for c in style.COMPONENTS.values() if c not in (style.SHOCK, style.INSIDE)))


def colors(found: Comparison) -> dict[str, str]:
    """A colour for each world; black for the one with all shocks."""
    own = {name: COLORS[number % len(COLORS)] for number, name in enumerate(found.names)}
    return own | ({found.together.name: style.INK} if found.together is not None else {})


def side_name(found: Comparison, name: str) -> str:
    """Name of a world for a reader: scenarios keep theirs."""
    return name if name in found.names else say(name)


@style.styled
def matters(found: Comparison, labels: Labels) -> Figure:
    """Where the worlds differ most, in the smallest differences that are worth a sentence."""
    table = found.ranking.head(SHOWN)
    figure = style.new_figure(1.9 + 0.32 * max(len(table), 2))
    ax = figure.subplots()
    if table.empty:
        ax.set_axis_off()
        ax.text(
            0.5, 0.5, say("The worlds do not differ by much."), transform=ax.transAxes, ha="center", color="#666666"
        )
    else:
        shade = colors(found)
        ax.barh(range(len(table)), table["size"], height=0.7, color=[shade[str(name)] for name in table["high"]])
        names = [
            say("{name}: {rest}", name=labels.metal(m), rest=say(KPIS[k].title))
            for m, k in zip(table["metal"], table["kpi"], strict=True)
        ]
        ax.set_yticks(range(len(table)), [style.plain(name) for name in names])
        ax.set_ylim(len(table) - 0.4, -0.6)
        ax.grid(axis="x")
        ax.set_xlabel(say("difference, in the smallest differences that are worth a sentence"))
        for name in dict.fromkeys(table["high"].astype(str)):
            ax.barh(0, 0, color=shade[name], label=style.plain(say("highest in {name}", name=side_name(found, name))))
        style.key(ax, 2)
    title = say("What matters: where the scenarios differ most")
    return style.finish(figure, title, say(_MATTERS), found.manifest)


_MATTERS = (
    "One unit: 2 % of a price, 0.5 % of demand, half a percentage point of recycling, 5 points of concentration or import "
    "reliance. The colour names the world with the highest value."
)


@style.styled
def paths(found: Comparison, metal: str, variable: str, labels: Labels) -> Figure:
    """A series of the world in every scenario; below, with a world of all shocks, what they do beyond the sum."""
    one = catalogue.in_batches()[variable]
    own = found.series[
        (found.series["metal"] == metal) & (found.series["variable"] == variable) & (found.series["region"] == WORLD)
    ].set_index("date")
    joint = _interaction(found, metal, variable)
    figure = style.new_figure(5.2 if len(joint) else 4.2)
    axes: Any = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1]) if len(joint) else [figure.subplots()]
    _lines(axes[0], found, own)
    _axis(axes[0], own[list(colors(found))].to_numpy(float), one)
    if len(joint):
        axes[1].axhline(0.0, color=style.BASELINE, lw=0.8)
        axes[1].plot(style.middle(joint), joint, color=style.INK)
        axes[1].set_ylabel(say("together less\nthe sum"), fontsize=8)
        size = words.mass_unit(float(np.abs(joint).max()))[0] if one.unit == "t" else 1.0
        axes[1].yaxis.set_major_formatter(lambda value, _: style.tick_text(value / size))
    style.date_axis(axes[-1], own.index[0], own.index[-1])
    title = say(
        "{name}: {series} in {count}",
        name=labels.metal(metal),
        series=one.label(language()),
        count=words.count(len(found.sides), "scenario", "scenarios"),
    )
    return style.finish(figure, title, _caption(found, words.unit(one.unit, one.per)), found.manifest)


def _lines(ax: Axes, found: Comparison, own: pd.DataFrame) -> None:
    for name in [column for column in own if str(column).startswith("without")]:
        label = say("without shocks") if name == "without" else None
        ax.plot(style.middle(own), own[name], color=style.BASELINE, ls="--", lw=1.6, label=label)
    for name, color in colors(found).items():
        ax.plot(style.middle(own), own[name], color=color, label=style.plain(side_name(found, name)), lw=1.8)
    style.key(ax, 3)


def _axis(ax: Axes, values: np.ndarray, one: catalogue.Variable) -> None:
    largest = float(np.nanmax(values)) if np.isfinite(values).any() else 1.0
    style.from_zero(ax, largest)
    if one.unit == "t":
        style.mass_axis(ax, largest, one.label(language()), one.per)
    elif one.unit == "USD/t":
        style.usd_axis(ax)
    elif one.unit == "1":
        style.percent_axis(ax, largest, one.label(language()))
    else:
        ax.set_ylabel(say("{what} ({unit})", what=one.label(language()), unit=words.unit(one.unit, one.per)))


def _interaction(found: Comparison, metal: str, variable: str) -> pd.Series:
    table = found.interaction_series
    kept = (table["metal"] == metal) & (table["variable"] == variable) & (table["region"] == WORLD)
    line: pd.Series = table[kept].set_index("date")["interaction"]
    return line


def _caption(found: Comparison, unit: str) -> str:
    text = say("All worlds have the same random draws, so that they differ by their shocks alone; {unit}.", unit=unit)
    if found.together is not None:
        text += say(" Below: the effect of all shocks together less the sum of the effects of each scenario.")
    return text
