"""Every rule of the month does what it says: one rule at a time, on a small world after its first month."""

from __future__ import annotations

import numpy as np
import pytest

from lodeflow.agents import metal_desk, seller
from lodeflow.data import Tables
from lodeflow.environment import World
from lodeflow.environment.market.contracts import attraction
from lodeflow.environment.month import (
    end_of_life,
    feed_trade,
    government,
    investment,
    making,
    outlook,
    refined_bids,
    refined_trade,
    separation,
)
from lodeflow.environment.shocks.kinds import StockPurchase
from tests.environment.helpers import ban, world_of


@pytest.fixture(scope="module")
def resting(tables: Tables) -> World:
    """Cobalt at rest, before its first month; tests take twins."""
    return world_of(tables, ["cobalt"], end="2033-12")


@pytest.fixture
def world(resting: World) -> World:
    """A world after its first month, which a test may change."""
    started = resting.twin()
    started.step()
    return started


def maker_orders(world: World) -> np.ndarray:
    return refined_trade._maker_orders(world, refined_trade._order_months(world))


def months(world: World, count: int) -> World:
    for _ in range(count):
        world.step()
    return world


def abroad(world: World, market: str, country: str) -> np.ndarray:
    """Edges on which a country sells abroad."""
    edges, here = world.markets[market], world.layout.country_index[country]
    mask: np.ndarray = (edges.seller_country == here) & (edges.buyer_country != here)
    return mask


# ---- export tax and premiums ------------------------------------------------------------------------------------------------
def test_an_export_tax_lowers_what_sellers_ask(resting: World) -> None:
    free, taxed = resting.twin(), resting.twin()
    taxed.markets["feed"].tax[abroad(taxed, "feed", "COD")] = 0.3
    row = list(free.ore_desks.country).index(free.layout.country_index["COD"])
    assert months(taxed, 3).ore_desks.ask[row] < 0.85 * months(free, 3).ore_desks.ask[row]


def test_an_export_tax_makes_buyers_look_elsewhere(world: World) -> None:
    edges = abroad(world, "feed", "COD")
    world.markets["feed"].tax[edges] = 0.3
    pull = attraction(world, "feed")
    assert pull[edges] == pytest.approx(0.7 ** world.parameters["theta"])
    assert (pull[~edges] == 1.0).all()


def test_a_premium_for_recycled_metal_draws_it(world: World) -> None:
    world.desks.green_premium[:] = 0.3
    recycled = world.markets["refined"].seller >= len(world.refiners)
    pull = attraction(world, "refined")
    assert (pull[recycled] > 1.5).all()
    assert (pull[~recycled] == 1.0).all()


def test_the_premium_for_recycled_metal_rises_while_a_content_rule_is_missed(world: World) -> None:
    world.now.effects.content = [(np.ones(len(world.inputs), bool), 0.9, 1.0)]
    before = world.desks.green_premium.copy()
    for _ in range(40):
        government.govern(world, world.now)
    recycled = world.desks.recycled_inflow
    assert (recycled < 0.6).sum() > 15
    assert (world.desks.green_premium > before)[recycled < 0.9].all()
    assert (world.desks.green_premium > before + 0.05)[recycled < 0.6].all()
    assert (world.desks.green_premium <= world.parameters["green_premium_max"]).all()
    world.now.effects.content = []
    for _ in range(40):
        government.govern(world, world.now)
    assert world.desks.green_premium == pytest.approx(0.0, abs=1e-4)


def test_a_content_rule_lower_than_what_is_used_costs_nothing(world: World) -> None:
    world.desks.recycled_inflow[:] = 0.5
    world.secondary.grade[:] = np.eye(4)[0]
    world.now.effects.content = [(np.ones(len(world.inputs), bool), 0.4, 1.0)]
    government.govern(world, world.now)
    assert (world.desks.green_premium == 0.0).all()


# ---- costs and investment ---------------------------------------------------------------------------------------------------
def test_ores_get_dearer_as_reserves_shrink(world: World) -> None:
    world.miners.reserve *= 0.5
    investment.invest(world, world.now)
    step = world.parameters["grade_elasticity"] * 0.5 / world.parameters["anchor_months"]
    assert world.anchor == pytest.approx(step, rel=0.01)


