"""What the live charts show, taken from a frame: lines with unit, role and values, and the months of the shocks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import isfinite
from typing import Any

import numpy as np

from lodeflow.data import catalogue
from lodeflow.environment.calendar import parse_month
from lodeflow.environment.records import indicators
from lodeflow.environment.records.indicators import WORLD
from lodeflow.viz import style, words
from lodeflow.viz.app.figures import MONTHLY
from lodeflow.viz.app.texts import ENGLISH, REST, Texts
from lodeflow.viz.app.world import decided, seen
from lodeflow.viz.app.world.chart import Chart, Line
from lodeflow.viz.app.world.frame import Frame
from lodeflow.viz.colors import DASHES, SERIES

TOP = 5
"""Countries shown in a chart by country."""
EXPORTER = -1.0
"""Net import reliance below which a net exporter is drawn no further down."""
DIGITS = 6
"""Significant digits that are sent to the browser."""


Maker = Callable[[Frame, str, Texts], Chart]


# ---- the charts -------------------------------------------------------------------------------------------------------
def _pair(frame: Frame, texts: Texts, variable: str, metal: str, form: str, region: str = WORLD) -> list[Line]:
    """The world without the shocks, dashed, and the live one, of one series."""
    base, live = (view.line(variable, metal, form, region) for view in (frame.base, frame.live))
    lines = [] if base is None or not frame.fired else [Line(texts("line.base"), "base", base, dashed=True)]
    name = texts("line.live" if frame.fired else "line.alone")
    return lines if live is None else [*lines, Line(name, "live", live)]


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


def largest(frame: Frame, variable: str, metal: str, form: str) -> list[str]:
    """Countries of the world without the shocks by the sum of a variable so far, the largest first."""
    sizes = frame.base.regions(variable, metal, form)
    total = {code: float(values.sum()) for code, values in sizes.items() if code != REST and values.any()}
    return sorted(total, key=total.__getitem__, reverse=True)


def by_country(
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
    shown = largest(frame, weight or variable, metal, weight_form or form)[:most]
    colors = style.place_colors(shown)
    live, base = frame.live.regions(variable, metal, form), frame.base.regions(variable, metal, form)
    dashed = [Line(texts.region(c), colors[c], base[c], dashed=True) for c in shown if frame.fired and c in base]
    return [*dashed, *(Line(texts.region(c), colors[c], live[c]) for c in shown if c in live)]


def price(frame: Frame, metal: str, texts: Texts) -> Chart:
    """Price of the refined metal, with what was observed."""
    return _price_chart(frame, metal, texts, "price", texts("chart.price"), _prices(frame, texts, metal, "refined"))


def feed_price(frame: Frame, metal: str, texts: Texts) -> Chart:
    """Price of ore or intermediates."""
    form = frame.live.feed_form(metal)
    lines = _prices(frame, texts, metal, form) if _has_feed(frame, metal) else []
    return _price_chart(frame, metal, texts, "feed-price", texts("chart.feed_price", form=texts(f"form.{form}")), lines)


def _price_chart(frame: Frame, metal: str, texts: Texts, name: str, title: str, lines: list[Line]) -> Chart:
    """Prices in USD/t; from the first news of a shock on, 1 is the price without it in the month before."""
    one = seen.month_before(frame, metal) if lines else None
    usd = float(lines[0].values[one]) if one is not None else 0.0
    unit = "index" if usd > 0 else "USD/t"
    if usd > 0 and one is not None:
        lines = [replace(line, values=line.values / usd) for line in lines]
        title = texts("chart.price_index", title=title, month=texts.month(frame.first_month + one))
    note = texts("note.base") if frame.fired else texts("note.calm")
    if name == "price":
        values, found = seen.observed(frame, metal, one if usd > 0 else None)
        if np.isfinite(values).any():
            lines = [*lines[:1], Line(texts("line.observed"), "observed", values), *lines[1:]]
        if found.left_out is not None:
            month = texts.month(found.left_out.year * 12 + found.left_out.month - 1)
            note = f"{note} {texts('note.kept_back', month=month)}"
    return Chart(name, title, unit, lines, texts("hint.price"), note=note, usd=usd)


def _has_feed(frame: Frame, metal: str) -> bool:
    return any(values.any() for values in frame.base.regions("price", metal, frame.base.feed_form(metal)).values())


def price_by_country(frame: Frame, metal: str, texts: Texts) -> Chart:
    """Price that buyers pay in the countries that use most."""
    lines = by_country(frame, texts, "price", metal, "refined", weight="use")
    note = texts("note.base") if frame.fired else texts("note.calm")
    return Chart("price-by-country", texts("chart.price_by_country"), "USD/t", lines, texts("hint.buyers"), note=note)


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
    """Mine output by country, with what was observed."""
    return _made(frame, metal, texts, "mine-production", "chart.mined", frame.live.feed_form(metal))


def refined(frame: Frame, metal: str, texts: Texts) -> Chart:
    """Refined output by country, with what was observed."""
    return _made(frame, metal, texts, "refined-production", "chart.refined", "refined")


def _made(frame: Frame, metal: str, texts: Texts, name: str, title: str, form: str) -> Chart:
    """Output by country; `form` says of which stage."""
    lines, hint = by_country(frame, texts, "production", metal, form), texts("hint.by_country")
    shown = largest(frame, "production", metal, form)[:TOP]
    return seen.with_output(Chart(name, texts(title), "t", lines, hint), frame, metal, form, shown, texts)


def in_use(frame: Frame, metal: str, texts: Texts) -> Chart:
    """Metal in products in use."""
    lines = _pair(frame, texts, "in_use_stock", metal, "product")
    return Chart("in-use-stock", texts("chart.in_use"), "t", lines, texts("hint.in_use"))


def _with_and_without(
    frame: Frame, metal: str, shown: Sequence[tuple[str, str, str, str]], region: str = WORLD
) -> list[Line]:
    """Lines of the world with the shocks and, dashed below them, of the one without once a shock was fired.

    shown: name in the legend, variable, form and colour of each line.
    """
    lines = []
    for view, dashed in ((frame.base, True), (frame.live, False)):
        for name, variable, form, color in shown:
            values = view.line(variable, metal, form, region)
            if values is not None and (frame.fired or not dashed):
                lines.append(Line(name, color, values, dashed=dashed))
    return lines


def scrap(frame: Frame, metal: str, texts: Texts) -> Chart:
    """From end of life to recycled metal."""
    shown = (("end_of_life", "product"), ("collected", "scrap"), ("secondary_supply", "refined"))
    lines = _with_and_without(frame, metal, [(texts(f"line.{name}"), name, form, SERIES[name]) for name, form in shown])
    return Chart("scrap", texts("chart.scrap"), "t", lines, texts("hint.scrap"))


def recycling(frame: Frame, metal: str, texts: Texts) -> Chart:
    """Recycling rate and recycled content."""
    shown = (("eol_recycling_rate", "product"), ("recycled_content", "refined"))
    lines = _with_and_without(frame, metal, [(texts(f"line.{name}"), name, form, SERIES[name]) for name, form in shown])
    return Chart("recycling-rates", texts("chart.recycling"), "1", lines, texts("hint.recycling"))


def hhi(frame: Frame, metal: str, texts: Texts) -> Chart:
    """Concentration of mining and refining by country."""
    shown = [(texts("line.refining"), "hhi", "refined", SERIES["refined"])]
    if _has_feed(frame, metal):
        shown.insert(0, (texts("line.mining"), "hhi", frame.live.feed_form(metal), SERIES["feed"]))
    lines = _with_and_without(frame, metal, shown)
    return Chart("hhi", texts("chart.hhi"), "index", lines, texts("hint.hhi"))


def gases(frame: Frame, metal: str, texts: Texts) -> Chart:
    """Greenhouse gases by stage; no lines where the run records none."""
    return Chart("gases", texts("chart.gases"), "kt CO2e", _of_stages(frame, metal, "co2", texts), texts("hint.gases"))


def energy(frame: Frame, metal: str, texts: Texts) -> Chart:
    """Energy by stage; no lines where the run records none."""
    return Chart("energy", texts("chart.energy"), "TJ", _of_stages(frame, metal, "energy", texts), texts("hint.energy"))


def _of_stages(frame: Frame, metal: str, what: str, texts: Texts) -> list[Line]:
    """What mining, refining and recycling take or emit ("energy", "co2"); a stage that a metal lacks is left out."""
    stages = (
        ("mining", frame.live.feed_form(metal), "feed"),
        ("refining", "refined", "inside"),
        ("recycling", "refined", "secondary_supply"),
    )
    shown = [(texts(f"line.{stage}"), f"{what}_{stage}", form, SERIES.get(c, c)) for stage, form, c in stages]
    lines = _with_and_without(frame, metal, shown)
    return lines if any(line.values.any() for line in lines) else []


def reliance(frame: Frame, metal: str, texts: Texts) -> Chart:
    """Net import reliance of the countries that use most, all forms together."""
    lines = by_country(frame, texts, "net_import_reliance", metal, "all", weight="use", weight_form="refined")
    return Chart("import-reliance", texts("chart.reliance"), "1", _drawn_down(lines), texts("hint.reliance"))


def reliance_by_stage(frame: Frame, metal: str, region: str, texts: Texts) -> Chart:
    """Net import reliance of one country: feed of refiners, refined metal of makers, and all forms."""
    shown = ((frame.live.feed_form(metal), "feed"), ("refined", "refined"), ("all", "all"))
    wanted = [(texts(f"line.reliance_{name}"), "net_import_reliance", form, SERIES[name]) for form, name in shown]
    lines = _with_and_without(frame, metal, wanted, region)
    title = texts("chart.reliance_stages")
    return Chart("country-import-reliance", title, "1", _drawn_down(lines), texts("hint.reliance"))


def _drawn_down(lines: list[Line]) -> list[Line]:
    """Lines cut off where a net exporter sells abroad as much as it uses: what little it uses says nothing beyond that."""
    return [replace(line, values=np.maximum(line.values, EXPORTER)) for line in lines]


def plain_lines(frame: Frame, metal: str, texts: Texts) -> list[Chart]:
    """A chart of the world with and without the shocks for every variable that the catalogue draws as a line."""
    charts = []
    for one in catalogue.drawn(catalogue.LINE):
        form = frame.live.feed_form(metal) if one.form == catalogue.FEED else one.form
        lines = _pair(frame, texts, one.variable, metal, form)
        if any(line.values.any() for line in lines):
            name = one.name.replace("_", "-")
            hint = words.capital(f"{one.meaning}.") if texts.language == ENGLISH else ""
            charts.append(Chart(name, texts.variable(one), one.unit, lines, hint))
    return charts


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
    gases,
    energy,
)
"""Charts below it."""


def charts_of(frame: Frame, metal: str, texts: Texts, makers: tuple[Maker, ...]) -> list[Chart]:
    """The charts for a metal; of those below the map only the ones that have something to show."""
    made = [maker(frame, metal, texts) for maker in makers]
    if makers == FIRST:
        return made
    shown = made if frame.t == 0 else [chart for chart in made if chart.lines]
    return [*shown, *plain_lines(frame, metal, texts)]


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
    charts = []
    for variable, kind, key, unit in shown:
        if lines := _pair(frame, texts, variable, metal, kind, region):
            name = f"country-{variable}-{kind}".replace("_", "-")
            chart = Chart(name, texts(key, form=texts(f"form.{form}")), unit, lines)
            told = variable == "production"
            charts.append(seen.with_output(chart, frame, metal, kind, [region], texts) if told else chart)
    charts.append(reliance_by_stage(frame, metal, region, texts))
    return [chart for chart in charts if any(line.values.any() for line in chart.lines)]


# ---- for the browser --------------------------------------------------------------------------------------------------
def rounded(values: np.ndarray) -> list[float | None]:
    """Values with :data:`DIGITS` significant digits; None where there is none."""
    return [float(f"{value:.{DIGITS}g}") if isfinite(value) else None for value in values.tolist()]


def scale(unit: str, largest: float) -> tuple[float, str]:
    """In what the axis of a chart counts: how much of `unit` is one of it, and its name."""
    if unit == "1":
        return 0.01, "%"
    if unit in ("t", f"t{MONTHLY}"):
        size, name = words.mass_unit(largest)
        return size, name + unit.removeprefix("t")
    return 1.0, "" if unit == "index" else unit


def wire(chart: Chart) -> dict[str, Any]:
    """A chart as the browser draws it. `size` is the number of t (or shares) in one unit of the axis."""
    shown = [line.values for line in chart.lines] + [band.high for band in chart.bands]
    size, unit = scale(chart.unit, max((float(np.abs(v[np.isfinite(v)]).max(initial=0.0)) for v in shown), default=0.0))
    return {
        "id": chart.id,
        "title": chart.title,
        "hint": chart.hint,
        "note": chart.note,
        "usd": chart.usd,
        "unit": unit,
        "size": size,
        "lines": [
            {"name": line.name, "role": line.role, "dashed": line.dashed, "values": rounded(line.values)}
            | ({"letter": line.letter, "dash": DASHES[line.letter]} if line.letter else {})
            | ({"dots": True, "of": line.of} if line.dots else {})
            for line in chart.lines
        ],
        "bands": [
            {"name": band.name, "low": rounded(band.low), "high": rounded(band.high), "strength": band.strength}
            for band in chart.bands
        ],
    }


def axis(frame: Frame, texts: Texts, metal: str = "") -> dict[str, Any]:
    """What all charts of a frame share: the months of the run, and the shocks (on `metal`, if one is named) when they act.

    With a metal, what governments decided about it as well.
    """
    events = [
        fired.event for fired in frame.fired if not metal or not fired.event["metals"] or metal in fired.event["metals"]
    ]
    return {
        "first": frame.first_month,
        "months": frame.months,
        "t": frame.t,
        "marks": [mark_of(event, frame.first_month, frame.months, texts) for event in events],
        "decided": decided.marks(frame, metal, texts),
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
