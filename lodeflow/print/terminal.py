"""What goes to the terminal: texts of users and files are shown as they are, never as markup or escape codes."""

from __future__ import annotations

import sys
from typing import Any, TextIO

from rich.console import Console
from rich.text import Text

from lodeflow.data.plain import plain_lines

WIDTH = 150
"""Characters in a line where there is no terminal."""


class PlainConsole(Console):
    """A console that takes every text literally: no markup, no emoji codes, no control characters.

    Colours and weights are given as a style (``print(text, style="bold")``) or as a ``rich.text.Text``.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, emoji=False, highlight=False, **options)

    def render_str(self, text: str, **options: Any) -> Text:
        """Return a text to draw; also called for every cell, heading and title of a table."""
        return super().render_str(plain_lines(text), **options)


def console(width: int = WIDTH) -> PlainConsole:
    """Return the console for results: as wide as the terminal, and `width` characters where there is none."""
    return PlainConsole(width=None if sys.stdout.isatty() else width)


def say(text: str = "", err: bool = False, out: TextIO | None = None) -> None:
    """Print lines of text literally: to `out`, else on stderr with `err`, else on stdout."""
    print(plain_lines(text), file=out or (sys.stderr if err else sys.stdout), flush=True)


def warn(line: str) -> None:
    """Say on stderr, before a run, what a shock names but cannot touch."""
    say(f"Warning: {line}", err=True)
