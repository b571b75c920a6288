"""What the live charts show, taken from a frame: lines with unit, role and values, and the months of the shocks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from environment import indicators
from environment.calendar import parse_month
from environment.indicators import WORLD
from viz import style, words
from viz.app.session import Frame
from viz.app.texts import REST, Texts

TOP = 5
"""Countries shown in a chart by country."""
EXPORTER = -1.0
"""Net import reliance below which a net exporter is drawn no further down."""
DIGITS = 6
"""Significant digits that are sent to the browser."""


@dataclass(frozen=True)
class Line:
    """One line of a chart.

    Attributes:
        name: what it is, in the reader's language.
        role: ``base`` (world without the shocks, dashed grey), ``live``, ``inside``, or a colour (#rrggbb).
        values: one per month simulated, in the chart's unit before scaling.
        dashed: whether it belongs to the world without the shocks.
    """

    name: str
    role: str
    values: np.ndarray
    dashed: bool = False


@dataclass(frozen=True)
class Band:
    """An area between two lines, for the spread of many runs.

    Attributes:
        name: what lies in it.
        low, high: one value per month, in the chart's unit before scaling.
        strength: opacity, 0 to 1.
    """

    name: str
    low: np.ndarray
    high: np.ndarray
    strength: float


@dataclass(frozen=True)
class Chart:
    """One chart.

    Attributes:
        id: name for files and tests.
        title: what is shown.
        unit: ``t`` (scaled to kt or Mt), ``USD/t``, ``1`` (shown in per cent), ``index`` or ``months``.
        lines: what is drawn.
        hint: what the numbers mean, in a sentence.
        bands: areas behind the lines, the widest first.
    """

    id: str
    title: str
    unit: str
    lines: list[Line]
    hint: str = ""
    bands: tuple[Band, ...] = ()


Maker = Callable[[Frame, str, Texts], Chart]


# ---- the charts -------------------------------------------------------------------------------------------------------
def _pair(frame: Frame, texts: Texts, variable: str, metal: str, form: str, region: str = WORLD) -> list[Line]:
    """The world without the shocks, dashed, and the live one, of one series."""
    base, live = (view.line(variable, metal, form, region) for view in (frame.base, frame.live))
    lines = [] if base is None or not frame.fired else [Line(texts("line.base"), "base", base, dashed=True)]
    return lines if live is None else [*lines, Line(texts("line.live"), "live", live)]


def _prices(frame: Frame, texts: Texts, metal: str, form: str) -> list[Line]:
    """Price without the shocks; with them outside and inside the country that restricts trade, or one for the world."""
    outside = frame.live.line("price_outside", metal, form)
    if outside is None:
        return _pair(frame, texts, "price", metal, form)
    lines = _pair(frame, texts, "price", metal, form)[:1]
    place = restricting(frame, metal)
    inside = frame.live.line("price_inside", metal, form, place)
    if inside is not None:
        lines.append(Line(texts("line.inside", place=texts.region(place)), "inside", inside))
    return [*lines, Line(texts("line.outside", place=texts.region(place)), "live", outside)]


def restricting(frame: Frame, metal: str) -> str:
    """The country or group whose measures part a metal's prices; "" without one."""
    watched = indicators.watched(frame.live.world.recorder)
    index = frame.live.world.layout.metal_index[metal]
    return watched[index][0] if index in watched else ""


def _by_country(
    frame: Frame,
    texts: Texts,
    variable: str,
    metal: str,
    form: str,
    weight: str = "",
    weight_form: str = "",
    most: int = TOP,
) -> list[Line]:
    """The largest countries of the world without the shocks: live, and dashed without them.

    `weight`, `weight_form`: variable that says which are the largest; left out: the one that is shown.
    """
    sizes = frame.base.regions(weight or variable, metal, weight_form or form)
    total = {code: float(values.sum()) for code, values in sizes.items() if code != REST and values.any()}
    shown = sorted(total, key=total.__getitem__, reverse=True)[:most]
    colors = style.place_colors(shown)
    live, base = frame.live.regions(variable, metal, form), frame.base.regions(variable, metal, form)
    dashed = [Line(texts.region(c), colors[c], base[c], dashed=True) for c in shown if frame.fired and c in base]
    return [*dashed, *(Line(texts.region(c), colors[c], live[c]) for c in shown if c in live)]


def price(frame: Frame, metal: str, texts: Texts) -> Chart:
    """Price of the refined metal."""
    return Chart("price", texts("chart.price"), "USD/t", _prices(frame, texts, metal, "refined"), texts("hint.price"))


def feed_price(frame: Frame, metal: str, texts: Texts) -> Chart:
    """Price of ore or intermediates."""
    form = frame.live.feed_form(metal)
    lines = _prices(frame, texts, metal, form) if _has_feed(frame, metal) else []
    return Chart(
        "feed-price", texts("chart.feed_price", form=texts(f"form.{form}")), "USD/t", lines, texts("hint.price")
    )


def _has_feed(frame: Frame, metal: str) -> bool:
    return any(values.any() for values in frame.base.regions("price", metal, frame.base.feed_form(metal)).values())


def price_by_country(frame: Frame, metal: str, texts: Texts) -> Chart:
    """Price that buyers pay in the countries that use most."""
    lines = _by_country(frame, texts, "price", metal, "refined", weight="use")
    return Chart("price-by-country", texts("chart.price_by_country"), "USD/t", lines, texts("hint.buyers"))


def shortage(frame: Frame, metal: str, texts: Texts) -> Chart:
    """What was wanted at the posted price and could not be had."""
    lines = _pair(frame, texts, "shortage", metal, "refined")
    return Chart("shortage", texts("chart.shortage"), "t", lines, texts("hint.shortage"))


def use(frame: Frame, metal: str, texts: Texts) -> Chart:
    """Metal that factories use."""
    return Chart("use", texts("chart.use"), "t", _pair(frame, texts, "use", metal, "refined"), texts("hint.use"))


def cover(frame: Frame, metal: str, texts: Texts) -> Chart:
    """Stocks of manufacturers in months of use."""
    lines = _pair(frame, texts, "stock_cover", metal, "refined")
    return Chart("stocks", texts("chart.cover"), "months", lines, texts("hint.cover"))


def mined(frame: Frame, metal: str, texts: Texts) -> Chart:
    """Mine output by country."""
    lines = _by_country(frame, texts, "production", metal, frame.live.feed_form(metal))
    return Chart("mine-production", texts("chart.mined"), "t", lines, texts("hint.by_country"))


def refined(frame: Frame, metal: str, texts: Texts) -> Chart:
    """Refined output by country."""
    lines = _by_country(frame, texts, "production", metal, "refined")
    return Chart("refined-production", texts("chart.refined"), "t", lines, texts("hint.by_country"))


def in_use(frame: Frame, metal: str, texts: Texts) -> Chart:
    """Metal in products in use."""
    lines = _pair(frame, texts, "in_use_stock", metal, "product")
    return Chart("in-use-stock", texts("chart.in_use"), "t", lines, texts("hint.in_use"))


def scrap(frame: Frame, metal: str, texts: Texts) -> Chart:
    """From end of life to recycled metal."""
    shown = (
        ("end_of_life", "product", "#e69f00"),
        ("collected", "scrap", "#56b4e9"),
        ("secondary_supply", "refined", "#009e73"),
    )
    lines = []
    for view, dashed in ((frame.base, True), (frame.live, False)):
        for variable, form, color in shown:
            values = view.line(variable, metal, form)
            if values is not None and (frame.fired or not dashed):
                lines.append(Line(texts(f"line.{variable}"), color, values, dashed=dashed))
    return Chart("scrap", texts("chart.scrap"), "t", lines, texts("hint.scrap"))


def recycling(frame: Frame, metal: str, texts: Texts) -> Chart:
    """Recycling rate and recycled content."""
    shown = (("eol_recycling_rate", "product", "#009e73"), ("recycled_content", "refined", "#cc79a7"))
    lines = []
    for view, dashed in ((frame.base, True), (frame.live, False)):
        for variable, form, color in shown:
            values = view.line(variable, metal, form)
            if values is not None and (frame.fired or not dashed):
                lines.append(Line(texts(f"line.{variable}"), color, values, dashed=dashed))
    return Chart("recycling-rates", texts("chart.recycling"), "1", lines, texts("hint.recycling"))


def hhi(frame: Frame, metal: str, texts: Texts) -> Chart:
    """Concentration of mining and refining by country."""
    lines = []
    feed = [(frame.live.feed_form(metal), "line.mining", "#e69f00")] if _has_feed(frame, metal) else []
    for view, dashed in ((frame.base, True), (frame.live, False)):
        for form, name, color in (*feed, ("refined", "line.refining", "#0072b2")):
            values = view.line("hhi", metal, form)
            if values is not None and (frame.fired or not dashed):
                lines.append(Line(texts(name), color, values, dashed=dashed))
    return Chart("hhi", texts("chart.hhi"), "index", lines, texts("hint.hhi"))


def reliance(frame: Frame, metal: str, texts: Texts) -> Chart:
    """Net import reliance of the countries that use most, all forms together."""
    lines = _by_country(frame, texts, "net_import_reliance", metal, "all", weight="use", weight_form="refined")
    return Chart("import-reliance", texts("chart.reliance"), "1", _drawn_down(lines), texts("hint.reliance"))


def reliance_by_stage(frame: Frame, metal: str, region: str, texts: Texts) -> Chart:
    """Net import reliance of one country: feed of refiners, refined metal of makers, and all forms."""
    shown = (
        (frame.live.feed_form(metal), "feed", "#e69f00"),
        ("refined", "refined", "#0072b2"),
        ("all", "all", "#000000"),
    )
    lines = []
    for view, dashed in ((frame.base, True), (frame.live, False)):
        for form, name, color in shown:
            values = view.line("net_import_reliance", metal, form, region)
            if values is not None and (frame.fired or not dashed):
                lines.append(Line(texts(f"line.reliance_{name}"), color, values, dashed=dashed))
    title = texts("chart.reliance_stages")
    return Chart("country-import-reliance", title, "1", _drawn_down(lines), texts("hint.reliance"))


def _drawn_down(lines: list[Line]) -> list[Line]:
    """Lines cut off where a net exporter sells abroad as much as it uses: what little it uses says nothing beyond that."""
    return [replace(line, values=np.maximum(line.values, EXPORTER)) for line in lines]


FIRST: tuple[Maker, ...] = (price, use)
"""Charts beside the map."""
OTHERS: tuple[Maker, ...] = (
    feed_price,
    price_by_country,
    cover,
    shortage,
    mined,
    refined,
    in_use,
    scrap,
    recycling,
    reliance,
    hhi,
)
"""Charts below it."""


def charts_of(frame: Frame, metal: str, texts: Texts, makers: tuple[Maker, ...]) -> list[Chart]:
    """The charts for a metal; of those below the map only the ones that have something to show."""
    made = [maker(frame, metal, texts) for maker in makers]
    if makers == FIRST or frame.t == 0:
        return made
    return [chart for chart in made if chart.lines]


def country_charts(frame: Frame, metal: str, region: str, texts: Texts) -> list[Chart]:
    """State and history of one country for a metal."""
    form = frame.live.feed_form(metal)
    shown = (
        ("production", form, "chart.country_mined", "t"),
        ("production", "refined", "chart.country_refined", "t"),
        ("use", "refined", "chart.country_use", "t"),
        ("shortage", "refined", "chart.country_shortage", "t"),
        ("price", "refined", "chart.country_price", "USD/t"),
        ("stock_cover", "refined", "chart.cover", "months"),
        ("imports", "refined", "chart.country_imports", "t"),
        ("exports", form, "chart.country_exports_feed", "t"),
        ("exports", "refined", "chart.country_exports", "t"),
        ("secondary_supply", "refined", "chart.country_recycled", "t"),
        ("in_use_stock", "product", "chart.in_use", "t"),
    )
    charts = [
        Chart(f"country-{variable}-{kind}".replace("_", "-"), texts(key, form=texts(f"form.{form}")), unit, lines)
        for variable, kind, key, unit in shown
        if (lines := _pair(frame, texts, variable, metal, kind, region))
    ]
    charts.append(reliance_by_stage(frame, metal, region, texts))
    return [chart for chart in charts if any(line.values.any() for line in chart.lines)]


# ---- for the browser --------------------------------------------------------------------------------------------------
def rounded(values: np.ndarray) -> list[float]:
    """Values with :data:`DIGITS` significant digits."""
    return [float(f"{value:.{DIGITS}g}") for value in values.tolist()]


def wire(chart: Chart) -> dict[str, Any]:
    """A chart as the browser draws it. `size` is the number of t (or shares) in one unit of the axis."""
    shown = [line.values for line in chart.lines] + [band.high for band in chart.bands]
    largest = max((float(np.nanmax(np.abs(values))) for values in shown if values.size), default=0.0)
    size, unit = (
        (0.01, "%") if chart.unit == "1" else words.mass_unit(largest) if chart.unit == "t" else (1.0, chart.unit)
    )
    return {
        "id": chart.id,
        "title": chart.title,
        "hint": chart.hint,
        "unit": "" if unit == "index" else unit,
        "size": size,
        "lines": [
            {"name": line.name, "role": line.role, "dashed": line.dashed, "values": rounded(line.values)}
            for line in chart.lines
        ],
        "bands": [
            {"name": band.name, "low": rounded(band.low), "high": rounded(band.high), "strength": band.strength}
            for band in chart.bands
        ],
    }


def axis(frame: Frame, texts: Texts, metal: str = "") -> dict[str, Any]:
    """What all charts of a frame share: the months of the run, and the shocks (on `metal`, if one is named) when they act."""
    events = [
        fired.event for fired in frame.fired if not metal or not fired.event["metals"] or metal in fired.event["metals"]
    ]
    return {
        "first": frame.first_month,
        "months": frame.months,
        "t": frame.t,
        "marks": [mark_of(event, frame.first_month, frame.months, texts) for event in events],
    }


def mark_of(event: dict[str, Any], first: int, months: int, texts: Texts) -> dict[str, Any]:
    """A shock on the time axis, in months since the start of the run."""
    end = parse_month(event["end"]) - first + 1 if event["end"] else months
    return {
        "known": parse_month(event["announced"]) - first,
        "start": parse_month(event["start"]) - first,
        "end": min(end, months),
        "name": texts.event(event),
    }
