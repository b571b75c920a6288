"""The world has few attributes of its own, and refuses names that it does not know and arrays of a wrong shape."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import mesa
import numpy as np
import pytest

from lodeflow.data import Tables
from lodeflow.environment import World
from tests.environment.helpers import different, world_of


@pytest.fixture(scope="module")
def resting(tables: Tables) -> World:
    """Cobalt at rest, before its first month; tests take twins."""
    return world_of(tables, ["cobalt"])


@pytest.fixture
def world(resting: World) -> World:
    """A world that a test may change."""
    return resting.twin()


def test_a_world_has_at_most_thirty_attributes_of_its_own(world: World) -> None:
    world.step()
    own = {name for name in set(vars(world)) - set(vars(mesa.Model())) if name[0] != "_"}
    assert len(own) <= 30, sorted(own)


def test_a_slip_of_the_pen_is_refused_with_the_names_that_there_are(world: World) -> None:
    with pytest.raises(
        AttributeError, match=r"World has no attribute 'ancor'; it has .*\banchor\b.*\bdesks\b.*ancor: float"
    ):
        world.ancor = 1.0  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match=r"Market has no attribute 'wieght'; it has .*\bweight\b"):
        world.markets["feed"].wieght = 1.0  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match=r"InUse has no attribute 'stok'; it has .*\bstock\b"):
        world.in_use.stok = 1.0  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match=r"desk has no attribute 'prise'; it has .*\bprice\b"):
        world.desks.prise = world.desks.price


def test_an_array_of_a_wrong_shape_is_refused(world: World) -> None:
    with pytest.raises(ValueError, match=r"World.anchor: shape \(2,\) where \(1,\) is due"):
        world.anchor = np.zeros(2)
    with pytest.raises(ValueError, match=r"World.anchor: shape \(\) where \(1,\) is due"):
        world.anchor = 0.0  # type: ignore[assignment]
    with pytest.raises(ValueError, match=r"Market.weight: shape \(3,\) where"):
        world.markets["feed"].weight = np.zeros(3)
    with pytest.raises(ValueError, match=r"InUse.stock: shape \(3,\) where"):
        world.in_use.stock = np.zeros(3)
    with pytest.raises(ValueError, match=r"desk.price: shape \(3,\) where"):
        world.desks.price = np.zeros(3)


def test_what_is_read_from_the_blueprint_cannot_be_set(world: World) -> None:
    for name in ("settings", "parameters", "layout", "rates"):
        with pytest.raises(AttributeError):
            setattr(world, name, None)


class Moody(World):
    """A user's world: one attribute is set at the start, one is named in the body, one method is replaced."""

    mood: float

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = 0
        self.history = np.zeros(3)

    def step(self) -> None:
        """A month with a mood."""
        super().step()
        self.asked += 1
        self.mood = 0.5 + self.asked


def test_a_subclass_has_attributes_of_its_own_and_refuses_the_rest(world: World) -> None:
    moody = Moody(world.blueprint, (), world.expectation)
    moody.step()
    assert (moody.asked, moody.mood) == (1, 1.5)
    with pytest.raises(AttributeError, match=r"Moody has no attribute 'moood'; it has .*\basked\b"):
        moody.moood = 1.0  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match=r"Moody.history: shape \(4,\)"):
        moody.history = np.zeros(4)


class Shy:
    """A descriptor that does not answer to its class, as newer versions of Mesa keep the time of a model."""

    def __get__(self, thing: Any, owner: type) -> Any:
        if thing is None:
            raise AttributeError("ask an object")
        return vars(thing)["_shy"]

    def __set__(self, thing: Any, value: Any) -> None:
        vars(thing)["_shy"] = value


class Timed(World):
    """A world with such a descriptor."""

    clock = Shy()


def test_a_descriptor_of_a_class_may_be_set(world: World) -> None:
    timed = Timed(world.blueprint, (), world.expectation)
    timed.clock = 3.0
    assert timed.clock == 3.0


def test_a_copied_world_is_guarded_and_runs_as_the_first(world: World) -> None:
    twin = copy.copy(world.markets["feed"])
    with pytest.raises(AttributeError, match="wieght"):
        twin.wieght = 1.0  # type: ignore[attr-defined]
    back = pickle.loads(pickle.dumps(world.markets["feed"]))
    assert (back.weight == twin.weight).all()
    other = world.twin()
    for each in (world, other):
        for _ in range(2):
            each.step()
    assert different(world, other) == []
