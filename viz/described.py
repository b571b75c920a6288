"""What a scenario says of itself, in the reader's language: the shipped ones have a text in every language."""

from __future__ import annotations

import re
import tomllib
from functools import cache

from lodeflow.data.problems import DataError
from lodeflow.experiments.scenario.read import LIBRARY, read_toml
from lodeflow.viz.language import ENGLISH, FOLDER, named, reading, say

MADE = "Made in the dashboard from the scenario {name}."
"""What a scenario says that was made on the page."""


def described(name: str, english: str, language: str) -> str:
    """The description of a scenario in a language; "" where it has none in it, as one that a user wrote or changed.

    Args:
        name: name of the scenario.
        english: its description, as its file has it.
        language: one of LANGUAGES.
    """
    if language == ENGLISH:
        return english
    made = re.fullmatch(re.escape(MADE).replace(r"\{name\}", "(.+)"), english.strip())
    if made:
        with reading(language):
            return say(MADE, name=named("scenario_title", made[1], made[1]))
    known = texts_of(language).get(name, "")
    return known if known and english.strip() == _shipped(name).strip() else ""


@cache
def texts_of(language: str) -> dict[str, str]:
    """Descriptions of the shipped scenarios in a language other than English, by name."""
    return tomllib.loads((FOLDER / f"{language}-scenarios.toml").read_text(encoding="utf-8"))


@cache
def _shipped(name: str) -> str:
    """The English description of a shipped scenario; "" where it is not shipped."""
    try:
        return str(read_toml(LIBRARY / f"{name}.toml").get("description", ""))
    except DataError:
        return ""
