"""Channels of supply sum to all of it, and what is owned abroad is what the table of stakes says."""

from __future__ import annotations

import pytest

from lodeflow.data import Tables
from lodeflow.environment import World, WorldSettings, build
from lodeflow.experiments.analysis.risk.channels import CHANNELS, channels, owned_output, owned_share
from lodeflow.experiments.analysis.risk.criticality import _controlled, position


@pytest.fixture(scope="module")
def world(tables: Tables) -> World:
    made = build(tables, WorldSettings(metals=["copper"], start="2024-01", end="2024-03", noise=0.0))
    return made.run()


def test_shares_of_the_channels_sum_to_one_and_are_those_of_what_makers_are_sent(tables: Tables, world: World) -> None:
    rows = channels(world, tables, "CHN", "copper")
    assert [row["channel"] for row in rows] == list(CHANNELS)
    assert sum(row["share"] for row in rows) == pytest.approx(1.0)
    assert all(row["tonnes"] >= 0.0 for row in rows)
    market = world.markets["refined"]
    sent = market.flow[market.buyer_country == world.layout.country_index["CHN"]].sum()
    assert sum(row["tonnes"] for row in rows[:-1]) == pytest.approx(sent, rel=0.02)


def test_what_is_owned_is_share_times_output_over_what_the_host_mined(tables: Tables) -> None:
    mined = tables.production
    mined = mined[(mined["metal"] == "cobalt") & (mined["stage"] == "mine") & (mined["iso3"] == "COD")]
    of_2019 = float(mined.loc[mined["year"] == 2019, "reconciled_t"].sum())
    assert owned_share(tables, "CHN", "cobalt")["COD"] == pytest.approx(0.75 * 5070.0 / of_2019)
    assert owned_share(tables, "NOR", "cobalt").empty


def test_owning_mines_abroad_lowers_what_is_not_controlled(tables: Tables, world: World) -> None:
    own = _controlled(world, tables, "JPN", "copper", position(world, "copper", "JPN", tables))
    assert own["owned_t"] == pytest.approx(12.0 * sum(owned_output(world, tables, "JPN", "copper").values()))
    assert own["owned_t"] > 100_000.0
    assert own["reliance_less_owned"] < own["net_import_reliance"] - 0.05
    none = tables.replace(stakes=tables["stakes"].iloc[:0])
    without = _controlled(world, none, "JPN", "copper", position(world, "copper", "JPN", tables))
    assert without["reliance_less_owned"] == without["net_import_reliance"]
