"""Governments on the page: whether they answer, what they decided, will or shall decide, and the country that the visitor plays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import cast

import reacton.ipyvuetify as rv
import solara

from lodeflow.environment.governments.decision import Decision
from lodeflow.environment.governments.kinds import KINDS
from lodeflow.environment.governments.office import FORMS
from lodeflow.viz.app.texts import Texts
from lodeflow.viz.app.widgets import Plain
from lodeflow.viz.app.world.decided import RELEASE, VETOED, form_word, said, verb_word, why
from lodeflow.viz.app.world.frame import Council, Frame
from lodeflow.viz.app.world.player import Player

SHOWN = 12
"""Decisions in the list, the latest first; all of them stand in the run folder."""
NOBODY = ""


@solara.component
def Governments(player: Player, texts: Texts, frame: Frame) -> None:
    """The switch, who plays, what comes next, what was decided."""
    council = frame.council

    def switch(on: bool) -> None:
        player.change(lambda session: session.govern(mode="on" if on else "off"), pause=True)

    with solara.Div(classes=["lf-panel", "lf-governments"]):
        Plain(texts("govern.title"), tag="h2")
        rv.Switch(
            label=texts("govern.on"), v_model=council is not None, on_v_model=switch, dense=True, hide_details=True
        )
        Plain(texts("govern.help"), "lf-help")
        if council is not None:
            You(player, texts, council)
            measures = {str(fired.event["label"]): texts.event(fired.event) for fired in frame.fired}
            Order(player, texts, frame.live.world.layout.metals, council)
            Decisions(player, texts, "pending", council.pending, measures)
            shown = [one for one in council.decided if one.instrument != RELEASE]
            Decisions(player, texts, "decided", tuple(shown[::-1][:SHOWN]), measures)


@solara.component
def You(player: Player, texts: Texts, council: Council) -> None:
    """The country that the visitor plays: it decides nothing by itself, the desk acts for it."""
    left = [name for name in council.names if name not in council.playing]
    mine = left[0] if len(left) == 1 else NOBODY

    def play(name: str | None) -> None:
        who = [other for other in council.names if other != name] if name else []
        player.change(lambda session: session.govern(who=who), pause=True)

    names = sorted(council.names, key=texts.region)
    items = [{"text": texts("govern.nobody"), "value": NOBODY}]
    items += [{"text": texts.region(name), "value": name} for name in names]
    rv.Select(label=texts("govern.you"), items=items, v_model=mine, on_v_model=play, dense=True, hide_details=True)
    if mine:
        Plain(texts("govern.you_help", who=texts.region(mine)), "lf-help")


@solara.component
def Order(player: Player, texts: Texts, metals: Sequence[str], council: Council) -> None:
    """Have any government take a decision in the month that comes next, whatever it would do by itself."""
    asked, put = solara.use_state(cast(dict[str, str], {"form": FORMS[-1]}))
    names = sorted(council.names, key=texts.region)
    places = [{"text": texts.region(name), "value": name} for name in names]
    everybody = [{"text": texts("govern.all"), "value": NOBODY}]
    choices = {
        "who": places,
        "kind": [{"text": verb_word(kind, texts), "value": kind} for kind in KINDS],
        "metal": [{"text": texts.metal(metal), "value": metal} for metal in metals],
        "form": [{"text": form_word(form, texts), "value": form} for form in FORMS],
        "target": [*everybody, *places],
    }

    def choose(field: str, value: str | None) -> None:
        put(lambda before: before | {field: value or NOBODY})

    def order() -> None:
        what = {field: value for field, value in asked.items() if value}
        player.change(lambda session: session.order(**what), pause=True)

    ready = all(asked.get(field) for field in ("who", "kind", "metal"))
    with solara.Details(texts("govern.order")):
        Plain(texts("govern.order_help"), "lf-help")
        for field, items in choices.items():
            rv.Select(
                label=texts(f"govern.field.{field}"),
                items=items,
                v_model=asked.get(field, NOBODY),
                on_v_model=partial(choose, field),
                dense=True,
                hide_details=True,
            )
        solara.Button(
            texts("govern.order_do"), on_click=order, disabled=not ready, small=True, block=True, classes=["lf-order"]
        )


@solara.component
def Decisions(
    player: Player, texts: Texts, name: str, decisions: tuple[Decision, ...], measures: dict[str, str]
) -> None:
    """Decisions of one list, with why, and a way to forbid them; measures: names of what was fired by their labels."""
    Plain(texts(f"govern.{name}"), tag="h3")
    if not decisions:
        Plain(texts(f"govern.{name}_none"), "lf-help")
    with rv.Html(tag="ul", class_="lf-fired"):
        for one in decisions:
            forbid: Callable[[], None] = partial(_forbid, player, one)
            words = texts("govern.forbid", what=said(one, texts))
            with rv.Html(tag="li", class_=f"lf-{name} is-{one.status}"):
                Plain(texts("govern.line", month=texts.month(one.month), what=said(one, texts)), tag="span")
                if one.status != VETOED:
                    solara.Button(
                        icon_name="mdi-cancel",
                        icon=True,
                        x_small=True,
                        on_click=forbid,
                        classes=["lf-forbid"],
                        attributes={"aria-label": words, "title": words},
                    )
                Plain(texts("govern.vetoed") if one.status == VETOED else why(one, texts, measures), tag="small")


def _forbid(player: Player, decision: Decision) -> None:
    player.change(lambda session: session.forbid(decision), pause=True)
