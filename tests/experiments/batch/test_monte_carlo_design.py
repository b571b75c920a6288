"""What is drawn, from which ranges, and that draws depend on the seed and the number of the run alone."""

from __future__ import annotations

import math
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import numpy as np
import pytest
import scipy.stats

from lodeflow.data import DataError, Tables
from lodeflow.experiments.batch.make.design import Design, Factor, Sampling, factors_of
from lodeflow.experiments.batch.make.estimate import Estimate
from lodeflow.experiments.scenario.drawn import drawn
from lodeflow.experiments.scenario.model import Scenario, check_scenario, load_scenario
from lodeflow.experiments.scenario.uncertainty import Vary
from tests.experiments.batch.monte_carlo_worlds import write_ban


@pytest.fixture(scope="module")
def ban(tables: Tables, tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    return load_scenario(write_ban(tmp_path_factory.mktemp("design")), tables=tables)


def design(ban: Scenario, tables: Tables, runs: int, sampling: Sampling, seed: int = 1) -> Design:
    return Design(tuple(factors_of(ban, tables)), runs, sampling, seed)


def test_parameters_that_reach_the_metals_are_drawn_and_others_are_not(ban: Scenario, tables: Tables) -> None:
    keys = {factor.key for factor in factors_of(ban, tables)}
    rows = tables["parameters"]
    assert {"parameters.eta.cobalt", "parameters.gamma", "shocks.0.strength", "world.demand"} <= keys
    assert not {"parameters.eta.lithium", "parameters.treatment_charge.copper"} & keys
    assert "parameters.treatment_charge.cobalt" in keys
    assert "parameters.treatment_charge" not in keys, "cobalt has a value of its own, so the global one acts on nothing"
    plain = rows[~rows["parameter"].duplicated(keep=False) & (rows["low"] < rows["high"])]
    assert {f"parameters.{name}" for name in plain["parameter"]} <= keys


def test_what_the_scenario_sets_is_not_drawn(ban: Scenario, tables: Tables) -> None:
    fixed = ban.model_copy(update={"parameters": {"eta": 0.6, "treatment_charge.cobalt": 0.3, "gamma": 1.0}})
    keys = {factor.key for factor in factors_of(fixed, tables)}
    assert not {"parameters.eta.cobalt", "parameters.treatment_charge.cobalt", "parameters.gamma"} & keys
    assert "parameters.carry" in keys
    values = {"parameters.carry": 0.011}
    assert drawn(fixed, values, 5).parameters == {"carry": 0.011, **fixed.parameters}


def test_a_scenario_may_choose_its_parameters(ban: Scenario, tables: Tables) -> None:
    assert ban.monte_carlo is not None
    section = ban.monte_carlo.model_copy(update={"parameters": ["eta"]})
    keys = [factor.key for factor in factors_of(ban.model_copy(update={"monte_carlo": section}), tables)]
    assert keys == ["parameters.eta.cobalt", *(item.key for item in section.vary)]


@pytest.mark.parametrize("sampling", ["sobol", "lhs"])
def test_draws_lie_in_their_ranges_and_repeat(ban: Scenario, tables: Tables, sampling: Sampling) -> None:
    chosen = design(ban, tables, 64, sampling)
    rows = chosen.values(0, 64)
    for factor in chosen.factors:
        values = [row[factor.key] for row in rows]
        if factor.vary.choices:
            assert set(values) == set(factor.vary.choices)
        else:
            assert factor.vary.low <= min(values) < max(values) <= factor.vary.high  # type: ignore[operator,type-var]
    again = design(ban, tables, 64, sampling)
    assert [again.values(run, run + 1)[0] for run in (0, 1, 17, 63)] == [rows[run] for run in (0, 1, 17, 63)]
    other = design(ban, tables, 64, sampling, seed=2)
    assert other.values(0, 64) != rows
    seeds = [chosen.run_seed(run) for run in range(200)]
    assert len(set(seeds)) == 200
    assert seeds[:5] != [other.run_seed(run) for run in range(5)]


def test_more_sobol_points_keep_the_earlier_ones(ban: Scenario, tables: Tables) -> None:
    few, many = design(ban, tables, 20, "sobol"), design(ban, tables, 2000, "sobol")
    np.testing.assert_array_equal(few.shares(0, 20), many.shares(0, 20))
    np.testing.assert_array_equal(many.shares(0, 150)[100:130], many.shares(100, 130))


def test_a_hypercube_has_one_point_in_every_slice(ban: Scenario, tables: Tables) -> None:
    points = design(ban, tables, 50, "lhs").shares(0, 50)
    slices = np.sort((points * 50).astype(int), axis=0)
    assert (slices == np.arange(50)[:, None]).all()


def test_distributions_have_their_quantiles() -> None:
    def value(share: float, **fields: Any) -> Any:
        return Vary(key="parameters.gamma", **fields).value(share)

    assert value(0.25, low=2.0, high=4.0) == 2.5
    assert value(0.5, low=1.0, high=100.0, distribution="log-uniform") == pytest.approx(10.0)
    triangle = {"low": 0.0, "high": 4.0, "mode": 1.0, "distribution": "triangular"}
    assert value(0.25, **triangle) == pytest.approx(1.0)  # a quarter of the triangle lies left of its tip
    whole = [value(share, low=1, high=3, distribution="integer") for share in (0.0, 0.33, 0.34, 0.67, 1.0)]
    assert whole == [1, 1, 2, 3, 3]
    months = [value(share, low="2024-11", high="2025-02") for share in (0.0, 0.3, 0.5, 0.99)]
    assert months == ["2024-11", "2024-12", "2025-01", "2025-02"]


def test_delay_and_duration_move_the_dates_of_a_shock(ban: Scenario) -> None:
    shock = drawn(ban, {"shocks.0.delay": 2, "shocks.0.duration": 3, "shocks.0.strength": 0.7}, seed=9).shocks[0]
    assert (shock.start, shock.end) == ("2024-06", "2024-08")
    assert shock.strength == 0.7  # type: ignore[attr-defined]
    assert drawn(ban, {}, seed=9).world.seed == 9


def test_a_section_survives_writing_and_reading(ban: Scenario, tables: Tables, tmp_path: Path) -> None:
    (tmp_path / "copy.toml").write_text(ban.to_toml(), encoding="utf-8")
    assert load_scenario(tmp_path / "copy.toml", tables=tables) == ban


def test_every_mistake_in_the_section_is_one_line(ban: Scenario, tables: Tables) -> None:
    raw = ban.model_dump(mode="json", exclude_none=True)
    raw["monte_carlo"] = {
        "vary": [
            {"key": "shocks.0.strength", "low": 0.5, "high": 1.5},
            {"key": "shocks.4.delay", "low": 0, "high": 3},
            {"key": "world.demand", "distribution": "choice", "choices": ["STEPS", "NET"]},
            {"key": "shocks.0.strenght", "low": 0.1, "high": 0.2},
        ]
    }
    with pytest.raises(DataError) as caught:
        check_scenario(raw, "ban.toml", tables=tables)
    places = [str(problem.row) for problem in caught.value.problems]
    assert places == [f"monte_carlo.vary[{number}]" for number in range(4)]
    assert "strength" in caught.value.problems[3].right
    raw["monte_carlo"] = {"parameters": ["gama"], "vary": [{"key": "world.noise", "low": 2.0, "high": 1.0}]}
    with pytest.raises(DataError) as caught:
        check_scenario(raw, "ban.toml", tables=tables)
    assert "low 2 is not below high 1" in str(caught.value)


def test_nominal_values_and_units_are_those_of_the_tables(ban: Scenario, tables: Tables) -> None:
    found = {factor.key: factor for factor in factors_of(ban, tables)}
    row = tables["parameters"].query("parameter == 'carry'").iloc[0]
    carry: Factor = found["parameters.carry"]
    assert (carry.nominal, carry.unit, carry.vary.low, carry.vary.high) == (row.value, row.unit, row.low, row.high)
    assert found["shocks.0.strength"].nominal == 1.0


def test_the_estimate_is_the_mean_with_a_t_interval() -> None:
    values = [3.0, 1.0, 4.0, 1.5, 9.0, 2.6]
    one, other = Estimate(), Estimate()
    one.add([*values[:2], math.nan])
    assert not one.tight(0.01)
    other.add(values[2:])
    one.join(other)
    low, high = scipy.stats.t.interval(0.95, 5, fmean(values), stdev(values) / math.sqrt(6))
    assert one.mean == pytest.approx(fmean(values))
    assert one.half_width == pytest.approx((high - low) / 2)
    assert Estimate().half_width == math.inf
    assert one.tight(one.half_width / one.mean * 1.01)
    assert not one.tight(one.half_width / one.mean * 0.99)
