"""Prices of energy and carbon act by what a stage uses and emits; the border charge spares what is paid, clean or certified."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from lodeflow import data
from lodeflow.data.footprint import MINING, RECYCLING, REFINING, STAGES
from lodeflow.environment import World, build
from lodeflow.environment.calendar import parse_month
from lodeflow.environment.records.money import balances
from lodeflow.environment.shocks.carbon import embodied, emitted, paid_at_origin
from lodeflow.environment.shocks.kinds import BorderCharge, CarbonPrice, EnergyPrice, Shock
from tests.environment.helpers import settings_of

FROM = "2024-04"
NOW = parse_month("2024-06")
CHARGE = BorderCharge(actor="EU27", metals=["copper"], form="refined", price=200.0, start=FROM)


@cache
def base() -> World:
    """Copper for two and a half years, before the first month."""
    return build(data.shared(), settings_of(["copper"], end="2026-06"))


def run(*shocks: Shock, months: int = 30) -> World:
    """The same world with shocks, after some months."""
    world = World(base().blueprint, [*shocks], base().expectation)
    for _ in range(months):
        world.step()
    return world


def made(world: World, country: str, name: str = "refining") -> float:
    """What a country made in the run, t."""
    place = {"refining": "refiner", "mined": "ore desk", "recycling": "secondary"}[name]
    here = world.recorder.places[place][1] == world.layout.country_index[country]
    return float(world.recorder.block(name)[:, here].sum())


def imports(world: World, into: str, origin: str) -> float:
    """Refined copper that a country or group buys of another, t."""
    market, layout = world.markets["refined"], world.layout
    here = np.isin(market.buyer_country, layout.country_indices(into))
    here &= market.seller_country == layout.country_index[origin]
    return float(world.recorder.block("refined_flow")[:, here].sum())


@pytest.mark.parametrize(
    "nothing",
    [
        CarbonPrice(actor="CHN", price=0.0, start=FROM),
        EnergyPrice(actor="CHN", rise=0.0, start=FROM),
        BorderCharge(actor="EU27", metals=["copper"], price=200.0, benchmark=100.0, start=FROM),
        CarbonPrice(actor="CHN", metals=["gold"], price=100.0, start=FROM),
    ],
)
def test_a_price_of_nothing_changes_no_bit(nothing: Shock) -> None:
    calm, still = run(months=8), run(nothing, months=8)
    for name, block in calm.recorder.blocks.items():
        assert np.array_equal(block, still.recorder.blocks[name]), name


def test_unit_costs_rise_by_price_times_use_and_emissions() -> None:
    world = run(
        CarbonPrice(actor="CHN", price=100.0, start=FROM), EnergyPrice(actor="USA", rise=10.0, start=FROM), months=6
    )
    rates, energy = emitted(world, 2024)[0], world.blueprint.factors.energy[0]
    china, states = world.layout.country_index["CHN"], world.layout.country_index["USA"]
    price = float(world.rates.price[0] * np.exp(world.anchor[0]))
    refiners, cost = world.refiners, world.now.effects.levers["refinery_cost"]
    melt = STAGES.index(REFINING)
    assert cost[refiners.country == china] * price == pytest.approx(100.0 * rates[melt, china], rel=1e-3)
    assert cost[refiners.country == states] * price == pytest.approx(10.0 * energy[melt], rel=1e-3)
    assert not cost[~np.isin(refiners.country, [china, states])].any()
    feed = price * (1.0 - float(world.rates.treatment_charge[0]))
    mines = world.now.effects.levers["mine_cost"][world.miners.country == china]
    assert mines * feed == pytest.approx(100.0 * rates[STAGES.index(MINING), china], rel=1e-3)
    paid = world.now.effects.levers["scrap_support"][world.recyclers.country == china]
    assert -paid.max() * price == pytest.approx(100.0 * rates[STAGES.index(RECYCLING), china], rel=1e-3)


def test_a_carbon_price_moves_output_away_and_is_passed_back_to_mines() -> None:
    calm, priced = run(), run(CarbonPrice(actor="CHN", price=300.0, start=FROM))
    for name in ("mined", "refining", "recycling"):
        assert made(priced, "CHN", name) < made(calm, "CHN", name), name
    kept = {who: made(priced, who) / made(calm, who) for who in ("CHN", "JPN")}
    assert kept["CHN"] < 0.999 < kept["JPN"]
    assert made(priced, "CHL", "mined") < made(calm, "CHL", "mined")  # refiners of China pay less for its feed


def test_a_carbon_price_lowers_the_output_of_mines() -> None:
    calm, priced = run(), run(CarbonPrice(actor="PER", price=500.0, start=FROM))
    assert made(priced, "PER", "mined") < 0.998 * made(calm, "PER", "mined")


def test_a_carbon_price_everywhere_costs_clean_mines_less() -> None:
    calm = run()
    priced = run(*(CarbonPrice(actor=who, price=500.0, start=FROM) for who in ("CHN", "COD")))
    kept = {who: made(priced, who, "mined") / made(calm, who, "mined") for who in ("CHN", "COD")}
    assert kept["CHN"] < kept["COD"]  # the DR Congo has water power


def test_suppliers_and_governments_are_paid() -> None:
    world = build(data.shared(), settings_of(["copper"], end="2024-09"), [
        CarbonPrice(actor="CHN", price=100.0, start=FROM), EnergyPrice(actor="CHN", rise=5.0, start=FROM)
    ])  # fmt: skip
    world.recorder.purse.whole = True
    table = world.run().recorder.money()
    for entry, payee in (("carbon price", "government"), ("energy price", "supplier")):
        own = table[table["entry"] == entry]
        assert set(own["payee_kind"]) == {payee}
        assert set(own["payer_kind"]) == {"mine", "refiner", "recycler"}
        assert own["usd"].sum() > 0.0
    assert balances(table)["net"].sum() == pytest.approx(0.0, abs=1e-3 * table["usd"].sum() / 1e6)


def test_what_a_tonne_carries_is_mining_over_yield_and_refining() -> None:
    world = base()
    carried, market = embodied(world, "refined", 2024), world.markets["refined"]
    recycled = market.seller >= len(world.refiners)
    rates = emitted(world, 2024)[0]
    assert carried[recycled] == pytest.approx(rates[STAGES.index(RECYCLING), market.seller_country[recycled]])
    melt = rates[STAGES.index(REFINING), market.seller_country]
    ore = (carried - melt)[~recycled]
    mines = rates[STAGES.index(MINING)]
    yields = float(world.refiners.yield_[0])
    assert mines.min() / yields - 1e-9 <= ore[ore > 0.0].min()
    assert ore.max() <= mines.max() / yields + 1e-9


def test_the_border_charge_turns_imports_away_from_dirty_sellers() -> None:
    calm, charged = run(), run(CHARGE.model_copy(update={"price": 600.0}))
    change = {who: imports(charged, "EU27", who) / imports(calm, "EU27", who) for who in ("KAZ", "COD")}
    assert change["KAZ"] < change["COD"]
    assert change["KAZ"] < 1.0


def test_certified_lots_and_carbon_paid_at_origin_go_free() -> None:
    world = run(CHARGE, months=6)
    market = world.markets["refined"]
    mask = np.isin(market.buyer_country, world.layout.country_indices("EU27"))
    mask &= ~np.isin(market.seller_country, world.layout.country_indices("EU27"))
    seller = market.seller_country[mask]
    full = CHARGE.duty(world, "refined", mask, NOW)
    assert (full > 0.0).all()
    chile = seller == world.layout.country_index["CHL"]
    half = CHARGE.model_copy(update={"recognises": ["CHL"], "certified": 0.5}).duty(world, "refined", mask, NOW)
    assert half[chile] == pytest.approx(0.5 * full[chile])
    assert (half[~chile] == full[~chile]).all()
    above = CHARGE.model_copy(update={"benchmark": 1.0}).duty(world, "refined", mask, NOW)
    assert (above < full).all()
    there = run(CHARGE, CarbonPrice(actor="CHL", price=150.0, start=FROM), months=6)
    assert paid_at_origin(there, NOW)[0, there.layout.country_index["CHL"]] == 150.0
    less = CHARGE.duty(there, "refined", mask, NOW)
    assert less[chile] == pytest.approx(0.25 * full[chile], rel=0.02)
    assert less[~chile] == pytest.approx(full[~chile], rel=0.02)


def test_metals_without_factors_are_named() -> None:
    factors = base().blueprint.factors
    unknown = World(base().blueprint, [CarbonPrice(actor="CHN", price=1.0, start=FROM)], base().expectation)
    assert factors.unknown == []
    assert unknown.unreached() == []
