"""The Solara application: `lodeflow app` serves `Page`. Each visitor gets a player, and with it a world, of their own."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import reacton.ipyvuetify as rv
import solara
import solara.lab

from lodeflow import data
from lodeflow.data import Tables
from lodeflow.experiments.scenario.names import Names, names_in
from lodeflow.viz.app.batch.batch_view import BatchView
from lodeflow.viz.app.batch.compare_view import CompareView
from lodeflow.viz.app.batch.downloads_view import DownloadsView
from lodeflow.viz.app.batch.job_view import use_work
from lodeflow.viz.app.beside.kept_view import Pinned
from lodeflow.viz.app.beside.use import use_beside
from lodeflow.viz.app.cover import offers
from lodeflow.viz.app.desk.guess import main_metal
from lodeflow.viz.app.keep import Keep
from lodeflow.viz.app.server import limits
from lodeflow.viz.app.texts import ENGLISH, LANGUAGES, Texts, bare
from lodeflow.viz.app.widgets import Address, Mend, Pictures, Plain, Pulse
from lodeflow.viz.app.world import memory
from lodeflow.viz.app.world.frame import Frame
from lodeflow.viz.app.world.link import LONGEST, Link, packed
from lodeflow.viz.app.world.pick import Pick, use_pick
from lodeflow.viz.app.world.player import Player, Status
from lodeflow.viz.app.world.session import Session
from lodeflow.viz.app.world.story import title_of
from lodeflow.viz.app.world.world_view import Metals, WorldView
from lodeflow.viz.app.wrong import told

log = logging.getLogger(__name__)
CSS = Path(__file__).with_name("page.css")
MAP_CSS = Path(__file__).with_name("map.css")
REACH = Path(__file__).with_name("reach.css")
TABS = ("world", "compare", "batch", "downloads")
WORLD, COMPARE, BATCH, DOWNLOADS = range(len(TABS))
FIRST_METAL = "cobalt"
THEMES = ("light", "dark")
"""Colours that a visitor may choose; without a choice they are those of the visitor's system."""


@cache
def shipped_tables() -> Tables:
    """The shipped tables, read once for all visitors; nobody writes to them."""
    return data.load()


@cache
def shipped_names() -> Names:
    """Names in the shipped tables."""
    return names_in(shipped_tables())


# ---- who is here ------------------------------------------------------------------------------------------------------
_tabs: Counter[str] = Counter()
_door = threading.Lock()


def visitor() -> str:
    """Who looks at the page: the cookie of the browser, so that all tabs of one visitor take one place."""
    try:
        return solara.get_session_id()
    except RuntimeError:  # drawn without a server
        return f"alone-{uuid4()}"


def enter(who: str) -> str:
    """Take a place on this server, or open one more tab; "" or the key of the text that says why not."""
    bound = limits.current()
    with _door:
        if who not in _tabs and len(_tabs) >= bound.sessions:
            return "failure.full"
        if _tabs[who] >= bound.tabs:
            return "failure.tabs"
        _tabs[who] += 1
        return ""


def refused(why: str, texts: Texts) -> str:
    """Why no world was opened for a visitor, in words; `why`: what :func:`enter` said."""
    bound = limits.current()
    return texts(why, places=texts.count("place", bound.sessions), tabs=texts.count("tab", bound.tabs))


def leave(who: str) -> None:
    """Close a tab; with the last one the place is given back."""
    with _door:
        _tabs[who] -= 1
        if _tabs[who] <= 0:
            del _tabs[who]


def visitors() -> int:
    """How many are here."""
    with _door:
        return len(_tabs)


# ---- the page ---------------------------------------------------------------------------------------------------------
@solara.component
def Page() -> None:
    """The dashboard of one visitor, from the open door to the closed tab."""
    solara.Style(CSS)
    solara.Style(MAP_CSS)
    solara.Style(REACH)
    solara.Title("Lodeflow")
    language, set_language = solara.use_state(ENGLISH)
    tables = shipped_tables()
    texts = solara.use_memo(lambda: Texts(language, tables), [language])
    player, set_player = solara.use_state(cast(Player | None, None))
    status, set_status = solara.use_state(Status())
    refusal, set_refusal = solara.use_state("")
    who = solara.use_memo(visitor, [])

    def live() -> Callable[[], None]:
        """Open a world for this visitor; close it when the tab is closed."""
        why = enter(who)
        if why:
            set_refusal(why)
            return lambda: None
        own = Player(lambda: Session(tables), set_status)
        set_player(own)

        def close() -> None:
            own.close()
            leave(who)
            memory.give_back_soon()

        return close

    solara.use_effect(live, [])
    with solara.Div(classes=["lf"]):
        if refusal:
            Alert([refused(refusal, texts)])
        elif player is None or status.frame is None:
            Plain(texts(status.failure) if status.failure else texts("control.loading"), "lf-main lf-busy")
        else:
            Guarded(player, status, texts, tables, set_language)


