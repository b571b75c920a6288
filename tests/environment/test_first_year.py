"""The first year of a run against the data, and how a world is put together."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from lodeflow.data import DataError, Tables
from lodeflow.data.chosen import core_metals
from lodeflow.environment import World
from lodeflow.environment.start.base_year import BaseYear, base_year
from lodeflow.environment.world import World as WorldClass
from tests.environment.helpers import total, world_of

YEARS = (2010, 2013, 2020, 2024)
PHASES = [
    "news and beliefs",
    "demand",
    "mines plan and produce",
    "normal stocks",
    "forward availability",
    "refined bids",
    "refined asks",
    "feed and scrap bids",
    "feed and scrap asks",
    "feed trade",
    "refining",
    "end of life and collection",
    "scrap trade",
    "separation",
    "refined trade",
    "making and use",
    "government",
    "investment and contracts",
]


@pytest.fixture(scope="module")
def first_year(tables: Tables):  # type: ignore[no-untyped-def]
    """Worlds after the twelve months of a base year, by year and noise."""

    @cache
    def of(year: int, noise: float) -> World:
        return world_of(tables, [], start=f"{year}-01", end=f"{year}-12", mode="historical", noise=noise).run()

    return of


def reconciled(world: World, tables: Tables) -> BaseYear:
    """Figures of the base year, small countries pooled."""
    return base_year(tables, world.settings, world.parameters)


def by_country(world: World, channel: str) -> np.ndarray:
    """Output of the run, t, shape (metals, countries)."""
    metal, country = world.recorder.places["ore desk" if channel == "mined" else "refiner"]
    output = np.zeros((len(world.layout.metals), len(world.layout.countries)))
    np.add.at(output, (metal, country), world.recorder.block(channel).sum(axis=0))
    return output


def mismatches(world: World, made: np.ndarray, wanted: np.ndarray, tolerance: float) -> list[str]:
    """Countries whose output is further from the data than ``tolerance``, with both figures; entrants begin with a trace."""
    trace = 10.0 * world.parameters["entrant_trace"] * wanted.sum(axis=1, keepdims=True)
    gap = np.abs(made - wanted) > tolerance * np.maximum(wanted, 1e-9) + trace
    layout = world.layout
    return [
        f"{layout.metals[m]} {layout.countries[c]}: {made[m, c]:.4g} t made, {wanted[m, c]:.4g} t in the data"
        for m, c in zip(*np.nonzero(gap), strict=True)
    ]


@pytest.mark.parametrize("noise", [0.0, 1.0])
@pytest.mark.parametrize("year", YEARS)
def test_refined_output_by_country_equals_the_data(tables: Tables, first_year, year: int, noise: float) -> None:  # type: ignore[no-untyped-def]
    world = first_year(year, noise)
    assert mismatches(world, by_country(world, "refining"), reconciled(world, tables).refined, 0.02) == []


@pytest.mark.parametrize("noise", [0.0, 1.0])
@pytest.mark.parametrize("year", YEARS)
def test_mine_output_by_country_equals_the_data(tables: Tables, first_year, year: int, noise: float) -> None:  # type: ignore[no-untyped-def]
    world = first_year(year, noise)
    hosted = tables.metals.set_index("metal").feed_form.reindex(world.layout.metals).fillna("").eq("").to_numpy()
    made, wanted = by_country(world, "mined"), reconciled(world, tables).mined
    made[hosted] = wanted[hosted] = 0.0
    assert mismatches(world, made, wanted, 0.02) == []


@pytest.mark.parametrize("year", range(2009, 2025))
def test_every_base_year_starts_with_all_metals_at_its_prices(tables: Tables, year: int) -> None:
    """The price of the base year is the anchor before it comes back to what is usual."""
    times = {"start": f"{year}-01", "end": f"{year}-02", "mode": "historical"}
    world = world_of(tables, [], parameters={"usual_years": 1.0}, **times).run()
    assert world.layout.metals == core_metals(tables)
    prices = tables.base_prices[tables.base_prices.year == year].set_index("metal").price_usd_per_t
    table = world.recorder.series()
    first = table[(table.variable == "price") & (table.region == "WLD") & (table.form == "refined")]
    first = first[first.date == first.date.min()].set_index("metal").value
    for metal in world.layout.metals:
        assert first[metal] == pytest.approx(prices[metal], rel=1e-6), metal


def test_noise_moves_the_first_price_only_a_little(first_year) -> None:  # type: ignore[no-untyped-def]
    world = first_year(2024, 1.0)
    metal, _ = world.recorder.places["desk"]
    price, use = world.recorder.block("price")[0] / np.exp(world.returned(0))[metal], world.recorder.block("use")[0]
    assert price == pytest.approx(1.0, abs=0.08), "where next to nothing is used"
    assert price[use > 10.0] == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("metal", ["lithium", "cobalt", "dysprosium-terbium"])
def test_a_metal_starts_the_same_alone_and_among_all(tables: Tables, first_year, metal: str) -> None:  # type: ignore[no-untyped-def]
    alone = world_of(tables, [metal], start="2024-01", end="2024-12", mode="historical").run()
    among = first_year(2024, 0.0)
    for channel in ("in_use", "hibernating", "use", "recycling"):
        assert total(alone, channel, metal)[0] == pytest.approx(total(among, channel, metal)[0], rel=0.01), channel


def test_mines_feed_refiners_and_metal_feeds_use_at_the_start(tables: Tables) -> None:
    world = world_of(tables, [], end="2024-01")
    refiners, desks = world.refiners, world.desks
    needed = world.by_metal(refiners.base / refiners.yield_, refiners.metal)
    assert world.by_metal(world.miners.base, world.miners.metal) == pytest.approx(needed)
    supply = world.by_metal(refiners.base, refiners.metal) + np.bincount(world.secondary.metal, world.secondary.rate)
    assert supply == pytest.approx(world.by_metal(world.inputs.base, world.inputs.metal), rel=1e-6)
    assert np.bincount(world.inputs.desk, world.inputs.base) == pytest.approx(
        world.markets["refined"].by_buyer(world.markets["refined"].base), rel=1e-5, abs=1e-6
    )
    assert len(desks) == len(world.markets["refined"].buyers)


def test_the_phases_of_a_month_stand_in_order() -> None:
    assert [name for name, _ in WorldClass.MONTH] == PHASES


def test_a_phase_out_of_order_is_refused(tables: Tables) -> None:
    world = world_of(tables, ["gallium"], end="2024-03")
    world.step()
    world.phase = 3
    with pytest.raises(AssertionError, match="fixed order"):
        world.step()


def test_a_finished_run_takes_no_further_step(tables: Tables) -> None:
    world = world_of(tables, ["gallium"], end="2024-02").run()
    with pytest.raises(RuntimeError, match="ended in 2024-02"):
        world.step()


def test_a_named_country_is_not_pooled(tables: Tables) -> None:
    from tests.environment.helpers import ban

    shock = ban(actor="MAR", form="feed")
    assert "MAR" in world_of(tables, ["cobalt"], [shock], end="2024-01").layout.countries


def test_a_base_year_without_a_price_is_refused_before_the_run(tables: Tables) -> None:
    prices = tables.base_prices
    none = tables.replace(base_prices=prices[~((prices.metal == "cobalt") & (prices.year == 2024))])
    with pytest.raises(DataError, match=r"base_prices.csv.*no price of cobalt in 2024"):
        world_of(none, ["cobalt", "nickel"], end="2024-02")
    unknown = tables.replace(base_prices=prices.assign(price_usd_per_t=np.nan))
    with pytest.raises(DataError, match="2 problems found"):
        world_of(unknown, ["cobalt", "nickel"], end="2024-02")
