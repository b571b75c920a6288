"""Tidy tables and indicators (HHI, net import reliance, recycling rates, price indices) from what was recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from environment.recorder import Recorder

WORLD, UNION = "WLD", "EU27"
OUTSIDE = "outside"
"""Region of the causes of bids outside the country that restricts a metal's trade."""


@dataclass(frozen=True)
class Rows:
    """Some series: values of shape (months, n), and what they are."""

    variable: str
    form: list[str]
    metal: list[str]
    region: list[str]
    values: np.ndarray
    unit: str


def stack(parts: list[Rows], dates: pd.DatetimeIndex) -> pd.DataFrame:
    """One tidy table from many series; text columns are categories."""
    months = len(dates)

    def column(values: list[str]) -> pd.Categorical:
        codes, names = pd.factorize(np.array(values, object))
        return pd.Categorical.from_codes(np.repeat(codes, months).tolist(), pd.Index(names))

    kept = [part for part in parts if len(part.metal)]
    return pd.DataFrame(
        {
            "date": np.tile(dates.to_numpy(), sum(len(part.metal) for part in kept)),
            "metal": column([name for part in kept for name in part.metal]),
            "form": column([name for part in kept for name in part.form]),
            "region": column([name for part in kept for name in part.region]),
            "variable": column([part.variable for part in kept for _ in part.metal]),
            "value": np.concatenate([part.values.T.ravel() for part in kept]),
            "unit": column([part.unit for part in kept for _ in part.metal]),
        }
    )


def form_of(recorder: Recorder, form: str, metal: int) -> str:
    """Name of a form for a metal: ``feed`` is ore or intermediate, as the metal has it."""
    return recorder.world.layout.feed_forms[metal] if form == "feed" else form


def base_price(recorder: Recorder, form: str, metal: np.ndarray) -> np.ndarray:
    """Base price of a form, USD/t metal content: feed is the refined price less the treatment charge."""
    world = recorder.world
    price: np.ndarray = world.price[metal]
    return price * (1.0 - world.treatment_charge[metal]) if form == "feed" else price


SUMMED = (
    "production",
    "use",
    "demand",
    "shortage",
    "stock",
    "capacity",
    "secondary_supply",
    "in_use_stock",
    "hibernating_stock",
    "end_of_life",
    "collected",
    "strategic_reserve",
    "investor_stock",
)
"""Variables of which the world's value is the sum of the countries'."""


def country_rows(recorder: Recorder) -> list[Rows]:
    """Recorded channels by country, summed where several rows stand for one country and form."""
    from environment.recorder import CHANNELS

    layout = recorder.world.layout
    sums: dict[tuple[str, str, str], dict[tuple[int, int], np.ndarray]] = {}
    for name, channel in CHANNELS.items():
        if not channel.variable:
            continue
        metal, country = recorder.places[channel.place]
        values = recorder.block(name)
        if channel.unit == "USD/t":
            values = values * base_price(recorder, channel.form, metal)
        target = sums.setdefault((channel.variable, channel.form, channel.unit), {})
        shown = np.flatnonzero(values.any(axis=0)) if channel.place == "cell" else range(values.shape[1])
        for row in shown:
            key = (int(metal[row]), int(country[row]))
            target[key] = target[key] + values[:, row] if key in target else values[:, row]
    rows = []
    for (variable, form, unit), series in sums.items():
        metals = [layout.metals[m] for m, _ in series]
        forms = [form_of(recorder, form, m) for m, _ in series]
        regions = [layout.countries[c] for _, c in series]
        rows.append(
            Rows(
                variable,
                forms,
                metals,
                regions,
                np.stack(list(series.values()), axis=1) if series else np.zeros((recorder.written, 0)),
                unit,
            )
        )
    return rows


def group_rows(recorder: Recorder) -> list[Rows]:
    """Sums over the world and the European Union."""
    union = set(recorder.world.layout.country_indices(UNION))
    members = {recorder.world.layout.countries[c] for c in union}
    rows = []
    for part in country_rows(recorder):
        if part.variable not in SUMMED:
            continue
        for region, inside in ((WORLD, None), (UNION, members)):
            totals: dict[tuple[str, str], np.ndarray] = {}
            for i, key in enumerate(zip(part.metal, part.form, strict=True)):
                if inside is None or part.region[i] in inside:
                    totals[key] = totals.get(key, 0.0) + part.values[:, i]
            if totals:
                metals, forms = zip(*totals, strict=True)
                values = np.stack(list(totals.values()), axis=1)
                rows.append(Rows(part.variable, list(forms), list(metals), [region] * len(metals), values, part.unit))
    return rows


def sum_by(values: np.ndarray, group: np.ndarray, count: int) -> np.ndarray:
    """Sum columns of shape (months, n) by group, shape (months, count)."""
    cell = np.arange(len(values))[:, None] * count + group
    return np.bincount(cell.ravel(), np.ascontiguousarray(values).ravel(), len(values) * count).reshape(-1, count)


