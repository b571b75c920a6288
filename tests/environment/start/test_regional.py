"""Demand scenarios are names in the table, for the world and for regions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lodeflow import data
from lodeflow.data import DataError, Tables
from lodeflow.environment import WorldSettings, build
from lodeflow.experiments.scenario.model import load_scenario
from tests.environment.helpers import world_of

HIGH = "scenario,metal,product,year,index\n" + "".join(
    f"boom,cobalt,superalloys,{y},{1 + 0.2 * (y - 2024):g}\n" for y in range(2024, 2051)
)


def test_an_own_scenario_is_a_name_and_leaves_the_rest_as_the_first(tmp_path: Path, tables: Tables) -> None:
    (tmp_path / "demand_index.csv").write_text(HIGH, encoding="utf-8")
    own = data.load(tmp_path)
    assert any("scenario boom" in note for note in own.notes)
    years = {"mode": "historical", "noise": 0.0, "end": "2027-12"}
    boom, steps = (build(own, WorldSettings(metals=["cobalt"], demand=name, **years)) for name in ("boom", "STEPS"))
    layout = boom.layout
    alloys = boom.inputs.product == layout.product_index["superalloys"]
    more = boom.blueprint.demand[36] / steps.blueprint.demand[36]
    assert (more[alloys] > 1.2).all()
    assert more[~alloys] == pytest.approx(1.0)


def test_an_unknown_scenario_is_named(tables: Tables) -> None:
    for wrong in (
        lambda: world_of(tables, ["cobalt"], demand="BAU"),
        lambda: load_scenario("baseline", ["world.demand=BAU"]),
    ):
        with pytest.raises(DataError, match="BAU"):
            wrong()


def test_makers_of_a_region_follow_its_own_demand(tables: Tables) -> None:
    """Europe's superalloys double by 2026; makers elsewhere, and other products, stay as they were."""
    row = {"scenario": "STEPS", "region": "EU27", "metal": "cobalt", "product": "superalloys", "status": "assumed"}
    named = tables.demand_index.query("scenario == 'STEPS' and metal == 'cobalt' and product == 'superalloys'")
    world_index = named.set_index("year")["index"]
    rows = pd.DataFrame(
        [
            row | {"year": y, "index": f * world_index[y], "reason": "", "source": ""}
            for y, f in ((2024, 1.0), (2026, 2.0))
        ]
    )
    more = tables.replace(regional_demand=rows)
    changes = {"mode": "historical", "end": "2027-12"}
    plain, regional = (world_of(t, ["cobalt"], **changes) for t in (tables, more))
    ratio = regional.blueprint.demand / plain.blueprint.demand
    inputs, layout = plain.inputs, plain.layout
    there = np.isin(inputs.country, layout.country_indices("EU27")) & (
        inputs.product == layout.product_index["superalloys"]
    )
    assert there.any()
    assert ratio[:, ~there] == pytest.approx(1.0)
    assert ratio[0, there] == pytest.approx(1.0)
    assert ratio[40, there] == pytest.approx(2.0), "2.0 after the middle of 2026"
    assert (np.diff(ratio[:, there], axis=0) >= -1e-12).all()
