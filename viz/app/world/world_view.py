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
from lodeflow.viz.app.cover.offers_view import Bar, Offers
from lodeflow.viz.app.desk import firms
from lodeflow.viz.app.desk.desk_view import Desk, FiredList
from lodeflow.viz.app.desk.govern_view import Governments
from lodeflow.viz.app.desk.scenario_view import ScenarioPanel
from lodeflow.viz.app.keep import use_guard
from lodeflow.viz.app.texts import Texts
from lodeflow.viz.app.widgets import Board, Network, Plain, Timeline
from lodeflow.viz.app.world import board, chain, network, story
from lodeflow.viz.app.world.board import Chart
from lodeflow.viz.app.world.depend_view import Dependence
from lodeflow.viz.app.world.frame import Frame
from lodeflow.viz.app.world.player import SPEEDS, Player, Status

LEGEND = ("same", "more", "less", "far", "closed")
CHAIN = "chain"


@solara.component
def WorldView(
    player: Player,
    status: Status,
    texts: Texts,
    tables: Tables,
    names: Names,
    metal: str,
    set_metal: Callable[[str], None],
) -> None:
    """Everything of the world on one page."""
    frame = status.frame
    assert frame is not None
    country, set_country = solara.use_state("")
    changed, set_changed = solara.use_state(cast(int | None, None))
    metals = frame.live.world.layout.metals
    with solara.Div(classes=["lf-body"]):
        Controls(player, status, texts)
        Metals(metals, metal, set_metal, texts)
        Offers(player, frame, metal, texts)
        Tiles(frame, metal, texts)
        with solara.Div(classes=["lf-world"]):
            with solara.Div(classes=["lf-desk-column"]):
                Desk(player, status, texts, names, metal, set_metal, changed, set_changed)
                FiredList(player, texts, frame, changed, set_changed)
                Governments(player, texts, frame)
                ScenarioPanel(player, texts, frame)
            with solara.Div(classes=["lf-centre"]):
                Trade(frame, metal, texts, tables, country, set_country)
                if country:
                    Country(frame, metal, country, set_country, texts)
            with solara.Div(classes=["lf-side"]):
                if frame.t == 0:
                    Plain(texts("whatif.charts"), "lf-panel lf-begin")
                else:
                    Charts(frame, metal, texts, board.charts_of(frame, metal, texts, board.FIRST), "lf-column")
            with solara.Div(classes=["lf-more"]):
                if frame.t > 0:
                    Dependence(frame, metal, texts)
                    Charts(frame, metal, texts, board.charts_of(frame, metal, texts, board.OTHERS), "lf-grid")
        Plain(texts("control.keys"), "lf-note")
        Bar(player, status, month_shown(frame, texts), texts)


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
def Choice(label: str, on: bool, choose: Callable[[], None]) -> None:
    """A button that is pressed or not."""
    solara.Button(
        label, on_click=choose, classes=["lf-on"] if on else [], attributes={"aria-pressed": "true" if on else "false"}
    )


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
def Trade(
    frame: Frame, metal: str, texts: Texts, tables: Tables, country: str, set_country: Callable[[str], None]
) -> None:
    """The trade network on the map, by stage, or along the chain."""
    stage, set_stage = solara.use_state("refineries" if frame.live.feed_form(metal) == "" else "mines")
    view, set_view = solara.use_state("map")
    places = solara.use_memo(lambda: places_of(tables), [])
    land = solara.use_memo(network.land, [])
    with solara.Div(classes=["lf-panel"]):
        with solara.Div(classes=["lf-maphead"]):
            Plain(texts("map.title", metal=texts.metal_within(metal)), tag="h2")
            with solara.Div(classes=["lf-choices"], attributes={"role": "group"}):
                for name in network.STAGES:
                    Choice(texts(f"stage.{name}"), view == "map" and name == stage, _both(set_view, set_stage, name))
                Choice(texts("map.chain"), view == CHAIN, lambda: set_view(CHAIN))
        if view == CHAIN:
            picture = chain.chain_picture(frame, metal, texts)
        else:
            picture = network.map_picture(frame, metal, stage, texts, places)
        Network(
            picture=json.dumps(picture),
            land=land,
            legend=[{"state": state, "name": texts(f"legend.{state}")} for state in LEGEND if frame.fired],
            title=texts("map.title", metal=texts.metal_within(metal)),
            selected=country,
            event_pick=set_country,
        )
        Plain(_caption(frame, metal, view, stage, texts), "lf-note")


def _both(set_view: Callable[[str], None], set_stage: Callable[[str], None], name: str) -> Callable[[], None]:
    def choose() -> None:
        set_view("map")
        set_stage(name)

    return choose


def _caption(frame: Frame, metal: str, view: str, stage: str, texts: Texts) -> str:
    if frame.t == 0:
        return texts("map.start")
    form = texts(f"form.{frame.live.feed_form(metal)}")
    what = "" if view == CHAIN else texts(f"stage_help.{stage}", form=form) + " "
    key = "map.stock" if view != CHAIN and stage == "stocks" else "map.month"
    when = texts(key, month=texts.month(frame.first_month + frame.t - 1))
    return f"{what}{texts('map.hint')} ({when})"


def places_of(tables: Tables) -> dict[str, tuple[float, float]]:
    """Longitude and latitude of every country, degrees."""
    rows = tables["countries"].dropna(subset=["lat", "lon"])
    return dict(zip(rows["iso3"], zip(rows["lon"].astype(float), rows["lat"].astype(float), strict=True), strict=True))


@solara.component
def Charts(frame: Frame, metal: str, texts: Texts, charts: list[Chart], shape: str) -> None:
    """Some charts with their shared time axis."""
    axis = board.axis(frame, texts, metal)
    file = Saved(f"{frame.scenario.name}-{metal}", about(texts.metal(metal), story.title_of(frame, texts), axis, texts))
    Graphs(charts, axis, texts, file, shape)


@dataclass(frozen=True)
class Saved:
    """How charts are saved: `file` begins the name of the file, `about` stands under the title of the picture."""

    file: str
    about: str


def about(metal: str, scenario: str, axis: dict[str, Any], texts: Texts) -> str:
    """What a saved chart is about: metal, scenario, and the months of the run."""
    first = axis["first"]
    return f"{metal} · {scenario} · {texts.month(first)} – {texts.month(first + axis['months'] - 1)}"


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


def board_texts(texts: Texts, file: Saved) -> dict[str, str]:
    """The words that charts need in the browser, and how their files are called."""
    keys = {"dashed": "line.dashed", "source": "source"} | {
        name: f"board.{name}" for name in ("svg", "png", "empty", "shaded")
    }
    return {name: texts(key) for name, key in keys.items()} | {"file": f"lodeflow-{file.file}", "about": file.about}


@solara.component
def Country(frame: Frame, metal: str, region: str, set_country: Callable[[str], None], texts: Texts) -> None:
    """State and history of one country and of its firms."""
    chosen, set_chosen = solara.use_state("")
    rows = firms.firms_of(frame, metal, region, texts)
    with solara.Div(classes=["lf-panel", "lf-country"]):
        with solara.Div(classes=["lf-maphead"]):
            Plain(texts("country.title", region=texts.region(region), metal=texts.metal(metal)), tag="h2")
            solara.Button(texts("country.close"), text=True, small=True, on_click=lambda: set_country(""))
        Charts(frame, metal, texts, board.country_charts(frame, metal, region, texts), "lf-small")
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
                Charts(frame, metal, texts, firms.history(frame, row, texts), "lf-small")
