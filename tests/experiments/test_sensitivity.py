"""Sensitivity: known indices come out through the whole path, whole blocks alone count, and mistakes are one clear line."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from data import DataError, Tables
from experiments.batch.failures import failures
from experiments.monte_carlo import Batch
from experiments.monte_carlo.blocks import block_runs
from experiments.monte_carlo.design import factors_of
from experiments.scenario import Scenario, load_scenario
from experiments.sensitivity import analyse, run_sensitivity, with_inputs
from experiments.sensitivity.analysis import dependent_pairs, known_kpis
from experiments.sensitivity.methods import runs_for
from experiments.sensitivity.words import sentences
from tests.experiments.formula_batches import Formula, ban_with, between, make_batch
from tests.experiments.monte_carlo_worlds import write_ban

PEAK = "price_peak.cobalt"
NOISE = "world.seed"


def ishigami(scenario: Scenario) -> dict[str, float]:
    x1, x2, x3 = (scenario.parameters[f"x{number}"] for number in (1, 2, 3))
    return {PEAK: math.sin(x1) + 7.0 * math.sin(x2) ** 2 + 0.1 * x3**4 * math.sin(x1)}


def linear(scenario: Scenario) -> dict[str, float]:
    return {PEAK: 3.0 * scenario.parameters["x1"] + scenario.parameters["x2"]}


def test_sobol_indices_of_ishigami_are_the_known_ones(tables: Tables, tmp_path: Path) -> None:
    angles = [between(f"parameters.x{number}", -math.pi, math.pi) for number in (1, 2, 3)]
    scenario = with_inputs(ban_with(tmp_path, tables, angles), tables, None)
    runs = runs_for("sobol", 4, None, 1024)
    assert runs == 1024 * 6  # three angles and the noise, two more runs in a block
    found = analyse(make_batch(tmp_path, tables, scenario, runs, ishigami, "saltelli"), kpis=["price_peak"])
    table = found.table(PEAK)
    variance = 49 / 8 + 0.1 * math.pi**4 / 5 + 0.01 * math.pi**8 / 18 + 0.5
    first = {"x1": 0.5 * (1 + 0.1 * math.pi**4 / 5) ** 2, "x2": 49 / 8, "x3": 0.0}
    both = 8 * 0.01 * math.pi**8 / 225
    total = {"x1": first["x1"] + both, "x2": first["x2"], "x3": both}
    for name in first:
        row = table.loc[f"parameters.{name}"]
        assert row["S1"] == pytest.approx(first[name] / variance, abs=0.03), name
        assert row["ST"] == pytest.approx(total[name] / variance, abs=0.03), name
        assert abs(row["S1"] - first[name] / variance) < 2 * row["S1_conf"], name
    assert table.loc[NOISE, "ST"] == pytest.approx(0.0, abs=1e-12)
    text = sentences(found, PEAK)[0]
    assert text.index("x2 (") < text.index("x1 (")
    assert "random noise" not in text
    assert "(44 %, between" in text or "(45 %, between" in text or "(43 %, between" in text


def test_elementary_effects_of_a_linear_function_are_its_slopes_times_the_ranges(
    tables: Tables, tmp_path: Path
) -> None:
    scenario = ban_with(tmp_path, tables, [between("parameters.x1", 0, 2), between("parameters.x2", -1, 1)])
    found = analyse(make_batch(tmp_path, tables, scenario, 3 * 6, linear, "morris"), kpis=["price_peak"])
    table = found.table(PEAK)
    assert list(table.index) == ["parameters.x1", "parameters.x2"]
    np.testing.assert_allclose(table["mu_star"], [6.0, 2.0], rtol=1e-9)
    np.testing.assert_allclose(table["sigma"], 0.0, atol=1e-9)
    swings = found.swings.set_index("input")
    np.testing.assert_allclose(swings["top"] - swings["bottom"], [6.0, 2.0], rtol=1e-9)
    assert found.method == "morris"
    assert sentences(found, PEAK)[0].index("x1 (6 ±") < sentences(found, PEAK)[0].index("x2 (2 ±")


@pytest.fixture(scope="module")
def plain(tables: Tables, tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """A Monte Carlo batch of a linear function of two inputs."""
    folder = tmp_path_factory.mktemp("plain")
    scenario = ban_with(folder, tables, [between("parameters.x1"), between("parameters.x2")])
    return make_batch(folder, tables, scenario, 600, linear)


def test_shares_of_the_variance_are_read_from_a_monte_carlo_batch(plain: Batch) -> None:
    table = analyse(plain, "rbd-fast", ["price_peak"]).table(PEAK)
    assert table.loc["parameters.x1", "S1"] == pytest.approx(0.9, abs=0.05)
    assert table.loc["parameters.x2", "S1"] == pytest.approx(0.1, abs=0.05)


def test_swings_are_means_at_the_ends_of_the_range(plain: Batch) -> None:
    found = analyse(plain, kpis=["price_peak"])
    assert found.method == "rbd-fast"
    rows = found.swings.set_index("input")
    inputs, peak = plain.inputs(), plain.kpi()[PEAK]
    low, high = inputs["parameters.x1"] <= 0.2, inputs["parameters.x1"] >= 0.8
    assert rows.loc["parameters.x1", "bottom"] == pytest.approx(peak[low].mean())
    assert rows.loc["parameters.x1", "top"] == pytest.approx(peak[high].mean())
    assert rows.loc["parameters.x1", "middle"] == pytest.approx(peak.mean())


def failing(formula: Formula, above: float) -> Formula:
    """A formula whose runs fail where x1 is high."""

    def inside(scenario: Scenario) -> dict[str, float]:
        if scenario.parameters["x1"] > above:
            raise ArithmeticError("out of range")
        return formula(scenario)

    return inside


def test_a_failed_run_takes_its_trajectory_with_it_and_is_counted(tables: Tables, tmp_path: Path) -> None:
    scenario = ban_with(tmp_path, tables, [between("parameters.x1", 0, 2), between("parameters.x2", 0, 3000)])
    whole = make_batch(tmp_path, tables, scenario, 3 * 40, linear, "morris")
    spoilt = tmp_path / "spoilt"
    spoilt.mkdir()
    limit = float(whole.inputs()["parameters.x1"].max()) - 1e-9
    batch = make_batch(spoilt, tables, scenario, 3 * 40, failing(linear, limit), "morris")
    failed = batch.runs()["status"] == "failed"
    lost = set(batch.runs().index[failed] // 3)
    assert 0 < len(lost) < 36
    found = analyse(batch, kpis=["price_peak"])
    assert found.notes == [
        failures(batch),
        f"{PEAK}: {3 * len(lost)} runs are left out, as runs of their block are missing.",
    ]
    assert found.table(PEAK).loc["parameters.x2", "mu_star"] == pytest.approx(3000.0)


def test_prices_that_do_not_recover_count_with_the_rest_of_the_run(tables: Tables, tmp_path: Path) -> None:
    def slow(scenario: Scenario) -> dict[str, float]:
        x = scenario.parameters["x1"]
        return {"months_to_recover.cobalt": math.nan if x > 0.5 else round(8 * x)}

    scenario = ban_with(tmp_path, tables, [between("parameters.x1"), between("parameters.x2")])
    found = analyse(make_batch(tmp_path, tables, scenario, 200, slow))
    assert "months_to_recover.cobalt: 50% of the runs do not recover in time; they count with 9 months." in found.notes
    assert any(note.startswith("price_peak.cobalt is left out: 0 runs can be used") for note in found.notes)
    rows = found.swings.set_index("input")
    assert rows.loc["parameters.x1", "top"] == 9.0  # news in April, end in December


def test_inputs_that_do_not_vary_independently_are_counted() -> None:
    rng = np.random.default_rng(3)
    points = rng.random((1000, 20))
    assert dependent_pairs(points) == 0
    points[:, 7] = np.abs(2 * points[:, 4] - 1)  # no correlation, but bound together
    assert abs(np.corrcoef(points[:, 4], points[:, 7])[0, 1]) < 0.1
    assert dependent_pairs(points) == 1
    assert dependent_pairs(points[:15]) == 0  # too few to tell


def test_runs_are_whole_blocks_within_the_budget() -> None:
    assert block_runs("saltelli", 10) == 12
    assert runs_for("sobol", 10, 500, None) == 32 * 12  # a power of two, 41 blocks would fit
    assert runs_for("morris", 10, 500, None) == 45 * 11
    assert runs_for("rbd-fast", 10, 500, None) == 500
    with pytest.raises(ValueError, match="48 runs at least"):
        runs_for("sobol", 10, 47, None)


def test_mistakes_are_named_all_at_once(plain: Batch, tables: Tables, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot read\. Use --method rbd-fast"):
        analyse(plain, "sobol")
    with pytest.raises(DataError) as wrong:
        known_kpis(plain.manifest, ["price_peek", "shortage", "use_losst"])
    assert [problem.right for problem in wrong.value.problems] == [
        "Did you mean 'price_peak'?",
        "Did you mean 'use_lost'?",
    ]
    scenario = ban_with(tmp_path, tables, [between("parameters.eta.cobalt", 0.3, 0.6)])
    with pytest.raises(DataError) as unknown:
        with_inputs(scenario, tables, ["eta.cobolt", "shocks.0.strength"])
    assert len(unknown.value.problems) == 2
    assert "Did you mean 'eta.cobalt'?" in str(unknown.value)
    with pytest.raises(DataError, match="too few; it needs 16 runs at least"):
        run_sensitivity(scenario, tables, tmp_path / "out", "sobol", runs=10)
    assert not (tmp_path / "out").exists()


def test_chosen_inputs_keep_their_unit_and_the_noise_is_one_of_them(tables: Tables, tmp_path: Path) -> None:
    ban = load_scenario(write_ban(tmp_path), tables=tables)
    factors = factors_of(with_inputs(ban, tables, ["order_months", "shocks.0.strength"]), tables)
    assert [factor.key for factor in factors] == ["parameters.order_months", "shocks.0.strength", NOISE]
    row = tables.parameters[tables.parameters["parameter"] == "order_months"].iloc[0]
    assert (factors[0].unit, factors[0].what) == (row["unit"], row["reason"])
    every = factors_of(with_inputs(ban, tables, None), tables)
    assert [factor.key for factor in every] == [*(factor.key for factor in factors_of(ban, tables)), NOISE]


def test_a_real_world_is_moved_through_its_inputs(tables: Tables, tmp_path: Path) -> None:
    ban = load_scenario(write_ban(tmp_path), tables=tables)
    found = run_sensitivity(ban, tables, tmp_path / "out", "morris", blocks=4, inputs=["shocks.0.strength"], workers=2)
    runs = found.batch.runs()
    assert len(runs) == 4 * 3
    assert set(runs["status"]) == {"ok"}
    assert (runs["seed"] == runs[NOISE]).all()
    table = found.table(PEAK)
    assert table.loc["shocks.0.strength", "mu_star"] > table.loc[NOISE, "mu_star"] > 0.0
    again = run_sensitivity(
        ban, tables, tmp_path / "out", "morris", blocks=4, inputs=["shocks.0.strength"], workers=2, resume=True
    )
    assert found.indices.equals(again.indices)
