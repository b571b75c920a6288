"""Settings of a world: what is refused, and what follows from what is left out."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from lodeflow.data import DataError, Tables
from lodeflow.environment import WorldSettings
from tests.environment.helpers import world_of


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"start": "2024-05", "end": "2024-04"}, "end 2024-04 lies before start 2024-05"),
        ({"start": "2024-13"}, "YYYY-MM"),
        ({"base_year": 2004}, "2005"),
        ({"mode": "steady"}, "stationary"),
        ({"growth": 2.0}, "0.3"),
        ({"noise": -1.0}, "greater than or equal to 0"),
        ({"noise": float("nan")}, "noise"),
        ({"seed": -1}, "greater than or equal to 0"),
        ({"sead": 3}, "Extra inputs"),
    ],
)
def test_wrong_settings_are_refused_with_a_reason(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        WorldSettings(**wrong)


def test_both_ends_are_simulated() -> None:
    assert WorldSettings(start="2024-01", end="2024-01").months == 1
    assert WorldSettings(start="2024-11", end="2025-02").months == 4


@pytest.mark.parametrize(
    ("start", "year"), [("2000-01", 2009), ("2013-06", 2013), ("2024-12", 2024), ("2030-01", 2024)]
)
def test_base_year_is_the_year_of_the_start_where_there_are_data(start: str, year: int) -> None:
    assert WorldSettings(start=start, end="2040-01").data_year == year


def test_years_end_where_the_data_end() -> None:
    with pytest.raises(DataError, match="the data end in 2024, before 2025"):
        WorldSettings(base_year=2025).on_data(2024)
    with pytest.raises(DataError, match="end up to 2024"):
        WorldSettings(supply="realised", end="2025-12").on_data(2024)
    later = WorldSettings(start="2026-01", end="2030-01")
    assert [later.on_data(last).data_year for last in (2020, 2024, 2025, 2030)] == [2020, 2024, 2025, 2026]
    assert later.on_data(2024) is later, "the shipped data change no settings"


def test_a_base_year_may_be_chosen() -> None:
    assert WorldSettings(start="2024-01", base_year=2015).data_year == 2015


def test_an_unknown_metal_is_named_with_the_known_ones(tables: Tables) -> None:
    with pytest.raises(DataError, match=r"'kobalt' is no metal.*cobalt"):
        world_of(tables, ["kobalt"])
