"""In years with data world output of metal from ore is that of the data: scrap grows as goods of many years ago left it."""

from __future__ import annotations

import numpy as np
import pytest

from lodeflow.agents import manufacturer
from lodeflow.data import Tables
from lodeflow.environment.start.draw_up import draw_up
from tests.environment.helpers import world_of


def test_use_is_metal_from_ore_and_scrap() -> None:
    """Where a third was recycled in the base year and a quarter later, use is the two thirds of ore's path and that quarter."""
    scrap = np.array([[0.5], [1.0 / 3.0], [0.25]])
    assert manufacturer.use_with_scrap(scrap, 1)[1:, 0] == pytest.approx([1.0, 2.0 / 3.0 + 0.25])


def test_the_world_refines_as_much_nickel_as_is_published(tables: Tables) -> None:
    """A third of nickel is recycled, from goods of fifteen years ago: without the rule ore makes up for it (1.17 times in 2024)."""
    world = world_of(tables, ["nickel"], mode="historical", start="2016-01", end="2024-12").run()
    made = world.recorder.block("refining").sum(axis=1).reshape(-1, 12).sum(axis=1)
    table = tables.production[(tables.production["metal"] == "nickel") & (tables.production["stage"] == "refine")]
    published = table.groupby("year")["reconciled_t"].sum().loc[2016:2024].to_numpy(float)
    assert made == pytest.approx(published, rel=0.09)
    assert made[-1] == pytest.approx(published[-1], rel=0.06)


def test_in_the_base_year_and_after_the_data_nothing_changes(tables: Tables) -> None:
    """The base year is that of the data; after the last one the share of scrap stays, since scenarios count all metal."""
    world = world_of(tables, ["nickel"], mode="historical", start="2023-01", end="2027-12")
    drawn, expected = world.blueprint, world.expectation
    plain = draw_up(tables, world.settings)
    ratio = (drawn.demand / plain.demand)[:, 0]
    assert ratio[:12] == pytest.approx(1.0, rel=1e-12)
    assert (ratio[13:24] < 1.0).all()
    assert ratio[24:] == pytest.approx(ratio[23], rel=1e-12)
    assert np.isfinite(expected.need).all()
    ends = world_of(tables, ["nickel"], mode="historical", start="2024-01", end="2026-12")
    assert (ends.blueprint.demand == draw_up(tables, ends.settings).demand).all()
