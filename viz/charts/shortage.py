"""Shortage by region: who does not get what it wants, and how much of the world's demand that is."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lodeflow.experiments.run.moved import USE_MOVED
from lodeflow.viz import style, words
from lodeflow.viz.charts.bands import captioned, draw_band
from lodeflow.viz.charts.common import no_data, shade, span, with_it, without
from lodeflow.viz.charts.registry import in_report
from lodeflow.viz.frames import AGGREGATES, Labels, Run
from lodeflow.viz.language import say

SHOWN = 6
LEAST = 0.001
"""Least share of demand that the title gives as a number; below it a shortage is there and reads as 0.0 %."""


def shortage_by_region(run: Run, metal: str, shown: int = SHOWN) -> pd.DataFrame:
    """Months x regions, t per month: the `shown` largest, the rest summed as ROW; sums of regions left out."""
    wide = run.table(metal, "shortage").fillna(0.0)
    wide = wide[[region for region in wide.columns if region not in AGGREGATES]]
    order = [region for region in wide.sum().sort_values(ascending=False).index if region != "ROW"]
    kept = wide[order[:shown]].copy()
    rest = wide.drop(columns=order[:shown]).sum(axis=1)
    if len(rest) and rest.sum() > 0:
        kept["ROW"] = rest
    return kept.loc[:, kept.sum() > 0]


def is_short(run: Run, metal: str) -> bool:
    """Whether so much cannot be had that it counts as moved."""
    return run.lack(metal)[1] > USE_MOVED


@in_report(20, side=is_short)
@style.styled
def shortage(run: Run, metal: str, labels: Labels | None = None) -> Figure:
    """Unmet demand of `metal` by region (t per month, stacked) and as a share of the world's demand."""
    labels = labels or Labels()
    parts = shortage_by_region(run, metal)
    share, base_share = (_share(run, metal, name) for name in (run.main, "baseline"))
    band = run.band(metal, "shortage_share")
    figure = style.new_figure(5.4)
    top, below = figure.subplots(2, 1, sharex=True, height_ratios=[2, 1])
    if parts.empty or share.empty:
        top.remove()
        no_data(below, say("{name}: nobody runs short in this run", name=labels.metal(metal)))
    else:
        start, end = span(run, metal, [share])
        _stack(top, parts, labels)
        _share_lines(below, run, share, base_share, band[start:end])
        for ax in (top, below):
            shade(ax, [event for event in run.acts(metal) if event.touches(metal)], start, end)
        style.date_axis(below, start, end)
    caption = say(
        "Shortage: what users would buy at the going price but cannot get. Above by region, below as a share of what "
        "the world wants; colours are stacked, the top edge is the world."
    )
    return style.finish(figure, _title(run, metal, labels, share), captioned(caption, band), run.manifest)


def _share(run: Run, metal: str, name: str) -> pd.Series:
    """Shortage as a share of desired use of the world, by month."""
    lack, wanted = run.line(metal, "shortage", name), run.line(metal, "demand", name)
    lack = lack if len(lack) else wanted * 0.0  # a run in which nobody lacks anything may leave the rows out
    return (lack / wanted.replace(0.0, np.nan)).dropna()


def _stack(ax: Axes, parts: pd.DataFrame, labels: Labels) -> None:
    """Stacked steps: the value of a month holds from its first day to the next month's."""
    stepped = pd.concat([parts, parts.iloc[[-1]].set_axis([parts.index[-1] + style.MONTH])])
    colors = style.place_colors(parts.columns)
    names = [style.plain(say("all others") if code == "ROW" else labels.region(code)) for code in parts.columns]
    shades = [colors[code] for code in parts.columns]
    ax.stackplot(stepped.index, stepped.T.to_numpy(), labels=names, colors=shades, step="post", lw=0)
    total = stepped.sum(axis=1)
    ax.plot(total.index, total, color=style.INK, lw=0.8, drawstyle="steps-post")
    style.from_zero(ax, float(total.max()))
    style.mass_axis(ax, float(total.max()), say("shortage"), "month")
    style.key(ax, 4)


def _share_lines(ax: Axes, run: Run, share: pd.Series, base: pd.Series, band: pd.DataFrame) -> None:
    top = max(draw_band(ax, band, style.SHOCK), float(share.max()))
    if run.has_shock and len(base):
        ax.plot(style.middle(base), base, color=style.BASELINE, ls="--", lw=1.6, label=without(run))
    ax.plot(style.middle(share), share, color=style.SHOCK, label=with_it(run))
    style.from_zero(ax, max(top, 1e-3))
    style.percent_axis(ax, top, say("of world demand"))
    style.key(ax)


def _title(run: Run, metal: str, labels: Labels, share: pd.Series) -> str:
    name = labels.metal(metal)
    total = run.line(metal, "shortage").sum() if not run.has_shock else run.lack(metal)[0]
    if share.empty or total < 0.5:
        return say("{name}: no shortage to speak of", name=name)
    worst = int(share.to_numpy().argmax())
    lack = words.tonnes(total)
    short = say("{tonnes} more than without {cause}", tonnes=lack, cause=run.cause) if run.has_shock else lack
    most, when = _at_worst(float(share.iloc[worst])), words.month(share.index[worst])
    return say(
        "{name}: users go short of {short}; at worst {most} of the world's demand, in {when}",
        name=name,
        short=short,
        most=most,
        when=when,
    )


def _at_worst(share: float) -> str:
    """A share above zero as text, also where it would be rounded to nothing."""
    return words.percent(share) if share >= LEAST else say("less than {share}", share=words.percent(LEAST))
