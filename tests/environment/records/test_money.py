"""The account of money: every entry is price x quantity, what one pays another gets, and taxes are trade x rate."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lodeflow import environment
from lodeflow.data import Tables
from lodeflow.environment.records.columns import ore_and_metal
from lodeflow.environment.records.money import balances, rents
from lodeflow.environment.records.payments import (
    CARRIER,
    COLLECTOR,
    CONSUMER,
    EXPORT_TAX,
    FEE,
    FREIGHT,
    GOVERNMENT,
    IMPORT_DUTY,
    MINE,
    MINING,
    NOWHERE,
    PENALTY,
    PREMIUM,
    PRODUCT,
    RECYCLER,
    REFINER,
    SALE,
    SCRAP,
    SEA,
    SUPPLIER,
    USER,
)
from lodeflow.environment.settings import WorldSettings
from lodeflow.environment.shocks.kinds import ExportBan, ExtendedProducerResponsibility
from lodeflow.environment.world import World

SETTINGS = WorldSettings(metals=["cobalt", "copper"], start="2024-01", end="2024-10")
BAN = ExportBan(actor="COD", metals=["cobalt"], start="2024-03", strength=0.7)
TAXED, RATE = "2024-05-01", 0.1


@pytest.fixture(scope="module")
def world(tables: Tables) -> World:
    """A ban, and from the fifth month on a tax of the DR Congo on all feed that leaves it."""
    world = environment.build(tables, SETTINGS, [BAN])
    market = world.markets["feed"]
    (congo,) = world.layout.country_indices("COD")
    leaves = (market.seller_country == congo) & (market.buyer_country != congo)
    for month in range(SETTINGS.months):
        if month == 4:
            market.tax[leaves] = RATE
        world.step()
    return world


@pytest.fixture(scope="module")
def account(world: World) -> pd.DataFrame:
    return world.recorder.money()


def sums(table: pd.DataFrame, *by: str) -> pd.Series:
    keys = [table[name].astype(str) for name in by]
    return table["usd"].groupby(keys).sum()


def test_sales_are_price_times_quantity_of_the_trade_table(world: World, account: pd.DataFrame) -> None:
    trade = ore_and_metal(world.recorder.trade())
    keys = ("date", "metal", "form", "exporter", "importer")
    expected = sums(trade.assign(usd=trade["tonnes"] * trade["price"]), *keys)
    sales = account[account["entry"] == SALE]
    found = sums(sales, *keys).reindex(expected.index)
    assert len(found) > 1000
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    np.testing.assert_allclose(account["usd"], account["tonnes"] * account["rate"], rtol=1e-12)


def test_what_one_pays_another_gets_month_by_month(account: pd.DataFrame) -> None:
    table = balances(account, ("date", "metal", "country", "kind"))
    by_kind = table.groupby(["date", "metal", "kind"])["net"].sum().unstack().fillna(0.0)
    volume = table.groupby(["date", "metal"])["paid"].sum()
    assert (by_kind.sum(axis=1).abs() <= 1e-9 * volume).all()
    ends = {CARRIER, COLLECTOR, CONSUMER, SUPPLIER}
    assert set(by_kind) == {MINE, REFINER, RECYCLER, USER, GOVERNMENT} | ends  # no residual account


def test_every_balance_is_the_sum_of_its_entries(account: pd.DataFrame) -> None:
    table = balances(account).set_index(["date", "country", "kind"])
    for side, column in (("payee", "received"), ("payer", "paid")):
        keys = [account["date"], account[side], account[f"{side}_kind"]]
        sums = account["usd"].groupby(keys).sum()
        np.testing.assert_allclose(table.loc[sums.index, column], sums, rtol=1e-12)
    np.testing.assert_allclose(table["net"], table["received"] - table["paid"], rtol=1e-12, atol=1e-6)


def test_mines_bring_metal_in_and_consumers_are_its_end(account: pd.DataFrame) -> None:
    table = balances(account).groupby("kind")[["received", "paid"]].sum()
    assert table.loc[CONSUMER, "received"] == table.loc[[CARRIER, COLLECTOR, SUPPLIER], "paid"].sum() == 0.0
    sold = account[(account["entry"] == SALE) & (account["form"] == "refined")]
    assert {REFINER, RECYCLER} <= set(sold["payee_kind"])
    bought = account[account["payee_kind"] == MINE]
    assert set(bought["payer_kind"]) == {REFINER}
    assert set(account.loc[account["payer_kind"] == CONSUMER, "entry"]) == {PRODUCT}
    assert set(account.loc[account["payer_kind"] == MINE, "entry"]) <= {EXPORT_TAX, MINING, *FREIGHT}


def test_freight_is_what_the_way_costs_for_the_gross_weight(
    tables: Tables, world: World, account: pd.DataFrame
) -> None:
    trade = world.recorder.trade()
    km = tables.sea_distances.set_index(["iso3_a", "iso3_b"])["km"]["CHL", "CHN"]
    rate = tables.freight_rates.set_index("mode")["rate"]["container"]
    content = tables.gross_weights.set_index(["metal", "form"])["content"]["copper", "refined"]
    air = tables.transport_modes.set_index(["metal", "form", "iso3"])["air"]["copper", "refined", "CHL"]
    own = {"metal": "copper", "form": "refined", "exporter": "CHL", "importer": "CHN"}
    sold = trade[(trade[list(own)] == pd.Series(own)).all(axis=1)].set_index("date")["tonnes"]
    paid = account[(account[list(own)] == pd.Series(own)).all(axis=1) & (account["entry"] == SEA)]
    expected = sold * (1.0 - air) * km * rate / content
    np.testing.assert_allclose(paid.groupby("date")["usd"].sum(), expected, rtol=1e-6)
    assert set(paid["payer_kind"]) <= {REFINER, RECYCLER}
    assert set(paid["payee"]) == {NOWHERE}


def test_nothing_is_paid_for_the_way_or_at_the_border_at_home(account: pd.DataFrame) -> None:
    home = account[account["exporter"] == account["importer"]]
    assert not set(home["entry"]) & {*FREIGHT, IMPORT_DUTY}
    union = account[(account["exporter"] == "DEU") & (account["importer"] == "BEL")]
    assert SALE in set(union["entry"])
    assert IMPORT_DUTY not in set(union["entry"])


def test_mines_pay_what_their_tiers_cost(world: World, account: pd.DataFrame) -> None:
    miners, date = world.miners, account["date"].max()
    feed = world.rates.price * (1.0 - world.rates.treatment_charge) * np.exp(world.anchor)
    cost = miners.output * miners.cost * feed[miners.metal]
    copper = miners.metal == world.layout.metal_index["copper"]
    paid = account[(account["entry"] == MINING) & (account["date"] == date) & (account["metal"] == "copper")]
    assert paid["usd"].sum() == pytest.approx(cost[copper].sum(), rel=1e-6)
    rent = rents(account, ("metal", "kind")).set_index(["metal", "kind"])["rent"]
    assert rent["copper", MINE] > 0.0


def test_consumers_pay_for_the_metal_in_what_they_buy(world: World, account: pd.DataFrame) -> None:
    goods = world.recorder.product_trade()
    sold = account[account["entry"] == PRODUCT]
    by_pair = goods[goods["metal"] == "copper"].groupby(["exporter", "importer"])["tonnes"].sum()
    found = sold[sold["metal"] == "copper"].groupby(["exporter", "importer"])["tonnes"].sum()
    large = by_pair[by_pair > 1.0]
    np.testing.assert_allclose(found.reindex(large.index), large, rtol=1e-6)
    assert (sold["payer"] == sold["importer"]).all()


def test_recyclers_pay_collectors_for_the_scrap_they_buy(world: World, account: pd.DataFrame) -> None:
    scrap = account[account["entry"] == SCRAP]
    last = scrap[scrap["date"] == scrap["date"].max()]
    market, price = world.markets["scrap"], world.rates.price
    inside = (market.flow[:, None] * world.pools.mix[market.seller]).sum(axis=0)
    np.testing.assert_allclose(last.groupby("metal")["tonnes"].sum()[world.layout.metals], inside, rtol=1e-5)
    value = (inside * price).sum() * (1.0 - world.parameters["scrap_cost"])
    assert 0.3 * value < last["usd"].sum() < 1.5 * value


def test_rules_charge_what_they_say_and_only_where_there_are_any(tables: Tables, account: pd.DataFrame) -> None:
    rules = {FEE, PENALTY, PREMIUM}
    assert not set(account["entry"]) & rules
    epr = ExtendedProducerResponsibility(
        actor="EU27",
        products=["ev-battery-nickel", "portable-battery"],
        start="2024-02",
        collection=[{"date": "2024-06", "value": 0.9}],
        recycled_content={"cobalt": [{"date": "2024-03", "value": 0.5}]},
        fee=700.0,
    )
    world = environment.build(tables, SETTINGS.model_copy(update={"metals": ["cobalt"]}), [epr]).run()
    found = world.recorder.money()
    assert set(found["entry"]) >= rules
    fees = found[found["entry"] == FEE]
    np.testing.assert_allclose(fees["rate"], 700.0, rtol=1e-9)
    assert set(fees["payer"]) <= {world.layout.countries[c] for c in world.layout.members["EU27"]}
    rows = world.layout.in_use_rows(world.layout.members["EU27"], epr.products)
    last = fees[fees["date"] == fees["date"].max()]
    assert last["tonnes"].sum() == pytest.approx(world.in_use.collected[rows].sum(), rel=1e-3)
    penalty = found[found["entry"] == PENALTY]
    assert set(penalty["payee_kind"]) == {GOVERNMENT}
    assert (penalty["payer"] == penalty["payee"]).all()
    assert (found.loc[found["entry"] == PREMIUM, "payee_kind"] == RECYCLER).all()


def test_duties_are_trade_times_rate_in_the_months_of_the_tax(world: World, account: pd.DataFrame) -> None:
    trade = world.recorder.trade()
    leaves = (trade["exporter"] == "COD") & (trade["importer"] != "COD") & trade["form"].isin(["intermediate", "ore"])
    taxed = trade[leaves & (trade["date"] >= TAXED)]
    duties = account[account["entry"] == EXPORT_TAX]
    assert duties["date"].min() == pd.Timestamp(TAXED)
    assert set(duties["payee"]) == set(duties["payer"]) == {"COD"}
    assert set(duties["payee_kind"]) == {GOVERNMENT}
    expected = sums(taxed.assign(usd=RATE * taxed["tonnes"] * taxed["price"]), "date", "metal", "importer")
    found = sums(duties, "date", "metal", "importer").reindex(expected.index)
    assert len(found) > 10
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_a_fork_keeps_the_taxes_of_its_past(tables: Tables) -> None:
    calm = environment.build(tables, SETTINGS.model_copy(update={"metals": ["cobalt"]}))
    calm.markets["feed"].tax[:] = RATE
    for _ in range(3):
        calm.step()
    fork = calm.fork([BAN.model_copy(update={"start": "2024-06"})])
    assert fork.recorder.purse.months("tax", "feed") == {0, 1, 2}


def test_the_account_is_made_only_when_it_is_asked_for(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[object] = []
    monkeypatch.setattr("lodeflow.environment.records.recorder.money_table", lambda recorder: calls.append(recorder))
    world = environment.build(tables, SETTINGS.model_copy(update={"end": "2024-02"})).run()
    world.recorder.columns()
    assert calls == []
    world.recorder.money()
    assert calls == [world.recorder]
