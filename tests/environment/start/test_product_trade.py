"""Drawing up the trade in products: margins, known destinations, cohorts where they were bought, units."""

from __future__ import annotations

import numpy as np
import pytest

from lodeflow.data import Tables
from lodeflow.environment import World, WorldSettings, build
from lodeflow.environment.start.base_year import base_year
from lodeflow.environment.start.draft import Draft
from lodeflow.environment.start.draw_up import table_parameters
from lodeflow.environment.start.entrants import with_entrants
from lodeflow.environment.start.product_trade import IN_METAL, past_buying, run_buying

METALS = ["lithium", "cobalt", "nickel", "copper", "neodymium-praseodymium"]
PAST = WorldSettings(start="2015-01", end="2021-12", metals=METALS, noise=0)


def draft_of(tables: Tables, settings: WorldSettings) -> Draft:
    parameters = table_parameters(tables, settings)
    base = with_entrants(base_year(tables, settings, parameters), tables, settings, parameters)
    return Draft(tables, settings, parameters, base)


@pytest.fixture(scope="module")
def past(tables: Tables) -> World:
    return build(tables, PAST)


def matrix(world: World, product: str, year: int) -> np.ndarray:
    """Share of each maker's sales of a product by user, shape (countries, countries)."""
    trade, count = world.blueprint.trade, len(world.layout.countries)
    here = trade.product == world.layout.product_index[product]
    shares = np.zeros((count, count))
    shares[trade.maker[here], trade.user[here]] = trade.share[trade.year(12 * year)][here]
    return shares


@pytest.mark.parametrize("year", [2015, 2018, 2021])
@pytest.mark.parametrize("product", ["ev-battery-lfp", "solar-pv", "electronics", "stainless-steel"])
def test_sales_add_up_to_what_is_made_and_to_what_is_used(tables: Tables, past: World, product: str, year: int) -> None:
    draft = draft_of(tables, PAST)
    first, buying = run_buying(draft)
    p, shares = past.layout.product_index[product], matrix(past, product, year)
    made = draft.base.making[p]
    assert shares[made > 0].sum(axis=1) == pytest.approx(1.0)
    assert (shares[made == 0] == 0.0).all()
    assert made @ shares == pytest.approx(buying[year - first, p], abs=1e-8)


def test_in_an_endless_past_the_base_year_holds_throughout(tables: Tables) -> None:
    draft = draft_of(tables, WorldSettings(mode="stationary", metals=["cobalt"]))
    for buying in (past_buying, run_buying):
        first, shares = buying(draft)
        assert first == draft.base.year
        assert shares == pytest.approx(draft.base.buying[None])


def test_buyers_of_the_past_are_those_of_the_past(tables: Tables) -> None:
    draft = draft_of(tables, PAST)
    first, shares = past_buying(draft)
    assert (first, first + len(shares) - 1) == (2000, 2015)
    assert shares.sum(axis=2) == pytest.approx(1.0)
    china, germany = (draft.base.countries.index(name) for name in ("CHN", "DEU"))
    solar = draft.base.products.index("solar-pv")
    assert shares[2010 - first, solar, germany] > 0.3, "Germany installed 7.4 of 17.5 GW in 2010"
    assert shares[2010 - first, solar, china] < 0.1 < 0.2 < shares[2015 - first, solar, china]


def test_what_was_bought_in_germany_in_2010_is_in_use_there(tables: Tables) -> None:
    """Copper in solar plants lasts 30 years, so the stock remembers who built early."""
    world = build(tables, WorldSettings(start="2021-01", end="2021-12", metals=["copper"], noise=0))
    now = base_year(tables, world.settings, world.parameters)
    p, c = world.layout.product_index["solar-pv"], world.layout.country_index["DEU"]
    rows = world.in_use.product == p
    stock = world.in_use.stock[rows & (world.in_use.country == c)].sum() / world.in_use.stock[rows].sum()
    assert stock > 1.5 * now.buying[p, c]


