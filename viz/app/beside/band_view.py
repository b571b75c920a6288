"""The quick runs of the world on screen as the page has them: begun after each change, cancelled by the next."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import solara

from lodeflow.viz.app.beside.band import Runner, Spread, sentence, wanted
from lodeflow.viz.app.beside.mailbox import Mailbox
from lodeflow.viz.app.texts import Texts
from lodeflow.viz.app.widgets import Plain
from lodeflow.viz.app.world.frame import Frame
from lodeflow.viz.app.world.player import Player

KEPT = 6
"""Results kept, so that going back to a metal or a measure shows its band at once."""
band_context = solara.create_context(Spread())
"""Where charts find the band."""


def use_band(player: Player, frame: Frame, metal: str) -> Spread:
    """The quick runs of a world and a metal (a hook)."""
    spread, set_spread = solara.use_state(Spread())
    known = solara.use_ref(cast(dict[tuple[str, str], Spread], {}))

    def begin() -> Callable[[], None]:
        scenario = wanted(frame.scenario, metal)
        if scenario is None:
            set_spread(Spread())
            return lambda: None
        key = (scenario.to_toml(), metal)
        if key in known.current:
            set_spread(known.current[key])
            return lambda: None

        def publish(now: Spread) -> None:
            if now.runs is not None:
                known.current = dict([*known.current.items(), (key, now)][-KEPT:])
            set_spread(now)

        set_spread(Spread())
        box = Mailbox(player, publish)
        runner = Runner(*key, box)

        def end() -> None:
            box.close()
            runner.cancel()

        return end

    solara.use_effect(begin, [frame.scenario, metal])
    return spread


@solara.component
def BandLine(metal: str, texts: Texts) -> None:
    """What the quick runs say, in a sentence."""
    said = sentence(solara.use_context(band_context), metal, texts)
    if said:
        Plain(said, "lf-band", tag="p")
