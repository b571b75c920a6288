"""Spare capacity of mines: by metal and kind of deposit, and not at once."""

from __future__ import annotations

import numpy as np
import pytest

from lodeflow.agents import miner
from lodeflow.data import Tables
from lodeflow.environment.shocks.kinds import DemandSurge
from tests.environment.helpers import world_of


def test_ponds_answer_later_and_less_than_pits(tables: Tables) -> None:
    """Demand for lithium rises by a third: half a year later spodumene has called more of its normal output than brine."""
    surge = DemandSurge(metals=["lithium"], strength=0.33, start="2024-02")
    world = world_of(tables, ["lithium"], [surge], end="2026-12")
    for _ in range(9):
        world.step()
    miners, at = world.miners, world.layout.country_index
    used = {name: miners.utilisation[miners.country == at[name]].max() for name in ("AUS", "CHL", "ARG")}
    assert used["AUS"] > 1.05
    assert used["CHL"] < 1.0 + 0.6 * (used["AUS"] - 1.0)
    world.run()
    for name, rows in tables.spare_capacity[tables.spare_capacity["metal"] == "lithium"].set_index("iso3").iterrows():
        if name != "*":
            own = miners.country == at[str(name)]
            assert miners.utilisation[own].max() <= 1.0 / float(rows["utilisation"]) + 1e-9, name


def test_spare_capacity_is_called_in_its_own_time_and_let_go_as_ever() -> None:
    now, target, call = (
        np.array([1.0, 1.0, 1.2, 0.5]),
        np.array([1.2, 1.2, 0.8, 1.0]),
        np.array([2.0, 20.0, 20.0, 20.0]),
    )
    moved = miner.move_utilisation(now, target, 4.0, call)
    assert moved == pytest.approx([1.1, 1.01, 1.1, 0.625])


def test_every_metal_has_a_row_for_all_countries(tables: Tables) -> None:
    rows = tables.spare_capacity
    assert set(tables.metals["metal"]) == set(rows.loc[rows["iso3"] == "*", "metal"])
    assert (rows["low"] <= rows["utilisation"]).all()
    assert (rows["utilisation"] <= rows["high"]).all()
    assert (rows["months_low"] <= rows["months"]).all()
    assert (rows["months"] <= rows["months_high"]).all()