def test_known_destinations_attract_trade(tables: Tables) -> None:
    settings = WorldSettings(start="2024-01", end="2024-12", metals=["copper"], noise=0)
    blind = tables.replace(product_trade=tables.product_trade[tables.product_trade["product"] == "none"])
    to_brazil = []
    for data in (tables, blind):
        world = build(data, settings)
        index = world.layout.country_index
        to_brazil.append(matrix(world, "solar-pv", 2024)[index["CHN"], index["BRA"]])
    assert to_brazil[0] > 1.1 * to_brazil[1], "Brazil is the second largest buyer of China's panels"


def test_units_are_the_counting_metal_over_its_content(tables: Tables, past: World) -> None:
    inputs, makers, layout = past.inputs, past.manufacturers, past.layout
    kg = tables.composition[tables.composition["counts"]].set_index("product")["kg_per_unit"]
    metal = {"ev-battery-lfp": "lithium", "wind-turbine": "copper", "ev-motor": "neodymium-praseodymium"}
    for product, counted in metal.items():
        p, m = layout.product_index[product], layout.metal_index[counted]
        goods = inputs.base[(inputs.product == p) & (inputs.metal == m)].sum() * (1.0 - past.blueprint.new_scrap[p])
        assert makers.base[makers.product == p].sum() == pytest.approx(1000.0 * goods / kg[product])
        rows = tables.products.set_index("product")["unit"]
        assert layout.units[p] == rows[product]


def test_without_its_counting_metal_a_product_is_counted_in_tonnes(tables: Tables) -> None:
    world = build(tables, WorldSettings(start="2020-01", end="2020-12", metals=["cobalt"]))
    p = world.layout.product_index["ev-battery-nickel"]
    assert world.layout.units[p] == IN_METAL
    made = world.manufacturers.base[world.manufacturers.product == p].sum()
    goods = world.inputs.base[world.inputs.product == p].sum() * (1.0 - world.blueprint.new_scrap[p])
    assert made == pytest.approx(goods)


def test_wanted_units_follow_the_counting_metal(past: World) -> None:
    world = past.twin()
    for _ in range(3):
        world.step()
    makers, comes = world.manufacturers, world.blueprint.demand[world.t - 1]
    assert makers.desired == pytest.approx(makers.base * comes[makers.counted_input])
    assert (world.inputs.manufacturer[makers.counted_input] == np.arange(len(makers))).all()


def test_batteries_hold_the_metal_that_cells_hold(tables: Tables) -> None:
    """Nickel per kWh and cobalt per portable kWh lie in the range of the literature; EVTank counts 124 GWh of portable cells."""
    settings = WorldSettings(start="2024-01", end="2024-12", metals=METALS, noise=0)
    trade = build(tables, settings).run().recorder.product_trade().astype({"product": str, "metal": str})
    units = trade.drop_duplicates(["product", "exporter", "importer"]).groupby("product")["units"].sum()
    held = 1000.0 * trade.groupby(["product", "metal"])["tonnes"].sum()
    range_of = tables.composition.set_index(["product", "metal"])
    for pair in (("ev-battery-nickel", "nickel"), ("ev-battery-nickel", "cobalt"), ("portable-battery", "cobalt")):
        low, high = range_of.loc[[pair], ["low", "high"]].to_numpy()[0]
        assert low <= held[pair] / units[pair[0]] <= high, pair
    assert units["portable-battery"] / 1e6 == pytest.approx(124.0, rel=0.1)


def test_battery_capacity_is_that_of_the_sales_of_the_year(tables: Tables) -> None:
    """World battery demand of vehicles by the IEA: 172 GWh in 2020, 557 in 2022, 953 in 2024."""
    made = {}
    for year in (2022, 2024):
        settings = WorldSettings(start=f"{year}-01", end=f"{year}-12", metals=METALS, noise=0)
        trade = build(tables, settings).run().recorder.product_trade()
        flows = trade[trade["product"].isin(["ev-battery-nickel", "ev-battery-lfp"])]
        made[year] = flows.drop_duplicates(["product", "exporter", "importer"])["units"].sum() / 1e6
    assert made == pytest.approx({2022: 557.0, 2024: 953.0}, rel=0.15)
