"""Years as they are typed: 2021, or the sum of some as 2010-2020."""

from __future__ import annotations

import re

from lodeflow.data.problems import DataError, Problem

SPAN = re.compile(r"(\d{4})(?:-(\d{4}))?")
MOST = 200
"""Most years that are added up."""


def years_in(text: str | None) -> tuple[int, ...]:
    """Return the years of a text; none where it was left out. Raises DataError for a text that is no year or span of years."""
    if text is None:
        return ()
    found = SPAN.fullmatch(text.strip())
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if not 0 <= last - first < MOST:
        raise DataError(
            [Problem("year", None, "", f"{text!r} is no year or span of years", "Write 2021, or 2010-2020")]
        )
    return tuple(range(first, last + 1))
