"""Supply that is under construction is seen ahead."""

from __future__ import annotations

import numpy as np

from lodeflow.data import Tables
from tests.environment.helpers import world_of


def priced(tables: Tables, building: float) -> np.ndarray:
    """Bids for lithium in the first month, with a part of capacity in every stage of the pipeline."""
    world = world_of(tables, ["lithium"], end="2026-12")
    for firms in (world.miners, world.refiners):
        firms.building = np.full_like(firms.building, building)
    world.step()
    return world.desks.bid


def test_new_capacity_lowers_bids_before_it_runs(tables: Tables) -> None:
    """In the first month nothing of it has been made."""
    some, none = priced(tables, 0.05), priced(tables, 0.0)
    assert (some < none).mean() > 0.9