def indicator_rows(recorder: Recorder, trade: bool = True) -> list[Rows]:
    """Everything that is more than a sum; without imports, exports and net import reliance where ``trade`` is false."""
    return [
        *_world_prices(recorder),
        *(_trade_flows(recorder) if trade else []),
        *_concentration(recorder),
        *_recycling(recorder),
        *_cover(recorder),
        *_watched_prices(recorder),
    ]


def edge_prices(recorder: Recorder, form: str) -> np.ndarray:
    """Transaction prices on edges relative to the base price of the form, shape (months, E).

    Partners meet half-way, ``sqrt(bid x ask)``. Where a measure lets only a share o of trade through, sellers choose whom
    they serve and the price moves towards the bid: ``bid^(1 - o/2) ask^(o/2)``.
    """
    market = recorder.world.markets[form]
    bid = recorder.block("price" if form == "refined" else "feed_bid")[:, market.buyer]
    ask = recorder.block("refined_ask" if form == "refined" else "feed_ask")[:, market.seller]
    sellers = 0.5 * recorder.block(f"{form}_open") if f"{form}_open" in recorder.blocks else 0.5
    price: np.ndarray = bid ** (1.0 - sellers) * ask**sellers
    return price


def price_index(recorder: Recorder, form: str, outside: np.ndarray | None = None) -> np.ndarray:
    """Price of a form by metal relative to base, shape (months, metals).

    The mean over trades by tonnes; where nothing was traded, the mean of bids by normal use.

    Args:
        recorder: the records.
        form: ``feed`` or ``refined``.
        outside: country indices whose purchases are left out.
    """
    market, metals = recorder.world.markets[form], len(recorder.world.layout.metals)
    place = "desk" if form == "refined" else "refiner"
    metal, country = recorder.places[place]
    bought = np.ones(len(market), bool) if outside is None else ~np.isin(market.buyer_country, outside)
    buyers = np.ones(len(metal), bool) if outside is None else ~np.isin(country, outside)
    flow = recorder.block(f"{form}_flow") * bought
    value = sum_by(flow * edge_prices(recorder, form), market.metal, metals)
    traded = sum_by(flow, market.metal, metals)
    weight = (recorder.block("normal_use") if form == "refined" else recorder.block("refining") + 1e-9) * buyers
    bids = sum_by(weight * recorder.block("price" if form == "refined" else "feed_bid"), metal, metals)
    held = np.maximum(sum_by(weight, metal, metals), 1e-300)
    thin = traded < 0.01 * held
    return np.where(thin, bids / held, value / np.maximum(traded, 1e-300))


def _price_rows(
    recorder: Recorder, variable: str, form: str, values: np.ndarray, metals: list[int], region: str
) -> Rows:
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


def _world_prices(recorder: Recorder) -> list[Rows]:
    every = list(range(len(recorder.world.layout.metals)))
    return [
        _price_rows(recorder, "price", form, price_index(recorder, form), every, WORLD) for form in ("refined", "feed")
    ]


def watched(recorder: Recorder) -> dict[int, tuple[str, np.ndarray]]:
    """Metals whose trade a shock restricts: (name, country indices) of the first country or group that does, by metal."""
    layout = recorder.world.layout
    result: dict[int, tuple[str, np.ndarray]] = {}
    for shock in recorder.world.watched:
        actors = shock.actors(recorder.world)
        parts = shock.parts_market and len(actors) > 0
        for name in getattr(shock, "metals", ()) if parts else ():
            if name in layout.metal_index:
                result.setdefault(layout.metal_index[name], (str(getattr(shock, "actor", "")), actors))
    return result


def _watched_prices(recorder: Recorder) -> list[Rows]:
    """Prices inside and outside the countries whose trade a shock restricts, for feed and for refined metal."""
    rows = []
    for metal, (name, actors) in watched(recorder).items():
        for form in ("feed", "refined"):
            outside = price_index(recorder, form, actors)
            rows.append(_price_rows(recorder, "price_outside", form, outside, [metal], WORLD))
            rows += _inside(recorder, form, actors, [metal], name)
    return rows


def _inside(recorder: Recorder, form: str, actors: np.ndarray, metals: list[int], name: str) -> list[Rows]:
    """What sellers in the restricting country get: asks weighted by output."""
    metal, country = recorder.places["ore desk" if form == "feed" else "refiner"]
    ask = recorder.block("feed_ask") if form == "feed" else recorder.block("refined_ask")[:, : len(metal)]
    output = recorder.block("mined" if form == "feed" else "refining")
    count = len(recorder.world.layout.metals)
    weight = (output + 1e-9) * np.isin(country, actors)
    total = sum_by(weight, metal, count)
    here = [m for m in metals if (np.isin(country, actors) & (metal == m)).any()]
    values = sum_by(weight * ask, metal, count) / np.maximum(total, 1e-300)
    return [_price_rows(recorder, "price_inside", form, values, here, name)] if here else []


