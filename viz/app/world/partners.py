"""With whom one country trades a metal in the last twelve months, and where what it buys was mined."""

from __future__ import annotations

import numpy as np

from lodeflow.viz.app.world.depend import between
from lodeflow.viz.app.world.frame import Frame

NAMED = 4
"""Partners named, the largest."""
LEAST = 0.01
"""Share below which a partner is not named, 1."""


def of(frame: Frame, metal: str, country: str) -> dict[str, list[tuple[str, float]]]:
    """Shares by partner, the largest first; empty before the first month, and where the model does not tell the country apart.

    ``feed`` and ``refined``: of what it buys, home included; ``mined``: where its refined metal from ore was mined; ``sells``: of
    all that it sells abroad, in metal content.
    """
    names = frame.live.world.layout.countries
    if frame.t == 0 or country not in names:
        return {}
    flows, place = between(frame.live, metal), names.index(country)
    abroad = flows.feed[place] + flows.primary[place] + flows.recycled[place]
    abroad[place] = 0.0
    parts = {
        "feed": flows.feed[:, place],
        "refined": flows.primary[:, place] + flows.recycled[:, place],
        "mined": flows.origins()[:, place],
        "sells": abroad,
    }
    return {name: _shares(values, names) for name, values in parts.items()}


def _shares(values: np.ndarray, names: list[str]) -> list[tuple[str, float]]:
    total = float(values.sum())
    if total <= 0.0:
        return []
    order = np.argsort(-values, kind="stable")[:NAMED]
    return [(names[k], float(values[k]) / total) for k in order if values[k] >= LEAST * total]
