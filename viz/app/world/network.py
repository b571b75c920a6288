"""The trade network of one metal in one month, laid out on a map of the world or along the chain, ready to be drawn."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import floor, log10, sqrt
from typing import Any

import numpy as np

from lodeflow.experiments.run.moved import place_moved
from lodeflow.viz.app import figures
from lodeflow.viz.app.texts import REST, Texts
from lodeflow.viz.app.world.frame import Frame
from lodeflow.viz.app.world.track import View
from lodeflow.viz.countries import shapes

WIDTH, HEIGHT = 1000.0, 430.0
WEST, EAST, SOUTH, NORTH = -150.0, 180.0, -50.0, 74.0
REST_BOX = (6.0, 350.0, 244.0, 74.0)
"""Left, top, width and height of the box, at the edge of the map, that holds the place without a position."""
REST_AT = (42.0, 387.0)
"""Where its circle stands in the box."""
LETTER, WIDE_LETTER, LINE = 6.0, 10.5, 24.0
"""Half the width of a letter, of a Chinese one, and the height of a line of the names, in the units of the picture."""
SHOWN = 36
"""Flows drawn at most."""
SMALLEST = 0.004
"""Share of the largest flow below which a flow is not drawn."""
FIRST, NAMED = 3, 9
"""Places whose names are sure of room, and that have names at all; flows come between the two."""
TOLD = 5
"""Flows whose tonnes stand beside them."""
ALONG, ASIDE = (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8), ((0, 0), (0, -1), (0, 1), (1, 0), (-1, 0))
"""Where they may stand: share of the way; on the arrow, or right of and below it by half their width and a line."""
RADIUS = 24.0
"""Radius of the largest circle, in the units of the picture."""
CLOSED = 0.25
"""A restricted flow is called closed when less than this share of it is left."""
HARD = 0.3
BEND = 0.16
"""How far arrows bow, share of their length."""


@dataclass(frozen=True)
class Stage:
    """A stage of the chain as the map shows it.

    Attributes:
        variable, form: series that the circles grow with; the form ``feed`` is ore or intermediate.
        market: whose flows are drawn.
        recycled: whether only flows of recycled metal are drawn.
    """

    variable: str
    form: str
    market: str
    recycled: bool = False


STAGES = {
    "mines": Stage("production", "feed", "feed"),
    "refineries": Stage("production", "refined", "refined"),
    "users": Stage("use", "refined", "refined"),
    "stocks": Stage("stock", "refined", "refined"),
    "recyclers": Stage("secondary_supply", "refined", "refined", recycled=True),
}


@dataclass(frozen=True)
class Flow:
    """Trade between two countries in one month, t.

    Attributes:
        seller, buyer: ISO 3166 alpha-3, or ROW.
        tonnes: with the shocks.
        without: without them.
        restricted: whether a measure caps it.
    """

    seller: str
    buyer: str
    tonnes: float
    without: float
    restricted: bool

    @property
    def closed(self) -> bool:
        """Whether a measure has closed it, or nearly so."""
        return self.restricted and self.tonnes <= CLOSED * self.without


def flows(frame: Frame, metal: str, market: str, recycled: bool = False) -> list[Flow]:
    """Trade of a metal between (and within) countries in the last month, t, the largest first."""
    world = frame.live.world
    layout, table = world.layout, world.markets[market]
    own = table.metal == layout.metal_index[metal]
    if recycled:
        own &= table.seller >= len(world.refiners)
    pair = table.seller_country * len(layout.countries) + table.buyer_country
    now, without = (_sums(view, market, own, pair) for view in (frame.live, frame.base))
    restricted = _restricted(frame.live, market, own, pair)
    codes = layout.countries
    found = [
        Flow(codes[k // len(codes)], codes[k % len(codes)], now.get(k, 0.0), without.get(k, 0.0), k in restricted)
        for k in now.keys() | without.keys()
    ]
    return sorted(found, key=lambda flow: (-max(flow.tonnes, flow.without), flow.seller, flow.buyer))


def _sums(view: View, market: str, own: np.ndarray, pair: np.ndarray) -> dict[int, float]:
    """Trade of the last month by pair of countries, t, at first that of the base year; pairs without trade are left out."""
    moved = view.flows[market][view.t - 1] if view.t else view.world.markets[market].base
    total = np.bincount(pair[own], moved[own])
    return {int(k): float(total[k]) for k in np.flatnonzero(total)}


def _restricted(view: View, market: str, own: np.ndarray, pair: np.ndarray) -> set[int]:
    if view.t == 0 or market not in view.open:
        return set()
    capped = own & (view.open[market][view.t - 1] < 0.999)
    return {int(k) for k in np.unique(pair[capped])}


def sizes(frame: Frame, metal: str, stage: Stage) -> dict[str, tuple[float, float]]:
    """What each country makes, uses or holds in the last month, t: (with the shocks, without)."""
    if frame.t == 0:
        return {}
    form = frame.live.feed_form(metal) if stage.form == "feed" else stage.form
    live, base = (view.regions(stage.variable, metal, form) for view in (frame.live, frame.base))
    return {code: (float(values[-1]), float(base[code][-1]) if code in base else 0.0) for code, values in live.items()}


def felt(now: float, without: float) -> str:
    """How a value stands against the world without the shocks: ``same``, ``more``, ``less`` or ``far`` less."""
    if without <= 0:
        return "same" if now <= 0 else "more"
    change = now / without - 1.0
    if not place_moved(now, without):
        return "same"
    return "more" if change > 0 else "far" if change < -HARD else "less"


# ---- the map ----------------------------------------------------------------------------------------------------------
def at(place: tuple[float, float]) -> tuple[float, float]:
    """Where a longitude and latitude (degrees) lie in the picture."""
    lon, lat = min(max(place[0], WEST + 4), EAST - 4), min(max(place[1], SOUTH + 4), NORTH - 4)
    return (lon - WEST) / (EAST - WEST) * WIDTH, (NORTH - lat) / (NORTH - SOUTH) * HEIGHT


def land() -> list[dict[str, str]]:
    """Shapes of the countries as SVG paths, by code; holes are cut out by the rule "evenodd"."""

    def point(lon: float, lat: float) -> str:
        return f"{(lon - WEST) / (EAST - WEST) * WIDTH:.0f} {(NORTH - lat) / (NORTH - SOUTH) * HEIGHT:.0f}"

    found = []
    for code, rings in shapes().items():
        lines = ("M" + "L".join(dict.fromkeys(point(*place) for place in ring)) + "Z" for ring in rings)
        found.append({"id": code, "d": "".join(lines)})
    return found


def map_picture(
    frame: Frame, metal: str, stage: str, texts: Texts, places: dict[str, tuple[float, float]]
) -> dict[str, Any]:
    """The network of a metal on the map: circles, arrows and their texts, in the units of the picture.

    Args:
        frame: what to draw.
        metal: which metal.
        stage: one of :data:`STAGES`.
        texts: the reader's language.
        places: longitude and latitude by country.
    """
    chosen = STAGES[stage]
    size = sizes(frame, metal, chosen)
    traded = [flow for flow in flows(frame, metal, chosen.market, chosen.recycled) if flow.seller != flow.buyer]
    largest = max((max(flow.tonnes, flow.without) for flow in traded), default=0.0)
    drawn = [flow for flow in traded[:SHOWN] if max(flow.tonnes, flow.without) >= SMALLEST * largest]
    codes = {code for code, pair in size.items() if max(pair) > 0} | {c for f in drawn for c in (f.seller, f.buyer)}
    spots = {code: at(places[code]) if code in places and code != REST else REST_AT for code in codes}
    radii = _radii({code: size.get(code, (0.0, 0.0)) for code in codes})
    edges = [_arrow(flow, largest, spots, radii, texts) for flow in drawn]
    named = sorted(codes, key=lambda code: (-_reach(code, size, drawn), code))
    taken: list[tuple[float, float, float]] = []
    labels = _labels(named[:FIRST], spots, radii, texts, taken)
    told = _told(drawn[:TOLD], edges, spots, texts, taken)
    labels |= _labels(named[FIRST:NAMED], spots, radii, texts, taken)
    nodes = [
        _node(code, spots[code], radii[code], size.get(code, (0.0, 0.0)) if frame.t else None, texts, stage)
        | labels.get(code, {})
        for code in sorted(codes, key=lambda code: -radii[code])
    ]
    rest = REST_BOX if REST_AT in spots.values() else None
    picture = {"width": WIDTH, "height": HEIGHT, "nodes": nodes, "edges": edges, "columns": [], "rest": rest}
    return picture | {"told": told, "widths": widths(largest, texts)}


def widths(largest: float, texts: Texts) -> list[dict[str, Any]]:
    """What the width of an arrow means: three round amounts up to the `largest` flow (t a month), and how wide they are drawn."""
    top = 10.0 ** floor(log10(largest)) if largest > 0.0 else 0.0
    top *= max((step for step in (1.0, 2.0, 5.0) if step * top <= largest), default=1.0)
    steps = [top / 10.0, top / 2.0, top] if top > 0.0 else []
    return [{"w": round(_width(one, largest), 1), "name": figures.tonnes(one, texts)} for one in steps]


def _width(tonnes: float, largest: float) -> float:
    """Width of an arrow: its square grows with the tonnes."""
    return 0.8 + 8.0 * sqrt(tonnes / largest)


def _told(
    largest: list[Flow],
    edges: list[dict[str, Any]],
    spots: dict[str, tuple[float, float]],
    texts: Texts,
    taken: list[tuple[float, float, float]],
) -> list[dict[str, Any]]:
    """The tonnes of the largest flows, beside the middle of their arrows, where there is room."""
    found = []
    for flow, edge in zip(largest, edges, strict=False):
        (x0, y0), (x1, y1) = spots[flow.seller], spots[flow.buyer]
        text = figures.tonnes(flow.without if flow.closed else flow.tonnes, texts)
        text = texts("map.was", tonnes=text) if flow.closed else text
        half = _half(text)
        for (right, down), share in product(ASIDE, ALONG):
            u, v = _along(x0, y0, x1, y1, share)
            u, v = u + right * (half + 5.0), v + 6.0 + down * LINE
            if half < u < WIDTH - half and LINE < v < HEIGHT - 6 and _room(u, v, half, taken):
                taken.append((u, v, half))
                found.append(
                    {"id": edge["id"], "x": round(u, 1), "y": round(v, 1), "text": text, "state": edge["state"]}
                )
                break
    return found


def _half(text: str) -> float:
    """Half the width of a text on the map."""
    return sum(WIDE_LETTER if ord(letter) > 0x2E80 else LETTER for letter in text) + 3


def _room(u: float, v: float, half: float, taken: list[tuple[float, float, float]]) -> bool:
    """Whether a text whose line stands at (u, v) touches none of those that stand there."""
    return all(abs(u - a) > half + b or abs(v - c) > LINE for a, c, b in taken)


def _along(x0: float, y0: float, x1: float, y1: float, share: float) -> tuple[float, float]:
    """A point on the bow from 0 to 1, at a share of the way."""
    cx, cy = _middle(x0, y0, x1, y1)
    a, b, c = (1.0 - share) ** 2, 2.0 * share * (1.0 - share), share**2
    return a * x0 + b * cx + c * x1, a * y0 + b * cy + c * y1


def _middle(x0: float, y0: float, x1: float, y1: float) -> tuple[float, float]:
    """The point that pulls the line from 0 to 1 into a bow."""
    return (x0 + x1) / 2 + BEND * (y1 - y0), (y0 + y1) / 2 - BEND * (x1 - x0)


def _reach(code: str, size: dict[str, tuple[float, float]], drawn: list[Flow]) -> float:
    """How much of a metal passes a place: what it makes or uses and what it trades, t."""
    trade = sum(max(flow.tonnes, flow.without) for flow in drawn if code in (flow.seller, flow.buyer))
    return max(size.get(code, (0.0, 0.0))) + trade


def _radii(size: dict[str, tuple[float, float]]) -> dict[str, float]:
    """Radius of each circle: its area grows with the value."""
    largest = max((max(pair) for pair in size.values()), default=0.0) or 1.0
    return {code: max(RADIUS * sqrt(max(pair[0], 0.0) / largest), 3.5) for code, pair in size.items()}


def _node(
    code: str, spot: tuple[float, float], radius: float, pair: tuple[float, float] | None, texts: Texts, stage: str
) -> dict[str, Any]:
    """A circle; `pair`: what it stands for, t (with the shocks, without), None before the first month."""
    tip = [] if pair is None else [texts(f"tip.{stage}", tonnes=figures.tonnes(pair[0], texts))]
    pair = pair or (0.0, 0.0)
    if felt(*pair) != "same":
        tip.append(texts("tip.without", tonnes=figures.tonnes(pair[1], texts)))
    return {
        "id": code,
        "x": round(spot[0], 1),
        "y": round(spot[1], 1),
        "r": round(radius, 1),
        "state": felt(*pair),
        "name": texts.region(code),
        "tip": tip,
    }


def _arrow(
    flow: Flow, largest: float, spots: dict[str, tuple[float, float]], radii: dict[str, float], texts: Texts
) -> dict[str, Any]:
    (x0, y0), (x1, y1) = spots[flow.seller], spots[flow.buyer]
    cx, cy = _middle(x0, y0, x1, y1)
    x1, y1 = _short(cx, cy, x1, y1, radii[flow.buyer] + 2)
    state = (
        "closed"
        if flow.closed
        else "less"
        if flow.restricted and flow.tonnes < flow.without
        else felt(flow.tonnes, flow.without)
    )
    width = _width(flow.tonnes, largest) if not flow.closed else 2.2
    return {
        "id": f"{flow.seller}-{flow.buyer}",
        "d": f"M{x0:.1f} {y0:.1f}Q{cx:.1f} {cy:.1f} {x1:.1f} {y1:.1f}",
        "head": _head(cx, cy, x1, y1, 3.0 + width),
        "w": round(width, 1),
        "state": state,
        "name": texts("tip.flow", seller=texts.region(flow.seller), buyer=texts.region(flow.buyer)),
        "tip": flow_tip(flow, texts),
        "ends": [flow.seller, flow.buyer],
    }


def flow_tip(flow: Flow, texts: Texts) -> list[str]:
    """What is said of a flow that is pointed at: t per month, what it was without the shocks, and what restricts it."""
    tip = [texts("tip.per_month", tonnes=figures.tonnes(flow.tonnes, texts))]
    if felt(flow.tonnes, flow.without) != "same":
        tip.append(texts("tip.without", tonnes=figures.tonnes(flow.without, texts)))
    if flow.restricted:
        tip.append(texts("tip.closed" if flow.closed else "tip.restricted"))
    return tip


def _short(x0: float, y0: float, x1: float, y1: float, gap: float) -> tuple[float, float]:
    """The end of a line from 0 to 1, `gap` before point 1."""
    length = max(sqrt((x1 - x0) ** 2 + (y1 - y0) ** 2), 1e-9)
    share = min(gap / length, 0.9)
    return x1 - share * (x1 - x0), y1 - share * (y1 - y0)


def _head(x0: float, y0: float, x1: float, y1: float, size: float) -> str:
    """The triangle of an arrow that comes from point 0 and ends in point 1."""
    length = max(sqrt((x1 - x0) ** 2 + (y1 - y0) ** 2), 1e-9)
    ux, uy = (x1 - x0) / length * size, (y1 - y0) / length * size
    left, right = (x1 - ux - 0.5 * uy, y1 - uy + 0.5 * ux), (x1 - ux + 0.5 * uy, y1 - uy - 0.5 * ux)
    return f"M{x1:.1f} {y1:.1f}L{left[0]:.1f} {left[1]:.1f}L{right[0]:.1f} {right[1]:.1f}Z"


def _labels(
    codes: list[str],
    spots: dict[str, tuple[float, float]],
    radii: dict[str, float],
    texts: Texts,
    taken: list[tuple[float, float, float]],
) -> dict[str, dict[str, Any]]:
    """Where the names of places stand, so that no two touch; a name without room is left out. `taken` grows with them."""
    left, top, wide, high = REST_BOX
    boxed = [code for code in spots if spots[code] == REST_AT]
    taken += [(left + wide / 2, y, wide / 2) for y in (top + LINE / 2, top + high) if boxed]
    labels: dict[str, dict[str, Any]] = {
        code: {"lx": REST_AT[0] + 32, "ly": REST_AT[1] + 7, "anchor": "start"} for code in boxed
    }
    for code in codes:
        if code in boxed:
            continue
        (x, y), radius, name = spots[code], radii[code], texts.region(code)
        half = _half(name)
        tries = [
            (x, y + radius + 19),
            (x, y - radius - 7),
            (x + radius + half + 4, y + 7),
            (x - radius - half - 4, y + 7),
        ]
        for u, v in tries:
            if half < u < WIDTH - half and LINE < v < HEIGHT - 6 and _room(u, v, half, taken):
                taken.append((u, v, half))
                labels[code] = {"lx": round(u, 1), "ly": round(v, 1)}
                break
    return labels
