"""Firms decide: where capacity goes after a shock, and that it stays where it is without one."""

from __future__ import annotations

import numpy as np
import pytest

from lodeflow.data import Tables
from lodeflow.environment import World
from lodeflow.environment.month import investment
from lodeflow.environment.shocks.kinds import DemandSurge, ExportBan
from tests.environment.helpers import ban, price, world_of


def over_plan(world: World, kind: str, inside: str) -> tuple[float, float]:
    """Capacity over plan of the firms in a country, and outside it."""
    firms = getattr(world, kind)
    here = firms.country == world.layout.country_index[inside]
    return tuple((firms.planned * firms.expansion)[own].sum() / firms.planned[own].sum() for own in (here, ~here))  # type: ignore[return-value]


def test_capacity_stays_for_ever_without_shocks_and_growth(quiet_world: World) -> None:
    for kind in ("miners", "refiners", "recyclers"):
        firms = getattr(quiet_world, kind)
        assert firms.expansion == pytest.approx(np.ones(len(firms)), abs=1e-9), kind
        assert firms.building == pytest.approx(np.zeros_like(firms.building), abs=1e-12), kind


def test_capacity_stays_that_of_the_plan_while_it_grows(tables: Tables) -> None:
    world = world_of(tables, ["cobalt", "nickel"], mode="growth", growth=0.04, end="2031-12").run()
    for kind in ("miners", "refiners"):
        firms = getattr(world, kind)
        assert firms.expansion == pytest.approx(np.ones(len(firms)), abs=1e-9), kind


@pytest.mark.parametrize("metal", ["neodymium-praseodymium", "graphite", "germanium"])
def test_a_ban_raises_capacity_outside_within_the_lead_time(tables: Tables, metal: str) -> None:
    """Two years without refined metal from China; a refinery takes two years, the first third of its capacity comes sooner."""
    world = world_of(tables, [metal], [ban("refined", "CHN", metal, "2024-07", 24)], end="2029-12")
    for _ in range(6 + 36):
        world.step()
    inside, outside = over_plan(world, "refiners", "CHN")
    assert outside > 1.05
    assert inside <= 1.0 + 1e-9
    assert over_plan(world.run(), "refiners", "CHN")[1] > 1.2


def refined_share(world: World, country: str) -> float:
    """Share of a country in the refining of the world."""
    here = world.refiners.country == world.layout.country_index[country]
    return float(world.refiners.output[here].sum() / world.refiners.output.sum())


def test_ore_that_may_leave_builds_refineries_where_they_are(tables: Tables) -> None:
    """Twice the use of a world that grows: mines come before refineries, and the ore of Australia waits for those of China."""
    surge = DemandSurge(metals=["lithium"], strength=1.0, start="2020-06")
    world = world_of(tables, ["lithium"], [surge], mode="historical", start="2020-01", end="2028-12")
    world.step()
    before = refined_share(world, "CHN")
    world.run()
    assert refined_share(world, "CHN") == pytest.approx(before, abs=0.05)
    assert refined_share(world, "AUS") < 0.05


def test_only_what_a_measure_keeps_inside_waits_for_refineries_at_home(tables: Tables) -> None:
    measure = ExportBan(actor="AUS", metals=["lithium"], form="feed", start="2020-06")
    world = world_of(tables, ["lithium"], [measure], start="2020-01", end="2027-12")
    kept = investment._kept_inside
    desk = world.ore_desks.country == world.layout.country_index["AUS"]
    assert not kept(world).any()
    for _ in range(7):
        world.step()
    assert (kept(world)[desk] > 0.8).all()
    assert not kept(world)[~desk].any()
    assert refined_share(world.run(), "AUS") > 0.1


