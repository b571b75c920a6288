"""Output never exceeds the capacity that is recorded beside it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from lodeflow.data import Tables
from lodeflow.environment import World
from lodeflow.environment.shocks.kinds import MineOutage, Shock
from tests.environment.helpers import ban, world_of
from tests.environment.test_behaviour import scenarios

PAIRS = {"mined": "mine_capacity", "refining": "refinery_capacity"}


def assert_within_capacity(world: World) -> None:
    for output, capacity in PAIRS.items():
        made, most = world.recorder.block(output), world.recorder.block(capacity)
        assert (made <= most * (1.0 + 1e-9) + 1e-9).all(), output


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow], phases=[Phase.explicit, Phase.generate])
@given(scenarios())
def test_output_is_within_capacity(tables: Tables, scenario: tuple[list[str], list[Shock], dict]) -> None:
    metals, drawn, changes = scenario
    assert_within_capacity(world_of(tables, metals, drawn, **changes).run())


def test_output_is_within_capacity_with_much_noise(tables: Tables) -> None:
    world = world_of(tables, ["copper", "cobalt"], [ban()], noise=5.0, end="2028-12").run()
    assert_within_capacity(world)
    spare = world.recorder.block("mined").sum() / world.recorder.block("mine_capacity").sum()
    assert 0.5 < spare < 1.0, "capacity is of the size of output"


def test_a_host_that_stops_takes_output_but_not_capacity(tables: Tables) -> None:
    outage = MineOutage(actor="CHN", metals=["alumina"], start="2024-06", strength=0.5)
    world = world_of(tables, ["gallium"], [outage], end="2024-12").run()
    made, most = (world.recorder.block(name).sum(axis=1) for name in ("mined", "mine_capacity"))
    assert made[-1] < 0.8 * made[0]
    assert most[-1] == pytest.approx(most[0], rel=0.05)


def test_capacity_is_that_of_the_month_in_which_output_was_made(tables: Tables) -> None:
    world = world_of(tables, ["cobalt"], [ban()], end="2026-12")
    while world.t < world.settings.months:
        expansion = world.refiners.expansion.copy()
        world.step()
        planned = world.refiners.planned * expansion * world.parameters["refinery_ceiling"]
        assert np.array_equal(world.recorder.block("refinery_capacity")[-1], planned)
