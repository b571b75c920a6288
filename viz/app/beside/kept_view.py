"""The row of kept worlds and the table of what they differ in."""

from __future__ import annotations

from functools import partial
from typing import Any

import reacton.ipyvuetify as rv
import solara

from lodeflow.viz.app.beside import differ
from lodeflow.viz.app.beside.kept import LETTERS, Kept, is_kept, left_out, month_of, name_of
from lodeflow.viz.app.beside.shelf import Shelf, shelf_context
from lodeflow.viz.app.texts import Texts, bare
from lodeflow.viz.app.widgets import Plain
from lodeflow.viz.app.world.frame import Frame
from lodeflow.viz.app.world.player import Player
from lodeflow.viz.app.world.session import Session


@solara.component
def KeptRow(player: Player, frame: Frame, texts: Texts) -> None:
    """Keep this world, and what was kept: by letter and measures, to go back to or to let go."""
    shelf: Shelf = solara.use_context(shelf_context)
    free = [letter for letter in LETTERS if letter not in {one.letter for one in shelf.kept}]
    without = solara.use_memo(
        lambda: left_out(shelf.kept, shelf.address, frame.scenario), [shelf.kept, shelf.address, frame.scenario]
    )
    with solara.Div(classes=["lf-kept"], attributes={"role": "group", "aria-label": texts("kept.title")}):
        label = texts("kept.keep", letter=free[0]) if free else texts("kept.full")
        solara.Button(
            label,
            icon_name="mdi-pin",
            on_click=lambda: shelf.keep(frame),
            disabled=not free or frame.t == 0 or is_kept(shelf.kept, frame),
            small=True,
            classes=["lf-keep"],
            attributes={"title": texts("kept.help")},
        )
        for one in shelf.kept:
            One(player, one, shelf, texts)
        for key in ("waiting" * shelf.waiting, "broken" * shelf.broken, without):
            if key:
                Plain(texts(f"kept.{key}"), "lf-busy", tag="span")


@solara.component
def Pinned(player: Player, frame: Frame, metal: str, texts: Texts) -> None:
    """Keep worlds and compare them; how to, while none is kept."""
    with solara.Div(classes=["lf-body"]):
        KeptRow(player, frame, texts)
        if not solara.use_context(shelf_context).kept:
            Plain(texts("kept.help"), "lf-help")
        Differences(frame, metal, texts)


@solara.component
def One(player: Player, one: Kept, shelf: Shelf, texts: Texts) -> None:
    """A kept world: badge, name, month, and what can be done with it."""
    name, month = name_of(one.frame, texts), month_of(one.frame, texts)
    scenario, t = one.frame.scenario, one.frame.t

    def go() -> None:
        def wish(session: Session) -> None:
            session.load(scenario)
            session.step(t)

        player.change(wish, pause=True)

    with rv.Html(tag="span", class_=f"lf-kept-one lf-kept-{one.letter}"):
        Badge(one.letter)
        Plain(texts("kept.one", name=name, month=month), "lf-kept-name", tag="span")
        for key, icon, act in (
            ("go", "mdi-eye", go),
            ("drop", "mdi-close", partial(shelf.drop, one.letter)),
        ):
            words = texts(f"kept.{key}", letter=one.letter, name=name)
            solara.Button(
                icon_name=icon,
                icon=True,
                x_small=True,
                on_click=act,
                classes=[f"lf-kept-{key}"],
                attributes={"aria-label": words, "title": words},
            )


@solara.component
def Badge(letter: str) -> None:
    """A letter in the colour of its world."""
    rv.Html(tag="b", class_=f"lf-badge is-{letter}", children=[letter])


@solara.component
def Differences(frame: Frame, metal: str, texts: Texts) -> None:
    """The table of differences; nothing while no world is kept."""
    shelf: Shelf = solara.use_context(shelf_context)
    frames = [*(one.frame for one in shelf.kept), frame]
    rows = solara.use_memo(
        lambda: differ.table(frames, metal, texts) if shelf.kept else [],
        [shelf.kept, frame.number, metal, texts.language],
    )
    if not rows:
        return
    same = differ.until_all(frames)
    with solara.Div(classes=["lf-panel", "lf-scroll", "lf-differ"]):
        Plain(texts("kept.table", metal=texts.metal(metal)), tag="h2")
        heads = [Head(one.letter, name_of(one.frame, texts)) for one in shelf.kept]
        heads.append(Head("", texts("kept.now")))
        corner = rv.Html(tag="th", attributes={"scope": "col"}, children=[texts("batch.indicator")])
        head = rv.Html(tag="tr", children=[corner, *heads])
        body = [_line(row) for row in rows]
        rv.Html(tag="table", children=[rv.Html(tag="thead", children=[head]), rv.Html(tag="tbody", children=body)])
        until = texts("kept.until", month=texts.month(frame.first_month + same - 1)) if same else texts("kept.each")
        Plain(f"{until} {texts('kept.note', letter=shelf.kept[0].letter)}", "lf-note")


@solara.component
def Head(letter: str, name: str) -> None:
    """Head of a column: the badge of a world and its name."""
    with rv.Html(tag="th", attributes={"scope": "col"}):
        if letter:
            Badge(letter)
        Plain(name, "lf-kept-name", tag="span")


def _line(row: differ.Row) -> Any:
    cells = []
    for value, gap in row.cells:
        parts = [bare(value), *([rv.Html(tag="small", children=[gap])] if gap else [])]
        cells.append(rv.Html(tag="td", children=parts))
    return rv.Html(tag="tr", children=[rv.Html(tag="td", children=[row.name]), *cells])
