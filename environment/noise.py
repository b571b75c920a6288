"""The noise of a world: one stream for every agent and kind, drawn for all months before the first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lodeflow.environment.randomness import monthly_noise
from lodeflow.environment.shocks.contract import Acting
from lodeflow.environment.state import State

NOISE = {
    "miner": "noise_mine",
    "refiner": "noise_refiner",
    "demand": "noise_demand",
    "exploration": "noise_exploration",
    "licence": "noise_licence",
}
"""Kinds of noise and the parameters that say how large they are."""


def draw(world: State, kind: str, names: Sequence[str]) -> np.ndarray:
    """Noise of a kind in all months of a run, mean 1, shape (T, n).

    Args:
        kind: of :data:`NOISE`.
        names: who it belongs to.
    """
    settings = world.settings
    deviation = settings.noise * world.parameters[NOISE[kind]] if settings.noise else 0.0
    return monthly_noise(settings.seed, kind, names, deviation, world.first_month, settings.months)


def licence_noise(world: State, shocks: Sequence[Acting]) -> np.ndarray:
    """Noise of what is licensed, mean 1, shape (T, shocks): a measure has its own, whatever others there are."""
    return draw(world, "licence", [shock.model_dump_json() for shock in shocks])  # type: ignore[attr-defined]
