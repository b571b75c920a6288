"""Problems of an input: collected, not thrown one by one, and shown together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from lodeflow.data.plain import plain

LONGEST = {"file": 300, "row": 200, "column": 200, "wrong": 600, "right": 1500}
"""Longest text that a report gives each part of a problem, characters."""
PLACES = {"CHN", "USA", "DEU"}
"""Codes by which a list of choices is known as one of countries, whose names are looked up and never guessed."""
LONGEST_NAME = 100
"""Longest word that is compared with the names that exist, characters."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with an input, and what would be right.

    `file` is the file or table, `row` the line of the file (the header is line 1; None when the whole file is meant),
    or a key such as "shocks[2]", `column` the column or field (empty when none is meant).
    """

    file: str
    row: int | str | None
    column: str
    wrong: str
    right: str

    def __post_init__(self) -> None:
        """Names, keys and values come from outside: each part becomes one line of bounded length."""
        for name, most in LONGEST.items():
            value = getattr(self, name)
            if isinstance(value, str):
                object.__setattr__(self, name, plain(value, most))

    def __str__(self) -> str:
        place = self.file
        if self.row is not None:
            place += f", row {self.row}" if isinstance(self.row, int) else f", {self.row}"
        if self.column:
            place += f", column {self.column}"
        hint = self.right[:1].upper() + self.right[1:]
        hint += "" if hint[-1:] in ("", "?", ".") else "."
        return f"{place}: {self.wrong}. {hint}".rstrip()


class DataError(ValueError):
    """An input that cannot be used. `problems` holds every problem found, in the order of file and row."""

    shown = 50

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: list[Problem] = list(problems)
        super().__init__(str(self))

    def __reduce__(self) -> tuple[type[DataError], tuple[list[Problem]]]:
        """Let it pass from one process to another with its problems."""
        return type(self), (self.problems,)

    def __str__(self) -> str:
        count = len(self.problems)
        lines = [f"{count} problem{'s' if count != 1 else ''} found:"]
        lines += [f"  {problem}" for problem in self.problems[: self.shown]]
        if count > self.shown:
            lines.append(f"  and {count - self.shown} more.")
        return "\n".join(lines)


def nearest(word: str, choices: Iterable[str], labels: dict[str, str] | None = None) -> str | None:
    """The choice most like `word`, or None. `labels` (choice -> plain name) are compared as well: "Congo" finds COD."""
    wanted = str(word).strip().lower()
    by_text: dict[str, str] = {}
    for choice in choices:
        by_text.setdefault(str(choice).lower(), choice)
    for choice, label in (labels or {}).items():
        by_text.setdefault(label.lower(), choice)
    if not wanted or len(wanted) > LONGEST_NAME:
        return None
    if wanted in by_text:
        return by_text[wanted]
    close = [text for text in by_text if sorted(text) == sorted(wanted)]
    close = close or [text for text in by_text if _one_letter_off(text, wanted)]
    close = close or [text for text in by_text if len(wanted) >= 3 and text.startswith(wanted)]
    if not close and len(wanted) > 3:  # three letters are a code, and codes that share two letters are not alike
        close = get_close_matches(wanted, by_text, n=1, cutoff=0.6)
    return by_text[close[0]] if close else None


def _one_letter_off(first: str, second: str) -> bool:
    """Whether two words of the same length differ in exactly one place."""
    return len(first) == len(second) and sum(a != b for a, b in zip(first, second, strict=True)) == 1


def did_you_mean(word: str, choices: Iterable[str], labels: dict[str, str] | None = None) -> str:
    """A sentence (without its full stop) that names the nearest choice, or lists the choices when none is near."""
    choices = [str(choice) for choice in choices]
    if set(choices) >= PLACES:
        from lodeflow.data.names import advice

        known = advice(str(word), {choice: (labels or {}).get(choice) or choice for choice in choices})
        if known:
            return known
    near = nearest(word, choices, labels)
    if near is None:
        return f"Use one of: {', '.join(choices[:12])}{', ...' if len(choices) > 12 else ''}"
    label = (labels or {}).get(near)
    return f"Did you mean {near!r}{f' ({label})' if label and label != near else ''}?"
