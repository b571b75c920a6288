"""The parts of the page that are drawn in the browser: map, charts, time line, address, and the pulse of frames drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import reacton.ipyvuetify as rv
import solara

from lodeflow.data.plain import plain_lines
from lodeflow.viz.app.texts import bare
from lodeflow.viz.colors import DARK, ROLES


@solara.component
def Plain(text: str, classes: str = "", tag: str = "div") -> None:
    """Text as text: the browser does not read it as HTML; control characters and marks of code are left out."""
    rv.Html(tag=tag, class_=classes, children=[bare(plain_lines(text))])


@solara.component
def Choice(label: str, on: bool, choose: Callable[[], None]) -> None:
    """A button that is pressed or not."""
    solara.Button(
        label, on_click=choose, classes=["lf-on"] if on else [], attributes={"aria-pressed": "true" if on else "false"}
    )


@solara.component_vue("vue/network.vue")
def Network(
    picture: str,
    land: str,
    legend: list[dict[str, str]],
    title: str,
    selected: str,
    texts: dict[str, str],
    small: bool = False,
    event_pick: Callable[[str], None] | None = None,
) -> Any:
    """The trade network; `picture` is JSON of :mod:`lodeflow.viz.app.world.network` or :mod:`lodeflow.viz.app.world.chain`.

    `land` is JSON of :func:`lodeflow.viz.app.world.network.land`; a `small` one has no names, no legend and no buttons.
    """


@solara.component_vue("vue/board.vue")
def Board(
    charts: str,
    time: str,
    texts: dict[str, str],
    units: dict[str, str],
    language: str,
    shape: str = "lf-grid",
    roles: dict[str, str] = ROLES,
    night: dict[str, str] = DARK,
) -> Any:
    """Charts; `charts` and `time` are JSON of :func:`~lodeflow.viz.app.world.board.wire` and `axis`; colours of `colors`."""


@solara.component_vue("vue/timeline.vue")
def Timeline(
    state: str, label: str, month: str, ends: list[str], event_rewind: Callable[[int], None] | None = None
) -> Any:
    """The months of the run with the shocks; dragging back rewinds."""


@solara.component_vue("vue/upload.vue")
def Upload(label: str, accept: str, most: int, event_given: Callable[[dict[str, Any]], None] | None = None) -> Any:
    """Takes a file of at most `most` bytes: name, size and content (base64; empty where it is larger)."""


@solara.component_vue("vue/pulse.vue")
def Pulse(
    number: int,
    t: int,
    language: str,
    event_drawn: Callable[[int], None] | None = None,
    event_pressed: Callable[[str], None] | None = None,
) -> Any:
    """Nothing to see: says when frame `number` is on the screen, and which keys were pressed."""


@solara.component_vue("vue/mend.vue")
def Mend(words: dict[str, str]) -> Any:
    """Nothing to see: gives Vuetify's parts the names and roles that a reader of the screen needs, and lets a phone zoom."""


@solara.component_vue("vue/sight.vue")
def Sight(event_seen: Callable[[bool], None] | None = None) -> Any:
    """Nothing to see: tells whether the part of the page that it stands in is on the screen."""


@solara.component_vue("vue/address.vue")
def Address(
    place: str,
    moment: str,
    event_went: Callable[[str], None] | None = None,
    event_dark: Callable[[Any], None] | None = None,
) -> Any:
    """Nothing to see: writes the address of the page (a new entry of the history with every `place`), says where it went.

    It also says when the visitor's system asks for dark colours.
    """


@solara.component_vue("vue/keep.vue")
def Pictures() -> Any:
    """Nothing to see: saves pictures of the page, with what they show written into the file."""


@solara.component_vue("vue/share.vue")
def Share(label: str, copy: str, copied: str, content: str) -> Any:
    """A text that can be copied; `{address}` in it is the address of the page."""


@solara.component_vue("vue/brief.vue")
def Brief(label: str, language: str, title: str, fired: list[str], texts: dict[str, str], file: str) -> Any:
    """A button that saves what stands on the page, map and charts as they are, as one HTML page that needs no network."""
