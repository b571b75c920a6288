"""Who makes which part of planned output after the base year: an input that is labelled."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lodeflow.agents import contract
from lodeflow.data import Tables
from lodeflow.environment import World, WorldSettings
from lodeflow.environment.calendar import parse_month
from lodeflow.environment.start.producers import spread
from tests.environment.helpers import ban, price, total, world_of

LONG = {"mode": "historical", "end": "2031-12"}
METALS = ("lithium", "nickel")


def shares(world: World, kind: str, metal: str, year: int) -> pd.Series:
    """Part of each country in the output of a metal in a year."""
    channel, place = {"mine": ("mined", "ore desk"), "refine": ("refining", "refiner")}[kind]
    of, country = world.recorder.places[place]
    first = (year - world.first_month // 12) * 12
    made = world.recorder.block(channel)[first : first + 12].sum(axis=0)
    own = of == world.layout.metal_index[metal]
    by_country = pd.Series(made[own], np.array(world.layout.countries)[country[own]]).groupby(level=0).sum()
    return by_country / by_country.sum()


@pytest.fixture(scope="module")
def moving(tables: Tables) -> World:
    return world_of(tables, METALS, **LONG).run()


@pytest.fixture(scope="module")
def still(tables: Tables) -> World:
    return world_of(tables, METALS, producers="base", **LONG).run()


@pytest.mark.parametrize("stage", ["mine", "refine"])
@pytest.mark.parametrize("metal", METALS)
def test_a_quiet_baseline_meets_the_outlook(tables: Tables, moving: World, metal: str, stage: str) -> None:
    rows = tables.supply_outlook
    own = rows[(rows["metal"] == metal) & (rows["stage"] == stage) & (rows["year"] == 2030)].set_index("iso3")["tonnes"]
    made = shares(moving, stage, metal, 2030)
    for iso3, wanted in (own / own.sum()).drop("ROW").items():
        assert made.get(str(iso3), 0.0) == pytest.approx(wanted, abs=0.01), iso3


def test_without_an_outlook_everybody_keeps_the_part_of_the_base_year(still: World) -> None:
    for stage in ("mine", "refine"):
        assert shares(still, stage, "lithium", 2031).to_numpy() == pytest.approx(
            shares(still, stage, "lithium", 2024).to_numpy(), abs=0.01
        )


def test_moving_producers_move_no_world_price(moving: World, still: World) -> None:
    """Contracts follow who mines and refines: the world is as well served as before."""
    for metal in METALS:
        assert price(moving, metal) == pytest.approx(price(still, metal), abs=0.02), metal
        assert total(moving, "shortage", metal).sum() <= 1e-3 * total(moving, "demand", metal).sum()


def test_the_years_to_2024_are_data_only_where_a_run_is_asked_to_know_them(tables: Tables) -> None:
    years = {"mode": "historical", "start": "2016-01", "end": "2021-12"}
    known, unknown = (world_of(tables, ["nickel"], producers=p, **years).run() for p in ("known", "outlook"))
    table = tables.production
    rows = table[(table["metal"] == "nickel") & (table["stage"] == "mine") & (table["year"] == 2021)]
    made = rows.groupby("iso3")["reconciled_t"].sum()
    wanted = float((made / made.sum())["IDN"])
    assert shares(known, "mine", "nickel", 2021)["IDN"] == pytest.approx(wanted, abs=0.03)
    assert shares(unknown, "mine", "nickel", 2021)["IDN"] < wanted - 0.1
    assert shares(known, "mine", "nickel", 2016)["IDN"] == pytest.approx(
        shares(unknown, "mine", "nickel", 2016)["IDN"], abs=1e-6
    )
    assert unknown.blueprint.producers is None


def test_a_refinery_that_stands_before_its_plan_does_not_grow_by_the_plan(tables: Tables) -> None:
    """Australia builds lithium refineries on a trace while its ore may not leave; from 2025 the outlook names it (55,000 times)."""
    shut_in = ban(actor="AUS", metal="lithium", start="2023-01", months=18)
    dates = {"start": "2020-01", "end": "2025-12"}
    world = world_of(tables, ["lithium"], [shut_in], mode="historical", demand="NZE", base_year=2020, **dates)
    places, refiners = world.blueprint.producers, world.refiners
    assert places is not None
    (australia,) = np.flatnonzero(places.begin)
    while world.month < parse_month("2025-01"):
        world.step()
    assert refiners.expansion[australia] > 1e4
    assert refiners.building[:, australia].sum() > 1e4
    world.run()
    most = [total(world, name, "lithium").max() for name in ("refinery_capacity", "mine_capacity")]
    assert most[0] < 1.5 * most[1]
    assert total(world, "shortage", "lithium").sum() < 1e-3 * total(world, "demand", "lithium").sum()


def test_who_is_not_named_keeps_his_part_of_the_rest() -> None:
    countries = ["AUS", "CHL", "CHN", "ROW"]
    found = spread(countries, {"CHN": 60.0, "ZWE": 10.0, "ROW": 30.0}, np.array([0.3, 0.1, 0.4, 0.2]))
    assert found == pytest.approx([0.2, 0.4 / 6.0, 0.6, 0.8 / 6.0])
    assert spread(countries, {"CHN": 60.0, "CHL": 40.0}, np.array([0.0, 0.5, 0.5, 0.0])) == pytest.approx(
        [0, 0.4, 0.6, 0]
    )


def test_what_is_put_in_is_said(tables: Tables) -> None:
    assert "announced projects" in WorldSettings(end="2030-12").given
    assert "announced projects" not in WorldSettings(end="2030-12", producers="base").given
    assert WorldSettings(end="2024-12").given == ""
    assert "production data" in WorldSettings(start="2010-01", end="2020-12", producers="known").given
    assert WorldSettings(mode="stationary", end="2030-12").given == ""


def test_who_plans_to_grow_signs_and_partners_that_both_do_sign_once() -> None:
    signed = contract.both(np.array([2.0, 2.0, 1.0, 0.5, 0.5, 2.0]), np.array([2.0, 1.0, 3.0, 0.5, 1.0, 0.5]))
    assert signed == pytest.approx([2.0, 2.0, 3.0, 0.5, 0.5, 1.0])


def test_a_country_that_stops_in_between_keeps_a_trace_and_comes_back(tables: Tables) -> None:
    """The rest of the world mined no lithium in 2011 and 2012."""
    world = world_of(tables, ["lithium"], mode="historical", start="2009-01", end="2014-12", producers="known").run()
    before, stopped, back = (shares(world, "mine", "lithium", year)["ROW"] for year in (2009, 2012, 2014))
    assert before > 0.01
    assert stopped < 1e-5
    assert back > 1e-4
    assert world.markets["feed"].weight.min() > 0.0
