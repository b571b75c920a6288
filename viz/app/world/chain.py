"""The same trade along the chain: who mines, who refines, who uses, with bands as wide as what flows between them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from lodeflow.viz.app import figures
from lodeflow.viz.app.texts import Texts
from lodeflow.viz.app.world.frame import Frame
from lodeflow.viz.app.world.network import HEIGHT, WIDTH, Flow, felt, flow_tip, flows

LARGEST = 7
"""Countries shown per column; the others are one bar."""
OTHERS, RECYCLED = "others", "recycled"
BAR, GAP, TOP = 14.0, 21.0, 40.0
LEFT, RIGHT = 175.0, 825.0
THINNEST = 0.004
"""Share of all that flows below which a band is not drawn."""


@dataclass(frozen=True)
class Bar:
    """One country in one column: t in the last month with the shocks and without, and where it stands."""

    code: str
    now: float
    without: float
    y: float = 0.0


def chain_picture(frame: Frame, metal: str, texts: Texts) -> dict[str, Any]:
    """The chain of a metal in the last month, in the units of the picture."""
    feed = _joined(flows(frame, metal, "feed"))
    refined = _joined(_from_recyclers(frame, metal))
    columns = [_column(feed, 0), _column(feed, 1, _column(refined, 0)), _column(refined, 1)]
    feed, refined = _named(feed, columns[0], columns[1]), _named(refined, columns[1], columns[2])
    most = max((sum(max(bar.now, bar.without) for bar in column) for column in columns), default=0.0)
    count = max(len(column) for column in columns)
    scale = (HEIGHT - TOP - GAP * (count + 1)) / most if most > 0 else 0.0
    columns = [_placed(column, scale) for column in columns]
    x = [LEFT, (LEFT + RIGHT - BAR) / 2, RIGHT - BAR]
    edges = _bands(feed, columns[0], columns[1], x[0] + BAR, x[1], scale, most, texts)
    edges += _bands(refined, columns[1], columns[2], x[1] + BAR, x[2], scale, most, texts)
    nodes = [_bar(bar, x[i], scale, i, texts) for i, column in enumerate(columns) for bar in column]
    heads = [
        {"x": x[i] + BAR / 2, "name": texts(f"column.{name}")}
        for i, name in enumerate(("mines", "refineries", "users"))
    ]
    return {"width": WIDTH, "height": HEIGHT, "nodes": nodes, "edges": edges, "columns": heads}


def _from_recyclers(frame: Frame, metal: str) -> list[Flow]:
    """Trade in refined metal, that of recyclers under one name."""
    recycled = {(flow.seller, flow.buyer): flow for flow in flows(frame, metal, "refined", recycled=True)}
    out = []
    for flow in flows(frame, metal, "refined"):
        own = recycled.get((flow.seller, flow.buyer))
        if own is not None:
            out.append(replace(own, seller=RECYCLED))
            flow = replace(
                flow, tonnes=max(flow.tonnes - own.tonnes, 0.0), without=max(flow.without - own.without, 0.0)
            )
        out.append(flow)
    return out


def _joined(trade: list[Flow]) -> list[Flow]:
    """Flows of the same seller and buyer as one."""
    sums: dict[tuple[str, str], Flow] = {}
    for flow in trade:
        key = (flow.seller, flow.buyer)
        old = sums.get(key)
        sums[key] = flow if old is None else _plus(old, flow)
    return list(sums.values())


def _plus(one: Flow, two: Flow) -> Flow:
    return replace(
        one,
        tonnes=one.tonnes + two.tonnes,
        without=one.without + two.without,
        restricted=one.restricted or two.restricted,
    )


def _column(trade: list[Flow], end: int, more: list[Bar] | None = None) -> list[Bar]:
    """The bars of one column: countries by what leaves (end 0) or reaches (end 1) them; `more`: the larger value counts."""
    now: dict[str, float] = {}
    without: dict[str, float] = {}
    for flow in trade:
        code = (flow.seller, flow.buyer)[end]
        now[code] = now.get(code, 0.0) + flow.tonnes
        without[code] = without.get(code, 0.0) + flow.without
    for bar in more or []:
        now[bar.code] = max(now.get(bar.code, 0.0), bar.now)
        without[bar.code] = max(without.get(bar.code, 0.0), bar.without)
    bars = [Bar(code, now[code], without[code]) for code in now]
    bars.sort(key=lambda bar: (bar.code == RECYCLED, -bar.without, bar.code))
    kept = [bar for bar in bars if bar.code == RECYCLED]
    plain = [bar for bar in bars if bar.code not in (RECYCLED, OTHERS)]
    rest = [*plain[LARGEST:], *(bar for bar in bars if bar.code == OTHERS)]
    if rest:
        kept = [Bar(OTHERS, sum(bar.now for bar in rest), sum(bar.without for bar in rest)), *kept]
    return [*plain[:LARGEST], *kept]


def _named(trade: list[Flow], left: list[Bar], right: list[Bar]) -> list[Flow]:
    """Flows between the bars that are shown, the others joined."""
    sellers, buyers = {bar.code for bar in left}, {bar.code for bar in right}
    renamed = (
        replace(
            flow,
            seller=flow.seller if flow.seller in sellers else OTHERS,
            buyer=flow.buyer if flow.buyer in buyers else OTHERS,
        )
        for flow in trade
    )
    return _joined(list(renamed))


def _placed(column: list[Bar], scale: float) -> list[Bar]:
    """The bars of a column one below the other, the column in the middle."""
    height = sum(max(bar.now, bar.without) * scale + GAP for bar in column) - GAP
    y = TOP + max((HEIGHT - TOP - 4 - height) / 2, 0.0)
    placed = []
    for bar in column:
        placed.append(replace(bar, y=y))
        y += max(bar.now, bar.without) * scale + GAP
    return placed


def _bar(bar: Bar, x: float, scale: float, column: int, texts: Texts) -> dict[str, Any]:
    name = texts(f"chain.{bar.code}") if bar.code in (OTHERS, RECYCLED) else texts.region(bar.code)
    state = felt(bar.now, bar.without)
    tip = [texts("tip.per_month", tonnes=figures.tonnes(bar.now, texts))]
    if state != "same":
        tip.append(texts("tip.without", tonnes=figures.tonnes(bar.without, texts)))
    height = max(bar.now, bar.without) * scale
    return {
        "id": "" if bar.code in (OTHERS, RECYCLED) else bar.code,
        "key": f"{column}-{bar.code}",
        "x": round(x, 1),
        "y": round(bar.y, 1),
        "w": BAR,
        "h": round(max(height, 1.5), 1),
        "full": round(max(bar.now * scale, 0.0), 1),
        "state": state,
        "name": name,
        "lx": round(x - 7 if column == 0 else x + BAR + 7, 1),
        "ly": round(bar.y + max(height, 1.5) / 2 + 6.5, 1),
        "anchor": "end" if column == 0 else "start",
        "tip": tip,
    }


def _bands(
    trade: list[Flow], left: list[Bar], right: list[Bar], x0: float, x1: float, scale: float, most: float, texts: Texts
) -> list[dict[str, Any]]:
    """Bands between two columns; each leaves and enters its bar below the one before it."""
    out, into = {bar.code: bar.y for bar in left}, {bar.code: bar.y for bar in right}
    order = {bar.code: i for i, bar in enumerate([*left, *right])}
    names = {OTHERS: texts("chain.others"), RECYCLED: texts("chain.recycled")}
    bands = []
    for flow in sorted(trade, key=lambda flow: (order.get(flow.seller, 99), order.get(flow.buyer, 99))):
        width = max(flow.tonnes, flow.without) * scale
        if flow.seller not in out or flow.buyer not in into:
            continue
        y0, y1 = out[flow.seller] + width / 2, into[flow.buyer] + width / 2
        out[flow.seller] += width
        into[flow.buyer] += width
        if max(flow.tonnes, flow.without) < THINNEST * most:
            continue
        middle = (x0 + x1) / 2
        state = "closed" if flow.closed else felt(flow.tonnes, flow.without)
        bands.append(
            {
                "id": f"{flow.seller}-{flow.buyer}-{x0:.0f}",
                "d": f"M{x0:.1f} {y0:.1f}C{middle:.1f} {y0:.1f} {middle:.1f} {y1:.1f} {x1:.1f} {y1:.1f}",
                "head": "",
                "w": round(2.2 if flow.closed else max(flow.tonnes * scale, 0.6), 1),
                "state": state,
                "name": texts(
                    "tip.flow",
                    seller=names.get(flow.seller) or texts.region(flow.seller),
                    buyer=names.get(flow.buyer) or texts.region(flow.buyer),
                ),
                "tip": flow_tip(flow, texts),
            }
        )
    return bands
