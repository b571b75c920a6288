"""Anchors come back from the price of the base year to the usual one."""

from __future__ import annotations

import numpy as np
import pytest

from lodeflow.agents import miner
from lodeflow.data import Tables
from lodeflow.environment.month.reasons import COMPONENTS
from tests.environment.helpers import world_of


def test_the_anchor_goes_its_way_to_the_usual_price() -> None:
    usual, flat = np.array([0.3, -0.3]), np.zeros(2)
    assert miner.returned(usual, flat, 0, 12, 60.0) == pytest.approx([0.0, 0.0])
    assert miner.returned(usual, flat, 60, 12, 60.0) == pytest.approx(usual * (1.0 - np.exp(-1.0)))


def test_a_price_below_the_usual_one_comes_back(tables: Tables) -> None:
    """Cobalt of 2015 was cheap by the measure of ten years, copper of 2021 dear; what is decided does not change."""
    for metal, year, sign in (("cobalt", 2015, 1.0), ("copper", 2021, -1.0)):
        world = world_of(tables, [metal], mode="historical", start=f"{year}-01", end=f"{year}-12")
        assert sign * world.rates.usual[0] > 0.15
        world.run()
        assert sign * world.anchor[0] > 0.02


def test_the_way_back_has_a_reason_of_its_own(tables: Tables) -> None:
    """Cobalt of 2015 was cheap: what lifts its bid is the usual price, not what it costs to mine; copper of 2021 the reverse."""
    for metal, year, sign in (("cobalt", 2015, 1.0), ("copper", 2021, -1.0)):
        world = world_of(tables, [metal], mode="historical", start=f"{year}-01", end=f"{year}-12")
        world.run()
        parts = dict(zip(COMPONENTS, world.now.why.T, strict=True))
        assert (sign * parts["usual price"] > 0.02).all()
        assert (np.abs(parts["cost"]) < 0.01).all()


def test_without_a_past_the_base_year_is_usual(tables: Tables) -> None:
    assert (world_of(tables, ["cobalt", "nickel"]).rates.usual == 0.0).all()
