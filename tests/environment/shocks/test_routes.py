"""Closed routes delay, turn away and make ways dearer; they destroy nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from lodeflow.data import Tables
from lodeflow.environment import World
from lodeflow.environment.records.payments import CARRIER, MORE, USER
from lodeflow.environment.records.transit import arrivals
from lodeflow.environment.shocks.effects import Effects
from lodeflow.environment.shocks.routes import PASSAGES, RouteClosure
from lodeflow.environment.shocks.shock import Shock
from tests.environment.helpers import at, world_of

START, AFTER = "2024-04", "2024-07"


def closed(**fields: Any) -> RouteClosure:
    return RouteClosure(**({"start": START, "end": "2024-09"} | fields))


def ran(tables: Tables, *shocks: Shock) -> World:
    return world_of(tables, ["copper"], shocks, end="2024-12").run()


@pytest.fixture(scope="module")
def calm(tables: Tables) -> World:
    return ran(tables)


@pytest.fixture(scope="module")
def suez(tables: Tables) -> World:
    return ran(tables, closed(passage="suez", freight_rise=1.0))


@pytest.fixture(scope="module")
def chile(tables: Tables) -> World:
    return ran(tables, closed(actor="CHL"))


def written(world: World, shock: Shock) -> Effects:
    effects = Effects(world)
    shock.act(world, effects, world.first_month + at(world, "2024-06"))
    return effects


def edge(world: World, market: str, seller: str, buyer: str) -> int:
    table, index = world.markets[market], world.layout.country_index
    (row, *_) = np.flatnonzero((table.seller_country == index[seller]) & (table.buyer_country == index[buyer]))
    return int(row)


def desk(world: World, country: str, month: str = AFTER) -> float:
    row = int(np.flatnonzero(world.desks.country == world.layout.country_index[country])[0])
    return float(world.recorder.block("price")[at(world, month), row])


def ask(world: World, country: str, month: str = AFTER) -> float:
    row = int(np.flatnonzero(world.refiners.country == world.layout.country_index[country])[0])
    return float(world.recorder.block("refined_ask")[at(world, month), row])


def test_passages_are_those_of_the_table(tables: Tables) -> None:
    assert set(PASSAGES) == set(tables.passages["passage"])


def test_a_detour_is_its_kilometres_over_the_speed_and_times_the_rate(tables: Tables, calm: World) -> None:
    rows = tables.sea_detours.set_index(["iso3_a", "iso3_b", "closed"])["km"]
    usual = tables.sea_distances.set_index(["iso3_a", "iso3_b"])["km"]["CHN", "DEU"]
    more = rows["CHN", "DEU", "suez"] - usual
    assert more == 25504 - 20096
    effects = written(calm, closed(passage="suez", strength=0.5)).written
    row, ways = edge(calm, "refined", "CHN", "DEU"), calm.blueprint.ways.of(calm.markets["refined"])
    assert effects.delay_months["refined"][row] == pytest.approx(
        0.5 * ways.by_sea[row] * more / calm.parameters["shipping_km_per_month"]
    )
    rate = tables.freight_rates.set_index("mode")["rate"]["container"]
    toll = tables.passages.set_index("passage")["toll"]["suez"]
    assert effects.freight["refined"][row] == pytest.approx(0.5 * ways.by_sea[row] * (more * rate - toll))
    assert (effects.cap_now["refined"] == 1.0).all()
    assert (effects.output_kept == 1.0).all()


def test_ore_is_bulk_and_pays_for_its_gross_weight(tables: Tables, calm: World) -> None:
    market = calm.markets["feed"]
    ways, row = calm.blueprint.ways.of(market), edge(calm, "feed", "PER", "CHN")
    content = tables.gross_weights.set_index(["metal", "form"])["content"]["copper", "ore"]
    km = tables.sea_distances.set_index(["iso3_a", "iso3_b"])["km"]["CHN", "PER"]
    rate = tables.freight_rates.set_index("mode")["rate"]["bulk"]
    assert not market.intermediate[row]
    assert ways.sea[row] == pytest.approx(ways.by_sea[row] * km * rate / content)
    assert ways.sea[row] > 100.0


def test_ways_that_do_not_use_the_passage_are_left_alone(calm: World) -> None:
    effects = written(calm, closed(passage="suez")).written
    for name, seller, buyer in (("refined", "CHL", "USA"), ("feed", "PER", "CHN")):
        row = edge(calm, name, seller, buyer)
        assert effects.delay_months[name][row] == effects.freight[name][row] == 0.0
    home = calm.markets["refined"].domestic
    assert not effects.freight["refined"][home].any()


def test_neighbours_go_by_road_and_do_not_care_for_straits(calm: World) -> None:
    ways = calm.blueprint.ways.of(calm.markets["refined"])
    assert ways.by_land[edge(calm, "refined", "DEU", "ITA")] > 0.9
    assert ways.by_sea[edge(calm, "refined", "CHL", "CHN")] > 0.9
    shares = ways.by_sea + ways.by_land + ways.by_air
    np.testing.assert_allclose(shares, ways.abroad.astype(float), atol=1e-12)


def test_what_is_sent_while_a_passage_is_closed_arrives_later_and_in_full(suez: World) -> None:
    market = suez.markets["refined"]
    sent, came = suez.recorder.block("refined_flow"), arrivals(suez.recorder, "refined")
    touched = suez.blueprint.ways.closure(market, ("suez",), ()).touched > 0.0
    late = suez.recorder.purse.levies["late"]["refined"]
    assert sorted(late) == list(range(at(suez, START), at(suez, "2024-10")))
    assert (late[at(suez, START)] > 0.0)[touched].any()
    assert not late[at(suez, START)][~touched].any()
    first = np.bincount(market.buyer, (market.lead * market.base), len(market.buyers))
    start = market.by_buyer(came.sum(axis=0)) + market.in_transit()
    np.testing.assert_allclose(start, market.by_buyer(sent.sum(axis=0, dtype=float)) + first, rtol=1e-5)


def test_the_closure_of_a_passage_keeps_all_output_and_makes_metal_behind_it_dearer(suez: World, calm: World) -> None:
    mined = [world.recorder.block("mined").sum() for world in (suez, calm)]
    assert mined[0] == pytest.approx(mined[1], rel=1e-3)
    used = [world.recorder.block("use").sum() for world in (suez, calm)]
    assert used[0] == pytest.approx(used[1], rel=1e-3)
    assert desk(suez, "ITA") > desk(calm, "ITA")


def test_a_country_whose_ports_are_closed_sells_cheaper_and_its_buyers_pay_more(chile: World, calm: World) -> None:
    assert ask(chile, "CHL") < 0.97 * ask(calm, "CHL")
    assert desk(chile, "CHN") > 1.01 * desk(calm, "CHN")


def test_what_cannot_sail_waits_with_its_seller(chile: World, calm: World) -> None:
    row = int(np.flatnonzero(chile.refiners.country == chile.layout.country_index["CHL"])[0])
    month = at(chile, "2024-09")
    held = [world.recorder.block("refiner_stock")[month, row] for world in (chile, calm)]
    assert held[0] > 1.5 * held[1]
    leaves = chile.markets["refined"].seller == row
    abroad = leaves & ~chile.markets["refined"].domestic
    sent = [world.recorder.block("refined_flow")[month, abroad].sum() for world in (chile, calm)]
    assert sent[0] < 0.5 * sent[1]
    made = [world.recorder.block("refining")[month, row] for world in (chile, calm)]
    assert made[0] > 0.5 * made[1]


def test_neighbours_ports_take_a_share_and_islands_have_none(calm: World) -> None:
    market = calm.markets["refined"]
    ways = calm.blueprint.ways
    chile, japan = (ways.closure(market, (), (calm.layout.country_index[name],)) for name in ("CHL", "JPN"))
    row = edge(calm, "refined", "CHL", "CHN")
    assert chile.cut[row] == pytest.approx((1.0 - calm.parameters["port_room"]) * chile.touched[row])
    assert chile.more_land_km[row] > 500.0
    row = edge(calm, "refined", "CHL", "JPN")
    assert japan.cut[row] == japan.touched[row] > 0.9


def test_a_closure_is_monotone_in_what_it_turns_away(calm: World) -> None:
    row = edge(calm, "refined", "CHN", "DEU")
    steps = [written(calm, closed(passage="suez", strength=share)).written for share in (0.0, 0.3, 0.6, 1.0)]
    for found in ("delay_months", "freight"):
        values = [getattr(step, found)["refined"][row] for step in steps]
        assert values == sorted(values)
        assert values[0] == 0.0 < values[1]


def test_a_queue_delays_what_still_goes_through(calm: World) -> None:
    row = edge(calm, "refined", "CHN", "DEU")
    shock = closed(passage="suez", strength=0.25, queue_days=15.2)
    sea = calm.blueprint.ways.of(calm.markets["refined"]).by_sea[row]
    turned = written(calm, closed(passage="suez", strength=0.25)).written.delay_months["refined"][row]
    assert written(calm, shock).written.delay_months["refined"][row] == pytest.approx(turned + 0.75 * sea * 0.5)


def test_an_empty_closure_changes_no_bit(tables: Tables, calm: World) -> None:
    idle = ran(tables, closed(passage="panama", strength=0.0))
    np.testing.assert_array_equal(idle.recorder.block("price"), calm.recorder.block("price"))
    (event,) = idle.events()
    assert event["reason"] == "its strength, queue_days and freight_rise are 0"


def test_a_closure_that_names_nothing_is_refused_in_one_line() -> None:
    with pytest.raises(ValidationError, match="it closes nothing; name a passage"):
        closed()
    with pytest.raises(ValidationError, match="suez"):
        closed(passage="sues")


def test_sellers_pay_what_a_closed_canal_adds_to_freight(suez: World) -> None:
    account = suez.recorder.money()
    added = account[account["entry"] == MORE]
    assert set(added["payee_kind"]) == {CARRIER}
    market = suez.markets["refined"]
    (month, freight), *_ = suez.recorder.purse.levies["freight"]["refined"].items()
    owed = suez.recorder.block("refined_flow")[month] @ freight
    first = added[(added["date"] == added["date"].min()) & (added["form"] == "refined")]
    assert first["usd"].sum() == pytest.approx(owed, rel=1e-4)
    assert USER not in set(first["payer_kind"])
    assert added["date"].dt.strftime("%Y-%m").min() == START
    assert len(freight) == len(market)


def test_sellers_turn_from_a_dear_way(tables: Tables, calm: World) -> None:
    shock = closed(passage="malacca", strength=0.0, freight_rise=20.0)
    dear = ran(tables, shock)
    month, market = at(dear, AFTER), dear.markets["refined"]
    touched = dear.blueprint.ways.closure(market, ("malacca",), ()).touched > 0.5
    sent = [world.recorder.block("refined_flow")[month, touched].sum() for world in (dear, calm)]
    assert sent[0] < 0.97 * sent[1]
    freight = dear.recorder.purse.levied("freight", "refined", month)
    assert np.asarray(freight)[touched].min() > 0.0
    assert dear.recorder.purse.months("late", "refined") == set()
