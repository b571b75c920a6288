"""What counts as moved."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from lodeflow.experiments.run.moved import (
    PRICE_MOVED,
    has_moved,
    market_moved,
    price_moved,
    reasons,
    reasons_moved,
    recycling_moved,
    touched_by_policy,
)

STILL: dict[str, Any] = {
    "metal": "tin",
    "price_peak_ratio": 1.0,
    "price_low_ratio": 1.0,
    "use_lost_pct": 0.0,
    "recycling_rate": 0.3,
    "recycling_rate_baseline": 0.3,
    "recycled_content": 0.1,
    "recycled_content_baseline": 0.1,
    "recycled_more_pct": 0.0,
}


def test_a_price_moves_up_or_down_by_the_same_factor() -> None:
    limit = 1.0 + PRICE_MOVED
    assert [price_moved(ratio) for ratio in (limit * 1.001, 1.0 / limit / 1.001)] == [True, True]
    assert [price_moved(ratio) for ratio in (limit / 1.001, 1.001 / limit, float("nan"))] == [False] * 3


@pytest.mark.parametrize(
    ("changes", "market", "recycling"),
    [
        ({}, False, False),
        ({"price_peak_ratio": 1.021}, True, False),
        ({"price_low_ratio": 0.97}, True, False),
        ({"use_lost_pct": 0.6}, True, False),
        ({"use_lost_pct": -0.6}, True, False),
        ({"recycling_rate": 0.306}, False, True),
        ({"recycled_content": 0.094}, False, True),
    ],
)
def test_price_use_and_recycling_make_a_metal_move(changes: dict[str, float], market: bool, recycling: bool) -> None:
    row = STILL | changes
    assert (market_moved(row), recycling_moved(row), has_moved(row)) == (market, recycling, market or recycling)


def test_what_a_policy_names_or_changes_is_reported() -> None:
    assert touched_by_policy(STILL, [("epr", ["tin"])])
    assert not touched_by_policy(STILL, [("epr", ["lead"]), ("export_ban", ["tin"])])
    assert touched_by_policy(STILL | {"recycled_more_pct": 0.1}, [("epr", [])])
    assert not touched_by_policy(STILL | {"recycled_more_pct": 0.1}, [("export_ban", ["tin"])])


def test_a_reason_that_moved_no_metal_is_not_shown_and_counts_all_the_same() -> None:
    summary = pd.DataFrame(
        {
            "metal": ["cobalt", "tin"],
            "why_date": "2025",
            "why_stocks": [0.0, -0.3],
            "why_cost": [0.004, -0.001],
            "low": 9.0,
        }
    )
    assert reasons(summary) == ["why_stocks", "why_cost"]
    assert reasons_moved(summary) == ["why_stocks"]
