"""What must not be lost: a world of the visitor's own is kept in the browser, and before it is replaced the visitor is asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, cast

import reacton.ipyvuetify as rv
import solara

from lodeflow.experiments.scenario.model import shipped
from lodeflow.viz.app.texts import Texts
from lodeflow.viz.app.widgets import Plain
from lodeflow.viz.app.world.frame import Frame
from lodeflow.viz.app.world.link import Link, pack
from lodeflow.viz.app.world.session import OWN
from lodeflow.viz.app.world.story import title_of

Act = Callable[[], None]


@solara.component_vue("vue/keeper.vue")
def Keeper(world: str, event_went: Callable[[str], None] | None = None) -> Any:
    """Nothing to see: writes `world` (JSON of :func:`kept`) into the browser, and says which kept world the address asks for."""


def kept(frame: Frame, looks: Link, texts: Texts) -> dict[str, Any]:
    """A world as the browser keeps it: whole, however long its scenario is; `looks`: how it is looked at."""
    scenario = frame.scenario
    changed = scenario.name.endswith(OWN) or scenario.name not in shipped()
    own = pack(scenario.to_toml()) if changed else ""
    return {
        "changed": changed,
        "loads": frame.loads,
        "title": title_of(frame, texts),
        "month": texts.month(frame.first_month + max(frame.t - 1, 0)),
        "search": Link(own=own, month=frame.t, metal=looks.metal, lang=looks.lang).write(),
    }


@solara.component
def Keep(frame: Frame, looks: Link, texts: Texts, went: Callable[[str], None]) -> None:
    """Keeps the world in the browser; `went` is called with the address of one that is wanted back."""
    Keeper(world=json.dumps(kept(frame, looks, texts)), event_went=went)


def use_guard(frame: Frame, texts: Texts) -> tuple[Callable[[Act], None], int]:
    """What asks before a changed world is replaced (a hook): call it with what would replace it.

    The second value counts the answers, for entries that must show again what they showed before.
    """
    asked, set_asked = solara.use_state(cast(list[Act], []))
    answers, set_answers = solara.use_state(0)

    def guard(act: Act) -> None:
        if frame.scenario.name.endswith(OWN):
            set_asked([act])
        else:
            act()

    def answer(go: bool) -> None:
        set_asked([])
        set_answers(answers + 1)
        if go:
            asked[0]()

    if asked:
        Question(frame, texts, answer)
    return guard, answers


@solara.component
def Question(frame: Frame, texts: Texts, answer: Callable[[bool], None]) -> None:
    """Whether the changed world may be replaced."""
    changes = texts.count("shock", len(frame.scenario.shocks))
    with (
        rv.Dialog(v_model=True, on_v_model=lambda on: None if on else answer(False), max_width=480),
        rv.Card(class_="lf-ask"),
    ):
        Plain(texts("lose.title"), tag="h2")
        Plain(texts("lose.what", name=title_of(frame, texts), count=changes), tag="p")
        with solara.Div(classes=["lf-buttons"]):
            solara.Button(
                texts("lose.stay"),
                color="primary",
                on_click=lambda: answer(False),
                classes=["lf-stay"],
                attributes={"autofocus": True},
            )
            solara.Button(texts("lose.go"), on_click=lambda: answer(True), classes=["lf-replace"])
