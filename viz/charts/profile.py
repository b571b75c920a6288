"""One metal in a run without shocks: price, production and recycling."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lodeflow.viz import style, words
from lodeflow.viz.charts.common import no_data, span
from lodeflow.viz.charts.seen import Seen, baseline_note, draw_seen, seen_levels
from lodeflow.viz.frames import Labels, Run
from lodeflow.viz.language import say
from lodeflow.viz.observed import MIDDLE, MINE, REFINE

SUPPLY = (
    ("mined", style.SERIES["feed"], MINE),
    ("refined", style.SERIES["refined"], REFINE),
    ("recycled", style.SERIES["secondary_supply"], ""),
)
"""Name, colour, and stage under which output is observed ("" for none)."""
OUTPUT = (
    "Dots: output of the world as published, mean of the year; the run starts from that of its base year, balanced."
)


@style.styled
def profile(run: Run, metal: str, labels: Labels | None = None) -> Figure:
    """Price (USD/t), mined, refined and recycled supply (t per month), recycling rate and recycled content (%)."""
    labels = labels or Labels()
    figure = style.new_figure(6.2)
    panels = figure.subplots(3, 1, sharex=True)
    price = run.line(metal, "price")
    seen = seen_levels(metal, labels.observed, price.index[0], price.index[-1]) if len(price) else Seen()
    _price(panels[0], price, seen, labels.colors.get(metal, style.SHOCK))
    notes = [*baseline_note(run, metal), *seen.notes(price)]
    if _supply(panels[1], run, metal, labels):
        notes.append(say(OUTPUT))
    _rates(panels[2], run, metal)
    if len(price):
        style.date_axis(panels[2], *span(run, metal, [price]))
    title = say("{name}: price, production and recycling", name=labels.metal(metal))
    if len(price) and price.iloc[0] > 0:
        change = words.percent(float(price.iloc[-1] / price.iloc[0]) - 1, sign=True)
        first, last = words.month(price.index[0]), words.month(price.index[-1])
        title = say(
            "{name}: price {change} from {first} to {last}",
            name=labels.metal(metal),
            change=change,
            first=first,
            last=last,
        )
    caption = say(
        "Price of the refined metal; metal mined, refined and recycled in the world; what recycling gives back."
    )
    return style.finish(figure, title, caption, run.manifest, "\n".join(notes))


def _price(ax: Axes, price: pd.Series, seen: Seen, color: str) -> None:
    """Simulated price and what was observed, USD/t."""
    if price.empty:
        no_data(ax)
        return
    ax.plot(style.middle(price), price, color=color, label=say("simulated"))
    style.from_zero(ax, max(float(price.max()), draw_seen(ax, seen)))
    style.usd_axis(ax)
    ax.set_ylabel(say("price (USD/t)"))
    style.key(ax)


def _supply(ax: Axes, run: Run, metal: str, labels: Labels) -> bool:
    """Supply by month, with the output observed; whether any was."""
    lines = (
        run.feed(metal, "production"),
        run.line(metal, "production", form="refined"),
        run.line(metal, "secondary_supply"),
    )
    shown = [(line, *how) for line, how in zip(lines, SUPPLY, strict=True) if len(line)]
    if not shown:
        no_data(ax)
        return False
    top, told = max(float(line.max()) for line, *_ in shown), False
    for line, name, color, stage in shown:
        ax.plot(style.middle(line), line, color=color, label=say(name))
        dots = _observed(line, labels.observed.produced(metal, stage))
        if len(dots):
            ax.plot(
                style.middle(dots),
                dots,
                "o",
                color=style.INK,
                mec=color,
                mew=1.4,
                ms=6,
                zorder=6,
                label="_" if told else say("observed"),
            )
            top, told = max(top, float(dots.max())), True
    style.from_zero(ax, top)
    style.mass_axis(ax, top, say("supply"), "month")
    style.key(ax)
    return told


def _observed(line: pd.Series, output: dict[int, float]) -> pd.Series:
    """Output observed in the months of a line, t/month, in the middle of every year."""
    months = pd.DatetimeIndex([pd.Timestamp(year, MIDDLE, 1) for year in output])
    return pd.Series(list(output.values()), index=months, dtype=float).sort_index()[line.index[0] : line.index[-1]]


def _rates(ax: Axes, run: Run, metal: str) -> None:
    rate, content = run.line(metal, "eol_recycling_rate"), run.line(metal, "recycled_content")
    if rate.empty and content.empty:
        no_data(ax)
        return
    ax.plot(
        style.middle(rate),
        rate,
        color=style.SERIES["eol_recycling_rate"],
        label=say("recycled, of what reaches end of life"),
    )
    ax.plot(
        style.middle(content),
        content,
        color=style.SERIES["recycled_content"],
        ls="-.",
        label=say("recycled content of new supply"),
    )
    top = max([float(line.max()) for line in (rate, content) if len(line)])
    style.from_zero(ax, max(top, 0.01))
    style.percent_axis(ax, top, say("share"))
    style.key(ax)
