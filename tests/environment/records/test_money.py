"""The account of money: every entry is price x quantity, what one pays another gets, and taxes are trade x rate."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lodeflow import environment
from lodeflow.data import Tables
from lodeflow.environment.records.money import balances
from lodeflow.environment.records.payments import EXPORT_TAX, GOVERNMENT, MINE, RECYCLER, REFINER, SALE, USER
from lodeflow.environment.settings import WorldSettings
from lodeflow.environment.shocks.kinds import ExportBan
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
    trade = world.recorder.trade()
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
    assert set(by_kind) == {MINE, REFINER, RECYCLER, USER, GOVERNMENT}  # no residual account
    ends = -by_kind[USER]
    np.testing.assert_allclose(ends, by_kind.drop(columns=USER).sum(axis=1), rtol=1e-9)


def test_mines_and_users_are_the_ends(account: pd.DataFrame) -> None:
    table = balances(account).groupby("kind")[["received", "paid"]].sum()
    taxes = account.loc[account["entry"] == EXPORT_TAX, "usd"].sum()
    assert table.loc[USER, "received"] == 0.0
    assert table.loc[MINE, "paid"] == pytest.approx(taxes, rel=1e-12)
    assert table.loc[RECYCLER, "paid"] == 0.0
    feed = account[(account["entry"] == SALE) & (account["payer_kind"] == REFINER)]["usd"].sum()
    assert table.loc[REFINER, "paid"] == pytest.approx(feed, rel=1e-12)
    assert table.loc[MINE, "received"] == pytest.approx(feed, rel=1e-12)
    assert table.loc[RECYCLER, "received"] > 0.0


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
    assert sorted(fork.recorder.taxes["feed"]) == [0, 1, 2]


def test_the_account_is_made_only_when_it_is_asked_for(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[object] = []
    monkeypatch.setattr("lodeflow.environment.records.recorder.money_table", lambda recorder: calls.append(recorder))
    world = environment.build(tables, SETTINGS.model_copy(update={"end": "2024-02"})).run()
    world.recorder.columns()
    assert calls == []
    world.recorder.money()
    assert calls == [world.recorder]
