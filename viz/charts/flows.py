"""Where a tonne goes: one year of the ledger from the mine to use, end of life and back."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Polygon, Rectangle
from matplotlib.path import Path

from lodeflow.viz import style, words
from lodeflow.viz.charts.common import no_data
from lodeflow.viz.frames import Labels, Run

GAP, BAR = 1.0, 0.11  # distance between the stages and width of their bars (drawing units)
JOIN = 0.4  # where the recycling loop leaves and enters, beside a stage
SINKS_SHOWN = 5
LOSS, BACK, FORWARD, BESIDE = "#e0b9a0", "#7fc4b3", "#b9c6d6", "#d8d0a8"
LOST_KINDS = ("sink", "beside")


@dataclass(frozen=True)
class Stage:
    """One bar of the picture: what reaches it (t in the year) and what happens to what it does not pass on."""

    name: str
    tonnes: float
    residue: str = ""  # name of what does not go on to the next stage
    beside: float = 0.0  # t that are known not to come from the stage before
    extra: str = "from\nstocks"  # name of what comes in beside the stage before


def ledger_year(run: Run, metal: str, year: int | None = None) -> tuple[int | None, pd.DataFrame]:
    """The year shown and its ledger (index flow; columns tonnes, kind), without the levels of stocks.

    Without a `year`: the last whole calendar year of the run, or the last year begun if none is whole.
    """
    rows = run.ledger[
        (run.ledger["metal"] == metal) & (run.ledger["run"] == run.main) & (run.ledger["kind"] != "stock")
    ]
    years = rows["date"].dt.year
    if year is None and len(rows):
        months = rows.groupby(years)["date"].nunique()
        whole = months[months == 12]
        year = int((whole if len(whole) else months).index[-1])
    chosen = rows[years == year].groupby("flow", observed=True)
    return year, pd.DataFrame({"tonnes": chosen["tonnes"].sum(), "kind": chosen["kind"].first()})


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


@style.styled
def flow_picture(run: Run, metal: str, labels: Labels | None = None, year: int | None = None) -> Figure:
    """Flow picture of one year (t): bands as wide as the flows, losses drop down, recycling loops back on top."""
    labels = labels or Labels()
    year, table = ledger_year(run, metal, year)
    bars = stages(table)
    caption = (
        "Bands are as wide as the flows. Down: lost, put into stock or staying in use. Loop: recycled metal returns."
    )
    if not bars:
        figure = style.new_figure(3)
        no_data(figure.subplots())
        return style.finish(figure, f"{labels.metal(metal)}: where a tonne goes", caption, run.manifest)
    lost = losses(table)
    rows = min(len(lost), SINKS_SHOWN + 1)
    room = 0.55 + 0.24 * rows if rows else 0.01
    figure = style.new_figure(3.6 + room)
    halves = figure.subfigures(2, 1, height_ratios=[3.6, room], squeeze=False)
    _picture(halves[0, 0].subplots(), bars)
    if rows:
        _sink_bars(halves[1, 0].subplots(), lost)
    rate = run.line(metal, "eol_recycling_rate")
    rate = rate[pd.DatetimeIndex(rate.index).year == year]
    title = f"{labels.metal(metal)}, {year}: where a tonne goes"
    if len(rate):
        title += f"; {words.percent(float(rate.mean()))} of what reaches end of life is recycled"
    return style.finish(figure, title, caption, run.manifest)


def _picture(ax: Axes, bars: list[Stage]) -> None:
    """Stages from left to right, all on one scale: drawing units per tonne."""
    scale = 1.0 / max(bar.tonnes for bar in bars)
    back = bars[-1].tonnes * scale
    for step, bar in enumerate(bars):
        height, x = bar.tonnes * scale, step * GAP
        ax.add_patch(Rectangle((x, -height), BAR, height, color=style.INK, lw=0))
        ax.text(x + BAR / 2, 0.24, bar.name, ha="center", va="bottom", fontsize=8.5, fontweight="bold")
        ax.text(x + BAR / 2, 0.22, words.tonnes(bar.tonnes), ha="center", va="top", fontsize=8.5)
        if step + 1 < len(bars):
            onward = min(bar.tonnes, max(bars[step + 1].tonnes - bars[step + 1].beside, 0.0)) * scale
            _forward(ax, step, onward, bars[step + 1], scale, back if step == 0 else 0.0)
            text = f"{bar.residue}\n{words.tonnes((height - onward) / scale)}"
            _residue(ax, x + BAR, height, height - onward, text)
    _loop(ax, (len(bars) - 1) * GAP + BAR, GAP, back)
    ax.set(xlim=(-0.3, len(bars) * GAP - 0.3), ylim=(-1.66, 0.62 + back), aspect="equal")
    ax.set_axis_off()


def _forward(ax: Axes, step: int, width: float, bar: Stage, scale: float, down: float) -> None:
    """The band to the next stage `bar`, `down` below its top; what it has beyond that comes in from beside."""
    x0, x1 = step * GAP + BAR, (step + 1) * GAP
    flat = x1 - JOIN if down else x1
    _band(ax, x0, 0.0, flat, -down, width, FORWARD)
    _band(ax, flat, -down, x1, -down, width, FORWARD)
    missing = bar.tonnes * scale - down - width
    if missing > 0.012:
        top = -width - down
        _band(ax, x1 - 0.32, top - 0.22, x1, top, missing, BESIDE)
        ax.text(x1 - 0.34, top - 0.22 - missing / 2, bar.extra, ha="right", va="center", fontsize=7)


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
