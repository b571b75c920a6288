"""Where a tonne goes: one year of the ledger from the mine to use, end of life and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Polygon, Rectangle
from matplotlib.path import Path

from lodeflow.viz import style, words
from lodeflow.viz.charts.common import no_data, with_it, without
from lodeflow.viz.charts.registry import in_report
from lodeflow.viz.frames import Labels, Run
from lodeflow.viz.language import say

GAP, BAR = 1.0, 0.11  # distance between the stages and width of their bars (drawing units)
JOIN = 0.4  # where the recycling loop leaves and enters, beside a stage
SINKS_SHOWN = 5
LOSS, BACK, FORWARD, BESIDE = "#e0b9a0", "#7fc4b3", "#b9c6d6", "#d8d0a8"
LOST_KINDS = ("sink", "beside")
LEVELS = ("stock", "ground")
SHOWN = ("mined", "refined primary", "secondary supply", "use", "into use", "end of life", "collected", "new scrap")
"""Flows of the ledger that the bars of the picture are made of."""
FELT = 1e-6  # share of all flows of a year from which a change counts as one


@dataclass(frozen=True)
class Stage:
    """One bar of the picture: what reaches it (t in the year) and what happens to what it does not pass on."""

    name: str
    tonnes: float
    residue: str = ""  # name of what does not go on to the next stage
    beside: float = 0.0  # t that are known not to come from the stage before
    extra: str = "from\nstocks"  # name of what comes in beside the stage before


def ledger_year(
    run: Run, metal: str, year: int | None = None, name: str | None = None
) -> tuple[int | None, pd.DataFrame]:
    """The year shown and its ledger (index flow; columns tonnes, kind), without the levels of stocks.

    year: left out, the one of the largest effect (see `effect_year`); name: "shock" or "baseline", left out the main run.
    """
    year = effect_year(run, metal) if year is None else year
    rows = _flows(run, metal, name or run.main)
    chosen = rows[rows["date"].dt.year == year].groupby("flow", observed=True)
    return year, pd.DataFrame({"tonnes": chosen["tonnes"].sum(), "kind": chosen["kind"].first()})


def _flows(run: Run, metal: str, name: str) -> pd.DataFrame:
    """Rows of the ledger of one run and metal, without the levels of stocks and what only moves ore in the ground."""
    rows = run.ledger
    return rows[(rows["metal"] == metal) & (rows["run"] == name) & ~rows["kind"].isin(LEVELS)]


def effect_year(run: Run, metal: str) -> int | None:
    """The whole year in which the flows shown of `metal` differ most from those without the shock, in t; the first of several.

    Without a shock, or with one that changes no flow: the last whole year. If no year is whole, those begun count.
    """
    main = _yearly(_flows(run, metal, run.main))
    if main.empty:
        return None
    base = _yearly(_flows(run, metal, "baseline")).reindex(index=main.index, columns=main.columns, fill_value=0.0)
    shown = [name for name in SHOWN if name in main]
    change = (main - base)[shown].abs().sum(axis=1)
    moved = change.max() > FELT * main[shown].sum(axis=1).max()
    return int(main.index[int(change.to_numpy().argmax())] if moved else main.index[-1])


def _yearly(rows: pd.DataFrame) -> pd.DataFrame:
    """Years x flows, t: the whole years of the run, or those begun if none is whole."""
    years = rows["date"].dt.year
    months = rows.groupby(years)["date"].nunique()
    whole = months.index[months == 12] if (months == 12).any() else months.index
    table = rows.assign(year=years).pivot_table(
        index="year", columns="flow", values="tonnes", aggfunc="sum", observed=True
    )
    return table.reindex(whole).fillna(0.0)


def stages(flows: pd.DataFrame) -> list[Stage]:
    """The bars from mine to recycled metal; empty if nothing was used. `flows`: from `ledger_year`."""

    def of(*names: str) -> float:
        return float(flows["tonnes"].reindex(list(names)).fillna(0.0).sum())

    if of("use") <= 0:
        return []
    first = Stage("Mined", of("mined"), "slag and\nstocks")
    if first.tonnes < 0.01 * of("refined primary"):
        first = Stage("By-product", of("refined primary"))
    return [
        first,
        Stage("Supply", of("refined primary", "secondary supply"), "into\nstocks", of("secondary supply")),
        Stage("Manufacturing", of("use"), "new scrap,\ndissipated"),
        Stage("Into use", of("into use"), "stays\nin use"),
        Stage("End of life", of("end of life"), "not\ncollected"),
        Stage("Scrap", of("collected", "new scrap"), "losses,\nstocks", of("new scrap"), "new\nscrap"),
        Stage("Recycled", of("secondary supply")),
    ]


def losses(flows: pd.DataFrame) -> pd.Series:
    """What left the system in the year (t), by flow, largest first; tailings stand beside the balance and count too."""
    lost = flows[flows["kind"].isin(LOST_KINDS)]["tonnes"].sort_values(ascending=False)
    return lost[lost > 0]


@in_report(70, quiet=True, name="flows")
@style.styled
def flow_picture(run: Run, metal: str, labels: Labels | None = None, year: int | None = None) -> Figure:
    """Flow picture of one year (t): bands as wide as the flows, losses drop down, recycling loops back on top.

    With a shock, the same year without it stands below on the same scale; `year`: see `ledger_year`.
    """
    labels = labels or Labels()
    year, table = ledger_year(run, metal, year)
    base = stages(ledger_year(run, metal, year, "baseline")[1]) if run.has_shock else []
    bars, lost = stages(table), losses(table)
    caption = say(
        "Bands are as wide as the flows. Down: lost, put into stock or staying in use. Loop: recycled metal returns."
    )
    if not bars:
        figure = style.new_figure(3)
        no_data(figure.subplots())
        return style.finish(figure, say("{name}: where a tonne goes", name=labels.metal(metal)), caption, run.manifest)
    rows = min(len(lost), SINKS_SHOWN + 1)
    heights = [*([3.6] * (2 if base else 1)), *([0.55 + 0.24 * rows] if rows else [])]
    figure = style.new_figure(sum(heights))
    parts = figure.subfigures(len(heights), 1, height_ratios=heights, squeeze=False)[:, 0]
    scale = 1.0 / max(bar.tonnes for bar in [*bars, *base])
    _picture(
        parts[0].subplots(), bars, scale, say("{year}, {world}", year=year, world=with_it(run)) if base else "", base
    )
    if base:
        _picture(parts[1].subplots(), base, scale, say("{year}, {world}", year=year, world=without(run)))
    if rows:
        before = losses(ledger_year(run, metal, year, "baseline")[1]) if base else None
        _sink_bars(parts[-1].subplots(), lost, before)
    return style.finish(figure, _title(run, metal, labels, year), caption, run.manifest)


def _title(run: Run, metal: str, labels: Labels, year: int | None) -> str:
    """The metal, the year, and how much of what reaches end of life is recycled."""
    largest, name = run.has_shock and year == effect_year(run, metal), labels.metal(metal)
    title = (
        say("{name}, {year}, the year of the largest effect: where a tonne goes", name=name, year=year)
        if largest
        else say("{name}, {year}: where a tonne goes", name=name, year=year)
    )
    rates = [_rate(run, metal, name, year) for name in (run.main, "baseline")]
    if rates[0]:
        back = say("{share} of what reaches end of life is recycled", share=rates[0])
        if run.has_shock and rates[1] != rates[0]:
            back = say("{back} ({rate} without {cause})", back=back, rate=rates[1], cause=run.cause)
        title = say("; ").join([title, back])
    return title


def _rate(run: Run, metal: str, name: str, year: int | None) -> str:
    """Mean end-of-life recycling rate of a year in per cent; "" if the run does not hold it."""
    rate = run.line(metal, "eol_recycling_rate", name)
    rate = rate[pd.DatetimeIndex(rate.index).year == year]
    return words.percent(float(rate.mean())) if len(rate) else ""


def _picture(ax: Axes, bars: list[Stage], scale: float, heading: str, base: Sequence[Stage] = ()) -> None:
    """Stages from left to right on one scale (drawing units per tonne); `base`: those without the shock, to compare."""
    back = bars[-1].tonnes * scale
    before = {bar.name: bar.tonnes for bar in base}
    ax.set_title(heading, fontsize=10, fontweight="bold", pad=3)
    places = [
        min(0.0, 0.16 - back),
        *(step * GAP for step in range(1, len(bars))),
    ]  # the loop passes right of the first
    for step, (bar, x) in enumerate(zip(bars, places, strict=True)):
        height = bar.tonnes * scale
        ax.add_patch(Rectangle((x, -height), BAR, height, color=style.INK, lw=0))
        ax.text(x + BAR / 2, 0.31, say(bar.name), ha="center", va="bottom", fontsize=8.5, fontweight="bold")
        ax.text(x + BAR / 2, 0.29, words.tonnes(bar.tonnes), ha="center", va="top", fontsize=8.5)
        change = _change(bar.tonnes, before.get(bar.name))
        ax.text(x + BAR / 2, 0.03, change, ha="center", va="bottom", fontsize=7.5, color=style.SHOCK)
        if step + 1 < len(bars):
            onward = min(bar.tonnes, max(bars[step + 1].tonnes - bars[step + 1].beside, 0.0)) * scale
            _forward(ax, x + BAR, places[step + 1], onward, bars[step + 1], scale, back if step == 0 else 0.0)
            text = f"{say(bar.residue)}\n{words.tonnes((height - onward) / scale)}"
            _residue(ax, x + BAR, height, height - onward, text)
    _loop(ax, (len(bars) - 1) * GAP + BAR, GAP, back)
    ax.set(
        xlim=(places[0] - 0.3, len(bars) * GAP - 0.3 + max(back - 0.2, 0.0)), ylim=(-1.66, 0.7 + back), aspect="equal"
    )
    ax.set_axis_off()


def _change(tonnes: float, before: float | None) -> str:
    """Change against the world without the shock in per cent, or "" where there is none to speak of."""
    if not before or abs(tonnes / before - 1) < 0.0005:
        return ""
    return words.percent(tonnes / before - 1, sign=True)


def _forward(ax: Axes, x0: float, x1: float, width: float, bar: Stage, scale: float, down: float) -> None:
    """The band from x0 to the next stage `bar` at x1, `down` below its top; what it has beyond that comes in from beside."""
    flat = x1 - JOIN if down else x1
    _band(ax, x0, 0.0, flat, -down, width, FORWARD)
    _band(ax, flat, -down, x1, -down, width, FORWARD)
    missing = bar.tonnes * scale - down - width
    if missing > 0.012:
        top = -width - down
        _band(ax, x1 - 0.32, top - 0.22, x1, top, missing, BESIDE)
        ax.text(x1 - 0.34, top - 0.22 - missing / 2, say(bar.extra), ha="right", va="center", fontsize=7)


def _band(ax: Axes, x0: float, y0: float, x1: float, y1: float, width: float, color: str) -> None:
    """A band `width` high whose top edge runs from (x0, y0) to (x1, y1)."""
    if width <= 0:
        return
    middle = (x0 + x1) / 2
    top = [(x0, y0), (middle, y0), (middle, y1), (x1, y1)]
    bottom = [(x, y - width) for x, y in reversed(top)]
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    ax.add_patch(PathPatch(Path([*top, *bottom, top[0]], codes), facecolor=color, edgecolor=color, lw=0.3))


def _residue(ax: Axes, x: float, height: float, width: float, text: str) -> None:
    """What does not go on: a band that bends down, with its name under the arrow head."""
    if width <= 0.004:
        return
    y, end, outer = -(height - width), -1.16, x + 0.05
    right, bend = outer + width, min(0.1, 0.8 * width)
    path = [
        (x, y),
        (right - bend, y),
        (right, y),
        (right, y - bend),
        (right, end),
        (outer, end),
        (outer, -height),
        (x, -height),
    ]
    codes = [Path.MOVETO, Path.LINETO, Path.CURVE3, Path.CURVE3, Path.LINETO, Path.LINETO, Path.LINETO, Path.LINETO]
    ax.add_patch(PathPatch(Path(path, codes), facecolor=LOSS, lw=0, zorder=0.5))
    middle, half = (outer + right) / 2, max((right - outer) / 2, 0.03)
    ax.add_patch(
        Polygon([(middle - half - 0.03, end), (middle + half + 0.03, end), (middle, end - 0.07)], facecolor=LOSS, lw=0)
    )
    ax.text(middle, end - 0.1, text, ha="center", va="top", fontsize=7.5)


def _loop(ax: Axes, x_from: float, x_to: float, width: float) -> None:
    """Recycled metal: up from the last stage, back over the top, down into the supply."""
    if width <= 0:
        return
    low, high = 0.53, 0.53 + width
    right, left = x_from + JOIN, x_to - JOIN
    outer = [(x_from, 0), (right + width, 0), (right + width, high), (left - width, high), (left - width, 0), (x_to, 0)]
    inner = [(x_to, -width), (left, -width), (left, low), (right, low), (right, -width), (x_from, -width)]
    ax.add_patch(Polygon([*outer, *inner], facecolor=BACK, lw=0, joinstyle="round", zorder=0.4))
    ax.text((x_from + x_to) / 2, high + 0.03, say("recycled metal returns"), ha="center", va="bottom", fontsize=8)


def _sink_bars(ax: Axes, lost: pd.Series, before: pd.Series | None = None) -> None:
    """Bars of the ledger's sinks: where metal leaves the system for good; `before`: the same without the shock."""
    shown = lost.iloc[:SINKS_SHOWN]
    if len(lost) > SINKS_SHOWN:
        shown = pd.concat([shown, pd.Series({"all others": lost.iloc[SINKS_SHOWN:].sum()})])
    rows = range(len(shown))
    ax.barh(rows, shown, color=LOSS, height=0.65)
    ax.set_yticks(list(rows), [style.plain(say(str(flow).replace("_", " "))) for flow in shown.index], fontsize=8)
    for row, (flow, value) in enumerate(shown.items()):
        change = _change(value, float(before.get(flow, 0.0))) if before is not None else ""
        text = say("{cause} ({change})", cause=words.tonnes(value), change=change) if change else words.tonnes(value)
        ax.text(value, row, f" {text}", va="center", fontsize=8)
    ax.set_ylim(len(shown) - 0.5, -0.5)
    ax.set_xlim(0, 1.25 * float(shown.max()))
    title = (
        say("Lost for good in that year, by the ledger (metal)")
        if before is None
        else say(
            "Lost for good in that year in this run, in brackets against the world without what happens, by the ledger (metal)"
        )
    )
    ax.set_title(title, fontsize=8.5)
    ax.grid(visible=False)
    ax.set_xticks([])
    ax.tick_params(axis="y", length=0)
    ax.spines[["bottom", "left"]].set_visible(False)
