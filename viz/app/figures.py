"""Every number that the dashboard prints: units, rounding and plurals in the reader's language, "–" for what is not known."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from lodeflow.viz import words

if TYPE_CHECKING:
    from lodeflow.viz.app.texts import Texts

NONE = "–"
"""Stands where there is no number."""
SAME = "="
"""Stands where two numbers print the same."""
MONTHLY = "/month"
"""Ending of the unit of a flow."""


def tonnes(value: float, texts: Texts, *, sign: bool = False) -> str:
    """`value` (t) scaled: '950 t', '3.4 kt', '−12 Mt'; with `sign` also '+12 kt'."""
    return _named(words.tonnes(value, sign=sign), texts)


def usd(value: float, texts: Texts) -> str:
    """A price in USD/t, rounded to three digits."""
    return _named(plain(value) if not isfinite(value) else f"{plain(value)} USD/t", texts)


def money(value: float, texts: Texts, *, sign: bool = False) -> str:
    """An amount of money (USD) scaled: '340 million USD', '−1.2 billion USD'; with `sign` also '+3 million USD'."""
    if not isfinite(value):
        return NONE
    size, name = words.money_unit(value, texts.language)
    number = plain(value / size) if abs(value) >= 1.0 else "0"
    return f"{'+' if sign and value >= 1.0 else ''}{number} {texts.unit(name)}"


def percent(value: float, *, sign: bool = False) -> str:
    """A share (1 = 100 %): '3.1 %', never '-0.0 %'; with `sign` also '+3.1 %'."""
    return words.percent(value, sign=sign)


def ratio(value: float) -> str:
    """A ratio of prices with two decimals: '3.37'."""
    return _fixed(value, 2)


def plain(value: float) -> str:
    """A number with three significant digits and thousands separators."""
    return words.significant(value).replace("-", "−")


def bound(value: float) -> str:
    """An end of a range, as it was written: '0', '0.25', '1,000,000'."""
    return f"{value:,.10g}".replace("-", "−") if isfinite(value) else NONE


def months(value: float, texts: Texts) -> str:
    """A time with one decimal: '2.4 months'."""
    return texts("count.month.other", count=_fixed(value, 1)) if isfinite(value) else NONE


def whole_months(value: float | None, texts: Texts) -> str:
    """A whole number of months: '1 month', '12 months'."""
    return NONE if value is None or not isfinite(value) else texts.count("month", round(value))


def amount(value: float, unit: str, texts: Texts) -> str:
    """A number with its unit.

    Args:
        value: in `unit`.
        unit: of the model's vocabulary: ``t``, ``t/month``, ``USD/t``, ``USD/month``, ``units/month``, ``months``, ``1`` (a
            share), ``points`` (the difference of two), ``times`` (a ratio), ``index`` or "" (a number without unit).
        texts: the reader's language.
    """
    if not isfinite(value):
        return NONE
    if unit.endswith(MONTHLY):
        return texts("tip.per_month", tonnes=amount(value, unit.removesuffix(MONTHLY), texts))
    scaled = {"t": tonnes, "USD/t": usd, "months": months}
    if unit in scaled:
        return scaled[unit](value, texts)
    if unit == "1":
        return percent(value)
    if unit == "points":
        return texts("kept.points", points=percent(value, sign=True).removesuffix("%").strip())
    return (
        f"{ratio(value)} ×"
        if unit == "times"
        else f"{plain(value)} {'' if unit == 'index' else texts.unit(unit)}".strip()
    )


def loss(name: str, share: float, lost: float, texts: Texts) -> str:
    """Who lost how much: 'China: 28 % (11 kt)'; nobody where nothing that can be shown was lost.

    Args:
        name: country or product, "" for nobody.
        share: of its own normal use, 1 = 100 %.
        lost: t.
        texts: the reader's language.
    """
    if not name or not isfinite(lost) or words.tonnes(lost) == words.tonnes(0.0):
        return texts("tile.nobody")
    return texts("kpi.hit_cell", name=name, share=percent(share), tonnes=tonnes(lost, texts))


def _fixed(value: float, digits: int) -> str:
    """A number with a fixed number of decimals; a zero has no sign."""
    return f"{round(value, digits) + 0.0:,.{digits}f}".replace("-", "−") if isfinite(value) else NONE


def _named(text: str, texts: Texts) -> str:
    """A number and its unit, the unit in the reader's language."""
    number, _, unit = text.partition(" ")
    return f"{number} {texts.unit(unit)}" if unit else number
