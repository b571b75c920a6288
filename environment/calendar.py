"""Calendar months: the only unit of time in the model."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator

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


def _checked(text: str) -> str:
    parse_month(text)
    return text


Month = Annotated[str, AfterValidator(_checked)]
"""A calendar month as text, ``"YYYY-MM"``."""
