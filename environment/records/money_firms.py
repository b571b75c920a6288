"""The account of money beside the trade in metal: scrap, products, rules for the end of life, and what it costs to run firms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lodeflow.environment.records import payments as paid
from lodeflow.environment.records.frames import LEAST_TRADE
from lodeflow.environment.records.indicators import base_price, edge_prices, form_of, sum_by

if TYPE_CHECKING:
    from lodeflow.environment.records.blocks import Blocks

Side = tuple[np.ndarray, np.ndarray]
"""Country and kind of who pays or is paid, shape (n,) each."""


@dataclass(frozen=True)
class Entry:
    """Payments of one kind between n pairs.

    Attributes:
        name: what is paid for.
        labels: metal, form, exporter and importer, shape (n,) each.
        payer, payee: who pays, and who is paid.
        tonnes, usd: quantity and money by month, shape (months, n).
        shown: where there is anything, boolean, shape (months, n).
    """

    name: str
    labels: dict[str, np.ndarray]
    payer: Side
    payee: Side
    tonnes: np.ndarray
    usd: np.ndarray
    shown: np.ndarray


def _between(
    recorder: Blocks,
    name: str,
    form: str,
    where: tuple[np.ndarray, np.ndarray, np.ndarray],
    kinds: tuple[str, str],
    tonnes: np.ndarray,
    usd: np.ndarray,
) -> Entry:
    """Payments of importers to exporters, summed by metal and pair of countries.

    Args:
        recorder: the records.
        name, form: of the entry.
        where: metal, exporter and importer, indices, shape (n,).
        kinds: of payer (in the importing country) and payee (in the exporting one).
        tonnes, usd: shape (months, n).
    """
    layout, count = recorder.world.layout, len(recorder.world.layout.countries)
    keys, group = np.unique((where[0] * count + where[1]) * count + where[2], return_inverse=True)
    quantity, amount = sum_by(tonnes, group, len(keys)), sum_by(usd, group, len(keys))
    countries = np.array(layout.countries, object)
    out, to = countries[keys // count % count], countries[keys % count]
    labels = {
        "metal": np.array(layout.metals, object)[keys // count**2],
        "form": np.full(len(keys), form, object),
        "exporter": out,
        "importer": to,
    }
    payer, payee = (np.full(len(keys), kind, object) for kind in kinds)
    shown = (quantity > LEAST_TRADE) & (amount >= paid.LEAST)
    return Entry(name, labels, (to, payer), (out, payee), quantity, amount, shown)


def of_scrap(recorder: Blocks) -> Iterator[Entry]:
    """Recyclers pay collectors for scrap, by the value of what comes out of it, split by the metals inside."""
    world, purse, written = recorder.world, recorder.purse, recorder.written
    market, metals = world.markets["scrap"], len(world.layout.metals)
    tonnes = purse.scrap[:written, :, None] * purse.scrap_mix[:written][:, market.seller]
    usd = tonnes * world.rates.price * purse.scrap_price[:written, :, None]
    where = (
        np.tile(np.arange(metals), len(market)),
        np.repeat(market.seller_country, metals),
        np.repeat(market.buyer_country, metals),
    )
    flat = [part.reshape(written, -1).astype(float) for part in (tonnes, usd)]
    yield _between(recorder, paid.SCRAP, "scrap", where, (paid.RECYCLER, paid.COLLECTOR), *flat)


def of_products(recorder: Blocks) -> Iterator[Entry]:
    """Consumers pay makers for the metal in products: what it costs at home, that in the waste of the factory included."""
    world, trade = recorder.world, recorder.world.trade
    inputs = world.inputs
    years = np.array([trade.year(world.first_month + t) for t in range(recorder.written)])
    metal = inputs.metal[trade.input]
    where = (metal, trade.maker[trade.edge], trade.user[trade.edge])
    goods = recorder.block("goods")[:, trade.input] * trade.metal_share[years]
    left = 1.0 - world.blueprint.new_scrap[trade.product[trade.edge]]
    price = recorder.block("price")[:, inputs.desk[trade.input]] * world.rates.price[metal] / left
    yield _between(recorder, paid.PRODUCT, "product", where, (paid.CONSUMER, paid.USER), goods, goods * price)


def of_rules(recorder: Blocks) -> Iterator[Entry]:
    """Fees for collection, penalties for recycled metal that is missing, and premiums for what there is."""
    world, purse, written = recorder.world, recorder.purse, recorder.written
    desks, most = world.desks, np.expm1(world.parameters["green_premium_max"])
    price = recorder.block("price") * world.rates.price[desks.metal]
    here = (desks.metal, desks.country, desks.country)
    missing = _dense(purse.desks["missed"], written, len(desks)) * recorder.block("use")
    kinds = (paid.USER, paid.GOVERNMENT)
    yield _between(recorder, paid.PENALTY, "refined", here, kinds, missing, missing * price * most)
    market = world.markets["refined"]
    flow = recorder.block("refined_flow").astype(float) * (market.seller >= len(world.refiners))
    rate = np.expm1(_dense(purse.desks["premium"], written, len(desks)))[:, market.buyer]
    sold = flow * (rate > 0.0)
    usd = sold * rate * edge_prices(recorder, "refined") * base_price(recorder, "refined", market.metal)
    where = market.metal, market.seller_country, market.buyer_country
    yield _between(recorder, paid.PREMIUM, "refined", where, (paid.USER, paid.RECYCLER), sold, usd)
    metals, countries = len(world.layout.metals), len(world.layout.countries)
    cell = np.tile(np.arange(metals), countries), *(np.repeat(np.arange(countries), metals),) * 2
    collected, fees = (_dense(purse.fees[name], written, metals * countries) for name in ("tonnes", "usd"))
    yield _between(recorder, paid.FEE, "scrap", cell, (paid.USER, paid.COLLECTOR), collected, fees)


def of_policies(recorder: Blocks) -> Iterator[Entry]:
    """Bills of policies: fees, deposits, refunds, rebates, penalties, subsidies, by who bears them and who gets them."""
    written, layout = recorder.written, recorder.world.layout
    metals, size = len(layout.metals), len(layout.metals) * len(layout.countries)
    cell = (
        np.tile(np.arange(metals), len(layout.countries)),
        *(np.repeat(np.arange(len(layout.countries)), metals),) * 2,
    )
    found: dict[tuple[str, str, str], tuple[np.ndarray, np.ndarray]] = {}
    for t, bills in recorder.purse.bills.items():
        for bill, weighed in bills if t < written else ():
            for payer, share in bill.payers.items():
                key = bill.entry, payer, bill.payee
                tonnes, usd = found.setdefault(key, (np.zeros((written, size)), np.zeros((written, size))))
                for country, metal, mass, amount in weighed:
                    tonnes[t, country * metals + metal] += share * mass
                    usd[t, country * metals + metal] += share * amount
    for (name, payer, payee), (tonnes, usd) in sorted(found.items()):
        yield _between(recorder, name, "policy", cell, (payer, payee), tonnes, usd)


def of_firms(recorder: Blocks) -> Iterator[Entry]:
    """What it costs to run mines, refineries and recycling plants, paid to suppliers at home."""
    world, purse, written = recorder.world, recorder.purse, recorder.written
    desks, refiners, secondary = world.ore_desks, world.refiners, world.secondary
    costs = (
        (paid.MINING, paid.MINE, desks, "mined", purse.mine_cost[:written] * base_price(recorder, "feed", desks.metal)),
        (
            *(paid.REFINING, paid.REFINER, refiners, "refining"),
            purse.refining_cost[:written] * world.rates.price[refiners.metal],
        ),
        (
            *(paid.RECYCLING, paid.RECYCLER, secondary, "recycling"),
            purse.recycling_cost[:written] * world.rates.price[secondary.metal],
        ),
    )
    for name, kind, firms, made, usd in costs:
        here = (firms.metal, firms.country, firms.country)
        entry = _between(recorder, name, "refined", here, (kind, paid.SUPPLIER), recorder.block(made), usd)
        if kind == paid.MINE:
            index = world.layout.metal_index
            entry.labels["form"][:] = [form_of(recorder, "feed", index[metal]) for metal in entry.labels["metal"]]
        yield entry


def _dense(rows: dict[int, np.ndarray], months: int, count: int) -> np.ndarray:
    """Rows of some months as a matrix, 0 elsewhere, shape (months, n)."""
    found = np.zeros((months, count))
    for t, row in rows.items():
        if t < months:
            found[t] = row
    return found
