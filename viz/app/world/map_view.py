"""The map: who delivers to whom, what fills the countries, all stages side by side, passages, and the partners of a country."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import reacton.ipyvuetify as rv
import solara

from lodeflow.data import Tables
from lodeflow.viz.app import figures
from lodeflow.viz.app.texts import Texts, bare
from lodeflow.viz.app.widgets import Choice, Network, Plain
from lodeflow.viz.app.world import chain, fill, network, partners, passages
from lodeflow.viz.app.world.fill import FILLS, NOTHING
from lodeflow.viz.app.world.frame import Frame
from lodeflow.viz.app.world.look import CHAIN, MAP, STAGES, Look
from lodeflow.viz.app.world.pick import Pick
from lodeflow.viz.app.world.stamp import stamp_of

LEGEND = ("same", "more", "less", "far", "closed")
SIDE_BY_SIDE = ("mines", "refineries", "users", "recyclers")
"""Stages that stand side by side: ore or intermediates, refined metal, its use, scrap made into metal."""
FEW = 8
"""Flows drawn on a small map."""


@cache
def land() -> str:
    """Shapes of the countries, as the map in the browser takes them."""
    return json.dumps(network.land())


@solara.component
def Trade(frame: Frame, metal: str, texts: Texts, tables: Tables, pick: Pick) -> None:
    """The trade network on the map, by stage, all stages side by side, or along the chain.

    With a product picked, use, and refined metal that is bought, are those for the product; the map turns to who uses it.
    """
    places = solara.use_memo(lambda: places_of(tables), [])
    country, product, look = pick.country, pick.product, pick.look
    view, filled, routes = look.view, look.filled, look.routes
    stage = look.stage or ("refineries" if frame.live.feed_form(metal) == "" else "mines")

    def to(**changes: Any) -> Callable[[], None]:
        return lambda: pick.turn(replace(look, **changes))

    with solara.Div(classes=["lf-panel", "lf-map-panel"]):
        with solara.Div(classes=["lf-maphead"]):
            Plain(texts("map.title", metal=texts.metal_within(metal)), tag="h2")
            if view == MAP:
                Choices(look, pick.turn, texts)
            with solara.Div(classes=["lf-choices"], attributes={"role": "group"}):
                for name in network.STAGES:
                    Choice(texts(f"stage.{name}"), view == MAP and name == stage, to(view=MAP, stage=name))
                for name in (STAGES, CHAIN):
                    Choice(texts(f"map.{name}"), view == name, to(view=name))
        if product:
            Only(product, view, pick, texts)
        if view == STAGES:
            Side(frame.of_product(metal, product), metal, texts, places, pick.click_country)
        else:
            if view == MAP:
                picture = map_of(frame, metal, stage, filled, routes, pick, texts, tables, places)
            else:
                picture = chain.chain_picture(frame, metal, texts)
            Network(
                picture=json.dumps(picture),
                land=land(),
                legend=[{"state": state, "name": texts(f"legend.{state}")} for state in LEGEND if frame.fired],
                title=texts("map.title", metal=texts.metal_within(metal)),
                selected=country,
                texts=words_of(frame, metal, stage if view == MAP else CHAIN, filled, texts),
                event_pick=pick.click_country,
            )
        Plain(_caption(frame, metal, view, stage, texts), "lf-note")
        if routes and view == MAP:
            Plain(passed(frame, metal, texts), "lf-partners")
        if country and view == MAP:
            Partners(frame, metal, country, texts)


@solara.component
def Only(product: str, view: str, pick: Pick, texts: Texts) -> None:
    """Says for which product the map is, and lets go of it."""
    name = texts.name("product", product)
    with solara.Div(classes=["lf-choices", "lf-only"]):
        Choice(texts("hits.only", product=name), True, lambda: pick.click_product(""))
        Plain(texts("hits.only_chain" if view == CHAIN else "hits.only_map"), "lf-note", tag="span")


@solara.component
def Choices(look: Look, turn: Callable[[Look], None], texts: Texts) -> None:
    """What fills the countries, and whether passages are shown."""
    with solara.Div(classes=["lf-choices", "lf-fills"]):
        rv.Select(
            label=texts("fill.label"),
            items=[{"text": texts(f"fill.name_{name}"), "value": name} for name in FILLS],
            v_model=look.filled,
            on_v_model=lambda name: turn(replace(look, filled=name)),
            dense=True,
            hide_details=True,
            class_="lf-fill",
        )
        Choice(texts("passage.show"), look.routes, lambda: turn(replace(look, routes=not look.routes)))


def map_of(
    frame: Frame,
    metal: str,
    stage: str,
    filled: str,
    routes: bool,
    pick: Pick,
    texts: Texts,
    tables: Tables,
    places: dict[str, tuple[float, float]],
) -> dict[str, Any]:
    """Everything that the map shows; the parameters are those of :func:`Trade` and what was chosen."""
    own, country = frame.of_product(metal, pick.product), pick.country
    picture = network.map_picture(own, metal, stage, texts, places)
    painted = fill.fill_of(own if filled in fill.OF_USE else frame, metal, stage, filled, texts)
    found = passages.through(frame, metal) if routes or passages.closed(frame) else []
    found = found if routes else [one for one in found if one.turned]
    for edge in picture["edges"]:
        names = passages.way_of(frame, *edge["ends"]) if routes else []
        if names:
            way = ", ".join(texts(f"passage.{name}") for name in names)
            edge["tip"] = [*edge["tip"], texts("passage.way", passages=way)]
        edge["faint"] = bool(country) and country not in edge["ends"]
    return picture | {"fill": painted_of(painted, texts), "marks": passages.marks(found, tables, texts)}


def passed(frame: Frame, metal: str, texts: Texts) -> str:
    """What goes through the passages, the largest first, in a sentence; "" before the first month."""
    told = []
    for one in passages.through(frame, metal):
        if one.share >= passages.SHOWN or (one.turned and one.tonnes > 0.0):
            tonnes, share = figures.tonnes(one.tonnes, texts), figures.percent(one.share)
            name = texts(f"passage.{one.passage}")
            told.append(texts("passage.shut" if one.turned else "passage.open", name=name, tonnes=tonnes, share=share))
    return texts("passage.list", places="; ".join(told)) if told else ""


def painted_of(one: fill.Fill | None, texts: Texts) -> dict[str, Any]:
    """What fills the countries, as the map in the browser takes it, with their names."""
    wire = one.wire(texts) if one else {"title": "", "fills": {}, "tips": {}, "scale": []}
    return wire | {"names": {code: texts.region(code) for code in wire["fills"]}}


@solara.component
def Side(
    frame: Frame,
    metal: str,
    texts: Texts,
    places: dict[str, tuple[float, float]],
    set_country: Callable[[str], None],
) -> None:
    """A small map for every stage, all filled with the same classes of tonnes a year."""
    with solara.Div(classes=["lf-stages"]):
        painted = side_by_side(frame, metal, texts)
        for stage, one in painted.items():
            with solara.Div(classes=["lf-stage"]):
                Plain(texts(f"stages.{stage}", form=texts(f"form.{frame.live.feed_form(metal)}")), tag="h3")
                Plain(_largest(one, texts), "lf-help")
                picture = network.map_picture(frame, metal, stage, texts, places)
                picture |= {"told": [], "widths": [], "nodes": [], "edges": picture["edges"][:FEW]}
                Network(
                    picture=json.dumps(picture | {"fill": painted_of(one, texts), "marks": []}),
                    land=land(),
                    legend=[],
                    title=texts(f"stage.{stage}"),
                    selected="",
                    texts={},
                    small=True,
                    event_pick=set_country,
                )
        if painted:
            Scale(next(iter(painted.values())), texts("stages.scale"), texts)


def side_by_side(frame: Frame, metal: str, texts: Texts) -> dict[str, fill.Fill]:
    """What fills the small maps, by stage: the same classes in all of them, so that they can be compared."""
    found = {stage: fill.fill_of(frame, metal, stage, "output", texts) for stage in SIDE_BY_SIDE}
    known = {stage: one for stage, one in found.items() if one is not None}
    widest = max(known.values(), key=lambda one: max(one.values.values(), default=0.0), default=None)
    return {stage: replace(one, scale=widest.scale) for stage, one in known.items() if widest is not None}


def _largest(one: fill.Fill, texts: Texts) -> str:
    """The world's sum and the three largest countries with their shares."""
    total = sum(one.values.values())
    order = sorted(one.values, key=lambda code: (-one.values[code], code))[:3]
    shares = ", ".join(f"{texts.region(code)} {figures.percent(one.values[code] / total)}" for code in order)
    return texts("stages.largest", total=figures.tonnes(total, texts), places=shares) if order else texts("stages.none")


