"""Calibration: the fit finds known values, leaves out what it should, and says what it cannot know."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from lodeflow import data
from lodeflow.data import DataError, Tables
from lodeflow.experiments.judge.calibrate import store
from lodeflow.experiments.judge.calibrate.fit import best_of, jacobian, leave_one_out, starts
from lodeflow.experiments.judge.calibrate.problem import Judge, Knob, cost, judging, knobs, mean_error, residuals
from lodeflow.experiments.judge.calibrate.report import describe
from lodeflow.experiments.judge.structure.runs import FIT_UNTIL, KEPT_FROM_FIT

TRUE = np.array([0.3, 2.0, 5.0])
NAMES = ["one", "two", "three"]


class Known(Judge):
    """A judge that knows the answer: errors are linear in the parameters, and no episode sees the third."""

    def __init__(self) -> None:
        fitted = [Knob("a", 0.5, 0.0, 1.0, "1"), Knob("b", 1.0, 0.0, 4.0, "1"), Knob("c", 4.0, 0.0, 10.0, "1")]
        super().__init__(data.load(), fitted, NAMES, dict.fromkeys(NAMES, 2), None)  # type: ignore[arg-type]

    def errors(self, points: Sequence[np.ndarray], names: Sequence[str] = ()) -> list[dict[str, np.ndarray]]:
        """Errors that vanish at TRUE."""
        self.runs += len(points)
        return [
            {
                "one": np.array([x[0] - TRUE[0], 2 * (x[0] - TRUE[0])]),
                "two": np.array([x[1] - TRUE[1], x[0] - TRUE[0]]),
                "three": np.array([x[1] - TRUE[1], TRUE[1] - x[1]]),
            }
            for x in points
        ]


def test_the_fit_finds_the_values_that_made_the_observations() -> None:
    judge = Known()
    points, errors = starts(judge, 12, seed=1)
    assert points[0] == pytest.approx([0.5, 2.0, 5.0])
    fit = best_of(judge, points, errors, NAMES, tries=2, steps=12)
    assert fit.x[:2] == pytest.approx(TRUE[:2], abs=0.1)
    assert fit.error < 0.05
    assert fit.cost == min(
        cost(e, NAMES, x, judge.knobs) for x, e in zip([fit.x, *points], [*judge.errors([fit.x]), *errors], strict=True)
    )
    assert fit.x[2] == pytest.approx(5.0, abs=0.2), "what no episode sees stays in the middle of its range"


def test_starts_are_the_same_for_the_same_seed_and_lie_in_the_ranges() -> None:
    judge = Known()
    (first, _), (again, _), (other, _) = (starts(judge, 8, seed) for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first[1:] != other[1:]).any()
    assert (first >= 0.0).all()
    assert (first <= [1.0, 4.0, 10.0]).all()


def test_an_episode_that_is_left_out_does_not_count() -> None:
    judge = Known()
    points, errors = starts(judge, 12, seed=1)
    said: list[str] = []
    fits = leave_one_out(judge, points, errors, 12, said.append)
    assert set(fits) == set(NAMES)
    assert all(left not in fits[left].names for left in NAMES)
    assert len(said) == len(NAMES)
    assert fits["one"].x[:2] == pytest.approx(TRUE[:2], abs=0.15)


def test_a_parameter_that_no_episode_sees_is_said_to_be_unknown() -> None:
    judge = Known()
    points, errors = starts(judge, 12, seed=1)
    fit = best_of(judge, points, errors, NAMES, tries=1, steps=10)
    result = describe(judge, points, errors, fit, leave_one_out(judge, points, errors, 5, lambda line: None))
    certainty = result.values.set_index("parameter")["certainty"]
    assert certainty["c"] == "little said"
    assert certainty["a"] == certainty["b"] == "known"
    assert result.surface["error"].to_numpy() == pytest.approx([mean_error(e, NAMES) for e in errors])
    assert json.loads(json.dumps(result.summary()))["leave_one_out"]["episodes"].keys() == set(NAMES)


def test_residuals_weigh_episodes_equally_and_pull_weakly_to_the_middle() -> None:
    judge, x = Known(), np.array([0.5, 2.0, 5.0])
    errors = {"one": np.full(4, 0.2), "two": np.full(9, 0.2), "three": np.zeros(2)}
    parts = residuals(errors, NAMES, x, judge.knobs)
    assert np.sum(parts[:4] ** 2) == pytest.approx(np.sum(parts[4:13] ** 2))
    assert parts[-3:] == pytest.approx(0.0)
    assert residuals(errors, NAMES, np.array([1.0, 2.0, 5.0]), judge.knobs)[-3] > 0.0


def test_eta_is_pulled_to_a_published_elasticity(tables: Tables) -> None:
    found = knobs(tables)
    keys = [knob.key for knob in found]
    x = np.array([knob.middle for knob in found])
    cobalt, share = keys.index("eta.cobalt"), keys.index("short_run_share")
    assert found[cobalt].elasticity == 0.28
    x[cobalt] = 0.28 / x[share]
    anchored = residuals({}, [], x, found)
    assert anchored[cobalt] == pytest.approx(0.0)
    x[cobalt] *= 0.6
    assert residuals({}, [], x, found)[cobalt] < -0.25, "as far off as beyond the end of a range"
    free = [replace(knob, elasticity=float("nan")) for knob in found]
    assert residuals({}, [], x, free)[cobalt] != residuals({}, [], x, found)[cobalt]


def test_points_of_little_weight_count_little_and_those_of_none_not_at_all() -> None:
    judge, x = Known(), np.array([0.5, 2.0, 5.0])
    errors = {"one": np.full(2, 0.2), "two": np.full(2, 0.2), "three": np.array([0.2, 9.0])}
    weights = {"one": np.full(2, 0.25), "three": np.array([1.0, 0.0])}
    parts = residuals(errors, NAMES, x, judge.knobs, weights)
    assert np.sum(parts[:2] ** 2) == pytest.approx(0.25 * np.sum(parts[2:4] ** 2))
    assert parts[4:6] == pytest.approx([0.2, 0.0])
    assert mean_error(errors, NAMES, weights) == pytest.approx(0.2)


def test_a_fit_sees_nothing_after_its_last_year_nor_of_metals_left_out(tables: Tables) -> None:
    names = ["nickel-ore-ban-2014", "cobalt-boom-2016", "germanium-licences-2023", "cobalt-ban-2025"]
    with judging(tables, names, workers=1, until=2016) as judge:
        assert judge.fitted == ["nickel-ore-ban-2014", "cobalt-boom-2016"]
        assert np.count_nonzero(judge.weights["cobalt-boom-2016"]) == 4
        assert judge.weights["nickel-ore-ban-2014"].all()
    with judging(tables, names, workers=1, without=["nickel"]) as judge:
        assert judge.fitted == ["cobalt-boom-2016", "germanium-licences-2023"]
        assert judge.weights["cobalt-boom-2016"].max() <= 0.2, "private stock-building is not in the model"


def test_a_fit_to_the_past_is_kept_and_changes_no_parameter(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(store, "PROTOCOL", tmp_path / "protocol.json")
    before = store.PARAMETERS.read_bytes()

    class Result:
        episodes = pd.DataFrame(
            {"episode": ["a"], "points": [3], "points_fitted": [0], "shipped": [0.5], "fitted": [0.41234]}
        )
        values = pd.DataFrame({"parameter": ["eta.cobalt"], "shipped": [0.4], "fitted": [0.66], "unit": ["1"]})

    store.ship_protocol(Result(), 2016)  # type: ignore[arg-type]
    found = store.read_protocol()
    assert found["until"] == 2016
    assert found["episodes"][0]["fitted"] == 0.412
    assert found["fitted"] == [{"parameter": "eta.cobalt", "shipped": 0.4, "fitted": 0.66}]
    monkeypatch.setattr(store, "PROTOCOL_WITHOUT", tmp_path / "without.json")
    store.ship_protocol(Result(), 2016, ["nickel", "gallium"])  # type: ignore[arg-type]
    assert store.read_protocol(["nickel"])["without"] == ["gallium", "nickel"]
    assert store.read_protocol()["without"] == [], "a fit that saw fewer metals does not replace the other"
    assert store.PARAMETERS.read_bytes() == before


def test_what_a_fit_says_of_itself_is_kept_without_a_change_of_parameters(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(store, "RESULT", tmp_path / "calibration.json")
    before = store.PARAMETERS.read_bytes()

    class Result:
        def summary(self) -> dict[str, Any]:
            return {"leave_one_out": {"mean": 0.2}}

    store.write_summary(Result())  # type: ignore[arg-type]
    assert store.read_calibration() == {"leave_one_out": {"mean": 0.2}}
    assert store.PARAMETERS.read_bytes() == before


def test_the_shipped_fit_without_three_metals_saw_none_of_them(tables: Tables) -> None:
    found = store.read_protocol(KEPT_FROM_FIT)
    assert found["without"] == sorted(KEPT_FROM_FIT)
    assert found["until"] == FIT_UNTIL
    assert {row["episode"] for row in found["episodes"] if row["points_fitted"]} == {"cobalt-boom-2016"}


def test_the_shipped_fit_to_the_past_saw_nothing_later(tables: Tables) -> None:
    found = store.read_protocol()
    seen = {row["episode"] for row in found["episodes"] if row["points_fitted"]}
    assert seen == {"rare-earth-quota-2010", "nickel-ore-ban-2014", "cobalt-boom-2016"}
    assert found["until"] == FIT_UNTIL


def test_derivatives_of_a_linear_problem_are_exact() -> None:
    judge = Known()
    slopes = jacobian(judge, np.array([0.2, 3.0, 9.0]), ["one"])
    assert slopes[:2, 0] == pytest.approx(np.array([1.0, 2.0]) / np.sqrt(2.0))
    assert slopes[:2, 1:] == pytest.approx(0.0)


def test_fitted_parameters_lie_in_their_ranges(tables: Tables) -> None:
    found = knobs(tables)
    assert len(found) == len(tables.calibrated)
    assert all(knob.low < knob.high and knob.low <= knob.value <= knob.high for knob in found)


def test_an_unknown_parameter_is_one_line(tables: Tables, tmp_path: Path) -> None:
    rows = tables.calibrated.copy()
    rows.loc[len(rows)] = ["pryce_speed", "", None, "", "a slip", "none"]
    rows.to_csv(tmp_path / "calibrated.csv", index=False)
    with pytest.raises(DataError, match="price_speed"):
        knobs(data.load(tmp_path))


def test_real_episodes_are_judged_in_worker_processes_and_remembered(tables: Tables) -> None:
    with judging(tables, ["gallium-licences-2023"], workers=1) as judge:
        x = np.array([knob.value for knob in judge.knobs])
        keys = [knob.key for knob in judge.knobs]
        other_metal, own = x.copy(), x.copy()
        other_metal[keys.index("eta.lithium")] *= 1.05
        own[keys.index("eta.minor")] *= 1.05
        errors = [e["gallium-licences-2023"] for e in judge.errors([x, other_metal, own])]
        assert judge.runs == 2
        assert (errors[0] == errors[1]).all()
        assert (errors[0] != errors[2]).any()


def test_shipping_changes_the_fitted_values_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = pd.read_csv(store.PARAMETERS, dtype=str, keep_default_na=False)
    own = tmp_path / "parameters.csv"
    before.to_csv(own, index=False)
    monkeypatch.setattr(store, "PARAMETERS", own)
    monkeypatch.setattr(store, "RESULT", tmp_path / "calibration.json")

    class Result:
        values = pd.DataFrame({"parameter": ["eta.cobalt", "surge_month"], "fitted": [0.31234567, 2.0]})

        def summary(self) -> dict[str, Any]:
            return {"fitted": {}}

    store.ship(Result())  # type: ignore[arg-type]
    after = pd.read_csv(own, dtype=str, keep_default_na=False)
    changed = (before != after).any(axis=1)
    assert set(after[changed]["parameter"]) <= {"eta", "surge_month"}
    row = after[(after["parameter"] == "eta") & (after["scope"] == "cobalt")].iloc[0]
    assert (row["value"], row["status"]) == ("0.312", "calibrated")
    assert store.read_calibration() == {"fitted": {}}
