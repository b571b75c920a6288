"""Sellers: what they see coming."""

from __future__ import annotations

import numpy as np
import pytest

from lodeflow.agents import firm, seller

HORIZONS = np.array([3.0, 6.0, 12.0, 24.0])


def test_capacity_that_is_begun_runs_on_the_mean_of_what_the_pipeline_delivers() -> None:
    """Against the pipeline of firms, stepped in thousandths of a month."""
    steps, lead = 1000, 24.0
    building = np.zeros((firm.STAGES, 1))
    building[0] = 0.1
    expected = seller.coming(building, np.array([lead]), HORIZONS)[:, 0]
    standing, sums = 0.0, []
    for _ in range(int(HORIZONS[-1]) * steps):
        moving = building * (firm.STAGES / lead / steps)
        building = building - moving
        building[1:] += moving[:-1]
        standing += moving[-1, 0]
        sums.append(standing)
    mean = np.cumsum(sums) / np.arange(1, len(sums) + 1)
    assert expected == pytest.approx([mean[int(h) * steps - 1] for h in HORIZONS], rel=5e-3)


def test_what_is_nearly_finished_comes_first_and_nothing_comes_of_nothing() -> None:
    """Never more than what is being built."""
    by_stage = [seller.coming(row[:, None], np.array([36.0]), HORIZONS)[:, 0] for row in np.eye(firm.STAGES)]
    assert (by_stage[0] < by_stage[1]).all()
    assert (by_stage[1] < by_stage[2]).all()
    assert (by_stage[2] < 1.0).all()
    assert (np.diff(by_stage) > 0.0).all()
    assert (seller.coming(np.zeros((firm.STAGES, 2)), np.array([24.0, 36.0]), HORIZONS) == 0.0).all()
