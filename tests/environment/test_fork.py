"""A world that goes on from where another stands is, to the last bit, the one that was run from its first month."""

from __future__ import annotations

import numpy as np
import pytest

from lodeflow.data import Tables
from lodeflow.environment import World, build
from lodeflow.environment.calendar import format_month
from lodeflow.environment.records.channels import ONLY_WITH_SHOCKS
from tests.frozen.worlds import NAMES, scenario


def assert_same(one: World, other: World) -> None:
    for name in one.recorder.blocks.keys() | other.recorder.blocks.keys():
        assert np.array_equal(one.recorder.block(name), other.recorder.block(name)), name
    assert np.array_equal(one.recorder.why, other.recorder.why)
    for name in ("flows", "balances", "imbalance"):
        assert np.array_equal(getattr(one.ledger, name), getattr(other.ledger, name)), name
    assert one.minds.had_effect == other.minds.had_effect
    assert one.minds.news == other.minds.news


@pytest.mark.parametrize("name", NAMES)
def test_the_months_before_the_first_news_are_shared(tables: Tables, name: str) -> None:
    asked = scenario(name)
    start = build(tables, asked.world, asked.shocks, asked.parameters)
    first = min(shock.announced_at for shock in asked.shocks) - start.first_month
    calm = World(start.blueprint, (), start.expectation)
    shocked = World(start.blueprint, asked.shocks, start.expectation)
    while shocked.t < max(first, 0):
        shocked.step()
        calm.step()
    fired, without = calm.fork(asked.shocks), shocked.fork()
    whole = World(start.blueprint, asked.shocks, start.expectation).run()
    assert_same(shocked.run(), whole)
    assert_same(fired.run(), whole)
    base = World(start.blueprint, (), start.expectation, watched=asked.shocks).run()
    assert_same(without.run(), base)
    assert set(ONLY_WITH_SHOCKS) <= without.recorder.blocks.keys()


def test_a_world_that_has_not_begun_forks_whatever_was_known_before_it(tables: Tables) -> None:
    asked = scenario("ban")
    first = min(shock.announced_at for shock in asked.shocks)
    late = asked.world.model_copy(update={"start": format_month(first + 2), "end": format_month(first + 4)})
    world = build(tables, late, asked.shocks, asked.parameters)
    assert all(shock.announced_at < world.month for shock in asked.shocks[:1])
    whole = World(world.blueprint, (), world.expectation, watched=asked.shocks).run()
    assert_same(world.fork().run(), whole)
    world.step()
    with pytest.raises(ValueError, match="the months so far would have been others"):
        world.fork()


def test_a_fork_shares_nothing_that_changes(tables: Tables) -> None:
    asked = scenario("ban")
    world = build(tables, asked.world, asked.shocks, asked.parameters)
    world.step()
    other = world.fork()
    stock = other.refiners.stock.copy()
    world.step()
    assert np.array_equal(other.refiners.stock, stock)
    assert other.recorder.written == other.ledger.written == 1


def test_a_past_that_would_have_been_another_is_refused(tables: Tables) -> None:
    asked = scenario("ban")
    world = build(tables, asked.world, asked.shocks, asked.parameters)
    first = min(shock.announced_at for shock in asked.shocks) - world.first_month
    while world.t <= first:
        world.step()
    assert world.may_fork(asked.shocks)
    with pytest.raises(ValueError, match="would have been others"):
        world.fork()
