"""The urban mine is what the run holds and has thrown away; better grades hold the lesser ones."""

from __future__ import annotations

import pandas as pd
import pytest

from lodeflow import environment
from lodeflow.data import Tables
from lodeflow.environment import WorldSettings
from lodeflow.experiments.analysis.urban import mine
from lodeflow.experiments.analysis.urban.mine import GRADES, PLACES, beside_reserves, urban_mine

SHORT = {"start": "2022-01", "end": "2024-12", "base_year": 2022}


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """The urban mine of cobalt after three years."""
    from lodeflow import data

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mine, "SPAN", SHORT)
        return urban_mine(data.load(), "cobalt")


def test_all_places_are_there_and_grades_lie_inside_each_other(table: pd.DataFrame) -> None:
    assert set(table["place"]) == set(PLACES)
    assert (table["today"] <= table["higher_price"] + 1e-9).all()
    assert (table["higher_price"] <= table["in_principle"] + 1e-9).all()
    assert (table["in_principle"] <= table["tonnes"] + 1e-9).all()


def test_it_is_what_the_ledger_of_the_run_says(table: pd.DataFrame, tables: Tables) -> None:
    world = environment.build(tables, WorldSettings(metals=["cobalt"], noise=0.0, **SHORT))
    world.run()
    by_place = table.groupby("place")["tonnes"].sum()
    assert by_place["in use"] == pytest.approx(world.in_use.stock.sum())
    assert by_place["drawers"] == pytest.approx(world.in_use.hibernating.sum())
    flows = world.ledger.frame()
    for place, flow in (("landfill", "landfilled"), ("tailings", "tailings"), ("slag", "slag")):
        rows = flows[flows["flow"] == flow] if "flow" in flows else flows[flow]
        total = float(rows["tonnes"].sum()) if "flow" in flows else float(rows.sum())
        assert by_place[place] == pytest.approx(total, rel=1e-6), place


def test_what_is_discarded_is_no_second_stock(table: pd.DataFrame, tables: Tables) -> None:
    found = beside_reserves(table, tables)
    stock = table[table["place"] != "end of life"]["in_principle"].sum()
    assert found["in_principle"].sum() == pytest.approx(stock)
    assert found.set_index("region")["reserves"]["COD"] > 1e6
    assert list(GRADES) == ["today", "higher_price", "in_principle"]
