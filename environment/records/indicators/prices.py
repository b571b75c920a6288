"""Prices: of the world, and inside and outside countries that restrict trade."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lodeflow.agents import seller
from lodeflow.environment.market.contracts import half_way

if TYPE_CHECKING:
    from lodeflow.environment.records.blocks import Blocks
from lodeflow.environment.records.indicators.rows import WORLD, Rows, base_price, form_of, sum_by


def edge_prices(recorder: Blocks, form: str) -> np.ndarray:
    """Transaction prices on edges relative to the base price of the form, freight paid and before duty, shape (months, E).

    Partners meet half-way, ``sqrt(bid x ask)``. Where a measure lets only a share o of trade through, sellers choose whom
    they serve and the price moves towards the bid: ``bid^(1 - o/2) ask^(o/2)``. Tariffs and closed routes that come on top of
    usual duty and freight take off the bid and add to the ask (:func:`seller.transaction_price`).
    """
    market = recorder.world.markets[form]
    bid = recorder.block("price" if form == "refined" else "feed_bid")
    ask = recorder.block("refined_ask" if form == "refined" else "feed_ask")
    name = f"{form}_open"
    opened = recorder.block(name) if name in recorder.blocks else np.ones_like(recorder.block(f"{form}_flow"))
    price = half_way(bid, ask, market)
    held = np.nonzero(opened != 1.0)
    months, edges = held
    price[held] = seller.transaction_price(
        bid[months, market.buyer[edges]], ask[months, market.seller[edges]], opened[held]
    )
    for t in recorder.purse.months("duty", form) | recorder.purse.months("freight", form):
        row = t - recorder.first
        if 0 <= row < len(price):
            duty, freight = (recorder.purse.levied(name, form, t) for name in ("duty", "freight"))
            more = freight / base_price(recorder, form, market.metal)
            paid, asked = bid[row, market.buyer], ask[row, market.seller]
            price[row] = seller.transaction_price(paid, asked, opened[row], duty, more)
    return price


def price_index(
    recorder: Blocks, form: str, outside: np.ndarray | None = None, on_edges: np.ndarray | None = None
) -> np.ndarray:
    """Price of a form by metal relative to base, shape (months, metals).

    The mean over trades by tonnes; where nothing was traded, the mean of bids by normal use.

    Args:
        recorder: the records.
        form: ``feed`` or ``refined``.
        outside: country indices whose purchases are left out.
        on_edges: :func:`edge_prices` of the form, where they were found before.
    """
    on_edges = edge_prices(recorder, form) if on_edges is None else on_edges
    market, metals = recorder.world.markets[form], len(recorder.world.layout.metals)
    place = "desk" if form == "refined" else "refiner"
    metal, country = recorder.places[place]
    bought = np.ones(len(market), bool) if outside is None else ~np.isin(market.buyer_country, outside)
    buyers = np.ones(len(metal), bool) if outside is None else ~np.isin(country, outside)
    flow = recorder.block(f"{form}_flow") * bought
    value = sum_by(flow * on_edges, market.metal, metals)
    traded = sum_by(flow, market.metal, metals)
    weight = (recorder.block("normal_use") if form == "refined" else recorder.block("refining") + 1e-9) * buyers
    bids = sum_by(weight * recorder.block("price" if form == "refined" else "feed_bid"), metal, metals)
    held = np.maximum(sum_by(weight, metal, metals), 1e-300)
    thin = traded < 0.01 * held
    return np.where(thin, bids / held, value / np.maximum(traded, 1e-300))


def price_rows(recorder: Blocks, variable: str, form: str, values: np.ndarray, metals: list[int], region: str) -> Rows:
    """Prices of some metals in a region, USD/t, from values relative to base, shape (months, metals)."""
    layout = recorder.world.layout
    index = np.array(metals, np.int64)
    return Rows(
        variable,
        [form_of(recorder, form, m) for m in metals],
        [layout.metals[m] for m in metals],
        [region] * len(metals),
        values[:, index] * base_price(recorder, form, index),
        "USD/t",
    )


def world_prices(recorder: Blocks, on_edges: dict[str, np.ndarray]) -> list[Rows]:
    """World prices of both forms of every metal; ``on_edges``: :func:`edge_prices` by form."""
    every = list(range(len(recorder.world.layout.metals)))
    return [
        price_rows(recorder, "price", form, price_index(recorder, form, None, on_edges[form]), every, WORLD)
        for form in ("refined", "feed")
    ]


def watched(recorder: Blocks) -> dict[int, tuple[str, np.ndarray]]:
    """Metals whose trade a shock restricts: (name, country indices) of the first country or group that does, by metal."""
    layout = recorder.world.layout
    result: dict[int, tuple[str, np.ndarray]] = {}
    for shock in recorder.world.watched:
        actors = shock.actors(recorder.world)
        parts = shock.parts_market and len(actors) > 0
        for name in shock.touched_metals if parts else ():
            if name in layout.metal_index:
                result.setdefault(layout.metal_index[name], (shock.acting_place or "", actors))
    return result


def watched_prices(recorder: Blocks, on_edges: dict[str, np.ndarray]) -> list[Rows]:
    """Prices inside and outside the countries whose trade a shock restricts, for feed and for refined metal.

    A form that nobody outside buys has no price there. ``on_edges``: :func:`edge_prices` by form.
    """
    rows = []
    for metal, (name, actors) in watched(recorder).items():
        for form in ("feed", "refined"):
            of_metal, country = recorder.places["refiner" if form == "feed" else "desk"]
            if ((of_metal == metal) & ~np.isin(country, actors)).any():
                outside = price_index(recorder, form, actors, on_edges[form])
                rows.append(price_rows(recorder, "price_outside", form, outside, [metal], WORLD))
            rows += _inside(recorder, form, actors, [metal], name)
    return rows


def _inside(recorder: Blocks, form: str, actors: np.ndarray, metals: list[int], name: str) -> list[Rows]:
    """What sellers in the restricting country get: asks weighted by output."""
    metal, country = recorder.places["ore desk" if form == "feed" else "refiner"]
    ask = recorder.block("feed_ask") if form == "feed" else recorder.block("refined_ask")[:, : len(metal)]
    output = recorder.block("mined" if form == "feed" else "refining")
    count = len(recorder.world.layout.metals)
    weight = (output + 1e-9) * np.isin(country, actors)
    total = sum_by(weight, metal, count)
    here = [m for m in metals if (np.isin(country, actors) & (metal == m)).any()]
    values = sum_by(weight * ask, metal, count) / np.maximum(total, 1e-300)
    return [price_rows(recorder, "price_inside", form, values, here, name)] if here else []
