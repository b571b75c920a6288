"""Price inside and outside the banning country, against the month before the shock, with what was observed."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lodeflow.experiments.run.moved import price_moved
from lodeflow.viz import style, words
from lodeflow.viz.charts.bands import captioned, draw_band
from lodeflow.viz.charts.common import event_strip, no_data, shade, span, without
from lodeflow.viz.charts.registry import in_report
from lodeflow.viz.charts.seen import Seen, baseline_note, draw_seen, seen_prices
from lodeflow.viz.frames import Labels, Run
from lodeflow.viz.language import say

REFINED = "refined"
FORM_NAMES = {REFINED: "refined metal", "intermediate": "intermediates"}


@in_report(10, side=True)
@style.styled
def price(run: Run, metal: str, labels: Labels | None = None) -> Figure:
    """Price of `metal` with and without the shock; where a country closes its border, inside and outside.

    1 is the model's price in the month before the first news, the axis on the right has USD/t. What was observed stands
    beside the model. If the border closes for ore or intermediates, a second panel shows their price inside and outside.
    """
    labels = labels or Labels()
    forms = [REFINED, *(form for form in run.forms(metal, "price_inside") if form != REFINED)]
    lines = {form: _lines(run, metal, form) for form in forms}
    events = [event for event in run.acts(metal) if event.touches(metal)]
    start, end = span(run, metal, list(lines[REFINED][:2]))
    figure = style.new_figure(3.2 + 1.9 * len(forms))
    heights = [max(min(len(events), 4), 0.3), *([8 if len(forms) == 1 else 5] * len(forms))]
    strip, *panels = figure.subplots(1 + len(forms), 1, height_ratios=heights)
    event_strip(strip, events, start, end, labels)
    one = month_before(run, metal)
    seen = seen_prices(run, metal, labels.observed, one, start, end)
    for ax, (form, three) in zip(panels, lines.items(), strict=True):
        if three[1].empty:
            no_data(ax)
            continue
        _panel(ax, run, metal, form, three, (start, end), one, seen if form == REFINED else Seen(), labels)
        shade(ax, events, start, end)
        if len(forms) > 1:
            ax.set_ylabel(say("{form}\n(1 = {month})", form=say(FORM_NAMES.get(form, form)), month=words.month(one)))
    caption = say("Monthly price in constant US dollars per tonne of metal content; shaded: a measure is in force.")
    caption = captioned(caption, run.band(metal, "price"))
    title = _title(run, metal, labels, len(lines[REFINED][2]) > 0)
    note = "\n".join([*baseline_note(run, metal), *seen.notes(lines[REFINED][1])])
    return style.finish(figure, title, caption, run.manifest, note)


def month_before(run: Run, metal: str) -> pd.Timestamp:
    """The month before the first news on `metal`, or the first of the run if it starts with it or has no shock."""
    line = run.line(metal, "price")
    first = pd.Timestamp(line.index[0]) if len(line) else pd.Timestamp("2000-01-01")
    news = run.first_news(metal) if run.has_shock else None
    return first if news is None else max(first, news - style.MONTH)


def _lines(run: Run, metal: str, form: str) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Baseline, outside (or world) and inside price; the last is empty where no country closes its borders."""
    base = run.line(metal, "price", "baseline", form=form)
    if not run.has_shock:
        return base, base, base.iloc[:0]
    outside = run.side_price(metal, "outside", form)
    world = run.line(metal, "price", form=form)
    return base, outside if len(outside) else world, run.side_price(metal, "inside", form)


