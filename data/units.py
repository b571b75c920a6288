"""Units of tonnages and prices, from a closed list (`units.csv`): converted with the factor shown, or refused; never passed over.

A unit is a mass, then what is weighed, then the time: "kt", "thousand t LCE", "lb Co/year", "t ore @ 1.2 %". Compounds are turned
into metal content with molar masses (IUPAC); gross weights need a grade.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FILE = Path(__file__).parent / "units.csv"
_GRADE = re.compile(r"[@,(]?\s*(?:at|grade|of grade)?\s*(\d+(?:\.\d+)?)\s*%\s*([A-Za-z+-]*)\s*\)?")
_TIME = re.compile(
    r"(?:/|\bper\s+|\s+)(a|yr|year|annum|month|mo|day|d)$|\s*\b(p\.?a\.?|a-1|a\^-1|yearly|annually|monthly)$",
    re.IGNORECASE,
)
_PER_YEAR = {"month": 12.0, "mo": 12.0, "monthly": 12.0, "day": 365.25, "d": 365.25}
_FILLING = re.compile(r"\b(of|in|contained|content|metal|weight|refined|primary|basis|equivalent)\b|[()\[\],]")
_GROSS = re.compile(
    r"\b(gross|ores?|concentrates?|reo|treo|oxides?|hydroxides?|matte|npi|ferronickel|spodumene|sc6|intermediates?|mhp|"
    r"residues?|alloys?|scrap|compounds?|carbonates?|sulphates?|sulfates?|chlorides?)\b",
    re.IGNORECASE,
)
_MONEY = re.compile(
    r"^(USD|US\$|\$|US dollars?|dollars?|US cents?|cents?|USc|¢|c)\s*(?:/|\bper\b|\ba\b)\s*(.+)$", re.IGNORECASE
)
_CENTS = ("us cent", "us cents", "cent", "cents", "usc", "¢", "c")


class UnitError(ValueError):
    """A unit that is not read; `wrong` says what is wrong with it, `right` what would be right."""

    def __init__(self, wrong: str, right: str) -> None:
        self.wrong, self.right = wrong, right
        super().__init__(f"{wrong}. {right}")


@dataclass(frozen=True)
class Factor:
    """What a value is multiplied with; `words` shows it ("1 kt LCE = 187.85 t Li (Li2CO3)"), "" where the factor is 1."""

    value: float
    words: str = ""


@lru_cache(maxsize=1)
def _known() -> tuple[dict[str, tuple[float, str]], dict[str, str], dict[tuple[str, str], tuple[float, str]]]:
    """Masses (t, note), refused names (why), and compounds by metal (t metal per t, note)."""
    masses: dict[str, tuple[float, str]] = {}
    refused: dict[str, str] = {}
    compounds: dict[tuple[str, str], tuple[float, str]] = {}
    with FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for name in row["names"].split("|"):
                if row["kind"] == "mass":
                    masses[name] = float(row["factor"]), row["note"]
                elif row["kind"] == "refused":
                    refused[name] = row["note"]
                else:
                    compounds[row["metal"], name.casefold()] = float(row["factor"]), row["note"]
    return masses, refused, compounds


def tonnes(unit: str, metal: str, symbol: str = "", grade: float | None = None) -> Factor:
    """The factor from a unit of mass to tonnes of metal content (per year, where it names a time).

    Args:
        unit: as written, e.g. "kt", "t LCE", "Mt ore @ 1.2 %".
        metal: name of the metal of the row.
        symbol: its symbol, e.g. "Co", "Nd-Pr".
        grade: metal per gross weight, share, where it stands apart from the unit.

    Raises:
        UnitError: where the unit is not known, is doubtful, weighs something else, or needs a grade.
    """
    text = " ".join(unit.replace("’", "'").replace("'000", "000").split())
    grade_text = _GRADE.search(text)
    if grade_text:
        grade = float(grade_text[1]) / 100.0
        text = (text[: grade_text.start()] + " " + text[grade_text.end() :]).strip()
    text, each = _without_time(text)
    size, what, note = _mass(text, unit)
    content, of = _content(what, metal, symbol, grade, unit)
    factor = size * each * content
    if factor == 1.0:
        return Factor(1.0)
    notes = "; ".join(part for part in (note, of) if part)
    return Factor(factor, f"1 {unit.strip()} = {factor:.6g} t {symbol or metal}{f' ({notes})' if notes else ''}")


def usd_per_tonne(unit: str, metal: str, symbol: str = "") -> Factor:
    """The factor from a unit of a price to USD per tonne of metal content; raises UnitError as `tonnes` does."""
    found = _MONEY.match(" ".join(unit.split()))
    if not found:
        wrong = f"{unit!r} is not read as a price"
        raise UnitError(wrong, "Give USD/t, USD/kg or USD/lb of metal; there are no exchange rates for other money")
    per = tonnes(found[2], metal, symbol)
    factor = (0.01 if found[1].casefold() in _CENTS else 1.0) / per.value
    return Factor(factor, "" if factor == 1.0 else f"1 {unit.strip()} = {factor:.6g} USD/t {symbol or metal}")


def _without_time(text: str) -> tuple[str, float]:
    """A unit without its time, and how often that time is in a year."""
    found = _TIME.search(text)
    if not found:
        return text, 1.0
    return text[: found.start()].strip(), _PER_YEAR.get((found[1] or found[2]).casefold(), 1.0)


def _mass(text: str, unit: str) -> tuple[float, str, str]:
    """Size of the mass at the beginning of a unit, t; the words behind it; a note on the mass."""
    masses, refused, _ = _known()
    plain = {name.casefold(): name for name in masses if len(name) > 4}
    heads = [text[:end].strip() for end in range(len(text), 0, -1) if end == len(text) or not text[end].isalnum()]
    for head in heads:
        name = head if head in masses else plain.get(head.casefold(), "")
        if name:
            return masses[name][0], text[len(head) :].strip(), masses[name][1]
        if head in refused:
            raise UnitError(f"the unit {unit!r} is not read: {refused[head]}", "Write t, kt, Mt, kg, lb or short tons")
    wrong = f"the unit {unit!r} is not known" if text else "the unit is missing"
    raise UnitError(wrong, "Write t, kt, Mt, kg, lb, short tons or troy oz, and what is weighed, e.g. 't LCE'")


def _content(what: str, metal: str, symbol: str, grade: float | None, unit: str) -> tuple[float, str]:
    """Metal per weight of what is weighed, and a note."""
    _, _, compounds = _known()
    bare = " ".join(_FILLING.sub(" ", what).split()).casefold()
    whole = what.strip(" ()[]").casefold()
    own = {metal.casefold(), symbol.casefold(), symbol.replace("-", "+").casefold(), ""}
    own |= {"al2o3", "alumina"} if metal == "alumina" else set()
    own |= {part.casefold() for part in ("graphite", "flake")} if metal == "graphite" else set()
    if grade is not None:
        if not 0.0 < grade <= 1.0:
            raise UnitError(
                f"the grade {grade:g} in {unit!r} is no share", "Give metal per gross weight, 0 to 1, or in %"
            )
        return grade, f"grade {100 * grade:g} %"
    if bare in own:
        return 1.0, ""
    for name in (whole, bare):
        if (metal, name) in compounds:
            return compounds[metal, name]
    if _GROSS.search(what):
        wrong = f"the unit {unit!r} is gross weight, and the part of {metal} in it is not known"
        raise UnitError(wrong, f"Give tonnes of {metal}, or the grade: '{unit.strip()} @ 1.5 %'")
    raise UnitError(f"the unit {unit!r} weighs something else than {metal}", f"Give t {symbol or metal}")
