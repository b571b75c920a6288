"""What fills the countries on the map: a value of the last twelve months, in classes with round bounds, and the legend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import floor, inf, isfinite, log10
from typing import Any

import numpy as np

from lodeflow.environment.records import indicators
from lodeflow.environment.records.indicators.reliance import ALL
from lodeflow.viz.app import figures
from lodeflow.viz.app.texts import REST, Texts
from lodeflow.viz.app.world.frame import Frame
from lodeflow.viz.app.world.network import STAGES, Stage
from lodeflow.viz.app.world.track import View

MONTHS = 12
"""Months that are looked at, at most."""
YEAR = 12.0
"""Months of a year."""
SHARES = (0.02, 0.1, 0.25, 0.5)
"""Bounds of the classes of an amount, share of the largest country; rounded to 1, 2 or 5."""
RELIANCE = (-1.0, -0.1, 0.1, 0.5, 0.9)
"""Bounds of the classes of net import reliance, 1: exports beyond own use, net exporter, balanced, and three that import."""
LOST = (-0.01, 0.01, 0.05, 0.1, 0.2)
"""Bounds of the classes of use that is lost, 1: more than without the shocks, as without them, and four that lose."""
COVER = (1.0, 2.0, 4.0, 8.0)
"""Bounds of the classes of stock, months of use."""
PRICE = (0.9, 1.1, 1.5, 2.0, 3.0)
"""Bounds of the classes of a price, times the world's price without the shocks."""
LEAST = 0.001
"""Share of the world's use below which a country's use is too small for a share of it to say much."""
NOTHING = "nothing"
FILLS = ("reliance", "output", "use", "lost", "price", "cover", NOTHING)
"""What can be chosen; ``output`` is what the stage on the map shows."""
OF_USE = ("output", "use", "lost")
"""Those that can be of the use in one product alone."""


@dataclass(frozen=True)
class Scale:
    """How values become classes.

    Attributes:
        bounds: inner bounds of the classes, rising.
        first: number of the first class; classes below 0 lie on the other side of a zero.
        text: what a bound says, in the reader's language.
        ends: what the lowest and the highest values mean, in words; "" where the numbers say it.
    """

    bounds: tuple[float, ...]
    first: int
    text: Callable[[float], str]
    ends: tuple[str, str] = ("", "")

    @property
    def parts(self) -> bool:
        """Whether there is a zero in it, with two sides."""
        return self.first < 0

    def of(self, value: float) -> str:
        """Class of a value: ``s0`` to ``s4``, or ``d-2`` to ``d3`` where there is a zero."""
        return self._name(int(np.searchsorted(self.bounds, value, side="right")))

    def legend(self, texts: Texts) -> list[dict[str, str]]:
        """Class and text, the lowest first."""
        words = [self.text(bound) for bound in self.bounds]
        inner = [texts("desk.range", low=a, high=b) for a, b in pairwise(words)]
        low, high = (f" ({word})" if word else "" for word in self.ends)
        parts = [f"< {words[0]}{low}", *inner, f"≥ {words[-1]}{high}"]
        return [{"fill": self._name(place), "name": text} for place, text in enumerate(parts)]

    def _name(self, place: int) -> str:
        return f"{'d' if self.parts else 's'}{self.first + place}"


@dataclass(frozen=True)
class Fill:
    """Countries and what fills them.

    Attributes:
        title: what is shown, with unit and time.
        values: by country; countries of which nothing is known are not in it.
        scale: of the values.
        text: a value in words.
    """

    title: str
    values: dict[str, float]
    scale: Scale
    text: Callable[[float], str]

    def wire(self, texts: Texts) -> dict[str, Any]:
        """What is sent to the browser: class and words by country, and the legend."""
        tips = {code: texts("fill.tip", what=self.title, value=self.text(value)) for code, value in self.values.items()}
        fills = {code: self.scale.of(value) for code, value in self.values.items()}
        return {"title": self.title, "fills": fills, "tips": tips, "scale": self.scale.legend(texts)}


def fill_of(frame: Frame, metal: str, stage: str, name: str, texts: Texts) -> Fill | None:
    """What fills the countries; None before the first month, or where nothing shall.

    Args:
        frame: what to draw.
        metal: which metal.
        stage: one of :data:`~lodeflow.viz.app.world.network.STAGES`.
        name: one of :data:`FILLS`.
        texts: the reader's language.
    """
    if frame.t == 0 or name == NOTHING:
        return None
    if name in ("output", "use"):
        return _amount(frame, metal, "users" if name == "use" else stage, texts)
    return {"reliance": _reliance, "lost": _lost, "price": _price, "cover": _cover}[name](frame, metal, texts)


# ---- amounts ----------------------------------------------------------------------------------------------------------
def _amount(frame: Frame, metal: str, name: str, texts: Texts) -> Fill:
    stage = STAGES[name]
    is_stock = stage.variable == "stock"
    values = yearly(frame.live, metal, stage)
    values = {code: value for code, value in values.items() if value > 0.0 and code != REST}
    bounds = amount_bounds(max(values.values(), default=1.0))
    size, unit = _unit(bounds[-1])

    def bound(value: float) -> str:
        return f"{figures.bound(value / size)} {texts.unit(unit)}"

    title = texts("fill.stock" if is_stock else f"fill.{name}")
    return Fill(title, values, Scale(bounds, 0, bound), lambda value: figures.tonnes(value, texts))


