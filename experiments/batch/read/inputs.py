"""Drawn inputs and indicators of a batch in plain words, for tables, sentences and charts."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from lodeflow.environment.calendar import format_month, parse_month
from lodeflow.experiments.kpis import KPIS

if TYPE_CHECKING:
    import pandas as pd

_SHOCK = re.compile(r"^shocks\.(\d+)\.(.+)$")
_LONGEST = 60
"""Characters of a meaning that a label keeps."""
NOISE = "world.seed"
MONTHS = {"delay", "duration"}
"""Keys of a shock that are counted in months."""


def indicator_name(kpi: str, metal: str | None = None) -> str:
    """Return 'highest price, cobalt' for 'price_peak.cobalt'; metal: another name for the metal."""
    indicator, _, own = kpi.partition(".")
    name = KPIS[indicator].title if indicator in KPIS else indicator.replace("_", " ")
    return f"{name}, {metal or own}"


def label_of(manifest: dict[str, Any], key: str) -> str:
    """Return what an input is, in words: 'scarcity response (eta.cobalt)', 'strength of DR Congo: export ban'.

    manifest: of the batch; key: as in its list of drawn inputs.
    """
    if key == NOISE:
        return "random noise"
    match = _SHOCK.match(key)
    if match is not None:
        events = manifest.get("events", [])
        number = int(match[1])
        name = events[number]["label"] if number < len(events) else f"shock {number}"
        return f"{match[2].replace('_', ' ')} of {name}"
    if not key.startswith("parameters."):
        return key
    what = next((str(factor["what"]) for factor in manifest["factors"] if factor["key"] == key), "")
    meaning = re.split(r"[:;]", what)[0].strip()
    name = key.removeprefix("parameters.")
    return f"{_shortened(meaning)} ({name})" if meaning and meaning != "varied by the scenario" else name


def _shortened(text: str) -> str:
    if len(text) <= _LONGEST:
        return text
    return text[: _LONGEST - 1].rsplit(" ", 1)[0] + " …"


def unit_of(factor: dict[str, Any]) -> str:
    """Return the unit of an input in words: '' for shares, months of the calendar and choices."""
    match = _SHOCK.match(str(factor["key"]))
    if match is not None and match[2] in MONTHS:
        return "months"
    unit = str(factor["unit"])
    return "" if unit == "1" else unit


def numbers_of(factor: dict[str, Any], values: pd.Series[Any]) -> pd.Series[Any]:
    """Return drawn values as float64; months as months since January 1970; choices stay words."""
    if factor["choices"] and any(isinstance(choice, str) for choice in factor["choices"]):
        return values.astype(object)
    if isinstance(factor["low"], str) or isinstance(factor["high"], str):
        return values.map(lambda month: float(parse_month(str(month)) - EPOCH)).astype("float64")
    return values.astype("float64")


def is_whole(factor: dict[str, Any]) -> bool:
    """Whether an input takes whole numbers or months only."""
    match = _SHOCK.match(str(factor["key"]))
    dated = isinstance(factor["low"], str) or isinstance(factor["high"], str)
    return dated or factor["distribution"] == "integer" or (match is not None and match[2] in MONTHS)


EPOCH = parse_month("1970-01")


def value_in_words(factor: dict[str, Any], value: float) -> str:
    """Return a value of an input with its unit: '0.45', '14 months', '2025-03' for a month."""
    if isinstance(factor["low"], str) or isinstance(factor["high"], str):
        return format_month(EPOCH + math.floor(value + 0.5))
    unit = unit_of(factor)
    return f"{value:.3g} {unit}".strip()
