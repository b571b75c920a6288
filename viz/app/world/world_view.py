"""The tab that shows the world: controls, map or chain, numbers, charts, and one country with its firms."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import reacton.ipyvuetify as rv
import solara

from lodeflow.data import Tables
from lodeflow.experiments.scenario.names import Names
from lodeflow.viz.app.beside import hit as losses
from lodeflow.viz.app.beside import overlay
from lodeflow.viz.app.beside.assume_view import Assumptions
from lodeflow.viz.app.beside.band import with_bands
from lodeflow.viz.app.beside.band_view import BandLine, band_context
from lodeflow.viz.app.beside.hit_view import Hits
from lodeflow.viz.app.beside.kept_view import Differences, KeptRow
from lodeflow.viz.app.beside.shelf import shelf_context
from lodeflow.viz.app.cover.offers_view import Bar, Offers
from lodeflow.viz.app.desk import firms
from lodeflow.viz.app.desk.desk_view import Desk, FiredList
from lodeflow.viz.app.desk.govern_view import Governments
from lodeflow.viz.app.desk.scenario_view import ScenarioPanel
from lodeflow.viz.app.keep import use_guard
from lodeflow.viz.app.texts import Texts
from lodeflow.viz.app.widgets import Board, Choice, Plain, Timeline
from lodeflow.viz.app.world import board, story
from lodeflow.viz.app.world.board import Chart
from lodeflow.viz.app.world.brief import Report
from lodeflow.viz.app.world.depend_view import Dependence
from lodeflow.viz.app.world.frame import Frame
from lodeflow.viz.app.world.map_view import Trade
from lodeflow.viz.app.world.pick import Pick
from lodeflow.viz.app.world.player import SPEEDS, Player, Status
from lodeflow.viz.app.world.stamp import stamp_of


@solara.component
def WorldView(
    player: Player,
    status: Status,
    texts: Texts,
    tables: Tables,
    names: Names,
    metal: str,
    set_metal: Callable[[str], None],
    pick: Pick,
) -> None:
    """Everything of the world on one page; `pick`: the country and the product that map and charts single out."""
    frame = status.frame
    assert frame is not None
    changed, set_changed = solara.use_state(cast(int | None, None))
    metals = frame.live.world.layout.metals
    first = picked(board.FIRST, metal, texts, pick)
    with solara.Div(classes=["lf-body"]):
        Controls(player, status, texts)
        Metals(metals, metal, set_metal, texts)
        with solara.Div(classes=["lf-acts"]):
            Offers(player, frame, metal, texts)
            KeptRow(player, frame, texts)
            Report(frame, metal, texts)
        Tiles(frame, metal, texts)
        BandLine(metal, texts)
        with solara.Div(classes=["lf-world"]):
            with solara.Div(classes=["lf-desk-column"]):
                Desk(player, status, texts, names, metal, set_metal, changed, set_changed)
                FiredList(player, texts, frame, changed, set_changed)
                Governments(player, texts, frame)
                Assumptions(player, frame, metal, tables, texts)
                ScenarioPanel(player, texts, frame)
            with solara.Div(classes=["lf-centre"]):
                Trade(frame, metal, texts, tables, pick)
                if pick.country:
                    Country(frame, metal, pick, texts)
            with solara.Div(classes=["lf-side"]):
                if frame.t == 0:
                    Plain(texts("whatif.charts"), "lf-panel lf-begin")
                else:
                    Charts(frame, metal, texts, first, "lf-column", pick)
            if frame.t > 0:
                More(frame, metal, texts, pick)
        Plain(texts("control.keys"), "lf-note")
        Bar(player, status, month_shown(frame, texts), texts)


@solara.component
def More(frame: Frame, metal: str, texts: Texts, pick: Pick) -> None:
    """Below the map: what kept worlds differ in, who is hit, who depends on whom, and the other charts."""
    others = picked(board.OTHERS, metal, texts, pick)
    with solara.Div(classes=["lf-more"]):
        Differences(frame, metal, texts)
        Hits(frame, metal, texts, pick)
        if pick.product:
            Charts(frame, metal, texts, for_product(metal, pick.product, texts), "lf-small", pick)
        Dependence(frame, metal, texts)
        Charts(frame, metal, texts, others, "lf-grid", pick)


def for_product(metal: str, product: str, texts: Texts) -> overlay.Make:
    """What makes the chart of who uses a metal for a product."""

    def make(frame: Frame) -> list[Chart]:
        return [losses.product_chart(frame.of_product(metal, product), metal, product, texts)]

    return make


def picked(makers: tuple[board.Maker, ...], metal: str, texts: Texts, pick: Pick) -> overlay.Make:
    """What makes the charts of a metal from a frame, for the product that is picked.

    Two of the same count as the same (reacton compares what functions hold): what does not change is not drawn anew.
    """

    def make(frame: Frame) -> list[Chart]:
        charts = board.charts_of(frame.of_product(metal, pick.product), metal, texts, makers)
        return losses.by_product(charts, pick.product, texts)

    return make


@solara.component
def Controls(player: Player, status: Status, texts: Texts) -> None:
    """Play, pause, step, speed, reset, and the time line."""
    frame = status.frame
    assert frame is not None
    guard, _ = use_guard(frame, texts)
    label, icon, act = ("pause", "mdi-pause", player.pause) if status.playing else ("play", "mdi-play", player.play)
    with solara.Div(classes=["lf-controls"]):
        solara.Button(
            texts(f"control.{label}"),
            icon_name=icon,
            on_click=act,
            color="primary",
            disabled=frame.over,
            classes=["lf-play"],
        )
        solara.Button(
            texts("control.step"),
            icon_name="mdi-skip-next",
            on_click=player.step,
            disabled=frame.over,
            classes=["lf-step"],
        )
        solara.Button(
            texts("control.reset"),
            icon_name="mdi-restart",
            on_click=lambda: guard(lambda: player.change(lambda session: session.reset(), pause=True)),
            classes=["lf-reset"],
        )
        _speed(player, status, texts)
        month = month_shown(frame, texts)
        Plain(month, "lf-month", tag="span")
        Timeline(
            state=json.dumps(board.axis(frame, texts)),
            label=texts("control.timeline"),
            month=month,
            ends=[texts.month(frame.first_month), texts.month(frame.first_month + frame.months - 1)],
            event_rewind=lambda t: player.change(lambda session: session.rewind(min(int(t), session.t)), pause=True),
        )
        if status.busy or frame.over:
            Plain(texts("control.busy") if status.busy else texts("control.over"), "lf-busy", tag="span")


def _speed(player: Player, status: Status, texts: Texts) -> None:
    """How many months go by in a second."""
    rv.Select(
        label=texts("control.speed"),
        items=[
            {"text": texts("control.speed_value", months=texts.count("month", speed)), "value": speed}
            for speed in SPEEDS
        ],
        v_model=status.speed,
        on_v_model=player.set_speed,
        dense=True,
        hide_details=True,
        class_="lf-speed",
    )


def month_shown(frame: Frame, texts: Texts) -> str:
    """The month that was simulated last; before the first one that it comes next."""
    now = frame.first_month + frame.t - 1
    return texts.month(now) if frame.t else texts("whatif.before", month=texts.month(now + 1))


@solara.component
def Metals(metals: list[str], metal: str, set_metal: Callable[[str], None], texts: Texts) -> None:
    """The metal that everything shows."""
    with solara.Div(classes=["lf-metals"], attributes={"role": "group", "aria-label": texts("desk.metal")}):
        for name in metals:
            Choice(texts.metal(name), name == metal, partial(set_metal, name))


@solara.component
def Tiles(frame: Frame, metal: str, texts: Texts) -> None:
    """What is going on, in a sentence and in four numbers."""
    with solara.Div():
        Plain(story.sentence(frame, metal, texts), "lf-story", tag="p")
        with solara.Div(classes=["lf-tiles"]):
            for tile in story.tiles(frame, metal, texts):
                with rv.Html(tag="div", class_=f"lf-tile lf-tile-{tile.id} is-{tile.state}"):
                    Plain(tile.name, tag="span")
                    Plain(tile.value, tag="b")
                    Plain(tile.note, tag="span")


@solara.component
def Charts(frame: Frame, metal: str, texts: Texts, make: overlay.Make, shape: str, pick: Pick) -> None:
    """Some charts with their shared time axis, and the kept worlds in them; `pick`: whose lines they show."""
    kept = solara.use_context(shelf_context).kept
    others = solara.use_memo(
        lambda: overlay.drawn(make, kept), [kept, metal, texts.language, pick.country, pick.product]
    )
    wanted = texts.region(pick.country) if pick.country else ""
    charts = overlay.laid_over(make(frame), frame, kept, others, texts, wanted)
    charts = with_bands(charts, solara.use_context(band_context), metal, frame, texts)
    axis, file = _axis_and_file(frame, metal, texts)
    Graphs(charts, axis, texts, file, shape)


def _axis_and_file(frame: Frame, metal: str, texts: Texts) -> tuple[dict[str, Any], Saved]:
    """What the charts of a metal share: their months, and how they are saved."""
    axis = board.axis(frame, texts, metal)
    return axis, Saved(
        f"{frame.scenario.name}-{metal}",
        story.about(texts.metal(metal), story.title_of(frame, texts), axis, texts),
        stamp_of(frame, texts),
    )


@dataclass(frozen=True)
class Saved:
    """How charts are saved: `file` begins the name of the file, `about` stands under the title, `stamp` under the picture."""

    file: str
    about: str
    stamp: str


@solara.component
def Graphs(charts: list[Chart], axis: dict[str, Any], texts: Texts, file: Saved, shape: str = "lf-grid") -> None:
    """Charts in the browser, with what is needed to save them."""
    Board(
        charts=json.dumps([board.wire(chart) for chart in charts]),
        time=json.dumps(axis),
        texts=board_texts(texts, file),
        units=texts.units(),
        language=texts.language,
        shape=shape,
    )


BOARD = ("svg", "png", "empty", "shaded", "observed", "against", "for", "decided")
"""Words of the group `board` that every chart in the browser may need."""


def board_texts(texts: Texts, file: Saved) -> dict[str, str]:
    """The words that charts need in the browser, and how their files are called."""
    keys = {"dashed": "line.dashed"} | {name: f"board.{name}" for name in BOARD}
    own = {"file": f"lodeflow-{file.file}", "about": file.about, "source": file.stamp}
    return {name: texts(key) for name, key in keys.items()} | own


@solara.component
def Country(frame: Frame, metal: str, pick: Pick, texts: Texts) -> None:
    """State and history of the country that is picked and of its firms."""
    region = pick.country
    chosen, set_chosen = solara.use_state("")
    rows = firms.firms_of(frame, metal, region, texts)
    with solara.Div(classes=["lf-panel", "lf-country"]):
        with solara.Div(classes=["lf-maphead"]):
            Plain(texts("country.title", region=texts.region(region), metal=texts.metal(metal)), tag="h2")
            solara.Button(texts("country.close"), text=True, small=True, on_click=lambda: pick.click_country(""))
        Charts(frame, metal, texts, lambda one: board.country_charts(one, metal, region, texts), "lf-small", pick)
        month = texts.month(frame.first_month + max(frame.t - 1, 0))
        Plain(texts("country.firms", region=texts.region(region), month=month), tag="h3")
        if not rows:
            Plain(texts("country.none"), "lf-help")
            return
        with solara.Div(classes=["lf-choices"]):
            for row in rows:
                Choice(f"{row.name}: {row.state}", row.key == chosen, partial(set_chosen, row.key))
        for row in rows:
            if row.key == chosen:
                axis, file = _axis_and_file(frame, metal, texts)
                Graphs(firms.history(frame, row, texts), axis, texts, file, "lf-small")
