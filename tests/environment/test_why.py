"""Why a bid stands where it stands: the parts add up exactly and name the bottleneck."""

from __future__ import annotations

import numpy as np
import pytest

from lodeflow.data import Tables
from lodeflow.environment import World
from lodeflow.environment.month.reasons import COMPONENTS
from lodeflow.environment.shocks.kinds import DemandSurge
from tests.environment.helpers import world_of


def split(world: World) -> dict[str, np.ndarray]:
    """Parts of every desk's bid in the last month that was run, ln points."""
    return dict(zip(COMPONENTS, world.now.why.T, strict=True))


def with_fewer_refineries(tables: Tables, share: float, months: int = 12) -> World:
    """A quiet world in which only a share of refining capacity is left from the fourth month on; mines stop slowly."""
    world = world_of(tables, ["cobalt"], end="2025-12")
    for month in range(months):
        if month >= 3:
            world.refiners.expansion[:] = share
        world.step()
        moved = world.now.why.sum(axis=1) - split(world)["cost"]
        assert moved == pytest.approx(np.log(world.desks.bid), abs=1e-9)
    return world


def test_a_bottleneck_of_refineries_is_called_refining_capacity(tables: Tables) -> None:
    parts = split(with_fewer_refineries(tables, 0.5, months=5))
    capacity = parts.pop("refining capacity")
    assert capacity.mean() > 0.2
    assert capacity.min() > 0.0
    for name in ("own demand", "substitution", "news", "expected supply"):
        assert capacity.mean() > parts[name].mean() + 0.1, name


def test_the_fewer_refineries_the_more_they_explain(tables: Tables) -> None:
    means = [split(with_fewer_refineries(tables, s))["refining capacity"].mean() for s in (1.0, 0.8, 0.6, 0.4)]
    assert means[0] == 0.0
    assert means == sorted(means)


def test_refineries_explain_nothing_where_ore_is_what_lacks(tables: Tables) -> None:
    world = world_of(tables, ["cobalt"], end="2025-12")
    for _ in range(9):
        world.miners.expansion[:] = 0.7
        world.step()
    parts = split(world)
    assert parts["refining capacity"] == pytest.approx(0.0, abs=1e-12)
    assert (parts["expected supply"] > 0.05).all()


def test_refineries_explain_nothing_of_a_price_that_does_not_rise(tables: Tables) -> None:
    weak = DemandSurge(metals=["cobalt"], start="2024-03", strength=-0.8)
    world = world_of(tables, ["cobalt"], [weak], end="2025-12")
    for month in range(6):
        if month >= 3:
            world.refiners.expansion[:] = 0.5
        world.step()
    scarce = np.log(world.desks.bid) > 0.0
    assert not scarce.all()
    assert (split(world)["refining capacity"][~scarce] == 0.0).all()
