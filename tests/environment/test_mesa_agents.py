"""Mesa agents are handles on the columns."""

from __future__ import annotations

import mesa
import numpy as np
import pytest

from lodeflow.data import Tables
from lodeflow.environment import World, build
from lodeflow.environment.state import MARKETS_WITH_MEMORY
from tests.environment.helpers import settings_of


@pytest.fixture(scope="module")
def world(tables: Tables) -> World:
    return build(tables, settings_of(["cobalt"], end="2024-06"))


def test_every_row_of_those_who_decide_has_an_agent(world: World) -> None:
    assert isinstance(world, mesa.Model)
    counts = {kind.__name__: len(agents) for kind, agents in world.agents_by_type.items()}
    assert counts == {
        "Country": len(world.countries),
        "Miner": len(world.miners),
        "Refiner": len(world.refiners),
        "Manufacturer": len(world.manufacturers),
        "Recycler": len(world.recyclers),
        "OreDesk": len(world.ore_desks),
        "MetalDesk": len(world.desks),
        "SecondarySeller": len(world.secondary),
        "ScrapPool": len(world.pools),
    }


def test_every_seller_of_every_market_has_an_ask_that_mesa_and_the_recorder_see(tables: Tables) -> None:
    world = build(tables, settings_of(["cobalt"], end="2024-06"))
    world.step()
    sellers = {"feed": ("OreDesk",), "refined": ("Refiner", "SecondarySeller"), "scrap": ("ScrapPool",)}
    kinds = {kind.__name__: agents for kind, agents in world.agents_by_type.items()}
    for name, who in sellers.items():
        asks = [agent.ask for kind in who for agent in kinds[kind]]
        assert len(asks) == len(world.markets[name].sellers)
        assert min(asks) > 0.0
        if name in MARKETS_WITH_MEMORY:
            anchor = np.exp(world.anchor[0])
            np.testing.assert_array_equal(world.recorder.block(f"{name}_ask")[-1], np.array(asks) * anchor)
    world.agents_by_type[next(kind for kind in world.agents_by_type if kind.__name__ == "OreDesk")].set("ask", 1.25)
    assert (world.ore_desks.ask == 1.25).all()


def test_agent_and_column_are_one(world: World) -> None:
    name = world.miners.ids[0]
    agent = next(agent for agent in world.agents if agent.id == name and type(agent).__name__ == "Miner")
    assert agent.stock == world.miners[name].stock
    agent.reserve = 123.0
    assert world.miners.reserve[0] == 123.0
    with pytest.raises(AttributeError, match="Miner has no attribute 'colour'"):
        agent.colour  # noqa: B018
