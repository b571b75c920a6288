"""The row of measures that one click fires, beside the sentence that says what goes on."""

from __future__ import annotations

from functools import partial
from typing import cast

import reacton.ipyvuetify as rv
import solara

from lodeflow.viz.app.cover import offers
from lodeflow.viz.app.texts import Texts
from lodeflow.viz.app.widgets import Plain
from lodeflow.viz.app.world.frame import Frame
from lodeflow.viz.app.world.player import Player


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
