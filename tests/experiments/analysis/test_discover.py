"""Scenario discovery: a known box is found with its coverage and density, chance is called chance, and conditions are read."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lodeflow.data import DataError, Tables
from lodeflow.experiments.analysis.discover import discover, parse_where
from lodeflow.experiments.batch.store import Batch
from lodeflow.experiments.scenario.model import Scenario
from lodeflow.experiments.scenario.uncertainty import Vary
from tests.experiments.batch.formula_batches import ban_with, between, make_batch

NAMES = ("x1", "x2", "x3", "x4")


def corner(scenario: Scenario) -> dict[str, float]:
    """A shortage of 20 % where x1 > 0.6 and x2 < 0.4, and a price that has nothing to do with the inputs."""
    inside = scenario.parameters["x1"] > 0.6 and scenario.parameters["x2"] < 0.4
    luck = np.random.default_rng(scenario.world.seed).random()
    return {"shortage.cobalt": 0.2 if inside else 0.05, "price_peak.cobalt": 1.0 + luck}


@pytest.fixture(scope="module")
def batch(tables: Tables, tmp_path_factory: pytest.TempPathFactory) -> Batch:
    folder = tmp_path_factory.mktemp("corner")
    scenario = ban_with(folder, tables, [between(f"parameters.{name}") for name in NAMES])
    return make_batch(folder, tables, scenario, 400, corner)


def test_a_known_box_is_found(batch: Batch) -> None:
    found = discover(batch, "shortage.cobalt > 10%")
    inputs = batch.inputs()
    inside = (inputs["parameters.x1"] > 0.6) & (inputs["parameters.x2"] < 0.4)
    assert found.hits == inside.sum()
    rows = found.box.set_index("input")
    assert set(rows.index) == {"parameters.x1", "parameters.x2"}
    assert rows.loc["parameters.x1", "low"] == pytest.approx(0.6, abs=0.06)
    assert rows.loc["parameters.x1", "high"] == pytest.approx(inputs["parameters.x1"].max())
    assert rows.loc["parameters.x2", "high"] == pytest.approx(0.4, abs=0.06)
    boxed = inputs["parameters.x1"].between(*rows.loc["parameters.x1", ["low", "high"]])
    boxed &= inputs["parameters.x2"].between(*rows.loc["parameters.x2", ["low", "high"]])
    assert found.inside == boxed.sum()
    assert found.density == pytest.approx((boxed & inside).sum() / boxed.sum())
    assert found.coverage == pytest.approx((boxed & inside).sum() / inside.sum())
    assert min(found.density, found.coverage, found.tested) > 0.8
    assert found.peeling["coverage"].iloc[0] == 1.0
    assert found.peeling["density"].iloc[0] == pytest.approx(inside.mean())
    assert (found.peeling["density"].diff().dropna() >= -1e-9).mean() > 0.9
    text = " ".join(found.sentences())
    assert f"x1 at least {rows.loc['parameters.x1', 'low']:.3g}" in text
    assert f"x2 at most {rows.loc['parameters.x2', 'high']:.3g}" in text


def test_chance_is_no_rule(batch: Batch) -> None:
    found = discover(batch, "price_peak > 1.7")
    assert 60 < found.hits < 180
    assert not found.found
    assert found.chance > 0.05
    assert found.sentences()[1].startswith("No rule was found")


@pytest.mark.parametrize("where", ["shortage > 50%", "shortage <= 50%"])
def test_too_few_runs_of_one_kind_are_no_rule(batch: Batch, where: str) -> None:
    found = discover(batch, where)
    assert found.hits in (0, 400)
    assert "At least 8 runs must meet the condition and 8 must not." in found.sentences()


def test_choices_and_whole_numbers_are_limits_in_words(tables: Tables, tmp_path: Path) -> None:
    def long_and_green(scenario: Scenario) -> dict[str, float]:
        months = int(scenario.shocks[0].end[5:]) - int(scenario.shocks[0].start[5:]) + 1  # type: ignore[attr-defined]
        bad = months >= 4 and scenario.world.demand == "NZE"
        return {"shortage.cobalt": 0.2 if bad else 0.0, "months_to_recover.cobalt": math.nan if bad else 3.0}

    vary = [
        Vary(key="shocks.0.duration", low=2, high=6),
        Vary(key="world.demand", distribution="choice", choices=["STEPS", "NZE"]),
        between("parameters.x1"),
    ]
    batch = make_batch(tmp_path, tables, ban_with(tmp_path, tables, vary), 240, long_and_green)
    found = discover(batch, "shortage > 10%")
    assert set(found.box["condition"]) == {"duration of COD export ban at least 4 months", "world.demand NZE"}
    assert (found.coverage, found.density) == (1.0, 1.0)
    never = discover(batch, "months_to_recover > 2 years")  # a price that never recovers takes longer than any time
    assert never.hits == found.hits
    assert never.runs == 240
    assert pd.testing.assert_frame_equal(never.box, found.box) is None


def test_conditions_are_read_with_units(batch: Batch) -> None:
    read = parse_where("shortage.cobalt >= 10% and price_peak < 3 times and shortage_t > 1.5 kt", batch)
    assert [(one.kpi, one.sign, one.bound) for one in read] == [
        ("shortage.cobalt", ">=", 0.1),
        ("price_peak.cobalt", "<", 3.0),
        ("shortage_t.cobalt", ">", 1500.0),
    ]
    assert read[0].words == "shortage, share of demand, cobalt at least 10 %"
    assert parse_where("months_to_recover>1 year", batch)[0].bound == 12.0
    assert parse_where("use_lost_t > 1,000", batch)[0].bound == 1000.0


def test_every_mistake_in_a_condition_is_named(batch: Batch) -> None:
    with pytest.raises(DataError) as wrong:
        parse_where("shortge.cobalt > 10% and price_peak > 3 kt and shortage = 1 and price_peak.nickel > 2", batch)
    first, second, third, fourth = map(str, wrong.value.problems)
    assert "holds no indicator 'shortge.cobalt'. Did you mean 'shortage.cobalt'? It holds: price_peak.cobalt" in first
    assert "price_peak.cobalt is not counted in 'kt'" in second
    assert "'shortage = 1' cannot be read" in third
    assert "price_peak.nickel" in fourth


def test_runs_in_which_an_indicator_is_not_defined_are_counted(batch: Batch) -> None:
    with pytest.raises(DataError, match="no run has succeeded yet"):
        discover(Batch(batch.folder / "parts", batch.manifest | {"state": "running"}), "shortage > 1%")
    found = discover(batch, "use_lost > 1%")  # the formula gives no such indicator
    assert found.runs == 0
    assert found.notes[0] == "400 runs are left out: an indicator is not defined in them."
