"""No parameter is idle: halving any of them moves a frozen world."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from lodeflow import data
from lodeflow.data.limits import WHOLE_UNITS
from lodeflow.environment import World
from tests.frozen.worlds import month_of, scenario, start

TABLES = data.load()
ORDER = ("ban", "starved", "content", "metals", "past", "routes", "policies", "technology", "abroad", "forum")
"""Worlds in the order in which they are asked: those first that most parameters move, or that are quick."""

BOUNDS = {"margin_floor": ("starved", 0.99), "reserve_high_price": ("starved", 3.0)}
"""Bounds that no frozen world reaches at the shipped value, and the world and value at which they are reached."""
BY_HAND = {"outlet_fade", "host_pull", "host_pull_most", "host_growth", "step_fade_years"}
"""Of sellers whom no shock leaves without an outlet: `test_a_seller_without_outlet_loses_two_per_cent_of_its_worth_a_month`.
Of hosts, which pull in runs beyond the data and grow where no data name them: `tests/environment/test_hosts.py`.
Of use beyond the demand scenarios: `tests/environment/start/test_saturation.py`."""


@cache
def _before(name: str) -> World:
    return start(name, TABLES).run()


def differ(first: World, second: World) -> bool:
    """Whether two worlds, the first at its end and the second at its start, ever write down other things.

    The second one is stepped to the first month that differs, and no further.
    """
    while second.t < second.settings.months:
        second.step()
        mine, other = (month_of(world, second.t - 1) for world in (first, second))
        if any(not np.array_equal(values, other[name]) for name, values in mine.items()):
            return True
    return False


def halved(world: str, parameter: str) -> dict[str, float]:
    """Half of every value of a parameter, as a world has it; whole years stay whole."""
    rows = TABLES.parameters[TABLES.parameters["parameter"] == parameter]
    keys = [f"{parameter}.{scope}" if scope else parameter for scope in rows["scope"].fillna("")]
    own, whole = scenario(world).parameters, set(rows["unit"]) <= set(WHOLE_UNITS)
    values = {key: own.get(key, value) for key, value in zip(keys, rows["value"], strict=True)}
    return {key: value // 2 if whole and value > 1 else value / 2 + whole * 1.5 for key, value in values.items()}


def moved_by(world: str, parameter: str) -> bool:
    """Whether anything that is written down of a world changes when a parameter is halved."""
    return differ(_before(world), start(world, TABLES, halved(world, parameter)))


@pytest.mark.parametrize("parameter", sorted(set(TABLES.parameters["parameter"]) - set(BOUNDS) - BY_HAND))
def test_halving_a_parameter_moves_a_frozen_world(parameter: str) -> None:
    assert any(moved_by(world, parameter) for world in ORDER), f"no frozen world notices {parameter}"


@pytest.mark.parametrize("parameter", BOUNDS)
def test_a_bound_moves_a_frozen_world_where_it_binds(parameter: str) -> None:
    world, binding = BOUNDS[parameter]
    tight, loose = (start(world, TABLES, {parameter: value}) for value in (binding, binding / 2.0))
    assert differ(tight.run(), loose)