def yearly(view: View, metal: str, stage: Stage) -> dict[str, float]:
    """What countries make or use in a year by the last months, t/year; of a stock what they hold at the end, t."""
    form = view.feed_form(metal) if stage.form == "feed" else stage.form
    series = view.regions(stage.variable, metal, form)
    if stage.variable == "stock":
        return {code: float(values[-1]) for code, values in series.items()}
    return {code: float(values[-MONTHS:].mean()) * YEAR for code, values in series.items()}


def amount_bounds(largest: float) -> tuple[float, ...]:
    """Bounds of classes up to `largest`: 1, 2 or 5 times a power of ten, rising."""
    found = sorted({_round(share * largest) for share in SHARES})
    return tuple(found)


def _round(value: float) -> float:
    """The nearest of 1, 2, 5 times a power of ten."""
    if not (isfinite(value) and value > 0.0):
        return 1.0
    power = 10.0 ** floor(log10(value))
    return min((step * power for step in (1.0, 2.0, 5.0, 10.0)), key=lambda one: abs(log10(one / value)))


def _unit(value: float) -> tuple[float, str]:
    """Unit of a legend: t in one of it, and its name."""
    return next(((size, name) for size, name in ((1e6, "Mt"), (1e3, "kt")) if value >= size), (1.0, "t"))


# ---- shares, prices, stocks ---------------------------------------------------------------------------------------------
def _reliance(frame: Frame, metal: str, texts: Texts) -> Fill:
    """Net import reliance, mean of the last months; a country that uses next to nothing and exports is beyond every bound."""
    use = {code: float(values[-MONTHS:].sum()) for code, values in _of(frame.base, "use", metal, "refined").items()}
    least = LEAST * sum(use.values())
    shares = _of(frame.live, "net_import_reliance", metal, ALL)
    values = {code: float(v[-MONTHS:].mean()) for code, v in shares.items() if use.get(code, 0.0) > least}
    sold = {code for code, net in _net_exports(frame.live, metal).items() if net > least and code not in values}
    values |= dict.fromkeys(sold, -inf)
    scale = Scale(RELIANCE, -2, _percent, (texts("fill.exports"), texts("fill.depends")))
    return Fill(texts("fill.reliance"), values, scale, lambda v: _relied(v, texts))


def _percent(bound: float) -> str:
    """A bound of shares: '10 %'."""
    return f"{figures.bound(round(100.0 * bound, 6))} %"


def _relied(value: float, texts: Texts) -> str:
    """A reliance in words; exports beyond all own use have no share that says something."""
    return figures.percent(value) if value >= RELIANCE[0] else texts("fill.exporter")


def _net_exports(view: View, metal: str) -> dict[str, float]:
    """Exports less imports of all forms in the last months, t."""
    net: dict[str, float] = {}
    for form in (view.feed_form(metal), "refined"):
        for variable, sign in (("exports", 1.0), ("imports", -1.0)):
            for code, values in _of(view, variable, metal, form).items():
                net[code] = net.get(code, 0.0) + sign * float(values[-MONTHS:].sum())
    return net


def _lost(frame: Frame, metal: str, texts: Texts) -> Fill:
    """Share of the use without the shocks that is missing, over the last months."""
    base, live = (_of(view, "use", metal, "refined") for view in (frame.base, frame.live))
    least = LEAST * sum(float(values[-MONTHS:].sum()) for values in base.values())
    values = {}
    for code, without in base.items():
        normal = float(without[-MONTHS:].sum())
        if normal > least and code in live:
            values[code] = 1.0 - float(live[code][-MONTHS:].sum()) / normal
    return Fill(texts("fill.lost"), values, Scale(LOST, -1, _percent, (texts("fill.gains"), "")), figures.percent)


def _price(frame: Frame, metal: str, texts: Texts) -> Fill:
    """Price paid in the last month over the world's price without the shocks; only where something is bought."""
    world = frame.base.line("price", metal, "refined")
    used = {code for code, values in _of(frame.base, "use", metal, "refined").items() if values[-1] > 0.0}
    one = float(world[-1]) if world is not None else 0.0
    paid = _of(frame.live, "price", metal, "refined")
    values = {code: float(v[-1]) / one for code, v in paid.items() if one > 0.0 and code in used and v[-1] > 0.0}

    def told(value: float) -> str:
        return f"{figures.ratio(value)} ({figures.usd(value * one, texts)})"

    title = texts("fill.price", price=figures.usd(one, texts))
    return Fill(title, values, Scale(PRICE, -1, figures.ratio), told)


def _cover(frame: Frame, metal: str, texts: Texts) -> Fill:
    """Refined metal that lies in a country, over a month of its use without the shocks."""
    stock, use = _of(frame.live, "stock", metal, "refined"), _of(frame.base, "use", metal, "refined")
    means = {code: float(values[-MONTHS:].mean()) for code, values in use.items()}
    least = LEAST * sum(means.values())
    values = {code: float(stock[code][-1]) / mean for code, mean in means.items() if mean > least and code in stock}
    scale = Scale(COVER, 0, lambda value: figures.bound(value))
    return Fill(texts("fill.cover"), values, scale, lambda value: figures.months(value, texts))


def _of(view: View, variable: str, metal: str, form: str) -> dict[str, np.ndarray]:
    """Series of countries that the model tells apart, up to the month shown."""
    groups = (indicators.WORLD, indicators.UNION, REST)
    return {code: values for code, values in view.regions(variable, metal, form).items() if code not in groups}