def test_a_ban_on_ore_builds_refineries_at_home(tables: Tables) -> None:
    measure = ExportBan(actor="IDN", metals=["nickel"], form="feed", start="2014-01")
    settings = {"mode": "historical", "start": "2013-01", "end": "2020-12"}
    with_ban, without = (world_of(tables, ["nickel"], shocks, **settings).run() for shocks in ([measure], []))
    made = [w.refiners.output[w.refiners.country == w.layout.country_index["IDN"]].sum() for w in (with_ban, without)]
    assert made[0] > 15.0 * made[1], "dear metal alone would bring it to 8 times"
    for country in ("NCL", "AUS"):
        made = [
            w.refiners.output[w.refiners.country == w.layout.country_index[country]].sum() for w in (with_ban, without)
        ]
        assert made[0] < 1.5 * made[1], country


def test_ore_of_the_copperbelt_is_three_months_under_way(tables: Tables) -> None:
    """Two months from Katanga to a port, one at sea; others reach their port within the month."""
    feed = (world := world_of(tables, ["cobalt"])).markets["feed"]
    home, china = (world.layout.country_index[name] for name in ("COD", "CHN"))
    assert set(feed.lead[(feed.seller_country == home) & (feed.buyer_country == china)]) == {3}
    near = (feed.seller_country != home) & ~feed.domestic & (feed.distance < 15_000.0)
    assert feed.lead[near].max() <= 2
    assert (feed.lead[feed.domestic] == 0).all()


def test_a_low_price_closes_the_dear_mines_first(tables: Tables) -> None:
    """Demand falls by two fifths for four years: the dearest tier shuts, the cheapest does not, and it comes back."""
    slump = DemandSurge(metals=["nickel"], strength=-0.4, start="2024-03", end="2028-02")
    world = world_of(tables, ["nickel"], [slump], end="2033-12")
    for _ in range(48):
        world.step()
    shut = [world.miners.shut[world.miners.tier == tier].mean() for tier in (1, 2, 3)]
    assert shut[2] > 0.1
    assert shut[0] < 0.01
    assert shut[0] <= shut[1] <= shut[2]
    dear = world.miners.tier == 3
    closed = world.miners.expansion[dear].mean()
    assert closed < 0.9
    assert world.run().miners.expansion[dear].mean() > closed


def test_a_surplus_of_the_base_year_lowers_the_price(tables: Tables) -> None:
    """Nickel of 2024 has one of 182,000 t, copper has none; the base year counts as usual."""
    metals, usual = ["copper", "nickel"], {"usual_years": 1.0}
    world = world_of(tables, metals, parameters=usual, mode="historical", start="2024-01", end="2025-12").run()
    assert price(world, "nickel")[-12:].mean() < 0.99
    assert price(world, "copper") == pytest.approx(np.ones(24), abs=1e-3)


def test_surpluses_of_past_years_lie_above_ground_and_move_no_price(tables: Tables) -> None:
    """Nickel of 2021 was short, and the surplus of 2020 had been drawn; it all lies there in the first month already."""
    world = world_of(tables, ["cobalt"], mode="historical", start="2024-01", end="2024-12")
    before = world_of(tables, ["cobalt"], parameters={"surplus_years": 1.0}, mode="historical", start="2024-01")
    assert world.refiners.stock.sum() == pytest.approx(before.refiners.stock.sum() + 25_000.0)
    assert world.refiners.feed_stock.sum() > before.refiners.feed_stock.sum()


def test_a_country_without_refineries_enters_when_its_ore_is_stuck(tables: Tables) -> None:
    """The DR Congo of 2024 refines no cobalt. Three years of a ban on its hydroxide build refineries there."""
    measure = ban("feed", "COD", "cobalt", "2024-07", 36)
    made = []
    for shocks in ([measure], []):
        world = world_of(tables, ["cobalt"], shocks, end="2029-12").run()
        here = world.refiners.country == world.layout.country_index["COD"]
        assert here.sum() == 1
        made.append(world.refiners.output[here].sum() / world.refiners.output.sum())
    assert made[0] > 0.03
    assert made[1] < 1e-5


