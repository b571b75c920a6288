"""The row of measures that one click fires, beside the sentence that says what goes on."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, cast

import reacton.ipyvuetify as rv
import solara

from lodeflow.viz.app.cover import offers
from lodeflow.viz.app.texts import Texts
from lodeflow.viz.app.widgets import Plain
from lodeflow.viz.app.world.frame import Frame
from lodeflow.viz.app.world.player import Player, Status


@solara.component_vue("../vue/reach.vue")
def Reach(
    playing: bool,
    over: bool,
    month: str,
    fired: int,
    words: dict[str, str],
    event_act: Callable[[str], None] | None = None,
) -> Any:
    """On a narrow screen the bar that stays in sight; `fired` counts the measures: when it grows, their effect is shown."""


@solara.component
def Bar(player: Player, status: Status, month: str, texts: Texts) -> None:
    """Play, one month and the way to the desk, in reach of a thumb."""
    frame = status.frame
    assert frame is not None
    acts: dict[str, Callable[[], None]] = {
        "play": player.pause if status.playing else player.play,
        "step": player.step,
    }
    words = {name: texts(f"control.{name}") for name in ("play", "pause", "step")}
    words |= {name: texts(f"whatif.{name}") for name in ("results", "desk", "group")}
    Reach(
        playing=status.playing,
        over=frame.over,
        month=month,
        fired=len(frame.fired),
        words=words,
        event_act=lambda name: acts[name](),
    )


@solara.component
def Offers(player: Player, frame: Frame, metal: str, texts: Texts) -> None:
    """What if: buttons for the metal on screen; what was fired last is said where it was clicked."""
    last, set_last = solara.use_state(cast(str | None, None))
    world = frame.live.world
    kinds = solara.use_memo(lambda: offers.offered(metal, world), [metal, frame.loads])

    def fire(kind: str, said: str) -> None:
        set_last(said)
        offers.fire(player, kind, metal)

    with solara.Div(classes=["lf-offers"], attributes={"role": "group", "aria-label": texts("whatif.title")}):
        Plain(texts("cover.whatif"), tag="b")
        for kind in kinds:
            said = offers.label(kind, metal, world, texts)
            solara.Button(said, on_click=partial(fire, kind, said), disabled=frame.over, classes=["lf-offer"])
        if last is not None and frame.can_undo:
            with rv.Html(tag="span", attributes={"role": "status"}, class_="lf-said"):
                Plain(texts("whatif.fired", what=last), tag="span")