@solara.component
def Scale(one: fill.Fill, title: str, texts: Texts) -> None:
    """The legend of a fill: classes with their numbers."""
    with solara.Div(classes=["lf-scale"]):
        Plain(title, tag="b")
        for part in one.scale.legend(texts):
            rv.Html(tag="span", children=[rv.Html(tag="i", class_=f"is-{part['fill']}"), bare(part["name"])])


@solara.component
def Partners(frame: Frame, metal: str, country: str, texts: Texts) -> None:
    """From whom a country buys, to whom it sells, and where what it buys was mined."""
    with solara.Div(classes=["lf-partners"]):
        for name, shares in partners.of(frame, metal, country).items():
            told = ", ".join(
                texts("partners.share", place=texts.region(code), share=figures.percent(share))
                for code, share in shares
            )
            Plain(texts(f"partners.{name}", region=texts.region(country), places=told or texts("partners.none")))


def words_of(frame: Frame, metal: str, stage: str, filled: str, texts: Texts) -> dict[str, str]:
    """What the map in the browser says: headings of its legends, and what stands under a saved picture."""
    when = texts.month(frame.first_month + max(frame.t - 1, 0))
    about = texts("map.about", metal=texts.metal(metal), month=when)
    form = texts(f"form.{frame.live.feed_form(metal)}")
    return {
        "widths": texts("map.widths"),
        "unknown": texts("fill.unknown"),
        "svg": texts("board.svg"),
        "png": texts("board.png"),
        "about": about,
        "help": texts("map.chain_help") if stage == CHAIN else texts(f"stage_help.{stage}", form=form),
        "borders": texts("map.borders") if stage != CHAIN else "",
        "stamp": stamp_of(frame, texts),
        "file": f"lodeflow-{frame.scenario.name}-{metal}-{stage}"
        + ("" if filled == NOTHING or stage == CHAIN else f"-{filled}"),
    }


def _caption(frame: Frame, metal: str, view: str, stage: str, texts: Texts) -> str:
    if frame.t == 0:
        return texts("map.start")
    form = texts(f"form.{frame.live.feed_form(metal)}")
    what = texts(f"stage_help.{stage}", form=form) + " " if view == MAP else ""
    key = "map.stock" if view == MAP and stage == "stocks" else "map.month"
    when = texts(key, month=texts.month(frame.first_month + frame.t - 1))
    return f"{what}{texts('map.hint')} ({when})"


def places_of(tables: Tables) -> dict[str, tuple[float, float]]:
    """Longitude and latitude of every country, degrees."""
    rows = tables["countries"].dropna(subset=["lat", "lon"])
    return dict(zip(rows["iso3"], zip(rows["lon"].astype(float), rows["lat"].astype(float), strict=True), strict=True))
