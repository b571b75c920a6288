"""The flow diagram of a country: where the tonnes of a metal come from, go to, stay and are lost, on one scale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Polygon, Rectangle
from matplotlib.path import Path

from lodeflow.experiments.analysis.flows import picture
from lodeflow.experiments.analysis.flows.picture import BOXES, Box, boxes
from lodeflow.viz import style, words
from lodeflow.viz.colors import ACCOUNT
from lodeflow.viz.frames import WORLD, Labels

if TYPE_CHECKING:
    from lodeflow.experiments.analysis.flows.report import Flows

STEP, BAR, TALL = 1.0, 0.1, 1.15  # distance between boxes, width of a bar, height of the largest (drawing units)
ROOM = 0.55  # more between mining and refining, where imports of ore may be as high as the largest bar
NARROW = 0.12  # width of a band up to which its number stands beside its arrow
LEAST = 0.004  # of the largest box: thinner bands are not drawn, their number is
"""Onward at home, imports, exports, lost, into or out of stock, recycled."""
WORDS = {
    "in": "imports",
    "out": "exports",
    "lost": "lost (tailings, slag, landfill, rejects)",
    "stock": "into or out of stock",
    "on": "onward at home",
    "back": "scrap and recycled metal",
}
OVER = ((picture.RECYCLING, picture.METAL), (picture.MAKING, picture.SCRAP))
"""Flows between boxes that do not stand side by side."""
LOOP, NEW, NAMES = 0.62, 0.44, 1.2
"""Heights above the bars of recycled metal that goes back, of new scrap that goes on, and of the names."""


@style.styled
def flow_diagram(flows: Flows, labels: Labels | None = None) -> Figure:
    """Flow diagram of a region: bars are what each stage took in, bands are as wide as the flows, t in the years shown."""
    labels = labels or Labels()
    found = boxes(flows.account, flows.members)
    figure = style.new_figure(5.6)
    ax = figure.subplots()
    scale = TALL / max(max(box.taken for box in found), 1e-12)
    places = {box.name: number * STEP + (ROOM if number else 0.0) for number, box in enumerate(found)}
    for box in found:
        _bar(ax, box, places[box.name], scale)
    for box in found:
        _bands(ax, box, places, {other.name: other for other in found}, scale)
    for ends in OVER:
        _over(ax, {box.name: box for box in found}, ends, places, scale)
    ax.set(xlim=(-0.4, (len(found) - 1) * STEP + ROOM + 0.5), ylim=(-1.35, TALL + NAMES + 0.2))
    ax.set_axis_off()
    handles = [
        Rectangle((0, 0), 1, 1, facecolor=ACCOUNT[name], alpha=ALPHA, label=text) for name, text in WORDS.items()
    ]
    ax.legend(handles=handles, loc="lower center", ncols=3, fontsize=8, bbox_to_anchor=(0.5, -0.04))
    caption = "Bars: what a stage took in; bands are as wide as the flows, metal content. Every stage passes on what it takes in."
    return style.finish(figure, _title(flows, found, labels), caption, flows.made_from)


ALPHA = 0.6


def _title(flows: Flows, found: list[Box], labels: Labels) -> str:
    """The finding: how much of what comes in was bought abroad, or recycled, and the largest share of its origin."""
    where = f"{labels.metal(flows.metal)}, {labels.region(flows.region)}, {flows.span}"
    by_name = {box.name: box for box in found}
    made, kept = by_name[picture.MAKING].taken, by_name[picture.USE].taken
    if made <= 0.0:
        return f"{where}: {words.tonnes(by_name[picture.MINING].taken)} of ore metal, nothing is made of it"
    routes = flows.tables["routes"].set_index("route")["share"]
    first = routes.idxmax() if len(routes) else ""
    first = str(first).removeprefix("domestic ") if flows.region == WORLD else first  # the world has no abroad
    share = f"{words.percent(float(routes.max()))} of the metal bought is {first}; " if len(routes) else ""
    return f"{where}: {share}makers take {words.tonnes(made)}, {words.tonnes(kept)} come into use"


def _bar(ax: Axes, box: Box, x: float, scale: float) -> None:
    height = box.taken * scale
    ax.add_patch(Rectangle((x - BAR / 2, TALL - height), BAR, height, color=style.INK, lw=0, zorder=3))
    ax.text(x, TALL + NAMES, box.name, ha="center", va="bottom", fontsize=9, fontweight="bold")
    ax.text(x, TALL + NAMES - 0.02, words.tonnes(box.taken), ha="center", va="top", fontsize=9)


def _ahead(box: Box) -> str:
    """The next box to the right; "" for the last."""
    names = list(BOXES)
    after = names.index(box.name) + 1
    return names[after] if after < len(names) else ""


def _before(box: Box) -> str:
    names = list(BOXES)
    return names[names.index(box.name) - 1] if names.index(box.name) else ""


def _entry(box: Box, scale: float) -> float:
    """Height at which what comes from the box to the left enters: below imports and what comes from elsewhere."""
    elsewhere = sum(tonnes for name, tonnes in box.came.items() if name != _before(box))
    return TALL - (box.imports + (elsewhere if box.name != picture.MINING else 0.0)) * scale


def _bands(ax: Axes, box: Box, places: dict[str, float], others: dict[str, Box], scale: float) -> None:
    """What leaves a box to the right and down, and what enters it from above and below."""
    x, ahead = places[box.name], _ahead(box)
    level = TALL - sum(box.went.get(end, 0.0) for start, end in OVER if start == box.name) * scale
    onward = box.went.get(ahead, 0.0)
    if onward * scale > LEAST:
        _band(ax, x + BAR / 2, level, places[ahead] - BAR / 2, _entry(others[ahead], scale), onward * scale)
    level -= onward * scale
    falls = [("out", box.exports), ("lost", box.lost), ("stock", max(box.stored, 0.0))]
    wide, shift = sum(tonnes for _, tonnes in falls) * scale, 0.0
    for number, (kind, tonnes) in enumerate(falls):
        width = tonnes * scale
        if width > LEAST:
            outer = x + BAR / 2 + 0.03 + wide - shift - width
            _fall(ax, x + BAR / 2, level, outer, width, kind, number, words.tonnes(tonnes))
            shift += width
            level -= width
    if box.imports * scale > LEAST:
        _rain(ax, x - BAR / 2, TALL, box.imports * scale, words.tonnes(box.imports))
    if -box.stored * scale > LEAST:
        _rise(ax, x - BAR / 2, TALL - box.taken * scale, -box.stored * scale, words.tonnes(-box.stored))


def _patch(ax: Axes, points: list[tuple[float, float]], codes: list[Any], kind: str, zorder: float = 1.0) -> None:
    ax.add_patch(PathPatch(Path(points, codes), facecolor=ACCOUNT[kind], alpha=ALPHA, lw=0, zorder=zorder))


def _band(ax: Axes, x0: float, y0: float, x1: float, y1: float, width: float) -> None:
    """From the top y0 at x0 to the top y1 at x1."""
    middle = (x0 + x1) / 2
    top = [(x0, y0), (middle, y0), (middle, y1), (x1, y1)]
    bottom = [(x, y - width) for x, y in reversed(top)]
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    _patch(ax, [*top, *bottom, top[0]], codes, "on")


LEVELS = (-0.42, -0.68, -0.94)
"""Where the arrows of exports, of losses and into stock end."""


def _fall(ax: Axes, x: float, y: float, outer: float, width: float, kind: str, number: int, text: str) -> None:
    """A band that leaves at height y, bends down and ends in an arrow."""
    end = LEVELS[number]
    points = [
        (x, y),
        (outer + width, y),
        (outer + width, end),
        (outer, end),
        (outer, y - width),
        (x, y - width),
        (x, y),
    ]
    _patch(ax, points, [Path.MOVETO, *[Path.LINETO] * 5, Path.CLOSEPOLY], kind)
    middle, half = outer + width / 2, max(width / 2, 0.02) + 0.02
    head = [(middle - half, end), (middle + half, end), (middle, end - 0.07)]
    ax.add_patch(Polygon(head, facecolor=ACCOUNT[kind], alpha=ALPHA, lw=0))
    if width > NARROW:
        ax.text(middle, end - 0.08, text, ha="center", va="top", fontsize=8)
    else:
        ax.text(middle + half + 0.02, end - 0.02, text, ha="left", va="center", fontsize=8)


def _rain(ax: Axes, x: float, y: float, width: float, text: str) -> None:
    """Imports: from above into the top of a bar."""
    right = x - 0.06
    top = y + 0.3
    points = [
        (x, y),
        (right, y),
        (right, top),
        (right - width, top),
        (right - width, y - width),
        (x, y - width),
        (x, y),
    ]
    _patch(ax, points, [Path.MOVETO, *[Path.LINETO] * 5, Path.CLOSEPOLY], "in", 1.5)
    ax.text(right - width / 2, top + 0.02, text, ha="center", va="bottom", fontsize=8)


def _rise(ax: Axes, x: float, y: float, width: float, text: str) -> None:
    """What comes out of stock: from below into the foot of a bar."""
    right = x - 0.06
    low = y - 0.18
    points = [(x, y + width), (right - width, y + width), (right - width, low), (right, low), (right, y), (x, y)]
    _patch(ax, [*points, points[0]], [Path.MOVETO, *[Path.LINETO] * 5, Path.CLOSEPOLY], "stock", 1.5)
    ax.text(right - width / 2, low - 0.02, text, ha="center", va="top", fontsize=8)


def _over(ax: Axes, found: dict[str, Box], ends: tuple[str, str], places: dict[str, float], scale: float) -> None:
    """Recycled metal back to refined metal, and new scrap from making on to scrap: out of the top of a bar and over the others."""
    source, target = ends
    tonnes = found[source].went.get(target, 0.0)
    width = tonnes * scale
    if width <= LEAST:
        return
    back = places[target] < places[source]
    high = TALL + (LOOP if back else NEW)
    x0, x1, y0 = places[source] + BAR / 2, places[target] - BAR / 2, TALL
    y1 = TALL - found[target].imports * scale
    up, down = (
        x0 + 0.05,
        x1 - 0.1 - found[target].imports * scale,
    )  # left edge of the pipe up, right edge of the pipe down
    inner, outer = (high, high + width)
    if back:
        points = [(x0, y0 - width), (up + width, y0 - width), (up + width, outer), (down - width, outer)]
        points += [(down - width, y1 - width), (x1, y1 - width), (x1, y1), (down, y1), (down, inner), (up, inner)]
        points += [(up, y0), (x0, y0)]
    else:
        points = [(x0, y0), (up, y0), (up, outer), (down, outer), (down, y1), (x1, y1), (x1, y1 - width)]
        points += [(down - width, y1 - width), (down - width, inner), (up + width, inner), (up + width, y0 - width)]
        points += [(x0, y0 - width)]
    _patch(ax, [*points, points[0]], [Path.MOVETO, *[Path.LINETO] * (len(points) - 1), Path.CLOSEPOLY], "back", 0.8)
    ax.text((x0 + x1) / 2, outer + 0.01, words.tonnes(tonnes), ha="center", va="bottom", fontsize=8)
