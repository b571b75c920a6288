"""The early warning inside a world: what it knows and when, and reserves that listen to it."""

from __future__ import annotations

import numpy as np
import pytest

from lodeflow.data import Tables
from lodeflow.environment import World, WorldSettings, alert, build
from lodeflow.environment.shocks.bills import Bill
from lodeflow.environment.shocks.policy_reserve import StrategicReserve
from lodeflow.environment.shocks.reckoning import BOUGHT, INTEREST, SOLD, Reckoning, reckoned

METALS = ["cobalt", "nickel"]
ALWAYS, NEVER = -10.0, 10.0


@pytest.fixture(scope="module")
def start(tables: Tables) -> World:
    """Two years of a metal with a yearly price and one with a monthly price, where nothing happens."""
    settings = WorldSettings(metals=METALS, start="2024-01", end="2026-12", mode="stationary", noise=0.0)
    return build(tables, settings)


def reserve(**fields: object) -> StrategicReserve:
    usual = {"actor": "JPN", "metals": METALS, "start": "2024-02", "target_days": 200.0, "fill_months": 6.0}
    return StrategicReserve.model_validate(usual | fields)


def held(world: World) -> np.ndarray:
    """Japan's reserve by month, t of both metals."""
    here = world.desks.country == world.layout.country_index["JPN"]
    total: np.ndarray = world.recorder.block("reserve")[:, here].sum(axis=1)
    return total


# ---- the index --------------------------------------------------------------------------------------------------------
def test_dearer_months_raise_the_index_of_all_and_a_calm_past_warns_of_nothing(start: World) -> None:
    world = start.twin()
    assert world.blueprint.alert.monthly.tolist() == [False, True]
    assert alert.index(world) == pytest.approx(0.0)
    world.quotes[-1, 1] = 1.5
    assert alert.index(world) == pytest.approx(np.log(1.5), abs=1e-9)
    assert alert.warned(world).all()
    assert not alert.warned(world, threshold=0.5).any()


def test_a_yearly_price_is_known_when_the_year_is_over_and_a_prompt_one_at_once(start: World) -> None:
    world = start.twin()
    for _ in range(3):
        world.step()
    world.quotes[-1, 0] = 3.0
    assert alert.index(world, own_weight=1.0)[0] == pytest.approx(0.0, abs=1e-3)
    assert alert.index(world, own_weight=1.0, prompt=True)[0] > 1.0
    for _ in range(10):
        world.step()
    mean = world.quotes[-13:-1, 0].mean()
    assert alert.index(world, own_weight=1.0)[0] == pytest.approx(np.log(mean), abs=1e-2), "the mean of 2024, in 2025"


def test_the_index_knows_nothing_of_the_month_that_is_running(start: World) -> None:
    world = start.twin()
    world.step()
    before = alert.index(world)
    world.desks.price = 5.0 * world.desks.price
    assert alert.index(world) == pytest.approx(before)


def test_the_past_is_that_of_the_tables(tables: Tables) -> None:
    world = build(tables, WorldSettings(metals=["lithium"], start="2024-01", end="2024-03"))
    prices = tables.base_prices[tables.base_prices["metal"] == "lithium"].set_index("year")["price_usd_per_t"]
    assert world.quotes[-1, 0] == pytest.approx(prices[2023] / world.rates.price[0])
    assert world.quotes[-13, 0] == pytest.approx(prices[2022] / world.rates.price[0])


def test_a_fork_knows_the_same_prices(start: World) -> None:
    world = start.twin()
    for _ in range(4):
        world.step()
    world.quotes[-1] = 1.7
    assert (alert.index(world.fork()) == alert.index(world)).all()


# ---- reserves that listen -------------------------------------------------------------------------------------------------
def test_a_reserve_that_is_bought_on_a_warning_waits_for_it(start: World) -> None:
    always, never = (start.twin([reserve(buy_on="warning", threshold=level)]).run() for level in (ALWAYS, NEVER))
    assert held(always)[-1] > 1.5 * held(always)[0]
    assert held(never) == pytest.approx(held(never)[0])


def test_a_reserve_that_is_opened_on_a_warning_empties_while_it_is_on(start: World) -> None:
    always, never = (start.twin([reserve(release_on="warning", threshold=level)]).run() for level in (ALWAYS, NEVER))
    assert held(always)[-1] < 0.1 * held(always)[0]
    assert held(never)[-1] > 1.5 * held(never)[0]


def test_a_reserve_does_not_buy_and_sell_on_the_same_warning() -> None:
    with pytest.raises(ValueError, match="cannot buy and sell on the same warning"):
        reserve(buy_on="warning", release_on="warning")


# ---- what it comes to ---------------------------------------------------------------------------------------------------
def test_sales_above_the_mean_cost_are_a_gain() -> None:
    own = Reckoning("cobalt", held=5.0, worth=1000.0)
    own.book(BOUGHT, 10.0, 1000.0)
    own.book(SOLD, 5.0, 750.0)
    own.book(INTEREST, 5.0, 20.0)
    assert own.gain == pytest.approx(250.0), "half of what was bought for 1,000 brought 750"
    assert own.net == pytest.approx(1000.0 + 20.0 - 750.0 - 1000.0), "what is left is worth 1,000"
    assert "gain on sales" in own.words
    own.book(SOLD, 5.0, 100.0)
    assert own.gain == pytest.approx(-150.0)
    assert "loss on sales" in own.words


def test_a_reserve_that_was_there_and_is_sold_out_gains_nothing_by_being_gone() -> None:
    own = Reckoning("cobalt", began=10.0, first_worth=2000.0, value=1000.0)
    own.book(SOLD, 10.0, 2000.0)
    assert own.gain == pytest.approx(1000.0)
    assert own.net == pytest.approx(0.0), "money for metal that would be worth the same"


def test_the_reckoning_is_that_of_the_metal_that_moved(start: World) -> None:
    policy = reserve(interest=0.06)
    world = start.twin([policy]).run()
    found = {one.metal: one for one in reckoned(policy, world.recorder.purse, world)}
    assert set(found) == set(METALS)
    assert all(one.first_worth / one.began == pytest.approx(one.worth / one.held) for one in found.values())
    total = sum(one.began + one.bought - one.sold - one.held for one in found.values())
    assert total == pytest.approx(0.0, abs=1e-6 * held(world)[-1])
    nickel = found["nickel"]
    assert nickel.paid / nickel.bought == pytest.approx(world.rates.price[1], rel=0.3)
    years = 35.0 / 12.0
    assert 0.5 * 0.06 * years < nickel.interest / nickel.worth < 1.05 * 0.06 * years
    assert all(isinstance(bill, Bill) for bill, _ in world.recorder.purse.bills[1])
    assert len(policy.found(world.recorder.purse, world.first_month, world)) == 2
