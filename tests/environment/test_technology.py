"""Cells that follow cost, plans that follow metal, and research, in small worlds."""

from __future__ import annotations

import numpy as np
import pytest

from lodeflow.data import DataError, Tables
from lodeflow.environment import World
from lodeflow.environment.month.cells import chosen, reference
from lodeflow.environment.shocks.kinds import REGISTRY, Shock
from lodeflow.environment.start.cells import cell_tables
from tests.environment.helpers import ban, world_of

BATTERIES = ["ev-battery-nickel", "ev-battery-lfp"]
HISTORY = {"mode": "historical", "start": "2024-01", "end": "2026-12", "noise": 0.0}


def research(actor: str, **fields: object) -> Shock:
    """Research that begins in the third month."""
    budget = {"kind": "research_budget", "actor": actor, "start": "2024-03", "usd_per_year": 5e9, "lag_months": 2}
    return REGISTRY["research_budget"].model_validate(budget | fields)


def energy(world: World) -> float:
    """Energy of all vehicle batteries that makers want, kWh/month."""
    products = [world.layout.product_index[name] for name in BATTERIES]
    return float(world.manufacturers.desired[np.isin(world.manufacturers.product, products)].sum())


def shares(world: World) -> dict[str, float]:
    """Share of each cell in the energy of the world."""
    cells, makers = world.blueprint.cells, world.manufacturers
    assert cells is not None
    planned = reference(world, cells)
    weight = np.where(cells.factory >= 0, (makers.base * makers.expansion)[cells.factory], 0.0).sum(axis=1)
    mean = np.average(chosen(world, cells, planned), axis=0, weights=weight)
    return dict(zip(cells.names, mean, strict=True))


def used(world: World, metal: str, products: list[str] = BATTERIES) -> float:
    """Use of a metal in products this month, t."""
    rows = world.layout.line_rows(products, [metal])
    return float(world.inputs.use[rows].sum())


@pytest.fixture(scope="module")
def worlds(tables: Tables) -> dict[str, World]:
    """The world with a ban of cobalt, with cells as they are and with a choice; and the same without the ban."""
    metals, shock = ("cobalt", "lithium", "nickel", "manganese"), ban(start="2024-03", months=30)
    fixed = world_of(tables, metals, [shock], **HISTORY)
    free = world_of(tables, metals, [shock], cell_choice="logit", **HISTORY)
    return {"fixed": fixed.run(), "free": free.run(), "calm": free.twin().run()}


def test_dear_cobalt_brings_cells_without_it_in_years_and_others_metals_with_them(worlds: dict[str, World]) -> None:
    free, calm = shares(worlds["free"]), shares(worlds["calm"])
    assert free["LFP"] > calm["LFP"] + 0.05
    assert free["NMX"] > 1.2 * calm["NMX"]
    assert free["NMC111"] < 0.6 * calm["NMC111"]
    assert used(worlds["free"], "lithium", ["ev-battery-lfp"]) > 1.1 * used(
        worlds["fixed"], "lithium", ["ev-battery-lfp"]
    )
    with_cobalt = free["NMC111"] / free["NMC622"], calm["NMC111"] / calm["NMC622"]
    assert with_cobalt[0] < with_cobalt[1]  # among nickel cells those with least cobalt gain


def test_a_choice_of_cells_lowers_the_peak_of_a_price(worlds: dict[str, World]) -> None:
    def dearest(world: World) -> float:
        desks = world.desks.metal == world.layout.metal_index["cobalt"]
        return float(np.average(world.desks.price[desks], weights=world.desks.use[desks]))

    assert dearest(worlds["free"]) < 0.9 * dearest(worlds["fixed"])


def test_a_choice_of_cells_changes_no_energy(worlds: dict[str, World]) -> None:
    free, calm = worlds["free"], worlds["calm"]
    assert energy(free) == pytest.approx(energy(calm), rel=0.01)  # factories move between countries, cells do not
    cells = free.blueprint.cells
    assert cells is not None
    planned = reference(free, cells)
    assert chosen(free, cells, planned).sum(axis=1) == pytest.approx(np.ones(len(planned)))


