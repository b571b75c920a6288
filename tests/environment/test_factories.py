"""Makers build: where products are made follows metal that is cheap, at hand and safe, and customers follow the plants."""

from __future__ import annotations

import numpy as np
import pytest

from lodeflow.data import Tables
from lodeflow.environment import World
from lodeflow.environment.market.product_trade import Plants
from lodeflow.environment.month import factories, moving
from tests.environment.helpers import ban, world_of

NDPR = "neodymium-praseodymium"


def made_in(world: World, country: str) -> float:
    """Share of a country in what the world makes of all products, by base output, mean over products."""
    makers, products = world.manufacturers, len(world.layout.products)
    here = makers.country == world.layout.country_index[country]
    stands = makers.base * makers.expansion
    part = np.bincount(makers.product, stands * here, products) / np.bincount(makers.product, stands, products)
    return float(part.mean())


def test_makers_stay_for_ever_without_shocks(quiet_world: World) -> None:
    assert (quiet_world.manufacturers.expansion == 1.0).all()
    assert (quiet_world.inputs.moved == 1.0).all()
    assert quiet_world.trade is quiet_world.blueprint.trade


def test_makers_stay_while_all_grow(tables: Tables) -> None:
    world = world_of(tables, ["cobalt", "nickel"], mode="growth", growth=0.04, end="2029-12").run()
    assert (world.manufacturers.expansion == 1.0).all()


@pytest.mark.parametrize("metal", [NDPR, "graphite"])
def test_a_ban_on_refined_metal_moves_making_to_where_the_metal_is(tables: Tables, metal: str) -> None:
    world = world_of(tables, [metal], [ban("refined", "CHN", metal, "2024-07", 48)], end="2029-12")
    before = {name: made_in(world, name) for name in ("CHN", "JPN", "KOR")}
    world.run()
    assert made_in(world, "CHN") > before["CHN"] + 0.005
    assert made_in(world, "JPN") < 0.99 * before["JPN"]
    assert made_in(world, "KOR") < 0.99 * before["KOR"]


def test_a_country_with_metal_and_no_outlet_begins_to_make(tables: Tables) -> None:
    """Chile may not export refined lithium for ten years: batteries are made there."""
    world = world_of(tables, ["lithium"], [ban("refined", "CHL", "lithium", "2024-07", 114)], end="2033-12")
    before = made_in(world, "CHL")
    world.run()
    assert before < 0.002
    assert made_in(world, "CHL") > 0.01


def test_the_world_makes_and_uses_as_much_wherever_it_is_made(tables: Tables) -> None:
    world = world_of(tables, [NDPR, "dysprosium-terbium"], end="2025-12")
    world.step()
    world.desks.price[:] = np.linspace(0.5, 2.0, len(world.desks))
    for _ in range(60):
        factories.place_factories(world)
    makers, inputs = world.manufacturers, world.inputs
    assert np.abs(makers.expansion - 1.0).max() > 0.05
    made, stood = (np.bincount(makers.product, makers.base * e) for e in (makers.expansion, np.ones(len(makers))))
    assert made == pytest.approx(stood)
    line = inputs.product * len(world.layout.metals) + inputs.metal
    used, stood = (np.bincount(line, inputs.base * part) for part in (inputs.moved, np.ones(len(inputs))))
    assert used == pytest.approx(stood)


def test_customers_go_with_the_plants(tables: Tables) -> None:
    """From the next January on every user gets what it got before, from other makers; no tonne is lost."""
    world = world_of(tables, ["graphite"], end="2025-12")
    world.step()
    makers, inputs = world.manufacturers, world.inputs
    usual, goods = world.trade.into_use(inputs.base, world.month, len(world.in_use)), inputs.base
    home = makers.country == world.layout.country_index["CHN"]
    makers.expansion = np.where(home, 0.5, 1.0)
    short = np.bincount(makers.product, makers.base * home * 0.5) / np.bincount(makers.product, makers.base * ~home)
    makers.expansion = np.where(home, 0.5, 1.0 + short[makers.product])
    places = world.places
    lines = inputs.manufacturer, places.good_of_input, inputs.base
    inputs.moved = moving.moved(lines, makers.expansion, places.products * places.metals)
    world.t = 11
    factories.renew_customers(world)
    moved = world.trade.into_use(goods * inputs.moved, world.month + 1, len(world.in_use))
    assert moved.sum() == pytest.approx((goods * inputs.moved).sum() * usual.sum() / goods.sum())
    assert moved == pytest.approx(usual)
    sums = np.bincount(world.trade.input, world.trade.metal_share[-1])
    assert sums == pytest.approx(np.ones(len(inputs)))


def test_who_takes_over_a_share_takes_over_its_customers() -> None:
    """Two makers, two users: the first loses half; the second keeps its own customer and serves that of the first."""
    plants = Plants(np.zeros(2, np.int64), np.array([2.0, 1.0]), np.array([0.5, 2.0]))
    owner, user = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    sold = plants.sell(np.array([1.0, 0.0, 0.0, 1.0]), owner, user)
    assert sold == pytest.approx([1.0, 0.0, 0.5, 0.5])
