"""Which cells makers of batteries choose."""

from __future__ import annotations

import numpy as np
import pytest

from lodeflow.agents import cell, manufacturer, refiner

WORTH = np.array([[5.0, 6.0], [0.0, 0.0]])  # USD/kWh of two metals; the second cell holds neither


def test_at_anchor_prices_nothing_moves() -> None:
    reference = np.array([[0.3, 0.7], [0.0, 1.0]])
    cost = cell.dearer(WORTH, np.ones((2, 2)))
    assert np.array_equal(cell.shares(reference, cost, 0.15), reference)


def test_odds_move_by_the_response_times_the_difference_of_cost() -> None:
    reference, response = np.array([[0.4, 0.6]]), 0.15
    cost = cell.dearer(WORTH, np.array([[3.0, 1.5]]))  # 5 x 2 + 6 x 0.5 = 13 USD/kWh
    chosen = cell.shares(reference, cost, response)
    assert cost[0, 0] == pytest.approx(13.0)
    odds = np.log(chosen[0, 0] / chosen[0, 1]) - np.log(0.4 / 0.6)
    assert odds == pytest.approx(-response * 13.0)
    assert chosen.sum() == pytest.approx(1.0)


def test_a_cell_that_nobody_builds_stays_away_and_no_cost_is_too_large() -> None:
    chosen = cell.shares(np.array([[0.0, 1.0], [0.5, 0.5]]), np.array([[0.0, 1e6], [1e6, 0.0]]), 0.3)
    assert np.array_equal(chosen, [[0.0, 1.0], [0.0, 1.0]])


def test_metal_over_plan_is_the_mean_content_over_that_of_the_plan() -> None:
    over = cell.over_plan(np.array([[0.1, 0.3]]), np.array([[0.4, 0.4]]), np.array([[0.2, 1.0], [0.6, 1.0]]))
    assert over[0] == pytest.approx([(0.02 + 0.18) / (0.08 + 0.24), 0.4 / 0.8])
    assert cell.over_plan(np.zeros((1, 2)), np.zeros((1, 2)), np.ones((2, 1)))[0, 0] == 1.0


@pytest.mark.parametrize("seed", range(5))
def test_plans_never_rise_above_the_path_and_fall_with_a_lack(seed: int) -> None:
    random = np.random.default_rng(seed)
    before, feasible, kept = random.uniform(0.0, 1.0, 50), random.uniform(0.0, 1.2, 50), random.uniform(0.2, 1.5, 50)
    deployed = manufacturer.put_up_share(feasible, kept, 0.5)
    paced = manufacturer.pace(before, deployed, 12.0)
    assert (deployed <= 1.0).all()
    assert (paced <= 1.0).all()
    worse = manufacturer.pace(before, manufacturer.put_up_share(0.9 * feasible, 0.9 * kept, 0.5), 12.0)
    assert (worse <= paced).all()
    assert (worse[(feasible < 1.0) & (kept < 1.0)] < paced[(feasible < 1.0) & (kept < 1.0)]).all()


def test_missing_plants_leave_smelters_without_power() -> None:
    missing = refiner.power_missing(0.01, 0.5, 0.024, 0.75)
    assert missing == pytest.approx(0.01 + 0.5 * 0.002 * 0.25)
    assert refiner.power_missing(0.01, 2.0, 1.0, 0.0) == 0.0
    assert refiner.powered(np.array([0.0, 0.1, 2.0]), 1.5) == pytest.approx([1.0, 0.85, 0.0])
