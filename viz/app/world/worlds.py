"""Worlds to start from. Drawing one up takes a second or two, so the last few are kept for the next visitor."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from lodeflow import environment
from lodeflow.environment.start.build import start_key

if TYPE_CHECKING:
    from lodeflow.data import Tables
    from lodeflow.environment.expectation import Expectation
    from lodeflow.environment.start.draw_up import Blueprint
    from lodeflow.experiments.scenario.model import Scenario

KEPT = 4
"""Blueprints kept. Worlds copy them, so visitors share nothing that changes."""

_lock = threading.Lock()
_kept: OrderedDict[tuple[str, ...], tuple[Blueprint, Expectation]] = OrderedDict()


def start_of(scenario: Scenario, tables: Tables) -> tuple[Blueprint, Expectation]:
    """Where the world of a scenario starts, and the path its agents expect.

    Raises:
        lodeflow.data.DataError: when the tables lack what the scenario asks for.
    """
    key = start_key(tables, scenario.world, scenario.shocks, scenario.parameters)
    with _lock:
        if key not in _kept:
            world = environment.build(tables, scenario.world, shocks=scenario.shocks, parameters=scenario.parameters)
            _kept[key] = (world.blueprint, world.expectation)
        _kept.move_to_end(key)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
        return _kept[key]


def forget() -> None:
    """Drop all kept worlds."""
    with _lock:
        _kept.clear()
