"""Scrap in the table of trade and in the series: who collected it, who bought it, what is old, and what came out of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lodeflow.agents import scrap_pool
from lodeflow.data import Tables
from lodeflow.environment import World
from lodeflow.environment.accounts import FLOWS
from lodeflow.environment.records.columns import SCRAP, ore_and_metal
from lodeflow.environment.records.payments import SCRAP as PAID
from lodeflow.environment.shocks.kinds import WasteImportBan
from tests.environment.helpers import world_of

METALS = ["copper", "nickel"]


@pytest.fixture(scope="module")
def world(tables: Tables) -> World:
    """China takes no scrap from abroad from 2025 on."""
    ban = WasteImportBan(actor="CHN", start="2025-01", strength=1.0)
    world = world_of(tables, METALS, [ban], end="2026-06")
    world.recorder.purse.whole = True
    return world.run()


@pytest.fixture(scope="module")
def trade(world: World) -> pd.DataFrame:
    rows = world.recorder.trade()
    return rows[rows["form"].isin(SCRAP)]


def series(world: World, variable: str, region: str, metal: str = "copper") -> np.ndarray:
    rows = world.recorder.series()
    own = (rows["variable"] == variable) & (rows["region"] == region) & (rows["metal"] == metal)
    return rows[own].sort_values("date")["value"].to_numpy()


def test_all_scrap_that_recyclers_buy_is_in_the_table_of_trade(world: World, trade: pd.DataFrame) -> None:
    bought = trade.groupby(["date", "metal"], observed=True)["tonnes"].sum().unstack()[world.layout.metals]
    flow = world.ledger.flows[:, list(FLOWS).index("scrap to recyclers")]
    np.testing.assert_allclose(bought, flow, rtol=1e-5)
    assert len(ore_and_metal(world.recorder.trade())) + len(trade) == len(world.recorder.trade())


def test_trade_in_scrap_is_price_times_quantity_of_the_account_of_money(world: World, trade: pd.DataFrame) -> None:
    money = world.recorder.money()
    paid = money[money["entry"] == PAID].groupby(["exporter", "importer"], observed=True)["usd"].sum()
    worth = (
        (trade["tonnes"] * trade["price"]).groupby([trade["exporter"].astype(str), trade["importer"].astype(str)]).sum()
    )
    paid.index = pd.MultiIndex.from_tuples([(str(one), str(other)) for one, other in paid.index])
    np.testing.assert_allclose(worth.reindex(paid.index), paid, rtol=1e-4)
    assert (trade["price"] < 2.0 * world.rates.price.max()).all()


def test_scrap_of_a_pool_is_old_by_what_was_collected(world: World, trade: pd.DataFrame) -> None:
    last = trade[(trade["date"] == trade["date"].max()) & (trade["metal"] == "copper")]
    sold = last.groupby("form", observed=True)["tonnes"].sum()
    pools, market, metal = world.pools, world.markets["scrap"], world.layout.metal_index["copper"]
    tonnes = market.by_seller(market.flow) * pools.mix[:, metal]
    assert sold["old scrap"] == pytest.approx(float(tonnes @ pools.old_share[:, metal]), rel=1e-5)
    assert sold["old scrap"] + sold["new scrap"] == pytest.approx(float(tonnes.sum()), rel=1e-5)
    parts = np.array([[4.0, 3.0, 2.5, 2.0, 1.0], [0.0, 0.0, 0.0, 0.0, 0.0]])
    assert scrap_pool.old_share(parts).ravel().tolist() == [0.25, 0.0]


def test_series_of_scrap_are_the_sums_of_the_table(world: World, trade: pd.DataFrame) -> None:
    abroad = trade[(trade["exporter"].astype(str) != trade["importer"].astype(str)) & (trade["metal"] == "copper")]
    for variable, end, place in (("scrap_imports", "importer", "DEU"), ("scrap_exports", "exporter", "USA")):
        by_month = abroad[abroad[end] == place].groupby("date")["tonnes"].sum()
        np.testing.assert_allclose(series(world, variable, place), by_month, rtol=1e-5)


def test_metal_from_foreign_scrap_fades_when_the_border_closes(world: World) -> None:
    abroad, whole = (series(world, name, "CHN") for name in ("secondary_supply_abroad", "secondary_supply"))
    assert (abroad >= 0.0).all()
    assert (abroad <= whole * (1.0 + 1e-9)).all()
    assert abroad[11] > 0.1 * whole[11]
    assert abroad[-1] < 0.02 * abroad[11], "what lay in the yards is used up"
    assert series(world, "scrap_imports", "CHN")[-1] < 1e-3 * series(world, "scrap_imports", "CHN")[11]
    assert series(world, "secondary_supply_abroad", "DEU")[-1] > 0.0


def test_no_more_foreign_metal_lies_in_a_yard_than_metal(world: World) -> None:
    recyclers = world.recyclers
    assert (recyclers.foreign <= scrap_pool.content(recyclers.yard) * (1.0 + 1e-9) + 1e-12).all()
    at_home = np.bincount(world.markets["scrap"].buyer, world.places.scrap_abroad, len(recyclers)) == 0.0
    assert at_home.any()
    assert not recyclers.foreign[at_home].any()