def test_who_builds_signs_contracts(tables: Tables) -> None:
    world = world_of(tables, ["cobalt"])
    world.step()
    feed, refined = world.markets["feed"], world.markets["refined"]
    before = feed.weight.copy(), refined.built.copy()
    built = np.ones(len(world.refiners))
    built[0] = 3.0
    investment.drift_contracts(world, world.now, built)
    assert (feed.weight[feed.buyer == 0] > 2.5 * before[0][feed.buyer == 0]).all()
    assert refined.built[refined.seller == 0] == pytest.approx(3.0 * before[1][refined.seller == 0])
    assert refined.built[refined.seller == 1] == pytest.approx(before[1][refined.seller == 1])


def test_an_entrant_can_sell_to_everybody(tables: Tables) -> None:
    """A list of China's largest suppliers of lithium does not name Australia, which refined none in 2015."""
    world = world_of(tables, ["lithium"], mode="historical", start="2015-01", end="2015-12")
    home = world.refiners.country == world.layout.country_index["AUS"]
    market = world.markets["refined"]
    buyers = set(market.buyer[market.seller == int(np.flatnonzero(home)[0])])
    assert buyers == set(range(len(world.desks)))


def test_half_the_price_closes_the_dear_countries_first(tables: Tables) -> None:
    """Ore at half its anchor for two years: who has the dearest mines shuts the largest share, who has the cheapest the least."""
    world = world_of(tables, ["nickel"], end="2027-12")
    world.step()
    for _ in range(24):
        world.ore_desks.ask[:] = 0.5
        investment._shut(world, world.miners, np.log(0.5 / world.miners.cost))
    miners, names = world.miners, world.layout.countries
    shut = {names[c]: miners.shut[miners.country == c].mean() for c in np.unique(miners.country)}
    cost = {names[c]: miners.cost[miners.country == c].mean() for c in np.unique(miners.country)}
    assert cost["RUS"] < cost["IDN"] < cost["CAN"] < cost["AUS"]
    assert shut["RUS"] < shut["CAN"] <= shut["AUS"]
    assert miners.cost.max() <= 1.0


def test_third_countries_learn_to_send_on_what_one_buyer_may_not_have(tables: Tables) -> None:
    """Chinese gallium is forbidden to the United States alone, or to all: in the first case others send on more each month."""
    came = {}
    for name, partners in (("one", ["USA"]), ("all", [])):
        measure = ExportBan(actor="CHN", metals=["gallium"], form="refined", start="2025-01", partners=partners)
        world = world_of(tables, ["gallium"], [measure], end="2026-06")
        market = world.markets["refined"]
        market.straight[:] = 1.0  # nothing went through third countries before
        sent = (market.seller_country == world.layout.country_index["CHN"]) & (
            market.buyer_country == world.layout.country_index["USA"]
        )
        world.run()
        flow = world.recorder.block("refined_flow")[:, sent].sum(axis=1)
        came[name] = flow[[13, 23]] / flow[:12].mean()
    assert came["one"][1] > 2.0 * came["one"][0]
    assert came["one"][1] > 0.3
    assert came["all"][1] < 0.1


def test_a_boom_opens_mines_where_nobody_mined(tables: Tables) -> None:
    """Canada has lithium in the ground and no mine in 2024: twice the demand opens one, quiet years do not."""
    surge = DemandSurge(metals=["lithium"], strength=1.0, start="2024-06")
    made = []
    for shocks in ([surge], []):
        world = world_of(tables, ["lithium"], shocks, end="2033-12").run()
        here = world.miners.country == world.layout.country_index["CAN"]
        assert here.sum() == 3
        assert world.miners.stock[here].sum() <= world.miners.output[here].sum(), "its ore finds buyers"
        made.append(world.miners.output[here].sum() / world.miners.output.sum())
    assert made[0] > 1.5e-3
    assert made[1] < 1e-5