@pytest.mark.parametrize("firms", ["miners", "refiners", "recyclers"])
def test_firms_build_where_margins_are_high_and_close_where_they_are_low(world: World, firms: str) -> None:
    """Half the firms earn, half lose, for five years; in the memory of margins only, so that nothing else moves."""
    population = getattr(world, firms)
    rich = np.arange(len(population)) % 2 == 0
    lead = {"miners": "lead_mine", "refiners": "lead_refinery"}.get(firms, "lead_recycler")
    for _ in range(60):
        population.margin = np.where(rich, 0.5, -0.5)
        investment._build(world, world.now, population, world.parameters[lead])
    assert (population.expansion[rich] > 1.02).all()
    assert (population.expansion[~rich] < 0.98).all()


def test_capacity_takes_its_time_to_build(world: World) -> None:
    world.miners.margin[:] = 0.5
    investment._build(world, world.now, world.miners, world.parameters["lead_mine"])
    assert world.miners.expansion == pytest.approx(1.0, abs=1e-9)
    assert (world.miners.building[0] > 0.0).all()


def test_refiners_remember_what_metal_pays_over_feed(world: World) -> None:
    world.refiners.ask[:] = 2.0
    world.refiners.bid[:] = 1.0
    before = world.refiners.margin.copy()
    investment.invest(world, world.now)
    assert (world.refiners.margin > before).all()


def test_refiners_earn_more_where_ore_is_cheap(world: World) -> None:
    bought = world.markets["feed"].by_buyer(world.markets["feed"].flow) > 0.0
    world.ore_desks.ask[:] = 0.5
    investment.invest(world, world.now)
    assert (world.refiners.margin[bought] > 0.03).all()


# ---- reserves ---------------------------------------------------------------------------------------------------------------
def test_a_reserve_below_its_target_is_bought_back_in_calm_months(world: World) -> None:
    held = world.desks.reserve_target > 0.0
    target = world.desks.reserve_target * world.desks.use
    world.desks.reserve = 0.5 * target
    world.ledger.open(world)
    months(world, 60)
    filled = world.desks.reserve[held] / target[held]
    assert (filled > 0.85).all(), filled


def test_a_reserve_opens_to_the_makers_of_its_country(world: World) -> None:
    world.desks.reserve = world.desks.reserve_target * world.desks.use
    held = np.flatnonzero(world.desks.reserve > 0.0)
    world.desks.stock[:] = 0.1 * world.desks.normal_stock
    for price, opens in ((1.0, False), (2.0, True)):
        world.desks.price[:] = price
        reserve, stock = world.desks.reserve.copy(), world.inputs.stock.copy()
        government.govern(world, world.now)
        given = np.bincount(world.inputs.desk, world.inputs.stock - stock, len(world.desks))
        assert given == pytest.approx(reserve - world.desks.reserve)
        expected = reserve[held] / world.parameters["reserve_release_months"] if opens else 0.0
        assert given[held] == pytest.approx(expected)
    world.desks.stock[:] = world.desks.normal_stock
    reserve = world.desks.reserve.copy()
    government.govern(world, world.now)
    assert (world.desks.reserve == reserve).all(), "firms have enough"


# ---- what makers order and bid ------------------------------------------------------------------------------------------------
def test_makers_order_more_when_inflow_is_missing(world: World) -> None:
    world.desks.missing[:] = 0.0
    calm = maker_orders(world)
    world.desks.missing[:] = 0.4
    inputs, parameters = world.inputs, world.parameters
    more = 0.4 * parameters["precaution"] * inputs.structural / parameters["order_months"]
    assert maker_orders(world) - calm == pytest.approx(more)


def test_makers_order_more_and_sooner_under_a_threat(world: World) -> None:
    inputs, parameters = world.inputs, world.parameters
    calm = maker_orders(world)
    world.desks.exposed[:] = 0.5
    gap = (calm - inputs.desired * world.inputs.others) * parameters["order_months"]
    gap += 0.5 * parameters["exposure"] * inputs.structural
    months_left = parameters["order_months"] / (1.0 + 0.5 * parameters["threat_speed"])
    assert maker_orders(world) == pytest.approx(
        np.maximum(inputs.desired * world.inputs.others + gap / months_left, 0.0)
    )
    assert (maker_orders(world) > calm).all()


def test_makers_stock_up_when_metal_is_cheap(world: World) -> None:
    calm = maker_orders(world)
    world.desks.price[:] = 0.5
    assert (maker_orders(world) > 1.01 * calm).all()
    world.desks.price[:] = 2.0
    assert maker_orders(world) == pytest.approx(calm), "dear metal is bought as needed"


