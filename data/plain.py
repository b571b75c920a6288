"""Text from outside, made safe to show: no control characters, no escape codes of a terminal, no endless lines."""

from __future__ import annotations

import re

_ESCAPE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # colours, cursor
    r"|(?:\x1b\]|\x9d)[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"  # window titles, links
    r"|\x1b[ -/]*[0-~]"
)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_HALF = re.compile("[\ud800-\udfff]")
_BREAK = re.compile(r"[\t\r\n\u2028\u2029]+")
CUT = "..."


def plain_lines(text: str) -> str:
    """Text of several lines without escape codes and control characters; line breaks and tabs stay."""
    return _HALF.sub("?", _CONTROL.sub("", _ESCAPE.sub("", text)))


def plain(text: str, most: int | None = None) -> str:
    """Text on one line without escape codes and control characters.

    Args:
        text: anything that a user, a file or a path may hold.
        most: longest result, characters; what is longer is cut in its middle; None: any length.
    """
    line = plain_lines(_BREAK.sub(" ", text))
    if most is None or len(line) <= most:
        return line
    half = (most - len(CUT)) // 2
    return f"{line[:half]}{CUT}{line[len(line) - half :]}"
