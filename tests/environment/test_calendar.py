"""Months."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeflow.environment.calendar import first_month, format_month, last_month, month_of, parse_month
from lodeflow.environment.shocks.kinds import ExportBan


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


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        ("2025-02-01", "2025-02", "2025-01"),
        ("2025-02-15", "2025-02", "2025-02"),
        ("2025-02-16", "2025-03", "2025-02"),
        ("2025-12-31", "2026-01", "2025-12"),
        ("2025-01-02", "2025-01", "2024-12"),
    ],
)
def test_a_measure_counts_in_months_of_which_it_holds_the_larger_part(day: str, first: str, last: str) -> None:
    assert (first_month(day), last_month(day), month_of(day)) == (first, last, day[:7])


def test_a_ban_of_late_february_is_known_then_and_holds_from_march() -> None:
    ban = ExportBan(actor="COD", metals=["cobalt"], start="2025-02-22", end="2025-06-21")  # type: ignore[call-arg]
    assert (ban.announce, ban.start, ban.end) == ("2025-02", "2025-03", "2025-06")
    plain = ExportBan(actor="COD", metals=["cobalt"], start="2025-02")  # type: ignore[call-arg]
    assert (plain.announce, plain.start) == (None, "2025-02")


@pytest.mark.parametrize("day", ["2025-02-32", "2025-2-01", "2025-02-00"])
def test_a_day_that_is_none_is_refused(day: str) -> None:
    with pytest.raises(ValueError, match="YYYY-MM"):
        ExportBan(actor="COD", metals=["cobalt"], start=day)  # type: ignore[call-arg]


@pytest.mark.parametrize("read", [month_of, first_month, last_month])
@pytest.mark.parametrize("day", ["2024-02-31", "2023-02-29", "2024-04-31"])
def test_a_day_that_its_month_does_not_have_is_refused(read, day: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match="is not a day"):
        read(day)
