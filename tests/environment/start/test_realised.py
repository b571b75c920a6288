"""Supply as the data have it after the base year."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from lodeflow.data import Tables
from lodeflow.data.problems import DataError
from lodeflow.environment import build
from lodeflow.environment.settings import WorldSettings
from lodeflow.environment.world import World
from tests.environment.helpers import world_of

YEARS = range(2020, 2025)


@pytest.fixture(scope="module")
def realised(tables: Tables) -> World:
    """Lithium from 2020 with realised supply, against the trend of demand."""
    return world_of(
        tables,
        ["lithium"],
        mode="historical",
        start="2020-01",
        end="2024-12",
        expected="trend",
        supply="realised",
    ).run()


def yearly(world: World, channel: str) -> np.ndarray:
    """World total of a channel by calendar year, t."""
    return world.recorder.block(channel).sum(axis=1).reshape(-1, 12).sum(axis=1)


def test_mines_bring_out_what_the_data_say(realised: World, tables: Tables) -> None:
    table = tables.production
    mined = table[(table["metal"] == "lithium") & (table["stage"] == "mine")].groupby("year")["reconciled_t"].sum()
    assert yearly(realised, "mined") == pytest.approx(mined.loc[list(YEARS)].to_numpy(), rel=0.02)


def test_refiners_follow_as_far_as_they_have_feed(realised: World, tables: Tables) -> None:
    table = tables.production
    refined = table[(table["metal"] == "lithium") & (table["stage"] == "refine")].groupby("year")["reconciled_t"].sum()
    assert yearly(realised, "refining") == pytest.approx(refined.loc[list(YEARS)].to_numpy(), rel=0.05)


def test_use_in_the_base_year_is_output_less_what_went_into_stock(realised: World, tables: Tables) -> None:
    balance = tables.market_balance.set_index(["metal", "year"]).loc[("lithium", 2020), "surplus_t"]
    table = tables.production
    rows = table[(table["metal"] == "lithium") & (table["stage"] == "refine") & (table["year"] == 2020)]
    assert yearly(realised, "use")[0] == pytest.approx(rows["reconciled_t"].sum() - balance, rel=0.03)


def test_realised_supply_needs_data(tables: Tables) -> None:
    settings = {"start": "2020-01", "end": "2024-12", "mode": "historical", "supply": "realised"}
    with pytest.raises(ValidationError, match="needs mode 'historical'"):
        WorldSettings.model_validate(settings | {"mode": "stationary"})
    with pytest.raises(DataError, match="the last year with data"):
        build(tables, WorldSettings.model_validate(settings | {"end": "2030-12"}))
