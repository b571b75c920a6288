"""Strategic reserves start with what is held and are filled up to the target while prices are calm."""

from __future__ import annotations

import numpy as np
import pytest

from lodeflow.agents import country
from lodeflow.data import Tables
from lodeflow.environment import World
from tests.environment.helpers import ban, world_of

DAYS = 365.25 / 12.0


def desk(world: World, place: str, metal: str = "lithium") -> int:
    return world.desks.ids.index(f"{place}-{metal}")


def cover(world: World, place: str) -> float:
    """Strategic reserve in days of the use of the base month."""
    row = desk(world, place)
    use = np.bincount(world.inputs.desk, world.inputs.base)[row]
    return float(world.desks.reserve[row] / use * DAYS)


@pytest.mark.parametrize(("place", "held", "target"), [("JPN", 42.0, 60.0), ("KOR", 54.0, 100.0)])
def test_a_reserve_starts_with_what_is_held(tables: Tables, place: str, held: float, target: float) -> None:
    world = world_of(tables, ["lithium"], mode="historical", end="2024-12")
    assert cover(world, place) == pytest.approx(held)
    assert world.desks.reserve_target[desk(world, place)] * DAYS == pytest.approx(target)


def test_it_is_filled_up_over_the_years_without_moving_the_price(tables: Tables) -> None:
    usual = {"usual_years": 1.0}  # the anchor stays at the price of the base year, one without a surplus
    world = world_of(tables, ["lithium"], parameters=usual, mode="historical", start="2023-01", end="2027-12")
    row, path = desk(world, "KOR"), []
    while world.t < world.settings.months:
        world.step()
        path.append(world.desks.reserve[row] / world.desks.use[row] * DAYS)
    assert 54.0 < path[12] < path[24] < path[-1] < 100.0
    assert path[-1] > 75.0
    assert world.recorder.block("price") == pytest.approx(1.0, abs=1e-3)


def test_after_an_endless_past_it_is_full(tables: Tables) -> None:
    assert cover(world_of(tables, ["lithium"], end="2024-12"), "KOR") == pytest.approx(100.0)


def test_it_is_released_when_firms_run_short_and_prices_are_high(tables: Tables) -> None:
    world = world_of(tables, ["gallium"], [ban("refined", "CHN", "gallium", months=24)], end="2027-06").run()
    held = world.recorder.block("reserve")[:, desk(world, "KOR", "gallium")]
    assert held.min() < 0.9 * held[0]


def test_a_government_orders_what_lacks_and_only_while_prices_are_calm() -> None:
    held, target = np.array([5.0, 10.0, 12.0, 5.0]), np.full(4, 10.0)
    prices = np.array([1.0, 1.0, 1.0, 1.2])
    assert country.reserve_order(held, target, prices, 5.0, 1.1).tolist() == [1.0, 0.0, 0.0, 0.0]
