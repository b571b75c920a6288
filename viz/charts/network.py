"""The trade network before and during a shock, on a plain map of the world."""

from __future__ import annotations

from math import log, sqrt
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch

from lodeflow.viz import style, words, wrapping
from lodeflow.viz.charts.common import form_words, no_data, traded_form, years_compared
from lodeflow.viz.charts.registry import in_report
from lodeflow.viz.countries import outlines
from lodeflow.viz.frames import Labels, Run
from lodeflow.viz.language import say

if TYPE_CHECKING:
    import networkx as nx

SHOWN = 22  # flows drawn per map
NAMED = 9  # places named per map
CHANGED, LOST = 1.25, 0.25  # a flow that grew by a quarter stands out; one that lost three quarters is closed
LARGE = 0.01  # share of all trade from which a change is worth a colour
WINDOW = (-150.0, 180.0, -50.0, 74.0)  # degrees west, east, south, north
REST_AT = (-28.0, -38.0)  # a place that the tables do not know is drawn in the South Atlantic
SEA, LAND, GREY = "#ffffff", "#ececec", "#8a8a8a"


def trade_graph(rows: pd.DataFrame, factor: float = 1.0) -> nx.DiGraph:
    """Directed graph of the trade rows: edges with `tonnes` (x factor), nodes with `traded` (in + out) and `own`."""
    import networkx as nx  # takes a tenth of what a process imports that draws no map

    graph: nx.DiGraph = nx.DiGraph()
    sums = rows.groupby(["exporter", "importer"], observed=True)["tonnes"].sum() * factor
    table = sums[sums > 0].reset_index()
    for seller, buyer, tonnes in zip(table["exporter"], table["importer"], table["tonnes"], strict=True):
        graph.add_nodes_from((seller, buyer))
        if seller == buyer:
            graph.nodes[seller]["own"] = float(tonnes)
        else:
            graph.add_edge(seller, buyer, tonnes=float(tonnes))
    for place, data in graph.nodes(data=True):
        data.setdefault("own", 0.0)
        data["traded"] = graph.in_degree(place, "tonnes") + graph.out_degree(place, "tonnes")
    return graph


@in_report(40)
@style.styled
def network(run: Run, metal: str, labels: Labels | None = None) -> Figure:
    """Two maps: trade of `metal` between countries in the year before the shock and in the year of it."""
    labels = labels or Labels()
    form = traded_form(run, metal)
    years = years_compared(run, metal, form)
    figure = style.new_figure(8.1 if years else 3.0)
    caption = say("Arrows run from seller to buyer, wider for more metal; circles grow with what a country trades.")
    if years is None:
        no_data(figure.subplots(), say("no trade to compare in this run"))
        title = say("{what}: the trade network", what=words.capital(form_words(metal, form, labels)))
        return style.finish(figure, title, caption, run.manifest)
    before, after = (trade_graph(part, f) for part, f in zip((years.before, years.after), years.factors, strict=True))
    largest = max([*_flows(before).values(), *_flows(after).values()], default=1.0)
    top, below = figure.subplots(2, 1)
    _map(top, before, {}, largest, labels, say("Before: {months}", months=years.before_text))
    _map(
        below, after, _closed(before, after), largest, labels, say("During: {months}", months=years.after_text), before
    )
    _key(below, largest)
    return style.finish(figure, _title(metal, form, before, after, labels), caption, run.manifest)


def _closed(before: nx.DiGraph, after: nx.DiGraph) -> dict[tuple[str, str], float]:
    """Flows that lost at least three quarters of what they carried: (seller, buyer) -> t per year lost."""
    floor = LARGE * _traded(before)
    now = _flows(after)
    flows = {pair: (tonnes, now.get(pair, 0.0)) for pair, tonnes in _flows(before).items()}
    return {pair: was - left for pair, (was, left) in flows.items() if was >= floor and left <= LOST * was}


def _flows(graph: nx.DiGraph) -> dict[tuple[str, str], float]:
    """Trade between countries, largest first: (seller, buyer) -> t per year."""
    flows = {(str(a), str(b)): float(data["tonnes"]) for a, b, data in graph.edges(data=True)}
    return dict(sorted(flows.items(), key=lambda item: item[1], reverse=True))


def _traded(graph: nx.DiGraph) -> float:
    """All that is traded between countries, t per year."""
    return sum(_flows(graph).values())


def _sizes(graph: nx.DiGraph, pairs: list[tuple[str, str]]) -> dict[str, float]:
    """Diameter in points of each place's circle: its area grows with what the place trades."""
    traded = {place: graph.nodes[place]["traded"] if place in graph else 0.0 for pair in pairs for place in pair}
    largest = max(traded.values(), default=0.0) or 1.0
    return {place: sqrt(12 + 150 * tonnes / largest) for place, tonnes in traded.items()}


def _map(
    ax: Axes,
    graph: nx.DiGraph,
    closed: dict[tuple[str, str], float],
    largest: float,
    labels: Labels,
    title: str,
    before: nx.DiGraph | None = None,
) -> None:
    _ground(ax)
    ax.set_title(title, pad=3)
    still = [(pair, tonnes) for pair, tonnes in _flows(graph).items() if pair not in closed]
    drawn = {pair: tonnes for pair, tonnes in still[:SHOWN] if tonnes >= 0.003 * largest}
    floor = LARGE * _traded(before) if before is not None else 0.0
    size = _sizes(graph, [*drawn, *closed])
    for (a, b), tonnes in drawn.items():
        was = before.edges[a, b]["tonnes"] if before is not None and before.has_edge(a, b) else 0.0
        color = GREY if before is None else _change_color(was, tonnes, floor)
        _arrow(ax, _at(a, labels), _at(b, labels), tonnes / largest, color, color != GREY, gap=size[b])
    for (a, b), tonnes in closed.items():
        _arrow(ax, _at(a, labels), _at(b, labels), tonnes / largest, style.SHOCK, True, dashed=True, gap=size[b])
    _places(ax, size, [*drawn, *closed], labels, rank=before)


