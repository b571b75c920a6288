"""Countries, groups and metals in the spellings of the trade: what a name means, or why it is not understood.

Names are compared as a whole, without capitals, accents, points and footnote marks: nothing is guessed, so no name leads to a
country that is not meant. Countries come from ISO 3166 (package pycountry, with its Chinese names), spellings of USGS, BGS, UN
Comtrade, World Bank and IEA from `names.csv`.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

ALIASES = Path(__file__).parent / "names.csv"
POOL = "ROW"
"""Code of the model's pool of small countries."""
WORLD = "WLD"
_MARKS = re.compile(r"[\d⁰¹²³⁴-⁹*†‡]+$|\(\s*[a-z0-9]\s*\)$", re.IGNORECASE)
"""Footnote marks at the end of a name: "Australia3", "China (e)"."""


@dataclass(frozen=True)
class Found:
    """What a name means.

    Attributes:
        kind: "country", "group" (of countries, or the world), "former" (a state that has ended), "doubtful" or "unknown".
        code: ISO 3166 alpha-3, or the code of the group; "" where the name is doubtful or unknown.
        note: what to know: why it is doubtful, what became of the state.
    """

    kind: str
    code: str = ""
    note: str = ""


UNKNOWN = Found("unknown")


def plain_name(text: str) -> str:
    """A name for comparison: no accents, capitals, points or doubled blanks, and no "the"."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).casefold()
    bare = re.sub(r"[.'’`]", "", bare).replace("&", " and ")
    words = re.sub(r"[^\w]+", " ", bare).split()
    return " ".join(word for word in words if word != "the")


@lru_cache(maxsize=1)
def _aliases() -> list[dict[str, str]]:
    with ALIASES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@lru_cache(maxsize=1)
def _places() -> dict[str, Found]:
    """What every known name of a place means, by its plain name; the alias table has the last word."""
    import gettext

    import pycountry

    chinese = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=["zh_CN"], fallback=True)
    known: dict[str, Found] = {}
    for country in pycountry.countries:
        found = Found("country", country.alpha_3)
        names = [getattr(country, word, "") for word in ("name", "common_name", "official_name")]
        names += [chinese.gettext(country.name), country.alpha_3, country.numeric]
        for name in filter(None, names):
            known[plain_name(name)] = found
            head, comma, tail = name.partition(", ")
            if comma:
                known[plain_name(f"{tail} {head}")] = found
    for row in _aliases():
        if "metal" not in row["kind"]:
            known[plain_name(row["name"])] = Found(row["kind"], row["code"], row["note"])
    return known


@lru_cache(maxsize=4096)
def place(text: str) -> Found:
    """What a name, ISO code (alpha-2 in capitals, alpha-3, numeric) or UN Comtrade code of a place means."""
    known = _places()
    text = text.strip()
    if re.fullmatch("[A-Z]{2}", text):
        import pycountry

        country = pycountry.countries.get(alpha_2=text)
        return Found("country", country.alpha_3) if country else known.get(plain_name(text), UNKNOWN)
    if text.isdigit():
        return known.get(text.zfill(3), UNKNOWN)
    found = known.get(plain_name(text))
    return found or known.get(plain_name(_MARKS.sub("", text)), UNKNOWN)


def metal(text: str, metals: dict[str, str]) -> tuple[str, str]:
    """The metal that a name or symbol means ("" if none), and a line that says why a name is doubtful.

    Args:
        text: "Co", "COBALT", "Cobalt", 钴 ...
        metals: symbol of each metal of the tables.
    """
    text = text.strip()
    by_symbol = {symbol.casefold(): name for name, symbol in metals.items() if symbol}
    if text.casefold() in metals:
        return text.casefold(), ""
    if text.casefold() in by_symbol:
        return by_symbol[text.casefold()], ""
    wanted = plain_name(text)
    for name in metals:
        if wanted == plain_name(name):
            return name, ""
    for row in _aliases():
        if "metal" in row["kind"] and plain_name(row["name"]) == wanted and (row["code"] in metals or not row["code"]):
            return row["code"], row["note"]
    return "", ""


def metal_in(text: str, metals: dict[str, str]) -> str:
    """The one metal whose name stands in a title such as "Cobalt, mine production"; "" where none or several do."""
    words = f" {plain_name(text)} "
    names = {name: plain_name(name) for name in metals}
    names |= {row["name"]: plain_name(row["name"]) for row in _aliases() if row["kind"] == "metal"}
    found = {metal(name, metals)[0] for name, plain in names.items() if f" {plain} " in words}
    found.discard("")
    return found.pop() if len(found) == 1 else ""


def advice(text: str, places: dict[str, str]) -> str:
    """What to write instead of a name of a place that is none of `places` (code -> label); "" where nobody can say."""
    found = place(text)
    if found.kind in ("doubtful", "former"):
        return f"{text}: {found.note}"
    if not found.code:
        return ""
    label = places.get(found.code, "")
    if not label:
        return f"{text} is {found.code}, which has no row here; small countries are in {POOL}"
    return f"Did you mean {found.code!r} ({label})?"