def _panel(
    ax: Axes,
    run: Run,
    metal: str,
    form: str,
    three: tuple[pd.Series, pd.Series, pd.Series],
    window: tuple[pd.Timestamp, pd.Timestamp],
    one: pd.Timestamp,
    seen: Seen,
    labels: Labels,
) -> None:
    """One form: lines and bands over the price of month `one`, observed prices, the largest move, both axes."""
    start, end = window
    scale = float(three[0].get(one, three[1].iloc[0]))
    scale = scale if scale > 0 else 1.0
    base, outside, inside = (line[start:end] / scale for line in three)
    bands = [
        band.assign(low=band["low"] / scale, high=band["high"] / scale) for band in _bands(run, metal, form, *window)
    ]
    drawn = _draw(ax, run, (base, outside, inside), bands, labels.region(run.actor(metal)))
    top = max(drawn, draw_seen(ax, seen))
    style.from_zero(ax, top, room=1.25)
    style.index_axis(ax, words.month(one), scale)
    style.key(ax, 3)
    style.date_axis(ax, start, end)
    if form == REFINED:
        _mark_peak(ax, run, metal, top, scale)


def _bands(
    run: Run, metal: str, form: str, start: pd.Timestamp, end: pd.Timestamp
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Bands of the outside (or world) price and of the inside price; empty for ore and intermediates."""
    outside = run.band(metal, "price_outside")
    outside = outside if len(outside) else run.band(metal, "price")
    inside = run.band(metal, "price_inside", region=run.actor(metal))
    last = end if form == REFINED else start - style.MONTH
    return outside[start:last], inside[start:last]


def _draw(
    ax: Axes,
    run: Run,
    lines: tuple[pd.Series, pd.Series, pd.Series],
    bands: list[pd.DataFrame],
    actor: str,
) -> float:
    """Draw lines and bands, and return the highest value."""
    base, outside, inside = lines
    tops = [draw_band(ax, bands[0], style.SHOCK), draw_band(ax, bands[1], style.INSIDE, named=False)]
    if run.has_shock:
        ax.plot(style.middle(base), base, color=style.BASELINE, ls="--", lw=1.8, label=without(run))
    if len(inside):
        ax.plot(style.middle(inside), inside, color=style.INSIDE, label=style.plain(say("inside {place}", place=actor)))
    name = say("world price with {cause}", cause=run.cause) if run.has_shock else say("world price")
    name = say("outside {place}", place=actor) if len(inside) else name
    ax.plot(style.middle(outside), outside, color=style.SHOCK, label=style.plain(name))
    return max([*tops, *(float(line.max()) for line in lines if len(line))])


def _mark_peak(ax: Axes, run: Run, metal: str, top: float, scale: float) -> None:
    """A dot where the price is furthest from the baseline and a short text above (or below) all lines."""
    peak = run.peak(metal)
    if peak is None or not run.has_shock or not price_moved(peak[2]):
        return
    date, value, ratio = peak
    x, (left, right) = style.number(date + pd.Timedelta(days=14)), ax.get_xlim()
    if not left <= x <= right:
        return
    ax.plot([x], [value / scale], "o", color=style.SHOCK, ms=6, zorder=5)
    late = x > (left + right) / 2
    ax.annotate(
        say(
            "{price}, {month}\n{times} the price without {cause}",
            price=words.usd(value),
            month=words.month(date),
            times=words.times(ratio),
            cause=run.cause,
        ),
        (x, value / scale),
        xytext=(x, 1.06 * top if ratio > 1 else 0.9 * value / scale),
        ha="right" if late else "left",
        va="bottom" if ratio > 1 else "top",
        fontsize=8.5,
        arrowprops={"arrowstyle": "-", "color": style.SHOCK, "lw": 0.8, "relpos": (float(late), float(ratio < 1))},
    )


def _title(run: Run, metal: str, labels: Labels, split: bool) -> str:
    peak = run.peak(metal)
    name = labels.metal(metal)
    if peak is None or not run.has_shock:
        return say("{name}: price of the refined metal", name=name)
    if not price_moved(peak[2]):
        return say("{name}: the price hardly moves", name=name)
    place = labels.region(run.actor(metal))
    return say(
        "{what} {verb} {times} its price without {cause} in {month}",
        what=say("{name} outside {place}", name=name, place=place) if split else name,
        verb=say("rises to") if peak[2] > 1 else say("falls to"),
        times=words.times(peak[2]),
        cause=run.cause,
        month=words.month(peak[0]),
    )
