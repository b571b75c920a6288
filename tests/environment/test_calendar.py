"""Months."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeflow.environment.calendar import format_month, parse_month


@given(st.integers(0, 12 * 9999))
def test_numbers_and_texts_are_one(number: int) -> None:
    assert parse_month(format_month(number)) == number


def test_months_follow_each_other() -> None:
    assert parse_month("2025-01") - parse_month("2024-12") == 1
    assert format_month(parse_month("2024-12") + 2) == "2025-02"


@pytest.mark.parametrize("text", ["2024", "2024-13", "2024-00", "2024-1", "24-01", "2024-01-01", "", "soon", "2024/01"])
def test_what_is_no_month_is_an_error_that_shows_the_right_form(text: str) -> None:
    with pytest.raises(ValueError, match="YYYY-MM"):
        parse_month(text)