def test_it_takes_a_design_cycle(tables: Tables) -> None:
    def after(months: float) -> float:
        world = world_of(
            tables, ("cobalt", "lithium"), [ban(start="2024-03", months=30)], {"design_cycle_months": months},
            cell_choice="logit", **(HISTORY | {"end": "2024-12"}),
        ).run()  # fmt: skip
        return shares(world)["LFP"]

    assert after(12.0) > after(36.0)


def test_a_choice_of_cells_needs_lithium(tables: Tables) -> None:
    with pytest.raises(ValueError, match="add 'lithium'"):
        world_of(tables, ("cobalt",), cell_choice="logit", **HISTORY)


def test_chemistries_order_cobalt_and_nickel_as_published(tables: Tables) -> None:
    table = tables.cells.pivot_table(index="chemistry", columns="metal", values="kg_per_kwh").fillna(0.0)
    cobalt, nickel = table["cobalt"], table["nickel"]
    assert cobalt["NMC622"] > cobalt["NCA"] > cobalt["NMC811"] > cobalt["NMX"] == cobalt["LFP"] == 0.0
    assert nickel["NCA"] > nickel["NMC622"] > nickel["NMC111"] > nickel["LFP"] == 0.0


@pytest.mark.parametrize("metal", ["cobalt", "nickel"])
def test_paths_of_demand_order_cobalt_and_nickel_as_published(tables: Tables, metal: str) -> None:
    def last(chemistry: str) -> float:
        world = world_of(tables, ("cobalt", "nickel"), chemistry=chemistry, **(HISTORY | {"end": "2036-12"}))
        rows = world.layout.line_rows(["ev-battery-nickel"], [metal])
        return float((world.inputs.base * world.blueprint.demand[155])[rows].sum())

    present, nca, free = (last(name) for name in ("present", "NCA", "cobalt-free"))
    assert (present > nca > free) if metal == "cobalt" else (present < nca < free)


def test_another_chemistry_is_in_as_many_batteries(tables: Tables) -> None:
    def energy_of(chemistry: str) -> tuple[float, float]:
        world = world_of(
            tables, ("lithium", "manganese"), chemistry=chemistry, **(HISTORY | {"start": "2030-01", "end": "2030-06"})
        ).run()
        rows = world.layout.line_rows(["ev-battery-nickel"], ["manganese"])
        return energy(world), float((world.inputs.base * world.blueprint.demand[35])[rows].sum())

    present, nca, free = (energy_of(name) for name in ("present", "NCA", "cobalt-free"))
    assert nca[0] == pytest.approx(present[0], rel=0.01)  # lithium in a kWh: 0.955 of it
    assert free == pytest.approx(present)
    assert (
        0.15 * present[1] < nca[1] < 0.3 * present[1]
    )  # at the end of 2032 a fifth of its manganese is left, 2035 none


def test_a_choice_of_cells_starts_from_the_present_mix(tables: Tables) -> None:
    with pytest.raises(ValueError, match="set it to 'present'"):
        world_of(tables, ("lithium",), cell_choice="logit", chemistry="NCA", **HISTORY)


@pytest.mark.parametrize(
    ("table", "change", "message"),
    [
        ("cells", {"chemistry": ("NMX", "LMNO")}, "LMNO, column share: is in the table cells and has no part"),
        ("cells", {"chemistry": ("NMX", "LMNO")}, "NMX, column chemistry: is not in the table cells"),
        ("cells", {"chemistry": ("LFP", "NCA")}, "NCA, column product: is in more than one product"),
        ("cell_mix", {"share": (0.45, 0.55)}, "ev-battery-nickel add up to 1.1. Make them"),
    ],
)
def test_cells_without_a_part_are_named(
    tables: Tables, table: str, change: dict[str, tuple[object, object]], message: str
) -> None:
    own = tables.replace(**{table: tables[table].replace({name: dict([pair]) for name, pair in change.items()})})
    with pytest.raises(DataError) as caught:
        cell_tables(own)
    assert message in str(caught.value)


@pytest.fixture(scope="module")
def copper(tables: Tables) -> dict[str, World]:
    """A ban of copper ore without and with the nexus, and the nexus without the ban."""
    shock = ban(actor="CHL", metal="copper", start="2024-03", months=24)
    settings = HISTORY | {"end": "2025-12"}
    off = world_of(tables, ("copper",), [shock], **settings)
    on = world_of(tables, ("copper",), [shock], nexus=True, **settings)
    return {"off": off.run(), "on": on.run(), "calm": on.twin().run()}


