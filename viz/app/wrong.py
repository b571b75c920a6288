"""What was wrong with an input, in the reader's language: the program says it in English, the page translates what it knows."""

from __future__ import annotations

import re
from functools import cache

from lodeflow.viz.app.texts import ENGLISH, Texts, words_of

SECTION = "wrong."
"""What the keys of these sentences begin with; the English text is the sentence as the program writes it."""


def told(line: str, texts: Texts) -> str:
    """One line on what is wrong; sentences that no text knows stay in English."""
    if texts.language == ENGLISH:
        return line
    column, colon, rest = line.partition(": ")
    if colon and texts.has(f"field.{column}.name"):
        line = f"{texts.field(column)}: {rest}"
    for key, pattern in _patterns():
        line = pattern.sub(lambda found, key=key: texts(key, **found.groupdict()), line)  # type: ignore[misc]
    return line


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The English sentences as patterns, the longest first."""
    known = [(key, text) for key, text in words_of(ENGLISH).items() if key.startswith(SECTION)]
    ordered = sorted(known, key=lambda item: -len(item[1]))
    return tuple((key, re.compile(_pattern(text))) for key, text in ordered)


def _pattern(text: str) -> str:
    parts = re.split(r"\{(\w+)\}", text)
    return "".join(f"(?P<{part}>[^{{}}]+?)" if i % 2 else re.escape(part) for i, part in enumerate(parts))
