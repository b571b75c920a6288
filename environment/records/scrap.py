"""Trade in scrap as it was recorded: who collected it, who bought it, how much of it is old, and what was paid for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lodeflow.environment.market.clearing import compiled
from lodeflow.environment.market.loops import months_by_row
from lodeflow.environment.records.columns import SCRAP, Columns, constant

if TYPE_CHECKING:
    from lodeflow.environment.records.blocks import Blocks


@compiled()
def _by_pair(
    flow: np.ndarray,
    price: np.ndarray,
    mix: np.ndarray,
    old: np.ndarray,
    pool: np.ndarray,
    pair: np.ndarray,
    pairs: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Old and new scrap of a metal by pair of countries, and what was paid for it over its base price, t, (2, months, pairs) each.

    Args:
        flow: scrap sold over each edge, USD at base prices, shape (months, E).
        price: what is paid for it, over that value, shape (months, E).
        mix: metal in a dollar of it, t/USD, shape (months, Q).
        old: share of old metal in it, shape (months, Q).
        pool, pair: pool of each edge, and its pair of countries, shape (E,).
        pairs: number of pairs.
    """
    tonnes, paid = np.zeros((2, len(flow), pairs)), np.zeros((2, len(flow), pairs))
    for t in range(len(flow)):
        for e in range(len(pool)):
            moved = np.float64(flow[t, e]) * np.float64(mix[t, pool[e]])
            share = np.float64(old[t, pool[e]])
            for k, part in enumerate((moved * share, moved * (1.0 - share))):
                tonnes[k, t, pair[e]] += part
                paid[k, t, pair[e]] += part * np.float64(price[t, e])
    return tonnes, paid


def _window(recorder: Blocks) -> slice:
    """Rows of the purse that belong to the records: those of a window begin later."""
    return slice(recorder.first, recorder.first + recorder.written)


def scrap_columns(recorder: Blocks, least: float) -> list[Columns]:
    """Trade in old and in new scrap by metal, country that collected it and country that bought it, t, with its price, USD/t metal.

    Recyclers pay by what comes out, so a tonne in scrap is cheaper than refined metal.

    Args:
        recorder: the records.
        least: smallest flow of a month that is shown, t.
    """
    world, purse, months = recorder.world, recorder.purse, _window(recorder)
    layout, market = world.layout, world.markets["scrap"]
    count, names = len(layout.countries), np.array(layout.countries, object)
    keys, pair = np.unique(market.seller_country * count + market.buyer_country, return_inverse=True)
    parts = []
    for m, metal in enumerate(layout.metals):
        mix, old = (np.ascontiguousarray(rows[months, :, m]) for rows in (purse.scrap_mix, purse.scrap_old))
        found = _by_pair(purse.scrap[months], purse.scrap_price[months], mix, old, market.seller, pair, len(keys))
        for form, tonnes, paid in zip(SCRAP, *found, strict=True):
            own = np.flatnonzero((tonnes > least).any(axis=0))
            shown = tonnes[:, own] > least
            price = world.rates.price[m] * paid[:, own]
            labels = {
                "metal": constant(metal, len(own)),
                "form": constant(form, len(own)),
                "exporter": names[keys[own] // count],
                "importer": names[keys[own] % count],
            }
            price = np.divide(price, tonnes[:, own], out=np.zeros_like(price), where=shown)
            parts.append(Columns(labels, {"tonnes": tonnes[:, own], "price": price}, shown))
    return parts


def scrap_abroad(recorder: Blocks, keep: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Metal in scrap that crosses a border, by country and metal, t, shape (months, countries x metals).

    Args:
        recorder: the records.
        keep: which edges count, boolean, shape (E,).
        place: country of each edge, exporter or importer, shape (E,).
    """
    world, purse, months = recorder.world, recorder.purse, _window(recorder)
    market, layout = world.markets["scrap"], world.layout
    edges = np.flatnonzero(keep)
    flow, pool = purse.scrap[months][:, edges].astype(float), market.seller[edges]
    by_metal = [
        months_by_row(place[edges], flow * purse.scrap_mix[months, :, m][:, pool], len(layout.countries))
        for m in range(len(layout.metals))
    ]
    total: np.ndarray = np.stack(by_metal, axis=2).reshape(len(flow), -1)
    return total
