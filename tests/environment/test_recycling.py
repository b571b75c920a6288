"""Recycling that answers: plants that enter, expand and close by their margin, and what quality their metal has."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from lodeflow.agents.country import built_up
from lodeflow.agents.scrap_pool import CHANNELS, OLD, content
from lodeflow.data import Tables
from lodeflow.environment import World
from lodeflow.environment.market.processes import GRADES
from lodeflow.environment.month import government
from lodeflow.environment.month.feed_bids import bid_feed
from lodeflow.environment.shocks.kinds import ExportBan, ExtendedProducerResponsibility
from tests.environment.helpers import at, world_of

MAGNETS = ["neodymium-praseodymium", "dysprosium-terbium"]


@pytest.fixture(scope="module")
def banned(tables: Tables) -> World:
    """China sells no refined magnet metal abroad in 2025 and 2026; to 2031."""
    ban = ExportBan(actor="CHN", metals=MAGNETS, form="refined", start="2025-01", end="2026-12")
    return world_of(tables, MAGNETS, [ban], mode="historical", end="2031-12").run()


@pytest.fixture(scope="module")
def calm(banned: World) -> World:
    """The same world without the ban."""
    return banned.twin().run()


def outside(world: World, channel: str, metal: str, year: int) -> float:
    """Sum of a recorded channel over a year, outside China, t."""
    place = {"recycling": "secondary", "recycling_old": "secondary"}.get(channel, "cell")
    metals, country = world.recorder.places[place]
    chosen = (metals == world.layout.metal_index[metal]) & (country != world.layout.country_index["CHN"])
    first = at(world, f"{year}-01")
    return float(world.recorder.block(channel)[first : first + 12, chosen].sum())


@pytest.mark.parametrize("metal", MAGNETS)
def test_dear_metal_brings_recyclers(banned: World, calm: World, metal: str) -> None:
    more = outside(banned, "recycling", metal, 2026) / outside(calm, "recycling", metal, 2026)
    assert more >= 1.3, more
    first = outside(banned, "recycling", metal, 2025) / outside(calm, "recycling", metal, 2025)
    assert first < more, "plants take a year and a half to build"


@pytest.mark.parametrize("metal", MAGNETS)
@pytest.mark.parametrize("year", range(2024, 2032))
def test_no_more_old_metal_comes_back_than_was_collected(banned: World, metal: str, year: int) -> None:
    old = outside(banned, "recycling_old", metal, year)
    assert 0.0 < old <= outside(banned, "collected", metal, year)
    assert old < outside(banned, "recycling", metal, year), "factories give new scrap"


def test_plants_that_no_longer_pay_stand_still_and_close(tables: Tables, banned: World) -> None:
    assert banned.recyclers.installed.max() > 0.0
    later = world_of(tables, MAGNETS, banned.shocks, mode="historical", end="2031-12")
    installed = []
    while later.t < later.settings.months:
        later.step()
        installed.append(later.recyclers.installed.sum())
    peak = int(np.argmax(installed))
    assert peak > at(later, "2026-12"), "what was begun is finished"
    assert installed[-1] < 0.85 * installed[peak]
    assert outside(banned, "recycling", MAGNETS[0], 2031) < 0.8 * outside(banned, "recycling", MAGNETS[0], 2027)


def test_nobody_enters_at_base_prices(tables: Tables) -> None:
    """In a world at rest; on the path of demand Dy-Tb gets dearer, since its host does not follow, and plants come."""
    rest = world_of(tables, MAGNETS, end="2028-12").run()
    assert (rest.recyclers.installed == 0.0).all()
    assert (rest.recyclers.running == 0.0).all()


def test_more_collection_without_capacity_fills_yards_not_supply(tables: Tables) -> None:
    world, more = (world_of(tables, ["cobalt"]) for _ in range(2))
    more.in_use.collection = np.minimum(2.0 * more.in_use.collection, 1.0)
    for each in (world, more):
        each.recyclers.expansion[:] = 0.8
        for _ in range(24):
            each.recyclers.expansion[:] = 0.8
            each.step()
    heap = [content(each.pools.scrap).sum() for each in (world, more)]
    assert heap[1] > 2.0 * heap[0]
    most = world.parameters["recycler_ceiling"] * 0.8 * world.recyclers.planned.sum()
    assert more.recyclers.throughput.sum() <= 1.01 * most


def test_old_scrap_is_never_more_than_all_scrap(banned: World) -> None:
    for heap in (banned.pools.scrap, banned.recyclers.yard):
        metals = len(banned.layout.metals)
        assert (heap[:, OLD * metals :] <= content(heap) * (1.0 + 1e-9) + 1e-12).all()


def test_qualities_of_what_is_for_sale_add_up(banned: World) -> None:
    total = banned.secondary.grade.sum(axis=1)
    assert ((np.abs(total - 1.0) < 1e-9) | (total == 0.0)).all()
    magnet = banned.secondary.grade[:, GRADES.index("magnet")]
    assert magnet.min() > 0.99


def collected_share(world: World, year: int, places: list[int]) -> float:
    """Collected over what was at hand of portable batteries in a year, in some countries."""
    table = world.recorder.end_of_life()
    names = [world.layout.countries[c] for c in places]
    rows = table[(table["product"] == "portable-battery") & table["region"].isin(names)]
    rows = rows[rows["date"].dt.year == year]
    return float(rows.filter(like="collected_").to_numpy().sum() / rows["end_of_life"].sum())


@pytest.fixture(scope="module")
def union(tables: Tables) -> World:
    """The members of the Union, each by itself, 2010 to 2022; the rules that name them ask for nothing."""
    settings = {"mode": "historical", "start": "2010-01", "end": "2022-12", "base_year": 2010}
    members = tables.groups[tables.groups["group"] == "EU27"]["iso3"]
    nothing = [{"date": "2011-01", "value": 0.0}]
    rules = [
        ExtendedProducerResponsibility(actor=member, products=["portable-battery"], start="2010-01", collection=nothing)
        for member in members
    ]
    return world_of(tables, ["cobalt"], rules, **settings).run()


def test_the_union_collects_portable_batteries_as_published(union: World) -> None:
    members = union.layout.country_indices("EU27").tolist()
    for year, rate in {2011: 0.35, 2016: 0.44, 2018: 0.48, 2022: 0.46}.items():
        assert collected_share(union, year, members) == pytest.approx(rate, abs=0.05), year


def test_members_of_the_union_rank_as_published(tables: Tables, union: World) -> None:
    rows = tables.collection_known[~tables.collection_known["reason"].str.startswith("what the others")]
    known = dict(zip(rows["iso3"], rows["rate"], strict=True))
    places = [name for name in known if name in union.layout.country_index]
    assert len(places) >= 6
    ours = [collected_share(union, 2018, [union.layout.country_index[name]]) for name in places]
    assert stats.spearmanr(ours, [known[name] for name in places]).statistic > 0.7


def test_stainless_scrap_does_not_become_battery_nickel(tables: Tables) -> None:
    world = world_of(tables, ["nickel"], end="2024-12")
    for _ in range(3):
        world.step()
    names = np.array(world.layout.products)[world.inputs.product]
    world.now.effects.content = [(np.ones(len(world.inputs), bool), 0.06, 1.0)]
    desk = world.inputs.desk
    recycled = world.desks.recycled_inflow[desk] > 0.2
    steel, battery = recycled & (names == "stainless-steel"), recycled & (names == "ev-battery-nickel")
    world.secondary.grade[:] = np.eye(len(GRADES))[GRADES.index("alloy")]
    government.govern(world, world.now)
    assert steel.any()
    assert battery.any()
    assert (world.inputs.recycled[steel] > 0.2).all()
    assert (world.inputs.recycled[battery] == 0.0).all()
    assert (world.desks.green_premium[desk[battery]] > 0.0).all()
    world.secondary.grade[:] = np.eye(len(GRADES))[GRADES.index("battery")]
    government.govern(world, world.now)
    assert (world.inputs.recycled[battery] > 0.2).all()


def test_what_left_use_is_accounted_for(banned: World) -> None:
    table = banned.recorder.end_of_life()
    went = table["into_hibernation"] + table["exported_used"] - table["imported_used"] + table["end_of_life"]
    assert went.to_numpy() == pytest.approx(table["left_use"].to_numpy(), rel=1e-9, abs=1e-9)
    ended = table.filter(like="collected_").sum(axis=1) + table["landfilled"]
    assert ended.to_numpy() == pytest.approx(table["end_of_life"].to_numpy(), rel=1e-9, abs=1e-9)
    assert (table["recoverable"] <= table.filter(like="collected_").sum(axis=1) * (1.0 + 1e-9)).all()
    assert (table.filter(like="collected_").to_numpy() >= 0.0).all()


def test_plants_take_over_from_workshops_as_collection_is_built_up(tables: Tables) -> None:
    """In what is collected, in who gets it, and in the contracts for it; the rest of the world keeps its shares."""
    world = world_of(tables, ["cobalt"], mode="historical", end="2033-12")
    group = np.array(world.layout.groups)
    battery = group[world.pools.group] == "battery"
    before, bought = world.pools.informal.copy(), []
    while world.t < world.settings.months:
        world.step()
        market = world.markets["scrap"]
        workshop = (world.recyclers.formal[market.buyer] == 0) & battery[market.seller]
        bought.append(market.flow[workshop].sum() / market.flow[battery[market.seller]].sum())
    assert (world.pools.informal[battery] < before[battery]).all()
    assert (world.pools.informal[~battery] == before[~battery]).all()
    later = 1.0 - built_up(1.0 - before[battery], world.pools.formal_trend[battery] * world.settings.months, 1.0)
    assert world.pools.informal[battery] == pytest.approx(later)
    table = world.recorder.end_of_life()
    table = table[(table["product"] == "portable-battery") & (table["region"] == "CHN")]
    workshops = table["collected_informal"] + table["collected_local"]
    share = (workshops / table.filter(like="collected_").sum(axis=1)).to_numpy()
    assert table["collected_local"].to_numpy() == pytest.approx(0.5 * workshops.to_numpy())
    assert share[0] == pytest.approx(0.49, abs=0.01)
    assert (np.diff(share) < 0.0).all()
    assert bought[-1] < bought[12] < bought[0]


def test_three_channels_buy_at_home_and_only_plants_abroad(tables: Tables) -> None:
    """Lithium of LFP is lost to small firms and workshops alike; they sell the pack as iron."""
    world = world_of(tables, ["lithium", "nickel"], mode="historical", end="2025-12").run()
    market, recyclers, metal = world.markets["scrap"], world.recyclers, world.layout.metal_index
    channel = np.array(CHANNELS)[recyclers.channel]
    assert set(channel) == set(CHANNELS)
    abroad = market.flow * world.places.scrap_abroad
    assert set(channel[market.buyer[abroad > 0.0]]) == {"formal"}
    battery = np.array(world.layout.groups)[recyclers.group] == "battery"
    treated, out = world.now.treated[battery], recyclers.recovered[battery]
    share = {}
    for kind in CHANNELS:
        own = channel[battery] == kind
        share[kind] = out[own].sum(axis=0) / treated[own].sum(axis=0)
    lithium, nickel = metal["lithium"], metal["nickel"]
    assert share["formal"][lithium] > 0.0 == share["local"][lithium] == share["informal"][lithium]
    assert share["formal"][nickel] > share["local"][nickel] > share["informal"][nickel] > 0.0


def test_workshops_that_pay_no_fees_outbid_small_firms_when_metal_is_cheap(tables: Tables) -> None:
    world = world_of(tables, ["cobalt", "nickel"], end="2024-02")
    world.step()
    channel = np.array(CHANNELS)[world.recyclers.channel]
    for ask, first in ((0.8, ("informal", "formal", "local")), (2.0, ("local", "formal", "informal"))):
        world.secondary.ask[:] = ask
        bid_feed(world, world.now)
        bids = [float(np.median(world.recyclers.bid[channel == kind])) for kind in first]
        assert bids[0] > bids[1] > bids[2]


@pytest.mark.parametrize("cost", [0.2, 0.5, 0.9, 0.97])
def test_no_channel_costs_more_than_scrap_is_worth(tables: Tables, cost: float) -> None:
    world = world_of(tables, ["cobalt"], [], {"scrap_cost": cost}, end="2024-01")
    assert (world.recyclers.cost < 1.0).all()
    order = [float(world.recyclers.cost[world.recyclers.channel == kind].max()) for kind in (2, 0, 1)]
    assert order == sorted(order)


def test_nobody_takes_over_in_a_world_at_rest(tables: Tables) -> None:
    world = world_of(tables, ["cobalt"], end="2024-12").run()
    assert (world.pools.informal == world.countries.informal_share[world.pools.country]).all()


def test_collection_is_built_up_to_what_can_be_collected(tables: Tables) -> None:
    world = world_of(tables, ["cobalt"], mode="historical", end="2090-12", parameters={"collection_elasticity": 0.1})
    portable = world.in_use.product == world.layout.products.index("portable-battery")
    most = world.in_use.achievable[portable]
    assert 0.75 < most[0] < world.parameters["collection_max"]
    while world.t < world.settings.months:
        world.step()
    assert (world.in_use.collection[portable] <= np.maximum(most, 0.95)).all()
    assert np.median(world.in_use.collection[portable] / most) > 0.9


def test_copper_scrap_is_traded_as_customs_see_it(tables: Tables) -> None:
    """China took in 1.69 Mt gross (2021), the United States sold 0.875 Mt gross (2023); four fifths of it is copper."""
    world = world_of(tables, ["copper"], mode="historical", start="2023-01", end="2023-12", base_year=2023)
    market, price = world.markets["scrap"], world.rates.price[0]
    yearly, abroad = 12.0 * market.base / price, market.buyer_country != market.seller_country
    index = world.layout.country_index
    bought = yearly[abroad & (market.buyer_country == index["CHN"])].sum()
    sold = yearly[abroad & (market.seller_country == index["USA"])].sum()
    assert bought == pytest.approx(0.8 * 1.69e6, rel=0.3)
    assert sold == pytest.approx(0.8 * 0.875e6, rel=0.3)


def test_plants_that_were_closed_are_built_anew_when_prices_are_back(tables: Tables) -> None:
    """Else scrap would pile up for ever after every slump."""
    world = world_of(tables, ["cobalt"], end="2035-12")
    world.recyclers.expansion[:] = 0.5
    heaps, standing = [], []
    while world.t < world.settings.months:
        world.step()
        heaps.append(content(world.pools.scrap).sum())
        standing.append(world.recyclers.expansion.min())
    assert standing[6] < 0.55, "plants take a year and a half to build"
    assert standing[-1] == pytest.approx(1.0, abs=0.05)
    assert heaps[-1] < 0.7 * max(heaps)
