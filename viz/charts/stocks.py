"""What stands between a shock and its users: stocks, and metal that comes back."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lodeflow.viz import style, words
from lodeflow.viz.charts.common import no_data, shade, span, two_runs, with_it, without
from lodeflow.viz.charts.registry import in_report
from lodeflow.viz.frames import Labels, Run
from lodeflow.viz.language import say

PANELS = (
    ("stock_cover", "Stock: how long it would last", "months of use"),
    ("secondary_supply", "Recycled metal supplied", "t"),
    ("eol_recycling_rate", "Recycled, of what reaches end of life", "%"),
    ("recycled_content", "Recycled content of new supply", "%"),
)


def cover(run: Run, metal: str, name: str | None = None) -> pd.Series:
    """World stock in months of use: the run's own series, else refined stock over the month's use."""
    own = run.line(metal, "stock_cover", name)
    if len(own):
        return own
    stock, use = run.line(metal, "stock", name), run.line(metal, "use", name)
    return (stock / use[use > 0]).dropna()


ABOVE_TITLE = 1.09
"""Where the legend stands, heights of a panel: above its title."""


@in_report(60, side=True, quiet=True)
@style.styled
def stocks(run: Run, metal: str, labels: Labels | None = None) -> Figure:
    """Stock in months of use, secondary supply (t per month), end-of-life recycling rate and recycled content (%)."""
    labels = labels or Labels()
    figure = style.new_figure(5.6)
    panels = figure.subplots(2, 2, sharex=True).ravel()
    for ax, (variable, title, unit) in zip(panels, PANELS, strict=True):
        _panel(ax, run, metal, variable, unit)
        ax.set_title(say(title), pad=5)
    named = next((ax for ax in panels[:2] if ax.get_lines()), panels[0])
    style.key(named, 2, ABOVE_TITLE)
    caption = say("Stocks soften a shock at once; recycling follows the products' lives, so it can answer only slowly.")
    return style.finish(figure, _title(run, metal, labels), caption, run.manifest)


def _panel(ax: Axes, run: Run, metal: str, variable: str, unit: str) -> None:
    if variable == "stock_cover" and not len(run.line(metal, variable)):
        main, base = cover(run, metal), cover(run, metal, "baseline")
        if run.has_shock:
            ax.plot(style.middle(base), base, color=style.BASELINE, ls="--", lw=1.8, label=without(run))
        ax.plot(style.middle(main), main, color=style.SHOCK, label=with_it(run))
    else:
        main, base = two_runs(ax, run, metal, variable)
    if main.empty:
        no_data(ax)
        return
    start, end = span(run, metal, [main], whole=True)
    shade(ax, [event for event in run.acts(metal) if event.touches(metal)], start, end)
    top = max(float(main.max()), float(base.max()) if len(base) else 0.0, 1e-6)
    style.from_zero(ax, top)
    if unit == "t":
        style.mass_axis(ax, top, say("recycled metal"), "month")
    elif unit == "%":
        style.percent_axis(ax, top, say("share"))
    else:
        ax.set_ylabel(say(unit))
    style.date_axis(ax, start, end, ticks=5)


def _title(run: Run, metal: str, labels: Labels) -> str:
    name, line = labels.metal(metal), cover(run, metal)
    rate, rate_before = (run.line(metal, "eol_recycling_rate", which) for which in (run.main, "baseline"))
    parts = []
    if len(line):
        base = cover(run, metal, "baseline").reindex(line.index)
        gap = line - base if run.has_shock and base.notna().all() else line
        at = int(gap.to_numpy().argmin())
        low, when = float(line.iloc[at]), words.month(line.index[at])
        holds = run.has_shock and low >= 0.97 * float(base.iloc[at])
        fall = (
            say("stocks fall to {low:.1f} months of use in {when}", low=low, when=when)
            if low >= 0.05
            else say("stocks are used up by {when}", when=when)
        )
        parts.append(say("stocks hold") if holds else fall)
    if len(rate):
        share, before = (words.percent(float(one.iloc[-12:].mean())) for one in (rate, rate_before))
        back = say("{share} of what reaches end of life is recycled", share=share)
        parts.append(
            back if share == before else say("{back} ({rate} without {cause})", back=back, rate=before, cause=run.cause)
        )
    return say("{name}: {rest}", name=name, rest=say("; ").join(parts) if parts else say("stocks and recycling"))
