"""The preview under the desk: cost and effect of the measure in the form, and the price with it and without it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import reacton.ipyvuetify as rv
import solara

from lodeflow.viz.app.beside import preview as trials
from lodeflow.viz.app.beside.mailbox import Mailbox
from lodeflow.viz.app.beside.preview import Preview, Trial
from lodeflow.viz.app.texts import Texts
from lodeflow.viz.app.widgets import Board, Plain, Sight
from lodeflow.viz.app.world import board, story
from lodeflow.viz.app.world.frame import Frame
from lodeflow.viz.app.world.player import Player
from lodeflow.viz.app.world.stamp import stamp_of

BEFORE = 12
"""Months drawn before the measure."""


@solara.component
def Tried(player: Player, frame: Frame, playing: bool, raw: dict[str, Any], metal: str, texts: Texts) -> None:
    """Try the measure of the form whenever it or the world changes, as long as the preview is in sight.

    Nothing while months go by, or before the first. It costs more than the month itself: who only looks on must not pay for it.
    """
    found, set_found = solara.use_state(cast(Preview | None, None))
    seen, set_seen = solara.use_state(False)
    resting = playing or frame.over or frame.t == 0
    idle = resting or not seen

    def begin() -> Callable[[], None]:
        set_found(None)
        if idle:
            return lambda: None
        box: Mailbox[Preview] = Mailbox(player, set_found)
        trial = Trial(player, raw, box)

        def end() -> None:
            box.close()
            trial.cancel()

        return end

    solara.use_effect(begin, [json.dumps(raw, sort_keys=True), frame.scenario, frame.t, idle])
    if resting:
        return
    with solara.Div(classes=["lf-panel", "lf-preview"]):
        Sight(event_seen=set_seen)
        if found is None or found.ahead is None:
            failed = found is not None and found.state == "failed"
            Plain(texts("preview.failed" if failed else "preview.running"), "lf-busy")
            for line in found.problems if found else ():
                Plain(line, "lf-help")
            return
        Told(found, frame, metal, texts)


@solara.component
def Told(found: Preview, frame: Frame, metal: str, texts: Texts) -> None:
    """What was found so far."""
    shown = trials.chart(found, metal, texts)
    if shown is None or found.ahead is None:
        return
    months = found.ahead[0].t - found.start
    Plain(texts("preview.title", months=texts.count("month", months)), tag="h3")
    since = max(found.start - BEFORE, 0)
    cut = [replace(line, values=line.values[since:]) for line in shown.lines]
    axis = {
        "first": found.first + since,
        "months": found.ahead[0].t - since,
        "t": found.ahead[0].t - since,
        "marks": [],
    }
    Board(
        charts=json.dumps([board.wire(replace(shown, lines=cut))]),
        time=json.dumps(axis),
        texts={name: texts(key) for name, key in WORDS.items()}
        | {
            "file": f"lodeflow-preview-{metal}",
            "about": story.about(texts.metal(metal), story.title_of(frame, texts), axis, texts),
            "source": stamp_of(frame, texts),
        },
        units=texts.units(),
        language=texts.language,
        shape="lf-column",
    )
    with rv.Html(tag="table"), rv.Html(tag="tbody"):
        for name, value in trials.rows(found, metal, texts):
            rv.Html(tag="tr", children=[rv.Html(tag="td", children=[name]), rv.Html(tag="td", children=[value])])
    Plain(texts("preview.later"), "lf-help")


WORDS = {
    "dashed": "line.dashed",
    "svg": "board.svg",
    "png": "board.png",
    "empty": "board.empty",
    "shaded": "board.shaded",
}
"""Words that a chart needs in the browser."""
