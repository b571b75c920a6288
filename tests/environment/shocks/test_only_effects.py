"""A shock writes effects for the month and nothing else: no column of the world is another after it has acted."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import pytest

from lodeflow.data import Tables
from lodeflow.environment import World
from lodeflow.environment.month.state import Month
from lodeflow.environment.shocks.effects import Effects, nothing
from lodeflow.environment.shocks.kinds import REGISTRY, Shock
from tests.environment.month.tracer import columns, plain, same
from tests.environment.month.worlds import every_shock, shaken_world

MONTHS = 8
"""Months after which all of the shocks are in force, and most have been for some time."""


@pytest.fixture(scope="module")
def world(tables: Tables) -> World:
    """A world in the middle of every kind of shock."""
    world = shaken_world(tables)
    for _ in range(MONTHS):
        world.step()
    return world


def _everything(world: World) -> dict[str, Any]:
    """Every column, what does not change, and what is kept of the month so far."""
    fixed = {name: plain(getattr(world, name)) for name in ("blueprint", "expectation", "draws", "shocks")}
    return columns(world, world.now) | fixed | {"t": world.t, "effects": plain(world.now.effects)}


def _changed(world: World, shock: Shock, number: int) -> tuple[list[str], Effects]:
    """Names of what changed when a shock acted, and what it wrote."""
    before = _everything(world)
    effects = Effects(world)
    effects.shock = number
    shock.act(world, effects, world.month)
    after = _everything(world)
    return [name for name in after if not same(before[name], after[name])], effects


@pytest.mark.parametrize("number", range(len(every_shock())), ids=lambda number: every_shock()[number].kind)
def test_a_shock_writes_effects_and_nothing_else(world: World, number: int) -> None:
    world.now = Month(world.month, world.t, world.now.effects)
    changed, effects = _changed(world, world.shocks[number], number)
    assert changed == []
    assert not same(plain(effects.written), plain(nothing(world))), "it writes something"


def test_every_kind_is_acted() -> None:
    assert {shock.kind for shock in every_shock()} == {
        kind for kind, model in REGISTRY.items() if model.__module__.startswith("lodeflow.") and not model.alias_of
    }


def test_a_shock_that_writes_elsewhere_is_found(world: World) -> None:
    class Meddler(Shock):
        """Writes prices and beliefs by its own hand."""

        kind: Literal["meddler"] = "meddler"
        permits: ClassVar[bool] = False

        def act(self, world: Any, effects: Effects, month: int) -> None:
            world.desks.price[0] += 1.0
            world.minds.learned["me"] = world.desks.price
            world.blueprint.demand[0] += 1.0

    try:
        changed, _ = _changed(world, Meddler(start="2024-01"), 0)
        assert changed == ["desks.price", "minds.learned", "blueprint"]
    finally:
        del REGISTRY["meddler"], world.minds.learned["me"]  # type: ignore[arg-type]
        world.desks.price[0] -= 1.0
        world.blueprint.demand[0] -= 1.0


def test_what_nobody_writes_is_shared_and_stays_neutral(world: World) -> None:
    """A measure writes a copy: a month in which nothing happens stays one, and its arrays cannot be written by mistake."""
    neutral = nothing(world)
    effects = Effects(world)
    effects.written.own("cap_now", "refined")[:] = 0.5
    assert effects.written.touched("cap_now", "refined")
    assert not effects.written.touched("cap_now", "feed")
    assert effects.written.cap_now["feed"] is neutral.cap_now["feed"]
    assert (nothing(world).cap_now["refined"] == 1.0).all()
    with pytest.raises(ValueError, match="read-only"):
        effects.written.duty["feed"][:] = 0.1


def test_a_kind_of_ones_own_may_write_the_arrays_themselves(world: World) -> None:
    """Whoever does not know :meth:`Written.own` gets arrays of the month's own."""

    class Careless(Shock):
        """Writes the arrays of a month themselves, as a plug-in may."""

        kind: Literal["careless"] = "careless"

        def act(self, world: Any, effects: Effects, month: int) -> None:
            """Halve the output of mines."""
            effects.written.output_kept[:] *= 0.5

    try:
        own = World(world.blueprint, [Careless(start=world.settings.start)], world.expectation)
        own.step()
    finally:
        del REGISTRY["careless"]
    assert (own.now.effects.output_kept == 0.5).all()
    assert (nothing(own).output_kept == 1.0).all()
