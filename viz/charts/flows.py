"""Where a tonne goes: one year of the ledger from the mine to use, end of life and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Polygon, Rectangle
from matplotlib.path import Path

from viz import style, words
from viz.charts.common import no_data
from viz.frames import Labels, Run

GAP, BAR = 1.0, 0.11  # distance between the stages and width of their bars (drawing units)
JOIN = 0.4  # where the recycling loop leaves and enters, beside a stage
SINKS_SHOWN = 5
LOSS, BACK, FORWARD = "#e0b9a0", "#7fc4b3", "#b9c6d6"


@dataclass(frozen=True)
class Balance:
    """t in one year. What the steps do not pass on is lost or goes into stocks; what they gain comes from stocks."""

    mined: float
    refined: float  # primary metal
    secondary: float  # recycled metal
    used: float  # bought by manufacturers
    into_use: float  # in products that reach their users
    end_of_life: float
    collected: float
    added: float  # growth of the metal in use


def _years(line: pd.Series) -> np.ndarray:
    return pd.DatetimeIndex(line.index).year.to_numpy()


def year_shown(run: Run, metal: str) -> int | None:
    """The last whole calendar year of the run; the last year begun if none is whole."""
    line = run.line(metal, "use")
    if line.empty:
        return None
    months = line.groupby(_years(line)).size()
    whole = months[months == 12]
    return int((whole if len(whole) else months).index[-1])


def balance(run: Run, metal: str, year: int) -> Balance | None:
    """The world's flows of `metal` in `year` (t), from the series of the main run; None without use."""

    def total(line: pd.Series) -> float:
        return float(line[_years(line) == year].sum())

    used = total(run.line(metal, "use"))
    if used <= 0:
        return None
    stock = run.line(metal, "in_use_stock")
    before, during = stock[_years(stock) < year], stock[_years(stock) == year]
    added = (
        float(during.iloc[-1] - (before if len(before) else during).iloc[-1 if len(before) else 0])
        if len(during)
        else 0.0
    )
    if len(during) > 1 and not len(before):
        added *= len(during) / (len(during) - 1)  # the first month's growth is not known
    end_of_life = total(run.line(metal, "end_of_life"))
    refined = total(run.line(metal, "production", form="refined"))
    return Balance(
        mined=total(run.feed(metal, "production")) or refined,
        refined=refined,
        secondary=total(run.line(metal, "secondary_supply")),
        used=used,
        into_use=max(added + end_of_life, 0.0),
        end_of_life=end_of_life,
        collected=total(run.line(metal, "collected")),
        added=added,
    )


def sinks(run: Run, metal: str, year: int) -> pd.Series:
    """What left the system in `year` (t), by flow of the ledger, largest first."""
    rows = run.ledger[(run.ledger["metal"] == metal) & (run.ledger["run"] == run.main) & (run.ledger["kind"] == "sink")]
    rows = rows[rows["date"].dt.year == year]
    out = rows.groupby("flow", observed=True)["tonnes"].sum().abs().sort_values(ascending=False)
    return out[out > 0]


@style.styled
def flow_picture(run: Run, metal: str, labels: Labels | None = None, year: int | None = None) -> Figure:
    """Flow picture of one year (t): bands as wide as the flows, losses drop down, recycling loops back on top."""
    labels = labels or Labels()
    year = year or year_shown(run, metal)
    flows = balance(run, metal, year) if year is not None else None
    caption = (
        "Bands are as wide as the flows. Down: lost, put into stock or staying in use. Loop: recycled metal returns."
    )
    if year is None or flows is None:
        figure = style.new_figure(3)
        no_data(figure.subplots())
        return style.finish(figure, f"{labels.metal(metal)}: where a tonne goes", caption, run.manifest)
    lost = sinks(run, metal, year)
    rows = min(len(lost), SINKS_SHOWN + 1)
    room = 0.55 + 0.24 * rows if rows else 0.01
    figure = style.new_figure(3.6 + room)
    halves = figure.subfigures(2, 1, height_ratios=[3.6, room], squeeze=False)
    _picture(halves[0, 0].subplots(), flows)
    if rows:
        _sink_bars(halves[1, 0].subplots(), lost)
    rate = flows.secondary / flows.end_of_life if flows.end_of_life > 0 else 0.0
    title = f"{labels.metal(metal)}, {year}: where a tonne goes"
    if flows.end_of_life > 0:
        title += f"; recycling gives back {words.percent(rate)} of what reaches end of life"
    return style.finish(figure, title, caption, run.manifest)


