"""What kept worlds differ in, as a table: price peak, shortage, use lost, recycling, who is hit, up to the same month."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np

from lodeflow.data import catalogue
from lodeflow.experiments import kpis
from lodeflow.experiments.effect import Effect, Series
from lodeflow.experiments.run.hit import Hit
from lodeflow.viz.app import figures
from lodeflow.viz.app.texts import Texts
from lodeflow.viz.app.world.frame import Frame
from lodeflow.viz.app.world.story import losers, news
from lodeflow.viz.app.world.track import View


@dataclass(frozen=True)
class Findings:
    """A metal in one world up to a month, as the run table of the terminal would have it.

    Attributes:
        effect: what indicators are made from.
        peak_at: months from the start of the run to the highest price ratio.
        countries, products: who is hit, the hardest first (:mod:`lodeflow.experiments.run.hit`).
    """

    effect: Effect
    peak_at: int
    countries: list[Hit]
    products: list[Hit]


def series_of(view: View, metal: str, until: int) -> Series:
    """The series of a metal in the first `until` months, named as indicators read them."""
    return {
        (catalogue.named(key.variable, key.form), metal, key.region): values[:until]
        for key, values in view.series.items()
        if key.metal == metal
    }


def found(frame: Frame, metal: str, until: int) -> Findings:
    """What a world shows in its first `until` months; a world without measures differs from itself in nothing."""
    first = news(frame)
    live, base = (series_of(view, metal, until) for view in (frame.live, frame.base))
    effect = Effect.of(metal, live, base if first is not None else live, first or 0)
    countries, products = losers(frame, metal, until)
    return Findings(effect, int(np.argmax(effect.ratio)), countries, products)


# ---- the table --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Row:
    """One indicator: its name, and for every world the value in words and how far it is from the first world's ("" for that)."""

    name: str
    cells: tuple[tuple[str, str], ...]


Number = Callable[[Effect], float]
NUMBERS: tuple[tuple[str, Number, str], ...] = (
    ("peak", kpis.price_peak, "times"),
    ("dear", kpis.price_peak_usd, "USD/t"),
    ("short", kpis.shortage_t, "t"),
    ("lost", kpis.use_lost_t, "t"),
    ("share", kpis.use_lost, "1"),
    ("rate", kpis.recycling_rate, "1"),
)
"""Rows of the table: key of the text, indicator, unit."""


def until_all(frames: Sequence[Frame]) -> int | None:
    """Months that all worlds have simulated; None where they do not start in the same month, or one has not begun."""
    if len({frame.first_month for frame in frames}) > 1:
        return None
    return min(frame.t for frame in frames) or None


def table(frames: Sequence[Frame], metal: str, texts: Texts) -> list[Row]:
    """Rows of indicators, one column a world, the first of which the others are measured against.

    Worlds that start in the same month are compared up to the month that all have reached, others each up to its own.
    """
    same = until_all(frames)
    shown = [found(frame, metal, same or frame.t) for frame in frames if metal in frame.live.world.layout.metals]
    if len(shown) < len(frames) or not all(frame.t for frame in frames):
        return []
    rows = [Row(texts(f"kept.row.{key}"), _cells(shown, number, unit, texts)) for key, number, unit in NUMBERS]
    when = [texts.month(frame.first_month + one.peak_at) for frame, one in zip(frames, shown, strict=True)]
    rows.insert(1, Row(texts("kept.row.when"), tuple((month, "") for month in when)))
    for key, sort, name in (("country", "countries", texts.region), ("product", "products", _product(texts))):
        first = [next(iter(getattr(one, sort)), Hit("", 0.0, 0.0)) for one in shown]
        said = [figures.loss(name(hit.name) if hit.name else "", hit.share, hit.tonnes, texts) for hit in first]
        rows.append(Row(texts(f"kept.row.{key}"), tuple((cell, "") for cell in said)))
    return rows


def _product(texts: Texts) -> Callable[[str], str]:
    return lambda code: texts.name("product", code)


def _cells(shown: Sequence[Findings], number: Number, unit: str, texts: Texts) -> tuple[tuple[str, str], ...]:
    values = [number(one.effect) for one in shown]
    said = [figures.amount(value, unit, texts) for value in values]
    gaps = [
        figures.SAME if text == said[0] else _gap(value - values[0], unit, texts)
        for value, text in zip(values, said, strict=True)
    ]
    return tuple(zip(said, ["", *gaps[1:]], strict=True))


def _gap(value: float, unit: str, texts: Texts) -> str:
    """A difference with its sign."""
    if not isfinite(value):
        return figures.NONE
    size = figures.amount(abs(value), unit, texts)
    if unit == "1":
        size = texts("kept.points", points=size.removesuffix("%").strip())
    return f"{'+' if value > 0 else '−'}{size}"
