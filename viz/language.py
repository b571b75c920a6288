"""The language of what is read: one store of words (`app/texts`), one choice that holds while a report is written.

Names and texts of the dashboard stand in `en.toml` and `zh.toml` by key. Sentences of reports and charts are written in English
where they are made; `zh-report.toml` has the Chinese of each, by the English (as gettext does it). So English needs no table.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("app") / "texts"
LANGUAGES = {"en": "English", "zh": "中文"}
ENGLISH = "en"
SAID, TOLD = "said", "told"
"""Sections of a file of sentences: those that `say` fills in, and those that come finished from the model."""
_CHOSEN: ContextVar[str] = ContextVar("language", default=ENGLISH)


@contextmanager
def reading(language: str) -> Iterator[None]:
    """Let everything that is written inside be in a language, one of LANGUAGES."""
    before = _CHOSEN.set(language)
    try:
        yield
    finally:
        _CHOSEN.reset(before)


def language() -> str:
    """The language that is written now."""
    return _CHOSEN.get()


def foreign() -> bool:
    """Whether another language than English is written now."""
    return _CHOSEN.get() != ENGLISH


@cache
def words_of(language: str) -> dict[str, str]:
    """The texts of a language by dotted key."""
    return _flat(tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8")), "")


def _flat(table: dict[str, Any], prefix: str) -> dict[str, str]:
    out: dict[str, str] = {}
    for key, value in table.items():
        out |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
    return out


@cache
def sentences(language: str) -> dict[str, dict[str, str]]:
    """The sentences of reports and charts in a language by the English: sections SAID and TOLD."""
    return tomllib.loads((FOLDER / f"{language}-report.toml").read_text(encoding="utf-8"))


def say(english: str, **gaps: object) -> str:
    """A text in the reader's language with its gaps filled; in English where the language lacks it."""
    text = sentences(language())[SAID].get(english, english) if foreign() else english
    return text.format(**gaps) if gaps else text


def named(what: str, code: str, english: str) -> str:
    """Name of a thing in the reader's language, else the English one.

    what: "metal", "region", "product", "unit", "scenario_title" or "kind"; code: as in the tables.
    """
    key = f"{what}.{code}.name" if what == "kind" else f"{what}.{code}"
    return words_of(language()).get(key, english) if foreign() else english


def told(english: str, labels: Mapping[str, str] | None = None) -> str:
    """A finished text of the model (why a shock does nothing, why a government decides) in the reader's language.

    It is taken clause by clause; a clause that no sentence of the language matches stays as it is. labels: names of the
    measures of the run by their own labels, which are English.
    """
    if not foreign():
        return english
    names = labels or {}
    return say("; ").join(_told(clause, names) or names.get(clause) or _label(clause) for clause in english.split("; "))


def _told(clause: str, labels: Mapping[str, str]) -> str | None:
    for pattern, text in _patterns(language()):
        found = pattern.fullmatch(clause)
        if found:
            gaps = found.groupdict()
            return text.format(**{gap: labels.get(value) or _gap(gap, value) for gap, value in gaps.items()})
    return None


@cache
def _patterns(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """The English sentences of the model as patterns with their texts, those with most words of their own first."""
    known = sorted(sentences(language)[TOLD].items(), key=lambda item: -len(re.sub(r"\{\w+\}", "", item[0])))
    return tuple((re.compile(_pattern(english)), text) for english, text in known)


def _pattern(text: str) -> str:
    parts = re.split(r"\{(\w+)\}", text)
    return "".join(f"(?P<{part}>.+?)" if place % 2 else re.escape(part) for place, part in enumerate(parts))


def _gap(gap: str, value: str) -> str:
    """What stands in a gap, in the reader's language: its name says what it holds, `who2` as `who`."""
    named_by: Mapping[str, Callable[[str], str]] = _GAPS
    return named_by.get(gap.rstrip("0123456789"), str)(value)


def _each(what: str) -> Callable[[str], str]:
    return lambda value: "、".join(named(what, part, part) for part in re.split(r", | and no ", value))


def _label(value: str) -> str:
    """A measure by its actor and kind ("CHN export licence: gallium, refined"); a label of its own stays as it is."""
    words, _, about = value.partition(": ")
    actor, _, kind = words.partition(" ")
    known = named("kind", kind.replace(" ", "_"), "")
    if not known:
        return value
    metal, _, form = about.partition(", ")
    of_what = f"（{named('metal', metal, metal)}，{say(form)}）" if form else ""
    return f"{named('region', actor, actor)}{known}{of_what}"


def _way(value: str) -> str:
    """A sea passage, or the ports of a country, or both."""
    ports = "the ports of "
    parts = [
        say("the ports of {who}", who=_GAPS["who"](part.removeprefix(ports)))
        if part.startswith(ports)
        else named("passage", part, part)
        for part in value.split(" or ")
    ]
    return say(" or ").join(parts)


def _held(value: str) -> str:
    """Shares of recycled metal held and asked for, by year."""
    years = re.findall(r"(\d{4}) (\S+%) of (\S+%)(?: \((\S+) t missing\))?", value)
    return say(", ").join(
        say("{year}: {held} of {asked} ({gap} t missing)", year=year, held=held, asked=asked, gap=gap)
        if gap
        else say("{year}: {held} of {asked}", year=year, held=held, asked=asked)
        for year, held, asked, gap in years
    )


_GAPS: dict[str, Callable[[str], str]] = {
    "who": _each("region"),
    "metal": _each("metal"),
    "product": _each("product"),
    "form": say,
    "stage": lambda value: "、".join(say(part) for part in value.split(" and no ")),
    "label": _label,
    "way": _way,
    "held": _held,
}
"""How what stands in a gap is named."""
