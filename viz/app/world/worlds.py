"""Worlds to start from. Drawing one up takes a second or two, so the last few are kept for the next visitor."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from lodeflow.environment.start import kept
from lodeflow.environment.start.build import named, start_key

if TYPE_CHECKING:
    from lodeflow.data import Tables
    from lodeflow.environment.expectation import Expectation
    from lodeflow.environment.start.draw_up import Blueprint
    from lodeflow.experiments.scenario.model import Scenario

KEPT = 4
"""Blueprints kept. Worlds copy them, so visitors share nothing that changes."""
KEYS = 64
"""Scenarios of which it is remembered where they start."""

_lock = threading.Lock()
_kept: OrderedDict[tuple[str, ...], tuple[Blueprint, Expectation]] = OrderedDict()
_keys: OrderedDict[tuple[str, ...], tuple[Tables, tuple[str, ...]]] = OrderedDict()


def start_of(scenario: Scenario, tables: Tables) -> tuple[Blueprint, Expectation]:
    """Where the world of a scenario starts, and the path its agents expect.

    Raises:
        lodeflow.data.DataError: when the tables lack what the scenario asks for.
    """
    with _lock:
        key = _key(scenario, tables)
        if key not in _kept:
            _kept[key] = kept.start(tables, scenario.world, scenario.shocks, scenario.parameters, lasting=True)
        _kept.move_to_end(key)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
        return _kept[key]


def _key(scenario: Scenario, tables: Tables) -> tuple[str, ...]:
    """:func:`start_key`, which reads the base year from the tables, worked out once for what it depends on."""
    asked = scenario.world.model_dump_json(), repr(sorted(scenario.parameters.items())), *sorted(named(scenario.shocks))
    held = _keys.get(asked)
    if held is None or held[0] is not tables:
        held = tables, start_key(tables, scenario.world, scenario.shocks, scenario.parameters)
        _keys[asked] = held
        while len(_keys) > KEYS:
            _keys.popitem(last=False)
    return held[1]


def forget() -> None:
    """Drop all kept worlds."""
    with _lock:
        _kept.clear()
        _keys.clear()
