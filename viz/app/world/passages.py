"""Which narrow passages of the sea a metal goes through: tonnes a year, share of what is traded, and what is closed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lodeflow.data import Tables
from lodeflow.viz.app import figures
from lodeflow.viz.app.texts import Texts
from lodeflow.viz.app.world.fill import MONTHS, YEAR
from lodeflow.viz.app.world.frame import Frame
from lodeflow.viz.app.world.network import at
from lodeflow.viz.app.world.track import View

SMALLEST, LARGEST = 4.0, 13.0
"""Half the diagonal of the sign of a passage, in the units of the picture: of nothing, and of all that is traded."""
SHOWN = 0.005
"""Share of what is traded below which an open passage is not drawn."""
PARTNERS = 3
"""Flows named at a passage."""
INCLUDES = {"malacca_sunda": ("malacca", "malacca_sunda")}
"""Passages that a name stands for, where it is more than itself."""


@dataclass(frozen=True)
class Through:
    """What goes through a passage.

    Attributes:
        passage: name in the table ``passages``.
        tonnes: ore, intermediates and refined metal whose usual way leads through it, t of metal a year.
        share: of what is traded between countries, 1.
        turned: share of it that a closure in force turns away, 1.
        largest: (seller, buyer, t a year) of the largest flows through it.
    """

    passage: str
    tonnes: float
    share: float
    turned: float
    largest: tuple[tuple[str, str, float], ...]


def through(frame: Frame, metal: str) -> list[Through]:
    """Passages by what goes through them, the largest first; empty before the first month.

    The usual way of a flow is the shortest one by sea; of what flies or goes over land nothing passes. While a passage is closed
    the tonnes are those that would go through it and the share ``turned`` of them takes another way.
    """
    if frame.t == 0:
        return []
    sums, traded = _sums(frame.live, metal)
    turned = closed(frame)
    names = frame.live.world.layout.countries
    found = []
    for passage, pairs in sums.items():
        order = np.argsort(-pairs, axis=None, kind="stable")[:PARTNERS]
        where = [(int(k) // len(names), int(k) % len(names)) for k in order]
        largest = tuple((names[a], names[b], float(pairs[a, b])) for a, b in where if pairs[a, b] > 0.0)
        total = float(pairs.sum())
        share = total / traded if traded > 0.0 else 0.0
        found.append(Through(passage, total, share, turned.get(passage, 0.0), largest))
    return sorted(found, key=lambda one: -one.tonnes)


def _sums(view: View, metal: str) -> tuple[dict[str, np.ndarray], float]:
    """Trade by pair of countries through each passage, shape (C, C), and all trade between countries, t/year."""
    world, first = view.world, max(view.t - MONTHS, 0)
    ways, names = world.blueprint.ways, world.layout.countries
    count, traded = len(names), 0.0
    by_sea = np.zeros(count**2)
    for name, flows in view.flows.items():
        market = world.markets[name]
        edges = ways.of(market)
        own = np.flatnonzero((market.metal == world.layout.metal_index[metal]) & edges.abroad)
        tonnes = flows[first : view.t, own].mean(axis=0, dtype=float) * YEAR
        traded += float(tonnes.sum())
        cell = market.seller_country[own] * count + market.buyer_country[own]
        by_sea += np.bincount(cell, tonnes * edges.by_sea[own], count**2)
    unknown = len(ways.atlas.land) - 1
    row = np.array([ways.atlas.index.get(name, unknown) for name in names])
    pairs = by_sea.reshape(count, count)
    return {name: pairs * used[np.ix_(row, row)] for name, used in ways.atlas.passes.items()}, traded


def closed(frame: Frame) -> dict[str, float]:
    """Share of its ships that a closure in force turns away, by passage."""
    found: dict[str, float] = {}
    for fired in frame.fired:
        passage = getattr(frame.scenario.shocks[fired.number], "passage", None)
        if passage and fired.state == "active":
            strength = float(getattr(frame.scenario.shocks[fired.number], "strength", 1.0))
            for one in INCLUDES.get(passage, (passage,)):
                found[one] = max(found.get(one, 0.0), strength)
    return found


def way_of(frame: Frame, seller: str, buyer: str) -> list[str]:
    """Passages on the usual way by sea between two countries, in the order of the table."""
    atlas = frame.live.world.blueprint.ways.atlas
    if seller not in atlas.index or buyer not in atlas.index:
        return []
    pair = atlas.index[seller], atlas.index[buyer]
    return [name for name, used in atlas.passes.items() if used[pair]]


def marks(found: list[Through], tables: Tables, texts: Texts) -> list[dict[str, Any]]:
    """Signs of passages on the map: place, size, words; those that are closed are always among them."""
    rows = tables["passages"].dropna(subset=["lat", "lon"])
    spots = zip(rows["lon"].astype(float), rows["lat"].astype(float), strict=True)
    places = dict(zip(rows["passage"], spots, strict=True))
    drawn = []
    for one in found:
        if one.passage not in places or (one.share < SHOWN and not one.turned):
            continue
        x, y = at(places[one.passage])
        tip = [texts("passage.tip", tonnes=figures.tonnes(one.tonnes, texts), share=figures.percent(one.share))]
        if one.turned:
            tip.append(texts("passage.closed", share=figures.percent(one.turned)))
        for seller, buyer, tonnes in one.largest:
            flow = texts("tip.flow", seller=texts.region(seller), buyer=texts.region(buyer))
            tip.append(texts("event", who=flow, what=figures.tonnes(tonnes, texts)))
        drawn.append(
            {
                "id": one.passage,
                "x": round(x, 1),
                "y": round(y, 1),
                "r": round(SMALLEST + (LARGEST - SMALLEST) * min(one.share, 1.0) ** 0.5, 1),
                "closed": bool(one.turned),
                "name": texts(f"passage.{one.passage}"),
                "tip": tip,
            }
        )
    return drawn