def _picture(ax: Axes, flows: Balance) -> None:
    """Stages from left to right, all on one scale: drawing units per tonne."""
    entering = flows.refined + flows.secondary
    stages = [
        ("Mined", flows.mined, flows.refined, "mine, refinery\nlosses, stocks"),
        ("Supply", entering, min(flows.used, entering), "into\nstocks"),
        ("Manufacturing", flows.used, min(flows.into_use, flows.used), "scrap and losses\nin manufacturing"),
        ("Into use", flows.into_use, min(flows.end_of_life, flows.into_use), "stays\nin use"),
        ("End of life", flows.end_of_life, min(flows.collected, flows.end_of_life), "not\ncollected"),
        ("Collected", flows.collected, min(flows.secondary, flows.collected), "lost in\nseparation"),
        ("Recycled", flows.secondary, flows.secondary, ""),
    ]
    scale = 1.0 / max(value for _, value, _, _ in stages)
    for step, (name, value, onward, residue) in enumerate(stages):
        height, x = value * scale, step * GAP
        ax.add_patch(Rectangle((x, -height), BAR, height, color=style.INK, lw=0))
        ax.text(x + BAR / 2, 0.24, name, ha="center", va="bottom", fontsize=8.5, fontweight="bold")
        ax.text(x + BAR / 2, 0.22, words.tonnes(value), ha="center", va="top", fontsize=8.5)
        if step + 1 < len(stages):
            _forward(ax, step, onward * scale, stages[step + 1][1] * scale, flows.secondary * scale)
            _residue(ax, x + BAR, height, (value - onward) * scale, f"{residue}\n{words.tonnes(value - onward)}")
    _loop(ax, (len(stages) - 1) * GAP + BAR, GAP, flows.secondary * scale)
    ax.set(xlim=(-0.3, len(stages) * GAP - 0.3), ylim=(-1.66, 0.62 + flows.secondary * scale), aspect="equal")
    ax.set_axis_off()


def _forward(ax: Axes, step: int, width: float, next_height: float, back: float) -> None:
    """The band to the next stage; under recycled metal where that joins the supply."""
    x0, x1 = step * GAP + BAR, (step + 1) * GAP
    down = back if step == 0 else 0.0
    flat = x1 - JOIN if down else x1
    _band(ax, x0, 0.0, flat, -down, width, FORWARD)
    _band(ax, flat, -down, x1, -down, width, FORWARD)
    missing = next_height - width - down
    if missing > 0.012:  # comes out of stocks
        _band(ax, x1 - 0.45, -width - down - 0.35, x1, -width - down, missing, "#d8d0a8")
        ax.text(x1 - 0.47, -width - down - 0.35 - missing / 2, "from\nstocks", ha="right", va="center", fontsize=7)


def _band(ax: Axes, x0: float, y0: float, x1: float, y1: float, width: float, color: str) -> None:
    """A band `width` high whose top edge runs from (x0, y0) to (x1, y1)."""
    if width <= 0:
        return
    middle = (x0 + x1) / 2
    top = [(x0, y0), (middle, y0), (middle, y1), (x1, y1)]
    bottom = [(x, y - width) for x, y in reversed(top)]
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    ax.add_patch(PathPatch(Path([*top, *bottom, top[0]], codes), facecolor=color, lw=0))


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
    low, high = 0.46, 0.46 + width
    right, left = x_from + JOIN, x_to - JOIN
    outer = [(x_from, 0), (right + width, 0), (right + width, high), (left - width, high), (left - width, 0), (x_to, 0)]
    inner = [(x_to, -width), (left, -width), (left, low), (right, low), (right, -width), (x_from, -width)]
    ax.add_patch(Polygon([*outer, *inner], facecolor=BACK, lw=0, joinstyle="round", zorder=0.4))
    ax.text((x_from + x_to) / 2, high + 0.03, "recycled metal returns", ha="center", va="bottom", fontsize=8)


def _sink_bars(ax: Axes, lost: pd.Series) -> None:
    """Bars of the ledger's sinks: where metal leaves the system for good."""
    shown = lost.iloc[:SINKS_SHOWN]
    if len(lost) > SINKS_SHOWN:
        shown = pd.concat([shown, pd.Series({"all others": lost.iloc[SINKS_SHOWN:].sum()})])
    rows = range(len(shown))
    ax.barh(rows, shown, color=LOSS, height=0.65)
    ax.set_yticks(list(rows), [style.plain(str(flow).replace("_", " ")) for flow in shown.index], fontsize=8)
    for row, value in zip(rows, shown, strict=True):
        ax.text(value, row, f" {words.tonnes(value)}", va="center", fontsize=8)
    ax.set_ylim(len(shown) - 0.5, -0.5)
    ax.set_xlim(0, 1.15 * float(shown.max()))
    ax.set_title("Lost for good in that year, by the ledger (t of metal)", fontsize=8.5)
    ax.grid(visible=False)
    ax.set_xticks([])
    ax.tick_params(axis="y", length=0)
    ax.spines[["bottom", "left"]].set_visible(False)
