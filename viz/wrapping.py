"""Lines of text: English breaks at blanks, Chinese between any two signs, which are twice as wide."""

from __future__ import annotations

import re
import textwrap
import unicodedata

from lodeflow.viz.language import foreign

MORE = " …"
"""Stands for what is cut off."""
TOKEN = re.compile(
    r"[ \n]+"  # blanks
    r"|[（“]*(?:[^ \n⺀-￯“”]+\u00a0[一-鿿]+(?:/[一-鿿])?|[^ \n⺀-￯“”]+|[⺀-￯])[，。；：、）”？！…]*"
)
"""What stays on one line: a word, a number with its unit, or one Chinese sign, each with the signs that close it."""


def width(text: str) -> int:
    """Width of a text in narrow letters; as long as it is in English."""
    if not foreign():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def lines(text: str, most: int) -> list[str]:
    """Break a text into lines at most `most` wide."""
    if not foreign():
        return textwrap.wrap(text, most)
    out, line = [], ""
    for part in TOKEN.findall(text):
        if line and width((line + part).rstrip()) > most:
            out.append(line.rstrip())
            line = ""
        line += part if line else part.lstrip()
    return [*out, line.rstrip()] if line.strip() else out


def shorten(text: str, most: int) -> str:
    """A text on one line at most `most` wide; what is cut off is marked."""
    if not foreign():
        return textwrap.shorten(text, most, placeholder=MORE)
    return text if width(text) <= most else lines(text, most - 2)[0] + "…"