def test_those_who_miss_inflow_see_more_need_ahead(world: World) -> None:
    outlook.look_ahead(world, world.now)
    calm = world.now.outlook.need.copy()
    world.desks.missing[:] = 0.4
    outlook.look_ahead(world, world.now)
    more = 0.4 * world.parameters["precaution"] * world.desks.use
    assert world.now.outlook.need - calm == pytest.approx(np.broadcast_to(more, calm.shape))


def test_purchases_that_are_expected_count_as_need_ahead(resting: World) -> None:
    bought = StockPurchase(metals=["cobalt"], tonnes=24_000.0, start="2024-01", end="2025-12")
    calm, buying = months(resting.twin(), 1), months(resting.twin([bought]), 1)
    more = (buying.now.outlook.need - calm.now.outlook.need).sum(axis=1)
    assert (more > 0.5 * 1000.0 * np.array([3.0, 6.0, 12.0, 12.0])).all(), more


def test_prices_hurry_where_stocks_are_empty(world: World) -> None:
    world.now.outlook.refined[:] = world.now.calm_outlook.refined[:] = -0.5
    world.desks.stock = world.desks.normal_stock.copy()
    empty = np.arange(len(world.desks)) % 2 == 0
    world.desks.stock[empty] = 0.0
    before = np.log(world.desks.price)
    refined_bids.bid_refined(world, world.now)
    moved = (np.log(world.desks.price) - before) / (np.log(world.desks.bid) - before)
    assert moved[empty] == pytest.approx(world.parameters["critical_speed"])
    assert moved[~empty] == pytest.approx(world.parameters["price_speed"])
    world.now.outlook.refined[:] = world.now.calm_outlook.refined[:] = 0.5
    before = np.log(world.desks.price)
    refined_bids.bid_refined(world, world.now)
    moved = (np.log(world.desks.price) - before) / (np.log(world.desks.bid) - before)
    assert moved == pytest.approx(world.parameters["price_speed"]), "falling prices do not hurry"


def test_hurry_begins_below_the_critical_cover(world: World) -> None:
    world.now.outlook.refined[:] = world.now.calm_outlook.refined[:] = -0.5
    parameters = world.parameters
    world.desks.stock = 0.5 * parameters["critical_cover"] * world.desks.normal_stock
    before = np.log(world.desks.price)
    refined_bids.bid_refined(world, world.now)
    moved = (np.log(world.desks.price) - before) / (np.log(world.desks.bid) - before)
    assert moved == pytest.approx(0.5 * (parameters["price_speed"] + parameters["critical_speed"]))


def test_waiting_costs_so_scarcity_far_ahead_counts_less(world: World) -> None:
    world.now.outlook.refined[:] = 0.0
    world.now.outlook.refined[3] = -0.5
    level, horizon = refined_bids._scarcity(world, world.now.outlook)
    expected = 0.5 / world.rates.eta[world.desks.metal] - world.parameters["carry"] * 21.0
    assert level == pytest.approx(expected)
    assert (horizon == 3).all()


def test_a_bid_levels_off_at_the_choke_price() -> None:
    level = metal_desk.choked(np.array([-1.0, 0.0, 1.0, 100.0]), 3.0)
    assert level[0] == -1.0
    assert level[1] == 0.0
    assert 0.8 < level[2] < 1.0
    assert level[3] == pytest.approx(3.0)


def test_the_premium_for_unmet_use_grows_while_use_stays_unmet_and_fades_after(world: World) -> None:
    parameters, stock = world.parameters, world.inputs.stock.copy()
    for month in range(1, 31):
        world.inputs.stock[:] = 0.0
        making.make(world, world.now)
        grown = min(month * parameters["unmet_premium"], parameters["unmet_premium_max"])
        assert world.desks.premium == pytest.approx(grown), month
    world.inputs.stock[:] = 10.0 * stock
    making.make(world, world.now)
    assert world.desks.premium == pytest.approx(parameters["unmet_fade"] * parameters["unmet_premium_max"])


# ---- sellers and refiners -----------------------------------------------------------------------------------------------------
def test_sellers_let_stocks_go_when_prices_are_high(world: World) -> None:
    stock, output, normal = np.full(3, 100.0), np.full(3, 10.0), np.full(3, 100.0)
    offer = seller.offers(
        stock,
        output,
        normal,
        np.array([0.5, 1.0, 2.0]),
        world.parameters["seller_release"],
        world.parameters["offer_months"],
    )
    assert offer[1] == pytest.approx(10.0)
    target = 100.0 * 2.0 ** -world.parameters["seller_release"]
    assert offer[2] == pytest.approx(10.0 + (100.0 - target) / world.parameters["offer_months"])
    assert offer[0] < 10.0


