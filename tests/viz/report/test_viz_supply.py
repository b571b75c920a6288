"""The report of a run says by which routes and from where its largest users buy, and what a shock changes in it."""

from __future__ import annotations

import pandas as pd
import pytest

from lodeflow.data import Tables
from lodeflow.experiments.analysis.flows import supply
from lodeflow.experiments.run.what_if import run_scenario
from lodeflow.experiments.scenario.model import load_scenario
from lodeflow.viz import Labels
from lodeflow.viz.report.supply import HEADER, movements_of, supply_table


@pytest.fixture(scope="module")
def movements(tables: Tables) -> pd.DataFrame:
    short = ['world.metals=["cobalt"]', "world.start=2024-10", "world.end=2026-12"]
    found = run_scenario(load_scenario("drc-cobalt-export-ban", short, tables), tables=tables).movements
    assert found is not None
    return found


def test_routes_and_origin_stand_beside_those_without_the_shock(movements: pd.DataFrame, tables: Tables) -> None:
    labels = Labels.of(tables.countries, tables.metals, tables.products)
    header, rows = supply_table(movements, labels, ["cobalt", "nickel"])
    assert header == HEADER
    assert rows[0][:2] == ["Cobalt", "China"]
    assert len(rows) == 4
    congo = next(cell for cell in rows[0][-1].split(", ") if cell.startswith("DR Congo"))
    assert "(−" in congo  # a ban of the DR Congo: less of what China makes was mined there
    shares = [float(cell.split(" %")[0].replace("−", "-")) for cell in rows[0][3:7]]
    assert sum(shares) == pytest.approx(100.0, abs=1.0)
    assert len(shares) == len(supply.ROUTES)


def test_a_calm_run_has_nothing_in_brackets(movements: pd.DataFrame) -> None:
    calm = movements[movements["run"].astype(str) == "baseline"]
    _, rows = supply_table(calm, Labels(), ["cobalt"])
    assert rows
    assert not any("(+" in cell or "(−" in cell for row in rows for cell in row)


def test_folders_of_older_versions_have_no_such_table(tmp_path) -> None:
    assert movements_of(tmp_path, None) is None
    assert supply_table(None, Labels(), ["cobalt"]) == (HEADER, [])
