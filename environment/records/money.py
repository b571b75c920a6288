"""Who pays whom: the money that moves with what was traded, each entry price x quantity of the records.

Entries are sales of feed (refiners pay mines) and of refined metal (users pay refiners and recyclers), and export taxes (sellers
pay their government). Mines and users are the ends of the account. The market charges nothing else: there is no entry for freight,
import duties, subsidies, fees, scrap, wages, energy or capital.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lodeflow.environment.ledger import month_starts
from lodeflow.environment.records.frames import LEAST_TRADE
from lodeflow.environment.records.indicators import base_price, edge_prices, form_of, sum_by
from lodeflow.environment.records.payments import COLUMNS, EXPORT_TAX, GOVERNMENT, MINE, RECYCLER, REFINER, SALE, USER

if TYPE_CHECKING:
    from lodeflow.environment.records.blocks import Blocks


def money_table(recorder: Blocks) -> pd.DataFrame:
    """The account of a world, month by month; columns: COLUMNS; trade below a gram is left out as in the table of trade."""
    parts = [part for form in ("feed", "refined") for part in _of_form(recorder, form)]
    table = pd.concat(parts, ignore_index=True)
    return table[list(COLUMNS)].sort_values(list(COLUMNS[:10]), kind="stable", ignore_index=True)


def _of_form(recorder: Blocks, form: str) -> list[pd.DataFrame]:
    """Sales of a form by metal, kind of seller, exporter and importer, and the export taxes on them."""
    world, layout = recorder.world, recorder.world.layout
    market, countries = world.markets[form], len(world.layout.countries)
    recycled = (market.seller >= len(world.refiners)) if form == "refined" else np.zeros(len(market), bool)
    key = ((market.metal * 2 + recycled) * countries + market.seller_country) * countries + market.buyer_country
    keys, group = np.unique(key, return_inverse=True)
    flow = recorder.block(f"{form}_flow")
    value = flow * edge_prices(recorder, form) * base_price(recorder, form, market.metal)
    tonnes, usd = sum_by(flow, group, len(keys)), sum_by(value, group, len(keys))
    duty = sum_by(value * taxes(recorder, form), group, len(keys))
    traded, of_trade = np.unique(keys // countries**2 // 2 * countries**2 + keys % countries**2, return_inverse=True)
    shown = (sum_by(tonnes, of_trade, len(traded)) > LEAST_TRADE)[:, of_trade] & (tonnes > 0.0)
    pair = keys // countries % countries, keys % countries
    kind, metal = keys // countries**2 % 2, keys // countries**2 // 2
    names = np.array(layout.countries, object)
    seller = np.where(kind == 1, RECYCLER, MINE if form == "feed" else REFINER)
    labels: dict[str, np.ndarray] = {
        "metal": np.array(layout.metals, object)[metal],
        "form": np.array([form_of(recorder, form, m) for m in metal], object),
        "exporter": names[pair[0]],
        "importer": names[pair[1]],
    }
    buyer = np.full(len(keys), REFINER if form == "feed" else USER, object)
    sale = {"payer": names[pair[1]], "payer_kind": buyer, "payee": names[pair[0]], "payee_kind": seller.astype(object)}
    tax = {"payer": names[pair[0]], "payer_kind": seller.astype(object), "payee": names[pair[0]]}
    tax |= {"payee_kind": np.full(len(keys), GOVERNMENT, object)}
    dates = month_starts(world.first_month, recorder.written)
    return [
        _rows(SALE, labels | sale, tonnes, usd, shown, dates),
        _rows(EXPORT_TAX, labels | tax, tonnes, duty, shown & (duty > 0.0), dates),
    ]


def _rows(
    entry: str,
    labels: dict[str, np.ndarray],
    tonnes: np.ndarray,
    usd: np.ndarray,
    shown: np.ndarray,
    dates: pd.DatetimeIndex,
) -> pd.DataFrame:
    """Entries of one kind where they are shown; tonnes, usd, shown: shape (months, n)."""
    month, column = np.nonzero(shown)
    table: dict[str, object] = {"date": dates.to_numpy()[month], "entry": entry}
    table |= {name: pd.Categorical(texts[column]) for name, texts in labels.items()}
    amount, quantity = usd[month, column], tonnes[month, column]
    frame = pd.DataFrame(table | {"tonnes": quantity, "rate": amount / quantity, "usd": amount})
    return frame.astype(dict.fromkeys(labels, str))


def taxes(recorder: Blocks, form: str) -> np.ndarray:
    """Export taxes as a share of the price, shape (months, E): those that were in force in each month."""
    found = np.zeros((recorder.written, len(recorder.world.markets[form])))
    for month, rates in recorder.taxes[form].items():
        found[month] = rates
    return found


def balances(account: pd.DataFrame, by: tuple[str, ...] = ("date", "country", "kind")) -> pd.DataFrame:
    """What was received and paid, and received less paid (``net``), USD.

    Args:
        account: of money_table, with any further columns.
        by: columns of the result before these; ``country`` and ``kind`` are those of payer and payee.
    """
    sides = []
    for side, name in (("payee", "received"), ("payer", "paid")):
        own = account.rename(columns={side: "country", f"{side}_kind": "kind"})
        sides.append(own.groupby(list(by), observed=True)["usd"].sum().rename(name))
    table = pd.concat(sides, axis=1).fillna(0.0)
    return table.assign(net=table["received"] - table["paid"]).reset_index().sort_values(list(by), ignore_index=True)
