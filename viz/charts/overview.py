"""All metals at a glance: price with the shock over price without it."""

from __future__ import annotations

from math import ceil, log

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from lodeflow.experiments.run.moved import PRICE_MOVED, price_moved
from lodeflow.viz import style, words, wrapping
from lodeflow.viz.charts.bands import captioned, draw_band
from lodeflow.viz.charts.common import no_data, shade
from lodeflow.viz.charts.why import spread_ticks
from lodeflow.viz.frames import Labels, Run, furthest
from lodeflow.viz.language import say

NAME_WRAP = 24
"""Width of a line above a panel, letters: three stand side by side."""


def price_ratio(run: Run, metal: str) -> pd.Series:
    """World price with the shock over the one without; in a run without shocks over its first month."""
    base, main = run.line(metal, "price", "baseline"), run.line(metal, "price")
    if run.has_shock:
        return (main / base).dropna()
    return main / main.iloc[0] if len(main) else main


@style.styled
def overview(run: Run, labels: Labels | None = None) -> Figure:
    """Small multiples, one per metal, all on one logarithmic scale."""
    labels = labels or Labels()
    ratios = {metal: price_ratio(run, metal) for metal in run.metals}
    columns = min(3, max(len(ratios), 1))
    rows = max(ceil(len(ratios) / columns), 1)
    figure = style.new_figure(1.2 + 1.6 * rows)
    panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).flat
    bands = {metal: run.band(metal, "price_ratio") for metal in ratios}
    low, high = _reach([*ratios.values(), *(bands[metal][side] for metal in bands for side in ("low", "high"))])
    for ax, metal in zip(panels, ratios, strict=False):
        draw_band(ax, bands[metal], labels.colors.get(metal, style.SHOCK))
        _panel(ax, run, metal, ratios[metal], labels)
        _scale(ax, low, high)
    for ax in figure.axes[len(ratios) :]:
        ax.remove()
    if not ratios:
        no_data(figure.add_subplot())
    one = say("price, 1 = without {cause}", cause=run.cause) if run.has_shock else say("price, 1 = first month")
    figure.supylabel(one, fontsize=9)
    same = say("the same month of the world without {cause}", cause=run.cause)
    caption = say(
        "World price of each refined metal against {against}; one scale for all, so that heights can be compared.",
        against=same if run.has_shock else say("its first month"),
    )
    caption = captioned(caption, pd.concat(list(bands.values())) if bands else pd.DataFrame())
    note = (
        say("Dashed, ×1: the price in {against}. That world is a level for comparison and no forecast.", against=same)
        if run.has_shock
        else say("Dashed, ×1: the price in the first month. Without a shock prices stay near it; this is no forecast.")
    )
    return style.finish(figure, _title(run, ratios, labels), caption, run.manifest, note)


def _reach(lines: list[pd.Series]) -> tuple[float, float]:
    values = [float(v) for line in lines if len(line) for v in (line.min(), line.max())]
    low, high = min([*values, 0.9]) / 1.05, max([*values, 1.12])
    return low, high * (high / low) ** 0.22  # room for the text above the lines


def _panel(ax: Axes, run: Run, metal: str, ratio: pd.Series, labels: Labels) -> None:
    name = "\n".join(wrapping.lines(labels.metal(metal), NAME_WRAP))
    ax.set_title(style.plain(name), fontsize=9, fontweight="bold", pad=3)
    if ratio.empty:
        ax.text(0.5, 0.5, say("no price"), transform=ax.transAxes, ha="center", color="#666666")
        return
    if run.has_shock:
        shade(ax, [event for event in run.acts(metal) if event.touches(metal)], ratio.index[0], ratio.index[-1])
    ax.axhline(1, color=style.BASELINE, ls="--", lw=1.2)
    ax.plot(style.middle(ratio), ratio, color=labels.colors.get(metal, style.SHOCK), lw=2)
    far, top = furthest(ratio)
    text = say(", ").join([words.times(top), words.month(far)]) if price_moved(top) else say("hardly moves")
    ax.text(
        0.98,
        0.95,
        text,
        transform=ax.transAxes,
        ha="right",
        va="top",
        fontsize=8,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 1},
    )
    style.date_axis(ax, ratio.index[0], ratio.index[-1], ticks=4)
    ax.tick_params(labelsize=8)


def _scale(ax: Axes, low: float, high: float) -> None:
    ax.set_yscale("log")
    ax.set_ylim(low, high)
    ax.yaxis.set_major_locator(FixedLocator(spread_ticks(log(low), log(high), count=6)))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"×{value:g}"))


def _title(run: Run, ratios: dict[str, pd.Series], labels: Labels) -> str:
    if not run.has_shock:
        return say("Prices of all metals in this run")
    moved = [metal for metal in ratios if len(ratios[metal]) and price_moved(furthest(ratios[metal])[1])]
    if not moved:
        limit = words.percent(PRICE_MOVED)
        return say("No price leaves the world without {cause} by more than {limit}", cause=run.cause, limit=limit)
    names = words.listed([labels.metal(moved[0]), *(labels.metal(metal).lower() for metal in moved[1:])])
    still = len(ratios) - len(moved)
    limit = words.percent(PRICE_MOVED)
    moves = say("{names} moves", names=names) if len(moved) == 1 else say("{names} move", names=names)
    if not still:
        return moves
    if still == 1:
        return say("{moves}; the other one stays within {limit}", moves=moves, limit=limit)
    return say("{moves}; the other {still} stay within {limit}", moves=moves, still=still, limit=limit)
