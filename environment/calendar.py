"""Calendar months: the only unit of time in the model."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

DAYS_PER_YEAR = 365.25
DAYS_PER_MONTH = DAYS_PER_YEAR / 12.0
"""Days of a mean year and month, for stocks in days of use."""
EARLIEST, LATEST = 1900, 2300
"""Years in which a measure may begin or end (assumption: what lies outside is a slip of the pen, as in 0225-03)."""
MIDDLE = 15
"""Day that divides a month: a measure counts in the months of which it holds more than half."""
_DAY = re.compile(r"([0-9]{4}-(?:0[1-9]|1[0-2]))-(0[1-9]|[12][0-9]|3[01])")
_PATTERN = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


@lru_cache(maxsize=1024)
def parse_month(text: str) -> int:
    """Number of months since year 0 of ``"YYYY-MM"``.

    Raises:
        ValueError: when the text is not a calendar month.
    """
    match = _PATTERN.fullmatch(str(text))
    if match is None:
        raise ValueError(f"{text!r} is not a month; write it as YYYY-MM, for example 2025-02")
    return int(match[1]) * 12 + int(match[2]) - 1


def format_month(number: int) -> str:
    """``"YYYY-MM"`` of a month number made by :func:`parse_month`."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def _day(text: object) -> re.Match[str] | None:
    """Month and day of ``"YYYY-MM-DD"``; None for anything else.

    Raises:
        ValueError: for a day that its month does not have.
    """
    match = _DAY.fullmatch(text) if isinstance(text, str) else None
    if match is not None:
        try:
            date(int(match[1][:4]), int(match[1][5:]), int(match[2]))
        except ValueError:
            raise ValueError(f"{text!r} is not a day; {match[1]} has fewer days") from None
    return match


def month_of(day: object) -> object:
    """``"YYYY-MM"`` in which a day ``"YYYY-MM-DD"`` lies; anything else as it is."""
    match = _day(day)
    return match[1] if match else day


def first_month(day: object) -> object:
    """First month in force of what begins on a day: after its middle it is the next; anything but a day as it is."""
    match = _day(day)
    return format_month(parse_month(match[1]) + (int(match[2]) > MIDDLE)) if match else day


def last_month(day: object) -> object:
    """Last month in force of what ends on a day: before its middle it is the one before; anything but a day as it is."""
    match = _day(day)
    return format_month(parse_month(match[1]) - (int(match[2]) < MIDDLE)) if match else day


def _checked(text: str) -> str:
    parse_month(text)
    return text


def _near(text: str) -> str:
    if not EARLIEST <= int(text[:4]) <= LATEST:
        raise ValueError(f"{text!r} lies outside of {EARLIEST} to {LATEST}; write the year with its four digits")
    return text


Month = Annotated[str, AfterValidator(_checked)]
"""A calendar month as text, ``"YYYY-MM"``."""
FirstMonth = Annotated[Month, BeforeValidator(first_month), AfterValidator(_near)]
"""The same, or the day on which something begins; see :func:`first_month`."""
LastMonth = Annotated[Month, BeforeValidator(last_month), AfterValidator(_near)]
"""The same, or the day on which something ends; see :func:`last_month`."""
MonthOf = Annotated[Month, BeforeValidator(month_of), AfterValidator(_near)]
"""The same, or a day in it."""
