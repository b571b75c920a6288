"""No parameter is idle: halving any of them moves a frozen world."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from lodeflow import data
from tests.frozen.worlds import channels, scenario, start

TABLES = data.load()
ORDER = ("ban", "starved", "content", "metals", "past")
"""Worlds in the order in which they are asked: those first that most parameters move, or that are quick."""


@cache
def _before(name: str) -> dict[str, np.ndarray]:
    return _written(name, {})


def _written(name: str, parameters: dict[str, float]) -> dict[str, np.ndarray]:
    return {channel: values.copy() for channel, (values, _) in channels(start(name, TABLES, parameters).run()).items()}


def halved(world: str, parameter: str) -> dict[str, float]:
    """Half of every value of a parameter, as a world has it."""
    rows = TABLES.parameters[TABLES.parameters["parameter"] == parameter]
    keys = [f"{parameter}.{scope}" if scope else parameter for scope in rows["scope"].fillna("")]
    own = scenario(world).parameters
    return {key: own.get(key, value) / 2.0 for key, value in zip(keys, rows["value"], strict=True)}


def moved_by(world: str, parameter: str) -> bool:
    """Whether anything that is written down of a world changes when a parameter is halved."""
    now = _written(world, halved(world, parameter))
    return any(not np.array_equal(values, now[name]) for name, values in _before(world).items())


@pytest.mark.parametrize("parameter", sorted(set(TABLES.parameters["parameter"])))
def test_halving_a_parameter_moves_a_frozen_world(parameter: str) -> None:
    assert any(moved_by(world, parameter) for world in ORDER), f"no frozen world notices {parameter}"
