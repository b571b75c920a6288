"""Measures that come into a running world, or end in it."""

from __future__ import annotations

import numpy as np

from lodeflow.environment.calendar import format_month, parse_month
from lodeflow.environment.noise import licence_noise
from lodeflow.environment.shocks.shock import Extension, Shock
from lodeflow.environment.shocks.trade_measures import ExportLicence
from lodeflow.environment.state import State


def take(world: State, measure: Shock) -> int:
    """Add a measure to a world behind the others, with its own noise; returns its number."""
    world.shocks = (*world.shocks, measure)
    own = licence_noise(world, [measure]) if isinstance(measure, ExportLicence) else np.ones((world.settings.months, 1))
    world.draws = world.draws | {"licence": np.hstack([world.draws["licence"], own])}
    return len(world.shocks) - 1


def end(world: State, number: int, month: int) -> None:
    """End a measure with the month before ``month``; one that has not begun is withdrawn: it was no more than an announcement."""
    before = world.shocks[number]
    assert isinstance(before, Shock)
    if parse_month(before.start) >= month:
        gone = format_month(before.announced_at)
        after = before.model_copy(update={"start": gone, "announce": gone, "end": gone, "extensions": []})
    else:
        last = Extension(known=format_month(month), end=format_month(month - 1))
        after = before.model_copy(update={"extensions": [*before.extensions, last]})
    world.shocks = (*world.shocks[:number], after, *world.shocks[number + 1 :])
