"""Scores against numbers computed by hand."""

from __future__ import annotations

from math import exp, log

import numpy as np
import pandas as pd
import pytest

from lodeflow.experiments.judge.hindcast.score import log_errors, moves, score, static_multiplier, theil, total, turn


def series(values: dict[int, float]) -> pd.Series[float]:
    return pd.Series(values)


def test_errors_are_logarithms_of_the_quotient() -> None:
    assert log_errors(np.array([2.0, 1.0]), np.array([1.0, 4.0])) == pytest.approx([0.693147, -1.386294], abs=1e-6)
    with pytest.raises(ValueError, match="above zero"):
        log_errors(np.array([1.0]), np.array([0.0]))
    with pytest.raises(ValueError, match="above zero"):
        log_errors(np.array([float("nan")]), np.array([1.0]))


def test_moves_above_three_per_cent_count_rises_and_falls_apart() -> None:
    observed = np.array([1.5, 1.02, 0.5, 1.2, 1.2, 0.98, 0.96])
    simulated = np.array([1.01, 0.5, 0.99, 0.9, 1.0, 2.0, 1.3])
    assert moves(simulated, observed) == {"rises_right": 1, "rises_counted": 3, "falls_right": 1, "falls_counted": 2}
    risen = moves(np.full(7, 1.4), observed)
    assert (risen["rises_right"], risen["falls_right"]) == (3, 0), "a price that only rises knows no falls"


def test_theil_of_a_shifted_series_is_all_bias() -> None:
    observed = np.array([1.0, 1.5, 2.0, 3.0, 2.5])
    found = theil(2.0 * observed, observed)
    assert found is not None
    assert found.mse == pytest.approx(log(2) ** 2)
    assert (found.bias, found.variance, found.covariance) == pytest.approx((1.0, 0.0, 0.0), abs=1e-12)


def test_theil_of_moves_twice_as_large_is_all_variance() -> None:
    logs = np.array([-0.2, -0.1, 0.0, 0.1, 0.2])
    found = theil(np.exp(2 * logs), np.exp(logs))
    assert found is not None
    assert found.mse == pytest.approx((0.04 + 0.01) * 2 / 5)
    assert (found.bias, found.variance, found.covariance) == pytest.approx((0.0, 1.0, 0.0), abs=1e-12)


def test_theil_of_the_same_moves_at_other_times_is_all_covariance() -> None:
    logs = np.array([0.0, 0.3, 0.0, 0.0, 0.0])
    found = theil(np.exp(np.roll(logs, 2)), np.exp(logs))
    assert found is not None
    assert (found.bias, found.variance, found.covariance) == pytest.approx((0.0, 0.0, 1.0), abs=1e-12)
    assert found.mse == pytest.approx(2 * 0.3**2 / 5)


def test_theil_needs_five_points_and_an_error() -> None:
    assert theil(np.ones(4), np.full(4, 2.0)) is None
    assert theil(np.ones(6), np.ones(6)) is None


def test_largest_move_and_the_way_back() -> None:
    found = turn(series({-1: 9.0, 0: 1.05, 3: 2.0, 6: 1.5, 9: 1.08, 12: 1.3}))
    assert found is not None
    assert (found.month, found.ratio, found.back) == (3, 2.0, 9.0)


def test_a_trough_may_be_the_largest_move_and_may_not_be_back() -> None:
    found = turn(series({0: 1.2, 3: 0.5, 6: 0.8}))
    assert found is not None
    assert (found.month, found.ratio) == (3, 0.5)
    assert np.isnan(found.back)


def test_what_never_left_is_back_at_once() -> None:
    found = turn(series({0: 1.02, 3: 0.97}))
    assert found is not None
    assert found.back == 0.0
    assert turn(series({-3: 1.0})) is None


def test_static_multiplier() -> None:
    assert static_multiplier(0.0, 0.4) == 1.0
    assert static_multiplier(0.36, 0.5) == pytest.approx(1 / 0.64**2)
    for loss, eta in ((1.0, 0.5), (-0.1, 0.5), (0.2, 0.0)):
        with pytest.raises(ValueError, match="loss must lie"):
            static_multiplier(loss, eta)


def points(observed: list[float], simulated: list[float], static: float) -> pd.DataFrame:
    return pd.DataFrame({"observed": observed, "simulated": simulated, "static": static})


def test_score_of_some_points() -> None:
    found = score(points([1.0, exp(0.5), exp(-0.2)], [exp(0.1), exp(0.1), exp(-0.3)], exp(0.4)))
    assert found["points"] == 3
    assert found["mean_error"] == pytest.approx((0.1 + 0.4 + 0.1) / 3)
    assert found["median_error"] == pytest.approx(0.1)
    assert found["no_change_error"] == pytest.approx((0.0 + 0.5 + 0.2) / 3)
    assert found["static_error"] == pytest.approx((0.4 + 0.1 + 0.6) / 3)
    assert (found["signs_right"], found["signs_counted"]) == (2, 2)
    assert (found["rises_counted"], found["falls_counted"]) == (1, 1)
    assert found["mean_bias"] == pytest.approx((0.1 - 0.4 - 0.1) / 3)
    assert np.isnan(found["bias"])


def test_total_weighs_episodes_alike_and_pools_points() -> None:
    short, long = points([1.0], [exp(0.6)], 1.0), points([1.0, 1.0, 1.0], [1.0, 1.0, exp(0.3)], 1.0)
    episodes = pd.DataFrame([score(short), score(long)])
    found = total(pd.concat([short, long]), episodes)
    assert found["mean_error"] == pytest.approx((0.6 + 0.1) / 2)
    assert found["pooled_error"] == pytest.approx((0.6 + 0.3) / 4)
    assert found["median_error"] == pytest.approx(0.15)
    assert (found["episodes"], found["points"]) == (2, 4)
