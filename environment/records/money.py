"""Who pays whom: the money that moves with what was traded and made, each entry price x quantity of the records.

Consumers pay makers for the metal in products; these pay refiners and recyclers, who pay mines and collectors. On the way sellers
pay carriers and export taxes, importers pay duties. Firms pay suppliers what it costs to run; what is left to them is their rent.
Nobody is paid the rest: there is no residual account. :mod:`lodeflow.environment.records.payments` names all entries and kinds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lodeflow.environment.ledger import month_starts
from lodeflow.environment.records import payments as paid
from lodeflow.environment.records.frames import LEAST_TRADE
from lodeflow.environment.records.indicators import base_price, edge_prices, form_of, sum_by
from lodeflow.environment.records.money_firms import Entry, of_firms, of_policies, of_products, of_rules, of_scrap

if TYPE_CHECKING:
    from lodeflow.environment.records.blocks import Blocks


def money_table(recorder: Blocks) -> pd.DataFrame:
    """The account of a world, month by month; columns: COLUMNS; trade below a gram is left out as in the table of trade.

    Freight and other payments of less than a dollar are left out, but for sales, taxes and duties.
    """
    dates = month_starts(recorder.world.first_month, recorder.written).to_numpy()
    parts = [_frame(entry, dates) for entry in _entries(recorder)]
    table = pd.concat(parts, ignore_index=True)
    columns = list(paid.COLUMNS)
    return table[columns].sort_values(columns[:10], kind="stable", ignore_index=True)


def _entries(recorder: Blocks) -> Iterator[Entry]:
    for form in ("feed", "refined"):
        yield from of_trade(recorder, form)
    yield from of_scrap(recorder)
    yield from of_products(recorder)
    yield from of_rules(recorder)
    yield from of_policies(recorder)
    yield from of_firms(recorder)


def of_trade(recorder: Blocks, form: str) -> Iterator[Entry]:
    """Sales of a form by metal, kind of seller, exporter and importer; taxes, duties and freight on them.

    The trade price is paid for goods that have arrived, freight paid and before duty: sellers pay carriers and their own
    government out of it, buyers pay duty on top.
    """
    world, layout = recorder.world, recorder.world.layout
    market, countries = world.markets[form], len(world.layout.countries)
    recycled = (market.seller >= len(world.refiners)) if form == "refined" else np.zeros(len(market), bool)
    key = ((market.metal * 2 + recycled) * countries + market.seller_country) * countries + market.buyer_country
    keys, group = np.unique(key, return_inverse=True)
    flow = recorder.block(f"{form}_flow")
    value = flow * edge_prices(recorder, form) * base_price(recorder, form, market.metal)

    def summed(usd: np.ndarray) -> np.ndarray:
        return sum_by(usd, group, len(keys))

    tonnes, ways = summed(flow), world.blueprint.ways.of(market)
    traded, of_trade = np.unique(keys // countries**2 // 2 * countries**2 + keys % countries**2, return_inverse=True)
    shown = (sum_by(tonnes, of_trade, len(traded)) > LEAST_TRADE)[:, of_trade] & (tonnes > 0.0)
    out, to = keys // countries % countries, keys % countries
    kind, metal = keys // countries**2 % 2, keys // countries**2 // 2
    names = np.array(layout.countries, object)
    seller = np.where(kind == 1, paid.RECYCLER, paid.MINE if form == "feed" else paid.REFINER).astype(object)
    buyer = np.full(len(keys), paid.REFINER if form == "feed" else paid.USER, object)
    labels = {
        "metal": np.array(layout.metals, object)[metal],
        "form": np.array([form_of(recorder, form, m) for m in metal], object),
        "exporter": names[out],
        "importer": names[to],
    }
    sells, buys = (names[out], seller), (names[to], buyer)
    state = np.full(len(keys), paid.GOVERNMENT, object)
    ships = np.full(len(keys), paid.NOWHERE, object), np.full(len(keys), paid.CARRIER, object)
    rates = ways.duty + levied(recorder, "duty", form)
    money = [
        (paid.SALE, value, buys, sells),
        (paid.EXPORT_TAX, value * levied(recorder, "tax", form), sells, (names[out], state)),
        (paid.IMPORT_DUTY, value * rates, buys, (names[to], state)),
        (paid.SEA, flow * ways.sea, sells, ships),
        (paid.LAND, flow * ways.land, sells, ships),
        (paid.AIR, flow * ways.air, sells, ships),
        (paid.TOLL, flow * ways.tolls, sells, ships),
        (paid.MORE, flow * levied(recorder, "freight", form), sells, ships),
    ]
    for entry, usd, payer, payee in money:
        total = summed(usd)
        least = paid.LEAST if entry in paid.FREIGHT else 0.0
        yield Entry(entry, labels, payer, payee, tonnes, total, shown & (total > least))


def levied(recorder: Blocks, name: str, form: str) -> np.ndarray:
    """A levy of the records by month and edge, shape (months, E)."""
    found = recorder.purse.window(name, form, 0, recorder.written)
    return np.zeros((recorder.written, len(recorder.world.markets[form]))) if found is None else found


def _frame(entry: Entry, dates: np.ndarray) -> pd.DataFrame:
    """Entries of one kind where they are shown."""
    month, column = np.nonzero(entry.shown)
    table: dict[str, object] = {"date": dates[month], "entry": entry.name}
    texts = dict(entry.labels)
    for side, (country, kind) in (("payer", entry.payer), ("payee", entry.payee)):
        texts |= {side: country, f"{side}_kind": kind}
    table |= {name: pd.Categorical(values[column]) for name, values in texts.items()}
    amount, quantity = entry.usd[month, column], entry.tonnes[month, column]
    frame = pd.DataFrame(table | {"tonnes": quantity, "rate": amount / quantity, "usd": amount})
    return frame.astype(dict.fromkeys(texts, str))


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


def rents(account: pd.DataFrame, by: tuple[str, ...] = ("date", "country", "kind")) -> pd.DataFrame:
    """What is left to mines, refiners and recyclers after all that they pay, costs included: columns of balances, rent for net."""
    table = balances(account, by if "kind" in by else (*by, "kind"))
    kept = table[table["kind"].isin(paid.FIRMS)]
    return kept.rename(columns={"net": "rent"}).reset_index(drop=True)
