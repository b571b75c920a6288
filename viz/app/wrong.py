"""What was wrong with an input, in the reader's language: the program says it in English, the page translates what it knows."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from lodeflow.environment.shocks.kinds import REGISTRY
from lodeflow.experiments.scenario.check import describe_field, field_range, unit_of
from lodeflow.viz.app.texts import ENGLISH, Texts, words_of

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

SECTION = "wrong."
"""What the keys of these sentences begin with; the English text is the sentence as the program writes it."""

STOPS = ("。", ".")


def told(line: str, texts: Texts) -> str:
    """One line on what is wrong; sentences that no text knows stay in English."""
    if texts.language == ENGLISH:
        return line
    column, colon, rest = line.partition(": ")
    if colon and texts.has(f"field.{column}.name"):
        line = f"{texts.field(column)}: {rest}"
        for english, kind, name in _meanings():
            if line.endswith(english):
                line = line.removesuffix(english) + _meaning(kind, name, texts)
                break
    for key, pattern in _patterns():
        line = pattern.sub(lambda found, key=key: texts(key, **found.groupdict()), line)  # type: ignore[misc]
    return line


@cache
def _meanings() -> tuple[tuple[str, str, str], ...]:
    """What the program says of the fields of all kinds, as a message ends, with kind and field; the longest first."""
    found: dict[str, tuple[str, str]] = {}
    for kind, shock in REGISTRY.items():
        for name, info in shock.model_fields.items():
            text = describe_field(info)
            for said in (f"{text[:1].upper()}{text[1:]}.", f"{text}.") if text else ():
                found.setdefault(said, (kind, name))
    return tuple((text, *found[text]) for text in sorted(found, key=len, reverse=True))


def _meaning(kind: str, name: str, texts: Texts) -> str:
    """What a field of a kind means, with its unit and range, in the reader's language."""
    info: FieldInfo = REGISTRY[kind].model_fields[name]
    (low, high), unit = field_range(info), unit_of(info)
    notes = [texts("right.unit", unit=texts.unit(unit))] if unit else []
    if low is not None or high is not None:
        key = "least" if high is None else "most" if low is None else "range"
        notes.append(texts(f"right.{key}", low=f"{low or 0:g}", high=f"{high or 0:g}"))
    said = texts.field_help(kind, name, info.description or "")
    said += texts("right.notes", notes=texts("right.and").join(notes)) if notes else ""
    return said if said.endswith(STOPS) else said + STOPS[0]


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The English sentences as patterns, the longest first."""
    known = [(key, text) for key, text in words_of(ENGLISH).items() if key.startswith(SECTION)]
    ordered = sorted(known, key=lambda item: -len(item[1]))
    return tuple((key, re.compile(_pattern(text))) for key, text in ordered)


def _pattern(text: str) -> str:
    parts = re.split(r"\{(\w+)\}", text)
    return "".join(f"(?P<{part}>[^{{}}]+?)" if i % 2 else re.escape(part) for i, part in enumerate(parts))
