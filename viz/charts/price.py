"""Price inside and outside the banning country."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from viz import style, words
from viz.charts.common import event_strip, no_data, shade, span
from viz.frames import Labels, Run


@style.styled
def price(run: Run, metal: str, labels: Labels | None = None) -> Figure:
    """Refined price of `metal` (USD/t) with the shock, outside and inside the acting country, beside the baseline."""
    labels = labels or Labels()
    base, outside, inside = _lines(run, metal)
    events = [event for event in run.acts(metal) if event.touches(metal)]
    start, end = span(run, metal, [base, outside])
    figure = style.new_figure(4.7)
    grid = figure.add_gridspec(2, 1, height_ratios=[max(min(len(events), 4), 0.3), 8], hspace=0.02)
    strip, ax = figure.add_subplot(grid[0]), figure.add_subplot(grid[1])
    event_strip(strip, events, start, end, labels)
    if outside.empty:
        no_data(ax)
    else:
        shown = (base[start:end], outside[start:end], inside[start:end])
        _draw(ax, run, shown, labels.region(run.actor(metal)))
        shade(ax, events, start, end)
        style.date_axis(ax, start, end)
        _mark_peak(ax, run, metal, end)
    caption = "Monthly price of the refined metal in constant US dollars; shaded: a measure is in force."
    return style.finish(figure, _title(run, metal, labels, bool(len(inside))), caption, run.manifest)


def _lines(run: Run, metal: str) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Baseline, outside (or world) and inside price; the last is empty where no country closes its borders."""
    base = run.line(metal, "price", "baseline")
    if not run.has_shock:
        return base, base, base.iloc[:0]
    outside = run.side_price(metal, "outside")
    return base, outside if len(outside) else run.line(metal, "price"), run.side_price(metal, "inside")


def _draw(ax: Axes, run: Run, lines: tuple[pd.Series, pd.Series, pd.Series], actor: str) -> None:
    base, outside, inside = lines
    if run.has_shock:
        ax.plot(style.middle(base), base, color=style.BASELINE, ls="--", lw=1.8, label="without the shock")
    if len(inside):
        ax.plot(style.middle(inside), inside, color=style.INSIDE, label=style.plain(f"inside {actor}"))
    name = f"outside {actor}" if len(inside) else "world price with the shock" if run.has_shock else "world price"
    ax.plot(style.middle(outside), outside, color=style.SHOCK, label=style.plain(name))
    style.usd_axis(ax)
    style.from_zero(ax, max(float(line.max()) for line in lines if len(line)), room=1.2)
    style.key(ax)


def _mark_peak(ax: Axes, run: Run, metal: str, end: pd.Timestamp) -> None:
    """A dot and a short text where the price is furthest from the baseline."""
    peak = run.peak(metal)
    if peak is None or not run.has_shock or peak[0] > end or abs(peak[2] - 1) < 0.005:
        return
    date, value, ratio = peak
    date += pd.Timedelta(days=14)
    ax.plot([style.number(date)], [value], "o", color=style.SHOCK, ms=6, zorder=5)
    late = style.number(date) > sum(ax.get_xlim()) / 2
    text = f"{words.usd(value)}, {words.month(date)}\n{words.times(ratio)} the price without the shock"
    low = ratio < 1
    ax.annotate(
        text,
        (style.number(date), value),
        xytext=(-8 if late else 8, -7 if low else 5),
        textcoords="offset points",
        ha="right" if late else "left",
        va="top" if low else "bottom",
        fontsize=8.5,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1},
    )


def _title(run: Run, metal: str, labels: Labels, split: bool) -> str:
    peak = run.peak(metal)
    name = labels.metal(metal)
    if peak is None or not run.has_shock:
        return f"{name}: price of the refined metal"
    if abs(peak[2] - 1) < 0.005:
        return f"{name}: the price hardly moves"
    where = f" outside {labels.region(run.actor(metal))}" if split else ""
    verb = "rises to" if peak[2] > 1 else "falls to"
    return f"{name}{where} {verb} {words.times(peak[2])} its price without the shock in {words.month(peak[0])}"