@solara.component
def Guarded(player: Player, status: Status, texts: Texts, tables: Tables, set_language: Callable[[str], None]) -> None:
    """The dashboard, or, when something in it failed, a plain word; the traceback goes to the server's log."""
    error, clear = solara.use_exception()

    def note() -> None:
        if error is not None:
            log.error("the page could not be drawn", exc_info=error)

    solara.use_effect(note, [error])
    if error is not None:
        Alert([texts("failure.page")])
        solara.Button(texts("failure.retry"), on_click=clear)
        return
    Dashboard(player, status, texts, tables, set_language)


@solara.component
def Dashboard(
    player: Player, status: Status, texts: Texts, tables: Tables, set_language: Callable[[str], None]
) -> None:
    """Head, tabs and what the chosen tab shows."""
    frame = status.frame
    assert frame is not None
    tab, set_tab = solara.use_state(WORLD)
    wanted, set_metal = solara.use_state(FIRST_METAL)
    metals = frame.live.world.layout.metals
    metal = wanted if wanted in metals else metals[0]
    shelf, pick = use_beside(player, frame, metal, tables), use_pick(frame, metal)
    linked = solara.use_ref(cast(tuple[int, str] | None, None))
    theme, set_theme = solara.use_state("")

    def select() -> None:
        """A scenario that is loaded shows the metal that the link names, or that it is about; a link without either the first."""
        named = None
        if linked.current is not None and frame.loads > linked.current[0]:  # loaded after the link was followed
            named, linked.current = linked.current[1], None
        about = named or main_metal(frame.scenario.shocks, frame.live.world)
        if named is not None:
            about = about or FIRST_METAL
        if about:
            set_metal(about)

    def choose(name: str) -> None:
        set_theme(name)
        set_dark(name == "dark")

    def show(link: Link, moves: bool) -> None:
        """Look at what an address names."""
        linked.current = (frame.loads, link.metal) if moves else None
        set_metal(link.metal or FIRST_METAL)
        set_language(link.lang if link.lang in LANGUAGES else ENGLISH)
        set_tab(TABS.index(link.tab) if link.tab in TABS else WORLD)
        if link.theme in THEMES:
            choose(link.theme)
        shelf.restore(link.kept)
        pick.show(link.country, link.product, link.map)

    solara.use_effect(select, [frame.loads])
    Head(texts, title_of(frame, texts), tab, set_tab, set_language, choose)
    with solara.Div(classes=["lf-main"]):
        Notices(player, status.problems, status.failure, texts)
        Tab(player, status, texts, tables, tab, metal, set_metal, pick)

    Pictures()
    Mend(words={"remove": texts("whatif.remove"), "busy": texts("control.busy")})
    looks = Link(metal=metal, tab=TABS[tab], lang=texts.language, theme=theme, kept=shelf.address)
    looks = replace(looks, country=pick.country, product=pick.product, map=pick.look.write())
    Place(player, frame, texts, looks, show)
    Pulse(
        number=frame.number,
        t=frame.t,
        language=texts.language,
        event_drawn=lambda number: player.drawn(int(number)),
        event_pressed=lambda key: press(player, key),
    )


@solara.component
def Tab(
    player: Player,
    status: Status,
    texts: Texts,
    tables: Tables,
    tab: int,
    metal: str,
    set_metal: Callable[[str], None],
    pick: Pick,
) -> None:
    """What the chosen tab shows; work that runs in the background goes on while another one is looked at."""
    frame = status.frame
    assert frame is not None
    comparison, batch = use_work(), use_work()
    if tab == WORLD:
        WorldView(player, status, texts, tables, shipped_names(), metal, set_metal, pick)
    else:
        Metals(frame.live.world.layout.metals, metal, set_metal, texts)
    if tab == COMPARE:
        Pinned(player, frame, metal, texts)
        CompareView(comparison, frame.scenario, title_of(frame, texts), texts, metal)
    elif tab == BATCH:
        BatchView(batch, frame.scenario, title_of(frame, texts), texts, metal)
    elif tab == DOWNLOADS:
        DownloadsView(comparison, frame, texts, metal)


