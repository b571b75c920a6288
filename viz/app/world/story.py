"""What a frame says in words and in four numbers: how dear, how short, how long stocks last, who is hit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lodeflow.data.plain import plain
from lodeflow.environment.calendar import parse_month
from lodeflow.environment.shocks.kinds import REGISTRY
from lodeflow.experiments.run.hit import NO_COUNTRY, Hit, ranked
from lodeflow.experiments.run.moved import USE_MOVED, place_moved, price_moved
from lodeflow.viz.app import figures
from lodeflow.viz.app.texts import Texts
from lodeflow.viz.app.world.frame import Fired, Frame
from lodeflow.viz.app.world.session import OWN
from lodeflow.viz.app.world.track import View

RANKED = 3
"""Countries and products that are named as the hardest hit."""


@dataclass(frozen=True)
class Tile:
    """One number with its name and what it would be without the shocks.

    Attributes:
        id: name for tests.
        name, value, note: as shown.
        state: ``same``, ``more`` (better) or ``less`` (worse).
    """

    id: str
    name: str
    value: str
    note: str
    state: str = "same"


def _last(frame: Frame, run: str, variable: str, metal: str, form: str) -> float:
    values = getattr(frame, run).line(variable, metal, form)
    return float(values[-1]) if values is not None and len(values) else float("nan")


def price_now(frame: Frame, metal: str) -> tuple[float, float]:
    """Price of the refined metal in the last month, USD/t: with the shocks (outside a restricting country), and without."""
    outside = _last(frame, "live", "price_outside", metal, "refined")
    live = outside if outside == outside else _last(frame, "live", "price", metal, "refined")
    return live, _last(frame, "base", "price", metal, "refined")


def news(frame: Frame) -> int | None:
    """Months from the start of the run to the first news of a measure (of governments: their first round); None without any.

    It is the month from which a run counts who is hit (:attr:`lodeflow.experiments.scenario.scenario.Scenario.first_month`).
    """
    return None if frame.scenario.first_month is None else frame.scenario.months_alike


def losers(frame: Frame, metal: str, until: int | None = None) -> tuple[list[Hit], list[Hit]]:
    """Countries and products by the share of their own normal use that they lost, the hardest hit first, as `hits.csv` has them.

    From the first news to month `until`; left out: to the month shown.
    """
    first, until = news(frame), frame.t if until is None else until
    if first is None or first >= until:
        return [], []
    live, base = (_by_country(view, metal, first, until) for view in (frame.live, frame.base))
    uses, normal = (view.product_use(metal, first, until) for view in (frame.live, frame.base))
    return ranked(live, base), ranked(uses, normal)


def _by_country(view: View, metal: str, first: int, until: int) -> dict[str, float]:
    regions = view.regions("use", metal, "refined")
    return {code: float(values[first:until].sum()) for code, values in regions.items() if code not in NO_COUNTRY}


def tiles(frame: Frame, metal: str, texts: Texts) -> list[Tile]:
    """The four numbers of the last month."""
    if frame.t == 0:
        return []
    return [
        _price(frame, metal, texts),
        _shortage(frame, metal, texts),
        _cover(frame, metal, texts),
        _hit(frame, metal, texts),
    ]


def _price(frame: Frame, metal: str, texts: Texts) -> Tile:
    live, base = price_now(frame, metal)
    ratio = live / base
    note = texts("tile.price_note", ratio=figures.ratio(ratio)) if frame.fired else texts("tile.calm")
    state = "same" if not price_moved(ratio) else "less" if ratio > 1 else "more"
    return Tile("price", texts("tile.price"), figures.usd(live, texts), note, state)


def _shortage(frame: Frame, metal: str, texts: Texts) -> Tile:
    short, wanted = (_last(frame, "live", name, metal, "refined") for name in ("shortage", "demand"))
    share = short / wanted if wanted > 0 else 0.0
    note = texts("tile.shortage_note", share=figures.percent(share))
    state = "less" if share > USE_MOVED else "same"
    return Tile("shortage", texts("tile.shortage"), figures.tonnes(short, texts), note, state)


def _cover(frame: Frame, metal: str, texts: Texts) -> Tile:
    live, base = (_last(frame, run, "stock_cover", metal, "refined") for run in ("live", "base"))
    note = texts("tile.cover_note", months=figures.months(base, texts)) if frame.fired else texts("tile.cover_calm")
    state = "same" if not place_moved(live, base) else "less" if live < base else "more"
    return Tile("cover", texts("tile.cover"), figures.months(live, texts), note, state)


def _hit(frame: Frame, metal: str, texts: Texts) -> Tile:
    countries, products = losers(frame, metal)
    if not countries:
        calm = texts("tile.hit_calm" if frame.fired else "tile.calm")
        return Tile("hit", texts("tile.hit"), texts("tile.nobody"), calm)
    first = countries[0]
    note = texts("tile.hit_note", share=figures.percent(first.share), tonnes=figures.tonnes(first.tonnes, texts))
    others = [f"{texts.region(hit.name)} {figures.percent(hit.share)}" for hit in countries[1:RANKED]]
    uses = [f"{_product(hit.name, texts)} {figures.percent(hit.share)}" for hit in products[:RANKED]]
    lists = [texts(key, names="; ".join(names)) for key, names in (("tile.then", others), ("tile.uses", uses)) if names]
    return Tile("hit", texts("tile.hit"), texts.region(first.name), " ".join([note, *lists]), "less")


def _product(code: str, texts: Texts) -> str:
    """Name of a product without what it explains in brackets."""
    return texts.name("product", code).partition(" (")[0].partition("（")[0]


def policies(frame: Frame, metal: str, texts: Texts) -> str:
    """What policies did to recycling so far, "" where none was fired."""
    if not any(REGISTRY[fired.event["kind"]].policy for fired in frame.fired):
        return ""
    change = {}
    for variable in ("secondary_supply", "production"):
        live, base = (view.line(variable, metal, "refined") for view in (frame.live, frame.base))
        change[variable] = float((live - base).sum()) if live is not None and base is not None else 0.0
    more, ore = (figures.tonnes(change[name], texts, sign=True) for name in ("secondary_supply", "production"))
    return texts("story.recycled", metal=texts.metal(metal), more=more, ore=ore)


def sentence(frame: Frame, metal: str, texts: Texts) -> str:
    """One line on what is going on."""
    if frame.t == 0:
        return texts("story.ready", what=happening(frame, texts)) if frame.fired else texts("story.start")
    if not frame.fired:
        return texts("story.calm", metal=texts.metal(metal))
    live, base = price_now(frame, metal)
    key = "story.same" if not price_moved(live / base) else "story.dear" if live > base else "story.cheap"
    price, times = figures.usd(live, texts), figures.ratio(live / base)
    told = texts(key, what=happening(frame, texts), metal=texts.metal_within(metal), price=price, times=times)
    return " ".join(part for part in (told, policies(frame, metal, texts)) if part)


NAMED = 2
"""Shocks that the sentence names."""


def happening(frame: Frame, texts: Texts) -> str:
    """What is in force, announced or planned, in this order; that all is over only when it is."""
    order = ("active", "known", "ahead")
    left = sorted((fired for fired in frame.fired if fired.state in order), key=lambda fired: order.index(fired.state))
    if not left:
        return texts("story.over")
    what = "; ".join(_standing(fired, texts) for fired in left[:NAMED])
    return texts("story.more", what=what, count=len(left) - NAMED) if len(left) > NAMED else what


def _standing(fired: Fired, texts: Texts) -> str:
    """A shock and where it stands."""
    what = texts.event(fired.event)
    key = {"known": "story.announced", "ahead": "story.planned"}.get(fired.state)
    return texts(key, what=what, start=texts.month(parse_month(fired.event["start"]))) if key else what


def about(metal: str, scenario: str, axis: dict[str, Any], texts: Texts) -> str:
    """What a saved chart is about: metal, scenario, and the months of the run."""
    first = axis["first"]
    return f"{metal} · {scenario} · {texts.month(first)} – {texts.month(first + axis['months'] - 1)}"


def title_of(frame: Frame, texts: Texts) -> str:
    """What is run, in the reader's language where it is a scenario of the library or was made on the desk."""
    return scenario_title(frame.scenario.name, frame.scenario.title, [fired.event for fired in frame.fired], texts)


def scenario_title(name: str, title: str, events: Sequence[dict[str, Any]], texts: Texts) -> str:
    """The title of a scenario, in the reader's language where it is one of the library or was made on the desk of `events`."""
    if name.endswith(OWN) and events:
        return "; ".join(texts.event(event) for event in events)
    known = f"scenario_title.{name.removesuffix(OWN)}"
    return texts(known) if texts.has(known) else plain(title or name)