def _trade_flows(recorder: Recorder) -> list[Rows]:
    """Imports, exports and net import reliance of countries and of the European Union."""
    from environment.reliance import reliance_rows

    world, layout = recorder.world, recorder.world.layout
    countries, metals = len(layout.countries), len(layout.metals)
    union = np.zeros(countries, bool)
    union[layout.country_indices(UNION)] = True
    rows = []
    for form in ("feed", "refined"):
        market, flow = world.markets[form], recorder.block(f"{form}_flow")
        crosses = market.seller_country != market.buyer_country
        leaves = crosses & ~(union[market.seller_country] & union[market.buyer_country])
        for variable, place in (("imports", market.buyer_country), ("exports", market.seller_country)):
            cell = sum_by(flow * crosses, place * metals + market.metal, countries * metals)
            of_union = sum_by(flow * (leaves & union[place]), market.metal, metals)
            rows.append(_cells(recorder, variable, form, cell, "t"))
            rows.append(_by_metal(recorder, variable, form, of_union, UNION, "t"))
    return rows + reliance_rows(recorder, rows)


def _cells(recorder: Recorder, variable: str, form: str, values: np.ndarray, unit: str) -> Rows:
    """Series by country and metal, those that are ever above zero."""
    layout, metals = recorder.world.layout, len(recorder.world.layout.metals)
    shown = np.flatnonzero(values.any(axis=0))
    return Rows(
        variable,
        [form_of(recorder, form, int(cell % metals)) for cell in shown],
        [layout.metals[cell % metals] for cell in shown],
        [layout.countries[cell // metals] for cell in shown],
        values[:, shown],
        unit,
    )


def _by_metal(recorder: Recorder, variable: str, form: str, values: np.ndarray, region: str, unit: str) -> Rows:
    layout = recorder.world.layout
    forms = [form_of(recorder, form, m) for m in range(len(layout.metals))]
    return Rows(variable, forms, list(layout.metals), [region] * len(layout.metals), values, unit)


def _concentration(recorder: Recorder) -> list[Rows]:
    """Herfindahl-Hirschman index of mine and refined output by country, 0 to 1."""
    rows = []
    for form, name, place in (("feed", "mined", "ore desk"), ("refined", "refining", "refiner")):
        metal = recorder.places[place][0]
        output = recorder.block(name)
        count = len(recorder.world.layout.metals)
        total = np.maximum(sum_by(output, metal, count), 1e-300)
        rows.append(_by_metal(recorder, "hhi", form, sum_by((output / total[:, metal]) ** 2, metal, count), WORLD, "1"))
    return rows


def _recycling(recorder: Recorder) -> list[Rows]:
    """End-of-life recycling rate (collection x separation) and recycled content of the world and of the Union."""
    world, metals = recorder.world, len(recorder.world.layout.metals)
    union = set(world.layout.country_indices(UNION).tolist())
    rows = []
    for region, inside in ((WORLD, None), (UNION, union)):
        if inside is not None and not inside:
            continue

        def total(name: str, place: str, inside: set[int] | None = inside) -> np.ndarray:
            metal, country = recorder.places[place]
            keep = np.ones(len(metal), bool) if inside is None else np.isin(country, list(inside))
            return sum_by(recorder.block(name) * keep, metal, metals)

        out = total("end_of_life", "cell")
        rate = np.divide(total("old_recoverable", "cell"), out, out=np.zeros_like(out), where=out > 0)
        rows.append(_by_metal(recorder, "eol_recycling_rate", "product", rate, region, "1"))
        metal, country = recorder.places["desk"]
        keep = np.ones(len(metal), bool) if inside is None else np.isin(country, list(inside))
        use = recorder.block("normal_use") * keep
        content = sum_by(use * recorder.block("recycled_content"), metal, metals)
        rows.append(
            _by_metal(
                recorder,
                "recycled_content",
                "refined",
                content / np.maximum(sum_by(use, metal, metals), 1e-300),
                region,
                "1",
            )
        )
    return rows


def _cover(recorder: Recorder) -> list[Rows]:
    """Stocks of manufacturers in months of normal use, by country and for the world."""
    metal, country = recorder.places["desk"]
    layout = recorder.world.layout
    stock, use = recorder.block("maker_stock"), np.maximum(recorder.block("normal_use"), 1e-300)
    names = [layout.metals[m] for m in metal]
    rows = Rows(
        "stock_cover", ["refined"] * len(metal), names, [layout.countries[c] for c in country], stock / use, "months"
    )
    count = len(layout.metals)
    world = sum_by(stock, metal, count) / np.maximum(sum_by(use, metal, count), 1e-300)
    return [rows, _by_metal(recorder, "stock_cover", "refined", world, WORLD, "months")]
