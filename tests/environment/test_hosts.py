"""By-products and their hosts: what hosts carry is all there is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodeflow.agents import host
from lodeflow.data import Tables
from lodeflow.environment import World
from lodeflow.environment.shocks.kinds import DemandSurge, MineOutage
from tests.environment.helpers import ban, price, world_of

RARE = ["neodymium-praseodymium", "dysprosium-terbium"]


def beyond_hosts(world: World) -> float:
    """Largest output of a month beyond what hosts carry, over the output of the base month."""
    miners = world.miners
    inside, count = miners.as_host >= 0, len(world.hosts)
    base, made = (np.bincount(miners.as_host[inside], v[inside], count) for v in (miners.base, miners.output))
    grown = np.where(base > 0.0, made / np.where(base > 0.0, base, 1.0), world.blueprint.hosts[world.t - 1])
    of_host = miners.host >= 0
    most = (miners.base * miners.host_share * miners.recovery_limit)[of_host] * grown[miners.host[of_host]]
    own = ((1.0 - miners.host_share) * miners.capacity)[of_host]
    over: float = ((miners.output[of_host] - own - most) / miners.base[of_host]).max()
    return over


@settings(max_examples=6, deadline=None)
@given(
    demand=st.sampled_from(["STEPS", "NZE"]),
    strength=st.floats(-0.4, 0.6),
    actor=st.sampled_from(["CHN", "COD", "IDN"]),
    lost=st.floats(0.0, 1.0),
)
def test_no_by_product_is_more_than_its_host_carries(
    tables: Tables, demand: str, strength: float, actor: str, lost: float
) -> None:
    """Month by month, with noise, a surge of demand and an outage of hosts."""
    metals = ["copper", "nickel", "cobalt", *RARE, "gallium"]
    hosts = [name for name in metals if name not in ("cobalt", "gallium", RARE[1])]
    shocks = [
        DemandSurge(metals=["cobalt", RARE[1], "gallium"], strength=strength, start="2025-01"),
        MineOutage(actor=actor, metals=hosts, start="2026-03", end="2027-06", strength=lost),
    ]
    world = world_of(tables, metals, shocks, mode="historical", demand=demand, noise=1.0, end="2030-12")
    while world.t < world.settings.months:
        world.step()
        assert beyond_hosts(world) <= 1e-9


def test_what_no_host_carries_goes_to_the_price(tables: Tables) -> None:
    """In NZE dysprosium grows half as much again as its host by 2030; alone, without a host in the world, nothing binds."""
    settings_ = {"mode": "historical", "demand": "NZE", "end": "2031-12", "parameters": {"usual_years": 1.0}}
    bound, alone = (world_of(tables, metals, **settings_).run() for metals in (RARE, RARE[1:]))
    assert price(bound, RARE[1])[-12:].mean() > 1.5
    assert price(alone, RARE[1])[-12:].mean() == pytest.approx(1.0, abs=0.02)
    assert price(bound, RARE[0]) == pytest.approx(1.0, abs=0.02), "no price of a by-product moves its host"
    planned = [
        world.miners.planned[world.miners.metal == world.layout.metals.index(RARE[1])].sum() for world in (bound, alone)
    ]
    assert planned[0] < 0.9 * planned[1]


def test_the_gap_of_one_host_goes_to_others_with_room() -> None:
    planned, most, metal = np.array([10.0, 10.0, 5.0, 7.0]), np.array([6.0, 12.0, 8.0, np.inf]), np.zeros(4, int)
    found, lacking = host.bound(planned, most, metal, 1)
    assert found == pytest.approx([6.0, 10.0 + 4.0 * 2.0 / 5.0, 5.0 + 4.0 * 3.0 / 5.0, 7.0])
    assert lacking == pytest.approx([0.0])
    found, lacking = host.bound(planned, np.array([1.0, 12.0, 8.0, np.inf]), metal, 1)
    assert found == pytest.approx([1.0, 12.0, 8.0, 7.0])
    assert lacking == pytest.approx([4.0])


def test_a_host_that_grows_carries_more() -> None:
    base, share, recovery = np.array([10.0, 10.0]), np.array([0.5, 0.0]), np.array([1.2, 1.0])
    assert host.limit(base, share, recovery, np.array([2.0, 2.0])) == pytest.approx([12.0, np.inf])


def test_copper_is_opened_where_cobalt_is_asked_for(tables: Tables) -> None:
    """From the shares of 2016 cobalt doubles, copper does not: the DR Congo gets more of the world's copper, others less."""
    past = {"mode": "historical", "start": "2016-01", "end": "2022-12"}
    parts = []
    for strength in (1.0, 0.0):
        world = world_of(tables, ["copper", "cobalt"], parameters={"host_pull": strength}, **past).run()
        copper = world.miners.metal == world.layout.metal_index["copper"]
        here = copper & (world.miners.country == world.layout.country_index["COD"])
        parts.append(world.miners.planned[here].sum() / world.miners.planned[copper].sum())
        total = world.by_metal(world.miners.planned, world.miners.metal)
        assert total[world.layout.metal_index["copper"]] == pytest.approx(
            (world.miners.base * world.expectation.mines[-1][world.miners.metal])[copper].sum()
        )
    assert parts[0] > 1.25 * parts[1]


def test_ore_whose_by_product_nobody_took_yet_is_not_opened_for_it(tables: Tables) -> None:
    """Indonesia took next to no cobalt in 2019; more of it from 2025 on must not move all nickel of the world there."""
    assert host.pull(np.array([3.0, 4000.0]), np.array([2.0, 1.0]), 1.0, 0.0, 100.0) == pytest.approx([1.5, 1.0])
    past = {"mode": "historical", "start": "2023-07", "base_year": 2019, "end": "2025-12"}
    world = world_of(tables, ["nickel", "cobalt"], **past).run()
    nickel = world.miners.metal == world.layout.metal_index["nickel"]
    here = nickel & (world.miners.country == world.layout.country_index["PHL"])
    assert world.miners.planned[here].sum() > 0.05 * world.miners.planned[nickel].sum()


def test_nothing_is_built_where_the_host_carries_no_more(tables: Tables) -> None:
    measure = ban("refined", "CHN", RARE[1], "2024-07", 24)
    world = world_of(tables, RARE, [measure], mode="historical", demand="NZE", end="2031-12")
    dear, seen = world.miners.metal == world.layout.metal_index[RARE[1]], 0
    while world.t < world.settings.months:
        before = world.miners.building[0].copy()
        world.step()
        miners = world.miners
        stuck = dear & (miners.carried < 0.95 * miners.planned * miners.expansion)
        assert (miners.building[0] <= before)[stuck].all()
        seen += int(stuck.sum())
    assert seen > 100


def test_hosts_outside_the_world_follow_data_and_then_grow(tables: Tables) -> None:
    world = world_of(tables, ["gallium"], mode="historical", start="2015-01", base_year=2015, end="2030-12")
    names = [(name, world.layout.countries[c]) for name, c in world.layout.host_names]
    china = world.blueprint.hosts[:, names.index(("alumina", "CHN"))]
    made = tables.host_output[(tables.host_output["host"] == "alumina") & (tables.host_output["iso3"] == "CHN")]
    by_year = made.set_index("year")["tonnes"]
    assert china[9 * 12 + 6] == pytest.approx(by_year[2024] / by_year[2015], rel=0.01)
    assert china[-1] / china[-13] == pytest.approx(1.0 + world.parameters["host_growth"])
    assert (world_of(tables, ["gallium"]).blueprint.hosts == 1.0).all()