def _change_color(was: float, now: float, floor: float) -> str:
    """Colour of a flow that changed by a quarter and by more than `floor` (t per year), grey for the others."""
    if now > max(CHANGED * was, was + floor):
        return style.INSIDE
    return style.SHOCK if was > max(CHANGED * now, now + floor) else GREY


def _ground(ax: Axes) -> None:
    """Land alone: no graticule, no frame."""
    ax.set_facecolor(SEA)
    ax.add_collection(PolyCollection(outlines(), facecolor=LAND, edgecolor=SEA, lw=0.4, zorder=0))
    ax.set(xlim=WINDOW[:2], ylim=WINDOW[2:], aspect=1.12)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.grid(visible=False)
    for spine in ax.spines.values():
        spine.set_visible(False)


def _at(place: str, labels: Labels) -> tuple[float, float]:
    lon, lat = labels.places.get(place, REST_AT)
    return min(max(lon, WINDOW[0] + 4), WINDOW[1] - 4), min(max(lat, WINDOW[2] + 4), WINDOW[3] - 4)


def _arrow(
    ax: Axes,
    a: tuple[float, float],
    b: tuple[float, float],
    weight: float,
    color: str,
    strong: bool,
    *,
    dashed: bool = False,
    gap: float = 8,
) -> None:
    width = _width(weight)
    ax.add_patch(
        FancyArrowPatch(
            a,
            b,
            connectionstyle="arc3,rad=-0.18",
            arrowstyle=f"-|>,head_length={2.5 + 0.5 * width},head_width={1.4 + 0.32 * width}",
            lw=max(width, 1.2) if strong else width,
            ls=(0, (3, 1.6)) if dashed else "-",
            color=color,
            alpha=0.85 if strong else 0.55,
            shrinkA=2,
            shrinkB=gap / 2 + 1,
            zorder=3 if strong else 2,
            capstyle="butt",
            joinstyle="miter",
        )
    )


def _width(weight: float) -> float:
    """Line width in points for a share of the largest flow."""
    return 0.6 + 6.0 * sqrt(max(weight, 0.0))


def _places(
    ax: Axes, size: dict[str, float], pairs: list[tuple[str, str]], labels: Labels, rank: nx.DiGraph | None
) -> None:
    """A circle per trading place; names for the largest (now or before), shifted where two would touch."""
    for place, diameter in size.items():
        x, y = _at(place, labels)
        ax.scatter(x, y, s=diameter**2, color=style.INK, edgecolor="white", lw=0.8, zorder=4)
    weight = dict(size) if rank is None else {p: max(d, _sizes(rank, pairs)[p]) for p, d in size.items()}
    taken: list[tuple[float, float, float]] = []
    for place in sorted(weight, key=weight.__getitem__, reverse=True)[:NAMED]:
        x, y = _at(place, labels)
        text = labels.region(place)
        half = 2.6 * wrapping.width(text) / 2
        spots = [(x, y - 8.5), (x, y + 7.5), (x + half + 5, y), (x - half - 5, y), (x, y - 14)]
        free = next((s for s in spots if all(abs(s[0] - u) > half + h or abs(s[1] - v) > 6 for u, v, h in taken)), None)
        if free is None:
            continue
        taken.append((free[0], free[1], half))
        box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.65, "pad": 0.6}
        ax.text(*free, style.plain(text), ha="center", va="center", fontsize=7.5, zorder=6, bbox=box)


def _key(ax: Axes, largest: float) -> None:
    size = 10 ** int(log(max(largest, 1.0), 10))
    handles = [
        Line2D([], [], color=GREY, lw=_width(size / largest), label=say("{tonnes} a year", tonnes=words.tonnes(size))),
        Line2D([], [], color=style.INSIDE, lw=3, label=say("grown by a quarter or more")),
        Line2D([], [], color=style.SHOCK, lw=3, label=say("shrunk by a fifth or more")),
        Line2D([], [], color=style.SHOCK, lw=3, ls=(0, (3, 1.6)), label=say("closed, or nearly so")),
    ]
    ax.legend(handles=handles, loc="lower left", fontsize=8, labelspacing=0.8, borderaxespad=0.1)


def _title(metal: str, form: str, before: nx.DiGraph, after: nx.DiGraph, labels: Labels) -> str:
    what = words.capital(form_words(metal, form, labels))
    was, now = _traded(before), _traded(after)
    change = say(
        "{what} traded between countries: {was} a year before, {now} during",
        what=what,
        was=words.tonnes(was),
        now=words.tonnes(now),
    )
    now_flows = _flows(after)
    losses = {pair: tonnes - now_flows.get(pair, 0.0) for pair, tonnes in _flows(before).items()}
    (seller, buyer), lost = max(losses.items(), key=lambda item: item[1], default=(("", ""), 0.0))
    if lost < LARGE * was or lost <= 0:
        return say("{change}; no large flow shrinks", change=change)
    return say(
        "{change}; largest loss {seller} to {buyer} ({lost})",
        change=change,
        seller=labels.region(seller),
        buyer=labels.region(buyer),
        lost=words.tonnes(lost),
    )
