"""The guard at every door through which TOML comes in: files, uploads, `--set`.

A TOML file of a few kilobytes can keep a parser busy for minutes, or nest so deeply that the program dies. Before anything
is parsed, one pass over the text (its time grows with its length only) bounds what the parser and the checks will meet.
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lodeflow.data.problems import DataError, Problem

# Assumptions: each is at least twice what the largest shipped scenario or sidecar needs.
MOST_BYTES = 1_000_000
"""Largest TOML file, bytes."""
MOST_DEPTH = 12
"""Brackets within brackets."""
MOST_PARTS = 10
"""Parts of a dotted key."""
MOST_KEY = 200
"""Longest key with all its parts, characters."""
MOST_WORD = 100
"""Longest number, date or other word without quotes, characters."""
MOST_TEXT = 20_000
"""Longest text in quotes, characters."""
MOST_ENTRIES = 10_000
"""Keys and items of lists in one file."""

TOML_HINT = 'Put text and months in quotes: start = "2025-02"'
_TOKEN = re.compile(
    r'(?P<text>"""(?:[^"\\]|\\.|"(?!""))*+(?:"{3,5}|\Z)'
    r"|'''(?:[^']|'(?!''))*+(?:'{3,5}|\Z)"
    r'|"(?:[^"\\\n]|\\[^\n])*+"?'
    r"|'[^'\n]*+'?)"
    r"|(?P<comment>\#[^\n]*+)"
    r"|(?P<space>[ \t\r]++)"
    r"|(?P<line>\n\s*+)"
    r"|(?P<mark>[\[\]{},.=])"
    r"|(?P<word>[^\s\"'\#\[\]{},.=]++|.)",
    re.DOTALL,
)
_KINDS = (
    (stat.S_ISDIR, "is a folder, not a file"),
    (stat.S_ISFIFO, "is a pipe, not a file"),
    (stat.S_ISSOCK, "is a socket, not a file"),
    (lambda mode: not stat.S_ISREG(mode), "is a device, not a file"),
)


def no_file(path: Path) -> str | None:
    """What stands in the place of a file ("is a pipe, not a file"); None for a file, and for nothing at all.

    Reading a pipe waits until somebody writes into it, reading a device may never end: both are refused unread.
    """
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return None
    return next((words for test, words in _KINDS if test(mode)), None)


def read_file(path: Path, most: int = MOST_BYTES) -> bytes:
    """Return the bytes of a file. Raises DataError for what is no file, cannot be read, or has more than `most` bytes."""
    wrong = no_file(path)
    if wrong is not None:
        raise DataError([Problem(str(path), None, "", wrong, "Name a file; save its contents first")])
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise DataError(
            [Problem(str(path), None, "", f"cannot be read ({why})", "Check its name and permissions")]
        ) from error
    if len(content) > most:
        size = max(os.path.getsize(path), len(content))
        raise DataError([oversize(str(path), size, most)])
    return content


def oversize(name: str, size: int, most: int) -> Problem:
    """A file of `size` bytes where at most `most` are read."""
    return Problem(name, None, "", f"the file has {size:,} bytes", f"A file has at most {most:,} bytes")


def parse_toml(content: bytes, name: str, most: int = MOST_BYTES) -> dict[str, Any]:
    """Return the contents of a TOML file.

    Args:
        content: the bytes of the file: UTF-8, with or without a mark of the byte order.
        name: what the file is called, for reports.
        most: largest file, bytes.

    Raises:
        DataError: with one clear line for what is too large, too deep, no UTF-8 or no TOML.
    """
    if len(content) > most:
        raise DataError([oversize(name, len(content), most)])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = Problem(name, None, "", f"is not UTF-8 text (byte {error.start})", "Save the file as UTF-8")
        raise DataError([problem]) from error
    found = excess(text)
    if found is not None:
        raise DataError([Problem(name, found.line, "", found.wrong, found.right)])
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError([Problem(name, None, "", f"is not valid TOML: {error}", TOML_HINT)]) from error


@dataclass(frozen=True)
class Excess:
    """What in a text is larger than it may be, the line where it stands, and what would be right."""

    line: int
    wrong: str
    right: str


def excess(text: str) -> Excess | None:
    """Return the first thing in a TOML text that is too long, too deep or too many; None where there is nothing."""
    scan = _Scan()
    for token in _TOKEN.finditer(text):
        found = scan.take(str(token.lastgroup), token.group(), token.start())
        if found is not None:
            return Excess(text.count("\n", 0, token.start()) + 1, *found)
    return None


class _Scan:
    """Walks over the tokens of a text and counts. It knows no more of TOML than where texts, keys and comments end.

    Attributes:
        depth: open brackets.
        dots: dots since the key began.
        entries: keys and items so far.
        start: where the key began, if one does.
        header: whether the brackets are those of a header, ``[world]``; then they hold a key.
        value: whether a value has begun; brackets that open now are those of a list or table.
    """

    def __init__(self) -> None:
        self.depth = self.dots = self.entries = self.start = 0
        self.header = self.value = False

    def take(self, kind: str, token: str, place: int) -> tuple[str, str] | None:
        """Count one token; what is too much (what is wrong, what would be right), or None."""
        if kind == "line":
            self.start, self.dots, self.header = place + len(token), 0, False
            self.value = self.value and self.depth > 0
        elif kind == "word" and len(token) > MOST_WORD:
            return f"a number or word has {len(token):,} characters", f"At most {MOST_WORD} are read"
        elif kind == "text" and len(token) > MOST_TEXT:
            return f"a text has {len(token):,} characters", f"At most {MOST_TEXT:,} are read"
        elif kind == "mark":
            return self._key(token, place) or self._structure(token, place)
        return None

    def _key(self, mark: str, place: int) -> tuple[str, str] | None:
        """Bound the key that goes on with a dot, or ends with an equals sign or the bracket of a header."""
        self.dots = self.dots + 1 if mark == "." else 0
        if self.dots >= MOST_PARTS:
            return f"a key has more than {MOST_PARTS} parts", "Write keys such as world.start"
        if (mark == "=" or (mark == "]" and self.header)) and place - self.start > MOST_KEY:
            return f"a key has {place - self.start:,} characters", f"A key has at most {MOST_KEY}"
        return None

    def _structure(self, mark: str, place: int) -> tuple[str, str] | None:
        """Bound how deep brackets stand in each other, and how much there is."""
        if mark == "[" and self.depth == 0 and not self.value:
            self.header = True
        self.value = self.value or mark == "="
        self.depth = max(self.depth + (mark in "[{") - (mark in "]}"), 0)
        if self.depth > MOST_DEPTH:
            return f"brackets stand more than {MOST_DEPTH} deep", "A scenario needs two or three levels"
        if mark in "{,":
            self.start = place + 1
        self.entries += mark in "=,["
        if self.entries > MOST_ENTRIES:
            return f"there are more than {MOST_ENTRIES:,} keys and items", "Leave out what is not needed"
        return None