def test_refiners_order_feed_when_it_is_cheap(resting: World) -> None:
    calm, cheap = months(resting.twin(), 1), months(resting.twin(), 1)
    for world, bid in ((calm, 1.0), (cheap, 0.5)):
        world.refiners.bid[:] = bid
        world.miners.stock *= 10.0
        feed_trade.trade_feed(world, world.now)
    assert cheap.markets["feed"].flow.sum() > 1.01 * calm.markets["feed"].flow.sum()


def test_sellers_who_cannot_place_their_metal_ask_less(tables: Tables) -> None:
    law = ban("feed", "COD", "cobalt", start="2024-03", months=60, permanent=True)
    world = months(world_of(tables, ["cobalt"], [law], end="2028-12"), 24)
    row = list(world.ore_desks.country).index(world.layout.country_index["COD"])
    others = np.arange(len(world.ore_desks.ask)) != row
    assert world.ore_desks.ask[row] < 0.5 * world.ore_desks.ask[others].min()


def test_plants_never_recover_more_than_the_best(world: World) -> None:
    metals, plants, best = len(world.rates.price), len(world.recyclers), world.blueprint.processes.best
    treated = np.zeros((plants, 5 * metals))
    treated[:, :metals], treated[:, metals : 2 * metals], treated[:, 2 * metals : 4 * metals] = 100.0, 20.0, 50.0
    world.groups.unlearned[:] = 0.0
    formal = world.recyclers.formal == 1
    recovered = separation._recovered(world, world.now, treated)
    assert recovered[formal] == pytest.approx(np.maximum(100.0 * best[formal], 20.0))
    assert (recovered[~formal] == 50.0).all()
    assert end_of_life._separation_with_rules(world, world.now, world.blueprint.separation_of_in_use).max() <= 1.0


def test_recyclers_learn_as_they_treat_more(world: World) -> None:
    world.groups.volume = 8.0 * world.groups.first_volume
    busy = np.bincount(world.recyclers.group, world.recyclers.formal, len(world.groups.unlearned)) > 0
    world.recyclers.throughput = 8.0 * world.recyclers.base
    separation._learn(world)
    assert world.groups.unlearned[busy] == pytest.approx((1.0 - world.parameters["recycler_learning"]) ** 3, rel=0.01)


# ---- restrictions -------------------------------------------------------------------------------------------------------------
def test_a_little_leaks_through_a_total_ban_when_the_gap_is_wide(tables: Tables) -> None:
    total = ban("refined", "CHN", "gallium", start="2024-03", months=48)
    world = world_of(tables, ["gallium"], [total], end="2026-12")
    baseline = months(world.twin(), 36)
    months(world, 36)
    edges = abroad(world, "refined", "CHN")
    leaked = world.recorder.block("refined_flow")[24:, edges].sum()
    normal = baseline.recorder.block("refined_flow")[24:, edges].sum()
    assert 0.0 < leaked <= 1.05 * world.parameters["leakage"] * normal, (leaked, normal)


def test_a_ban_that_lets_more_through_than_expected_is_believed_less(tables: Tables) -> None:
    total = ban("refined", "CHN", "gallium", start="2024-03", months=48)
    world = months(world_of(tables, ["gallium"], [total], end="2026-12"), 20)
    learned = np.concatenate(list(world.minds.learned.values()))
    assert learned.max() > 0.5 * world.parameters["leakage"]


def test_contracts_drift_to_who_delivers(world: World) -> None:
    market = world.markets["feed"]
    before, flow = market.weight.copy(), market.base.copy()
    flow[0] *= 2.0
    market.flow = flow
    market.drift(0.05, 0.0, np.ones(len(market.buyers)))
    assert market.weight[0] > before[0] + 0.04 * market.base[0]


def test_a_net_exporter_relies_on_no_imports(world: World) -> None:
    table = months(world, 11).recorder.series().query("variable == 'net_import_reliance' and form == 'refined'")
    mean = table.groupby("region").value.mean()
    assert mean["FIN"] <= 0.0, "Finland refines more cobalt than it uses"
    assert mean["JPN"] > 0.05, "Japan buys more refined cobalt than it sells"
