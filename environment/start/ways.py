"""Drawing up a world: how long goods are under way, from mine or plant to port and to the buyer."""

from __future__ import annotations

import numpy as np

from lodeflow.environment.start.draft import Draft


def lead_months(draft: Draft, sellers: np.ndarray, distance: np.ndarray, domestic: np.ndarray) -> np.ndarray:
    """Months between sale and arrival: the way by sea, at least one, and the way from mine or plant to port, shape (S, B).

    ``round(distance / v) + inland``; nothing at home. ODD 5.

    Args:
        draft: with the table ``inland_ways`` and the parameter ``shipping_km_per_month``.
        sellers: country of each seller, index, shape (S,).
        distance: km, shape (S, B).
        domestic: same country, boolean, shape (S, B).
    """
    sea = np.maximum(1.0, np.rint(distance / draft.parameters["shipping_km_per_month"]))
    return np.where(domestic, 0, sea + draft.inland[sellers][:, None]).astype(int)
