"""Import tariffs: the importer's metal gets dearer, that of exporters cheaper, and duties are trade times rate."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from lodeflow.data import Tables
from lodeflow.environment import World
from lodeflow.environment.records.payments import IMPORT_DUTY, USER
from lodeflow.environment.shocks.tariffs import ImportTariff
from tests.environment.helpers import at, world_of
from tests.environment.shocks.test_routes import ask, desk, ran

START, RATE = "2024-07", 0.5


def tariff(**fields: Any) -> ImportTariff:
    usual = {"actor": "USA", "metals": ["copper"], "form": "refined", "rate": RATE, "start": START, "permanent": True}
    return ImportTariff(**(usual | fields))


@pytest.fixture(scope="module")
def calm(tables: Tables) -> World:
    return ran(tables)


@pytest.fixture(scope="module")
def taxed(tables: Tables) -> World:
    return ran(tables, tariff(announce="2024-04"))


def test_the_importers_metal_gets_dearer_and_that_of_exporters_cheaper(taxed: World, calm: World) -> None:
    month = "2024-10"
    assert desk(taxed, "USA", month) > 1.05 * desk(calm, "USA", month)
    assert ask(taxed, "CHL", month) < 0.98 * ask(calm, "CHL", month)
    assert desk(taxed, "CHN", month) < desk(calm, "CHN", month)


def test_an_announced_tariff_moves_prices_before_it_starts(taxed: World, calm: World) -> None:
    assert desk(taxed, "USA", "2024-06") > 1.005 * desk(calm, "USA", "2024-06")
    assert desk(taxed, "USA", "2024-03") == desk(calm, "USA", "2024-03")


def test_sellers_turn_to_buyers_elsewhere(taxed: World, calm: World) -> None:
    market, month = taxed.markets["refined"], at(taxed, "2024-10")
    into = tariff().edges(taxed, "refined", ["copper"])
    sent = [world.recorder.block("refined_flow")[month, into].sum() for world in (taxed, calm)]
    assert sent[0] < 0.9 * sent[1]
    assert not market.domestic[into].any()


def test_importers_pay_usual_duty_and_tariff_on_what_they_import(taxed: World) -> None:
    account, trade = taxed.recorder.money(), taxed.recorder.trade()
    usual = taxed.blueprint.ways.atlas
    duty = usual.duty["refined"][usual.index["USA"]]
    imports = trade[(trade["importer"] == "USA") & (trade["exporter"] != "USA") & (trade["form"] == "refined")]
    added = np.where(imports["date"] >= pd.Timestamp(START), RATE, 0.0)
    expected = ((duty + added) * imports["tonnes"] * imports["price"]).groupby(imports["date"]).sum()
    paid = account[(account["entry"] == IMPORT_DUTY) & (account["payer"] == "USA") & (account["form"] == "refined")]
    assert set(paid["payee"]) == {"USA"}
    assert set(paid["payer_kind"]) == {USER}
    np.testing.assert_allclose(paid.groupby("date")["usd"].sum(), expected, rtol=1e-6)
    assert expected.iloc[-1] > 2.0 * expected.iloc[0] > 0.0


def test_users_pay_no_more_than_they_bid_with_the_duty_on_top(taxed: World) -> None:
    from lodeflow.environment.records.indicators import edge_prices

    into, month = tariff().edges(taxed, "refined", ["copper"]), at(taxed, "2024-12")
    price = edge_prices(taxed.recorder, "refined")[month, into]
    market = taxed.markets["refined"]
    posted = taxed.recorder.block("price")[month, market.buyer[into]]
    asked = taxed.recorder.block("refined_ask")[month, market.seller[into]]
    np.testing.assert_allclose(price, np.sqrt(posted / (1.0 + RATE) * asked), rtol=1e-12)


def test_a_tariff_is_monotone_in_its_rate(tables: Tables, calm: World) -> None:
    month = "2024-10"
    prices = [desk(ran(tables, tariff(rate=rate)), "USA", month) for rate in (0.1, 0.3)]
    assert desk(calm, "USA", month) < prices[0] < prices[1]


def test_a_tariff_on_one_partner_leaves_the_others(calm: World) -> None:
    into = tariff(partners=["CHL"]).edges(calm, "refined", ["copper"])
    market = calm.markets["refined"]
    assert set(market.seller_country[into]) == {calm.layout.country_index["CHL"]}
    assert set(market.buyer_country[into]) == {calm.layout.country_index["USA"]}


def test_a_schedule_is_the_rate_of_its_months(tables: Tables) -> None:
    shock = tariff(schedule=[{"start": "2024-08", "end": "2024-09", "value": 0.25}])
    world = world_of(tables, ["copper"], [shock], end="2024-10").run()
    into = shock.edges(world, "refined", ["copper"])
    duty = [float(np.max(world.recorder.purse.levied("duty", "refined", t)[into])) for t in range(6, 10)]
    assert duty == [RATE, 0.25, 0.25, RATE]


def test_a_tariff_of_nothing_changes_no_bit(tables: Tables, calm: World) -> None:
    idle = ran(tables, tariff(rate=0.0))
    np.testing.assert_array_equal(idle.recorder.block("price"), calm.recorder.block("price"))
    assert idle.events()[0]["reason"] == "its rate is 0"


def test_what_nobody_imports_is_said_before_the_run(calm: World) -> None:
    (line,) = tariff(metals=["gallium"]).unreached(calm)
    assert line == "USA imports no gallium when the run starts: there is nothing to tax"


def test_percent_for_a_share_are_refused() -> None:
    with pytest.raises(ValidationError, match="less than or equal to 10"):
        tariff(rate=25)
    with pytest.raises(ValidationError, match=r"write 0\.25 for 25 percent"):
        tariff(schedule=[{"start": "2024-08", "end": "2024-09", "value": 25}])
