"""Mesa agents are handles on the columns."""

from __future__ import annotations

import mesa
import pytest

from lodeflow.data import Tables
from lodeflow.environment import World, build
from tests.environment.helpers import settings_of


@pytest.fixture(scope="module")
def world(tables: Tables) -> World:
    return build(tables, settings_of(["cobalt"], end="2024-06"))


def test_every_row_of_the_five_kinds_has_an_agent(world: World) -> None:
    assert isinstance(world, mesa.Model)
    counts = {kind.__name__: len(agents) for kind, agents in world.agents_by_type.items()}
    assert counts == {
        "Country": len(world.countries),
        "Miner": len(world.miners),
        "Refiner": len(world.refiners),
        "Manufacturer": len(world.manufacturers),
        "Recycler": len(world.recyclers),
    }


def test_agent_and_column_are_one(world: World) -> None:
    name = world.miners.ids[0]
    agent = next(agent for agent in world.agents if agent.id == name and type(agent).__name__ == "Miner")
    assert agent.stock == world.miners[name].stock
    agent.reserve = 123.0
    assert world.miners.reserve[0] == 123.0
    with pytest.raises(AttributeError, match="Miner has no attribute 'colour'"):
        agent.colour  # noqa: B018
