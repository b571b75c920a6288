"""Small worlds, and what tests read from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lodeflow.data import Tables
from lodeflow.environment import World, WorldSettings
from lodeflow.environment.calendar import parse_month
from lodeflow.environment.records.indicators import price_index
from lodeflow.environment.shocks.kinds import ExportBan, Shock
from lodeflow.environment.start.kept import start

START = "2024-01"


def settings_of(metals: Sequence[str], **changes: Any) -> WorldSettings:
    """Four quiet years on a stationary background, unless changed."""
    defaults: dict[str, Any] = {"mode": "stationary", "noise": 0.0, "start": START, "end": "2027-12"}
    return WorldSettings(metals=list(metals), **(defaults | changes))


def world_of(
    tables: Tables,
    metals: Sequence[str],
    shocks: Sequence[Shock] = (),
    parameters: dict[str, float] | None = None,
    **changes: Any,
) -> World:
    """A world before its first month; worlds that begin alike share their start, which none of them may change.

    A test of how a start is made takes :func:`lodeflow.environment.build` instead.
    """
    blueprint, expectation = start(tables, settings_of(metals, **changes), shocks, parameters)
    return World(blueprint, shocks, expectation)


def ban(
    form: str = "feed",
    actor: str = "COD",
    metal: str = "cobalt",
    start: str = "2025-02",
    months: int = 9,
    **changes: Any,
) -> ExportBan:
    """An export ban with an announced end."""
    last = parse_month(start) + months - 1
    end = f"{last // 12:04d}-{last % 12 + 1:02d}"
    return ExportBan(actor=actor, metals=[metal], form=form, start=start, end=end, **changes)


def at(world: World, month: str) -> int:
    """Row of a month in what was recorded."""
    return parse_month(month) - world.first_month


def price(world: World, metal: str, form: str = "refined", outside: str | None = None) -> np.ndarray:
    """World price relative to base by month; ``outside``: of the buyers outside this country."""
    left_out = None if outside is None else world.layout.country_indices(outside)
    index: np.ndarray = price_index(world.recorder, form, left_out)[:, world.layout.metal_index[metal]]
    return index


def inside(world: World, actor: str, metal: str, form: str) -> np.ndarray:
    """What sellers of a form in a country get, relative to base, by month."""
    table = world.recorder.series()
    form = "refined" if form == "refined" else world.layout.feed_forms[world.layout.metal_index[metal]]
    rows = table[
        (table.variable == "price_inside") & (table.form == form) & (table.metal == metal) & (table.region == actor)
    ]
    values: np.ndarray = rows.sort_values("date").value.to_numpy()
    return values / values[0]


def peak(world: World, metal: str, form: str = "refined") -> float:
    """Highest world price relative to base."""
    return float(price(world, metal, form).max())


def total(world: World, channel: str, metal: str) -> np.ndarray:
    """World sum of a recorded channel of one metal, by month."""
    from lodeflow.environment.records.recorder import CHANNELS

    places = world.recorder.places[CHANNELS[channel].place][0]
    summed: np.ndarray = world.recorder.block(channel)[:, places == world.layout.metal_index[metal]].sum(axis=1)
    return summed


def everything(world: World) -> dict[str, np.ndarray]:
    """Every recorded array of a run."""
    arrays = {name: world.recorder.block(name) for name in world.recorder.blocks}
    return arrays | {
        "why": world.recorder.why,
        "flows": world.ledger.flows,
        "stocks": world.ledger.stocks,
        "imbalance": world.ledger.imbalance,
    }


def different(first: World, second: World) -> list[str]:
    """Names of recorded arrays that are not identical bit by bit."""
    one, two = everything(first), everything(second)
    return [name for name in one if not np.array_equal(one[name], two[name], equal_nan=True)]