@solara.component
def Notices(player: Player, problems: tuple[str, ...], failure: str, texts: Texts) -> None:
    """What was wrong with the last wish, and why a run cannot go on; always there, so that nothing below it moves in the tree."""
    with solara.Div(classes=["lf-notices"]):
        if problems:
            Alert([texts("problem.title")], [told(line, texts) for line in problems])
            solara.Button(texts("problem.close"), on_click=player.clear_problems, small=True, classes=["lf-understood"])
        if failure:
            Alert([texts(failure)])


@solara.component
def Place(player: Player, frame: Frame, texts: Texts, looks: Link, show: Callable[[Link, bool], None]) -> None:
    """The address of the page, in step with the world and with `looks`, how it is looked at.

    `show` looks at what a link names; its second argument says whether another world comes with it.
    """
    world = solara.use_memo(lambda: packed(frame.scenario), [frame.scenario])
    usual = {"metal": FIRST_METAL, "tab": TABS[WORLD], "lang": ENGLISH}
    said: dict[str, Any] = {name: "" for name, value in usual.items() if getattr(looks, name) == value}
    if len(world["own"]) + len(looks.kept) > LONGEST:
        said["kept"] = ""

    def went(search: str) -> None:
        link = Link.read(search)
        moves = (link.scenario, link.own, link.month, link.what) != (*world.values(), frame.t, "")
        show(link, moves)
        if moves:
            offers.arrive(player, replace(link, metal=link.metal or FIRST_METAL))

    Keep(frame, looks, texts, went)
    Address(
        place=replace(looks, **said | world).write(),
        moment=f"month={frame.t}",
        event_went=went,
        event_dark=lambda _: None if looks.theme else set_dark(True),
    )


def press(player: Player, key: str) -> None:
    """What a key does."""
    acts: dict[str, Callable[[], None]] = {
        "play": lambda: player.pause() if player.status.playing else player.play(),
        "step": player.step,
        "undo": lambda: player.change(lambda session: session.undo(), pause=True),
    }
    acts.get(key, lambda: None)()


@solara.component
def Head(
    texts: Texts,
    title: str,
    tab: int,
    set_tab: Callable[[int], None],
    set_language: Callable[[str], None],
    choose: Callable[[str], None],
) -> None:
    """Name, tabs, scenario, language and colours."""
    dark = solara.lab.use_dark_effective()
    with rv.Html(tag="header", class_="lf-top"):
        words, home = texts("whatif.home"), "/" if texts.language == ENGLISH else f"/#lang={texts.language}"
        with rv.Html(tag="a", class_="lf-home", attributes={"href": home, "title": words, "aria-label": words}):
            Plain(texts("title"), tag="h1")
        with rv.Tabs(v_model=tab, on_v_model=set_tab, height=34, background_color="transparent", show_arrows=True):
            for name in TABS:
                rv.Tab(children=[texts(f"tab.{name}")])
        Plain(title, "lf-scenario")
        with solara.Div(classes=["lf-choices"], attributes={"role": "group", "aria-label": texts("top.language")}):
            for code, name in LANGUAGES.items():
                on = code == texts.language
                solara.Button(
                    name,
                    on_click=partial(set_language, code),
                    classes=["lf-on"] if on else [],
                    attributes={"aria-pressed": str(on).lower(), "lang": code},
                )
        words = texts("top.light" if dark else "top.dark")
        solara.Button(
            icon_name="mdi-white-balance-sunny" if dark else "mdi-weather-night",
            icon=True,
            on_click=lambda: choose(THEMES[not dark]),
            attributes={"aria-label": words, "title": words},
            classes=["lf-theme"],
        )


def set_dark(dark: bool) -> None:
    """Choose dark or light colours for this visitor."""
    solara.lab.theme.dark = dark


@solara.component
def Alert(lines: list[str], items: list[str] | None = None) -> None:
    """Something the visitor must know, and what it consists of."""
    with rv.Html(tag="div", class_="lf-alert", attributes={"role": "alert"}):
        for line in lines:
            Plain(line, tag="b")
        if items:
            rv.Html(tag="ul", children=[rv.Html(tag="li", children=[bare(item)]) for item in items])


@solara.component
def Layout(children: list[Any] | None = None) -> None:
    """The whole window belongs to the page: no frame around it."""
    solara.Div(children=children or [])
