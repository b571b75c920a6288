"""Numbers and dates as plain words: one place for units, rounding and thousands separators."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from lodeflow.viz.language import foreign, language, named, say

MASS_UNITS = ((1e6, "Mt"), (1e3, "kt"), (1.0, "t"))
SHORT = 12
"""Signs of the fingerprint of the data that are shown."""
LEVERS = {
    "none": "no lever",
    "scrap_share": "more scrap",
    "ore_route_kept": "clean ore route",
    "power_kept": "clean power",
    "home_scrap_times": "domestic scrap loop",
    "imported_scrap_times": "foreign scrap loop",
}
"""Levers of steel and aluminium; the names of the others are words."""
MONEY_UNITS = {
    "en": ((1e9, "billion USD"), (1e6, "million USD"), (1.0, "USD")),
    "zh": ((1e8, "100 million USD"), (1e4, "10,000 USD"), (1.0, "USD")),
}
"""Steps in which money is counted, by language: Chinese counts in ten thousands."""


def mass_unit(largest: float) -> tuple[float, str]:
    """Unit in which `largest` (t) reads well: (tonnes per unit, unit name)."""
    return next(((size, name) for size, name in MASS_UNITS if abs(largest) >= size), MASS_UNITS[-1])


def money_unit(value: float, language: str) -> tuple[float, str]:
    """Unit in which an amount of money reads well in a language: (USD per unit, unit name)."""
    steps = MONEY_UNITS[language]
    return next(((size, name) for size, name in steps if abs(value) >= size), steps[-1])


def unit(name: str, per: str = "") -> str:
    """A unit in the reader's language, of a flow with its time; one that no language knows stays as it is."""
    own = named("unit", name, name)
    return say("{unit} per {time}", unit=own, time=say(per)) if per else own


def significant(value: float, digits: int = 3) -> str:
    """`value` with about `digits` significant digits, thousands separators and no exponent."""
    if not math.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    shown = round(value, digits - 1 - math.floor(math.log10(abs(value))))
    return f"{shown:,.{decimals}f}"


def tonnes(value: float, *, sign: bool = False) -> str:
    """`value` (t) as text with its unit: '950 t', '3.4 kt', '−12 Mt'; with `sign` also '+12 kt'."""
    if not math.isfinite(value):
        return "–"
    size, name = mass_unit(value)
    short = f"{value / size:,.{1 if abs(value / size) < 9.95 else 0}f}"
    text = f"{short} {unit(name)}" if abs(value) >= 0.1 else f"0 {unit('t')}"
    return f"+{text}" if sign and value >= 0.1 else text.replace("-", "−")


def usd(value: float) -> str:
    """A price in USD/t, rounded to three digits: '33,500 USD/t'."""
    if not math.isfinite(value):
        return "–"
    return f"{significant(value)} {unit('USD/t')}"


def percent(value: float, *, sign: bool = False) -> str:
    """`value` (1 = 100 %) as text: '3.1 %'; with `sign` '+3.1 %'."""
    if not math.isfinite(value):
        return "–"
    points = 100 * value if abs(value) >= 0.0005 else 0.0
    text = f"{points:,.0f} %" if abs(points) >= 9.95 else f"{points:,.1f} %"
    return f"+{text}" if sign and points > 0 else text.replace("-", "−")


def points(value: float) -> str:
    """The difference of two shares (1 = 100 points) as text, with its sign: '+3.1 points'."""
    return percent(value, sign=True).replace(" %", say(" points"))


def times(ratio: float) -> str:
    """A ratio as text: '2.4 times'."""
    return say("{number} times", number=f"{ratio:.2f}" if ratio < 2 else significant(ratio, 2))


def dollars(value: float) -> str:
    """An amount of money (USD) as text: '1.2 billion USD', '−35 million USD'."""
    if not math.isfinite(value):
        return "–"
    size, name = money_unit(value, language())
    return f"{significant(value / size)} {unit(name)}".replace("-", "−")


def amount(value: float, measure: str) -> str:
    """A number with its unit; "1" is a share, "points" the difference of two, "times" a multiple, "index" a number without unit."""
    if not math.isfinite(value):
        return "–"
    known = {"t": tonnes, "USD": dollars, "USD/t": usd, "1": percent, "points": points, "times": times}
    if measure in known:
        return known[measure](value)
    number = f"{value:,.0f}" if measure == "months" and value == round(value) else significant(value)
    return f"{number} {'' if measure == 'index' else unit(measure)}".strip().replace("-", "−")


def month(when: Any) -> str:
    """A date as 'Feb 2025'; empty text for a missing date."""
    stamp = pd.to_datetime(when, errors="coerce")
    if stamp is None or pd.isna(stamp):
        return ""
    return say("{stamp:%b %Y}", stamp=stamp, year=stamp.year, number=stamp.month)


def listed(parts: list[str]) -> str:
    """'a', 'a and b', 'a, b and c'."""
    if len(parts) < 2:
        return parts[0] if parts else ""
    return say("{first} and {last}", first=series(parts[:-1]), last=parts[-1])


def series(parts: list[str]) -> str:
    """'a, b, c'."""
    return "".join(say(", {next}", next=part) if place else part for place, part in enumerate(parts))


def count(number: int, one: str, more: str) -> str:
    """A number of things: '1 shock', '12 shocks'."""
    return f"{number:,} {one if number == 1 and not foreign() else say(more)}"


def capital(text: str) -> str:
    """First letter upper case, the rest untouched."""
    return text[:1].upper() + text[1:]
