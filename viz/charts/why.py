"""Why the price moved: the bid, split exactly into its causes."""

from __future__ import annotations

from math import exp, log

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.dates import date2num
from matplotlib.figure import Figure

from lodeflow.viz import style, words
from lodeflow.viz.charts.common import no_data, shade, span
from lodeflow.viz.charts.registry import in_report
from lodeflow.viz.frames import WORLD, Labels, Run
from lodeflow.viz.language import say

NOTHING = 1e-9
"""Ln points up to which a reason is rounding."""
BAR_DAYS = 25
"""Width of a month's bar, days."""
TICKS = (0.1, 0.2, 0.33, 0.5, 0.67, 0.8, 0.9, 0.95, 1.0, 1.05, 1.1, 1.25, 1.5, 2, 3, 5, 10, 20, 40)


def causes(run: Run, metal: str) -> pd.DataFrame:
    """Months x components in ln points: with the shock less without it (one run: against the base price)."""
    main = _split(run, metal, run.main)
    return main.sub(_split(run, metal, "baseline"), fill_value=0.0) if run.has_shock and len(main) else main


def _split(run: Run, metal: str, name: str) -> pd.DataFrame:
    rows = run.why[(run.why["metal"] == metal) & (run.why["run"] == name)]
    world = rows[rows["region"] == WORLD]
    rows = world if len(world) else rows
    wide = rows.pivot_table(index="date", columns="component", values="value", aggfunc="mean").fillna(0.0)
    known = [part for part in style.COMPONENTS if part in wide]
    return wide[known + [part for part in wide.columns if part not in known]]


@in_report(50, side=True)
@style.styled
def why(run: Run, metal: str, labels: Labels | None = None) -> Figure:
    """Stacked causes of the bid of `metal` by month; bars add up to the line because the scale is logarithmic."""
    labels = labels or Labels()
    parts = causes(run, metal)
    figure = style.new_figure(4.8)
    ax = figure.subplots()
    if parts.empty:
        no_data(ax)
    else:
        start, end = span(run, metal, [parts.iloc[:, 0]])
        parts = parts[start:end]
        _bars(ax, parts)
        shade(ax, [event for event in run.acts(metal) if event.touches(metal)], start, end)
        style.date_axis(ax, start, end)
    against = say("the world without {cause}", cause=run.cause) if run.has_shock else say("the base price")
    caption = say(
        "What buyers bid, against {against}: bars above zero push the price up, bars below pull it down, and together "
        "they give the black line exactly (logarithmic scale, labelled in per cent).",
        against=against,
    )
    return style.finish(figure, _title(labels.metal(metal), parts), caption, run.manifest)


def _bars(ax: Axes, parts: pd.DataFrame) -> None:
    """Signed stacks: positive causes upwards from zero, negative ones downwards."""
    up, down = (pd.Series(0.0, index=parts.index) for _ in range(2))
    for name in parts.columns[parts.abs().max() > NOTHING]:  # what moved nothing has no line in the key
        value = parts[name]
        foot = up.where(value >= 0, down)
        color = style.COMPONENTS.get(str(name), style.OTHERS)
        _stack(ax, style.middle(parts), foot, value, color, style.plain(say(str(name))))
        up, down = up + value.clip(lower=0), down + value.clip(upper=0)
    total = parts.sum(axis=1)
    ax.plot(style.middle(total), total, color=style.INK, lw=1.8, marker="o", ms=2.5, label=say("all together"))
    ax.axhline(0, color=style.INK, lw=0.8)
    low, high = min(float(down.min()), -0.03), max(float(up.max()), 0.03)
    ax.set_ylim(1.12 * low, 1.12 * high)
    ticks = spread_ticks(1.12 * low, 1.12 * high)
    ax.set_yticks(
        [log(tick) for tick in ticks], [words.percent(tick - 1, sign=True) if tick != 1 else "0" for tick in ticks]
    )
    ax.set_ylabel(say("effect on the bid"))
    style.key(ax, 4)


def _stack(ax: Axes, dates: pd.DatetimeIndex, foot: pd.Series, height: pd.Series, color: str, name: str) -> None:
    """Bars of one cause as one shape: many times as fast as a patch a month."""
    left = date2num(dates) - BAR_DAYS / 2
    low, high = foot.to_numpy(), (foot + height).to_numpy()
    x, y = np.stack([left, left, left + BAR_DAYS, left + BAR_DAYS], 1), np.stack([low, high, high, low], 1)
    ax.add_collection(PolyCollection([*np.stack([x, y], 2)], facecolors=color, edgecolors="none", label=name))


def spread_ticks(low: float, high: float, count: int = 10) -> list[float]:
    """Round ratios for a logarithmic axis from `low` to `high` (ln points), about `count` at most, 1 among them."""
    kept = [1.0]
    for tick in sorted(TICKS, key=lambda t: abs(log(t))):
        apart = all(abs(log(tick) - log(other)) >= (high - low) / (count + 1) for other in kept)
        if apart and low <= log(tick) <= high:
            kept.append(tick)
    return sorted(kept)


def _title(name: str, parts: pd.DataFrame) -> str:
    if parts.empty:
        return say("{name}: why the price moved", name=name)
    total = parts.sum(axis=1)
    at_most = int(total.abs().to_numpy().argmax())
    when, at, all_together = total.index[at_most], parts.iloc[at_most], float(total.iloc[at_most])
    if abs(all_together) < log(1.005):
        return say("{name}: nothing moves the bid by more than half a per cent", name=name)
    same = at[at * all_together > 0].sort_values(key=abs, ascending=False)
    main = [
        say("{cause} ({change})", cause=say(str(cause)), change=words.percent(exp(value) - 1, sign=True))
        for cause, value in same[:2].items()
    ]
    return say(
        "{name}: bids go {verb} by {change} in {month}, mostly because of {causes}",
        name=name,
        verb=say("up") if all_together > 0 else say("down"),
        change=words.percent(abs(exp(all_together) - 1)),
        month=words.month(when),
        causes=words.listed(main),
    )