def made(world: World, product: str) -> float:
    """Output of a product this month."""
    return float(world.manufacturers.output[world.manufacturers.product == world.layout.product_index[product]].sum())


def dear(world: World) -> float:
    """Mean price of copper over its anchor this month."""
    return float(np.average(world.desks.price, weights=world.desks.use))


def test_a_shortage_slows_deployment_and_never_raises_it(copper: dict[str, World]) -> None:
    for product in ("wind-turbine", "solar-pv", "ev-motor"):
        assert made(copper["on"], product) < 0.999 * made(copper["calm"], product)
    assert (copper["on"].manufacturers.pace <= 1.0).all()
    wires = copper["on"].manufacturers.product == copper["on"].layout.product_index["building-wiring-plumbing"]
    assert (copper["on"].manufacturers.pace[wires] == 1.0).all()


def test_slower_deployment_damps_a_price(copper: dict[str, World]) -> None:
    assert 1.05 < dear(copper["on"]) < dear(copper["off"])


def test_plants_that_are_missing_take_power_from_smelters(copper: dict[str, World]) -> None:
    on, calm = copper["on"], copper["calm"]
    assert on.refiners.unpowered[0] > calm.refiners.unpowered[0] >= 0.0
    assert (copper["off"].refiners.unpowered == 0.0).all()


def test_research_opens_refining_where_there_was_none(tables: Tables) -> None:
    shocks = [
        research("PHL", fields=["refining"], metals=["cobalt"]),
        research("FIN", fields=["refining"], metals=["cobalt"]),
    ]
    world = world_of(tables, ("cobalt",), shocks, mode="growth", growth=0.05, start="2024-01", end="2026-12", noise=0.0)
    without, rows = world.twin().run(), world.refiners.row_of
    world.run()
    new, old = rows["PHL-cobalt"], rows["FIN-cobalt"]
    ore = world.miners.base[world.miners.country == world.layout.country_index["PHL"]].sum()
    assert world.refiners.output[new] > 0.1 * ore > 100.0 * without.refiners.output[new]
    assert (
        1.05 < world.refiners.expansion[old] < 2.0
    )  # who refines already builds for its lower cost, and begins nothing new


def test_partners_learn_a_part_and_weak_conversion_holds_it_back(tables: Tables) -> None:
    def support(**fields: object) -> tuple[float, float]:
        shock = research("CHN", fields=["refining"], metals=["cobalt"], partners=["JPN"], **fields)
        world = world_of(tables, ("cobalt",), [shock], mode="stationary", start="2024-01", end="2024-12", noise=0.0)
        world.run()
        lever = world.now.effects.levers["refinery_support"]
        rows = world.refiners.row_of
        return float(lever[rows["CHN-cobalt"]]), float(lever[rows["JPN-cobalt"]])

    full, weak, alone = support(transfer=0.5), support(transfer=0.5, conversion=0.2), support(transfer=0.0)
    assert 0.0 < full[1] < full[0]
    assert weak[0] < full[0]
    assert weak[1] < full[1]
    assert alone == (full[0], 0.0)


def test_research_makes_added_processes_cheaper(tables: Tables) -> None:
    def margin(fields: list[str]) -> np.ndarray:
        shocks = [
            research("WLD", fields=fields, products=["ev-motor"]),
            ban("refined", "CHN", "neodymium-praseodymium", "2024-03", 9),
        ]
        world = world_of(
            tables, ("neodymium-praseodymium",), shocks, mode="stationary", start="2024-01", end="2024-12", noise=0.0
        )
        return world.run().recyclers.process_margin

    cheaper, usual = margin(["processes"]), margin(["separation"])
    differ = cheaper != usual
    assert differ.any()
    assert cheaper[differ].mean() > usual[differ].mean()


@pytest.mark.parametrize(
    ("fields", "message"),
    [({"fields": ["refining"]}, "name them under metals"), ({"fields": ["processes"]}, "name them under products")],
)
def test_research_says_what_it_lacks(fields: dict[str, list[str]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        research("CHN", **fields)
