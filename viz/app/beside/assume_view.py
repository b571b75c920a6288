"""The panel of assumptions: sliders that run the world again from its start with another value."""

from __future__ import annotations

from collections.abc import Callable

import reacton.ipyvuetify as rv
import solara

from lodeflow.data import Tables
from lodeflow.viz.app import figures
from lodeflow.viz.app.beside.assume import NOISE, SWITCHES, Knob, Switch, demands, knobs, moved, noise
from lodeflow.viz.app.texts import ENGLISH, Texts, bare
from lodeflow.viz.app.widgets import Plain
from lodeflow.viz.app.world.frame import Frame
from lodeflow.viz.app.world.player import Player

ROUNDED = 0.51
"""Part of a step of a slider by which the browser may round the value that stands in the table: nobody moved it."""


@solara.component
def Assumptions(player: Player, frame: Frame, metal: str, tables: Tables, texts: Texts) -> None:
    """Elasticities, stocks, noise and demand of the run; what is moved stands in the scenario, and so in the link."""
    scenario = frame.scenario

    def demand(name: str) -> None:
        player.change(lambda session: session.assume({"demand": name}, {}), pause=True)

    def turn(knob: Knob, value: float) -> None:
        if knob.key == NOISE:
            player.change(lambda session: session.assume({knob.key: value}, {}), pause=True)
        else:
            new = None if abs(value - knob.shipped) < 0.5 * knob.step else value
            player.change(lambda session: session.assume({}, {knob.key: new}), pause=True)

    title = texts("assume.moved" if moved(scenario, tables) else "assume.title")
    with solara.Div(classes=["lf-panel", "lf-assume"]), solara.Details(title):
        Plain(texts("assume.help"), "lf-help")
        rv.Select(
            label=texts("assume.demand"),
            items=[{"text": _demand(name, texts), "value": name} for name in demands(tables)],
            v_model=scenario.world.demand,
            on_v_model=demand,
            dense=True,
            hide_details=True,
            class_="lf-demand",
        )
        for switch in SWITCHES:
            Switched(switch, switch.is_on(scenario), player, texts)
        for knob in (noise(scenario), *knobs(metal, scenario, tables)):
            Turned(knob, turn, texts)


@solara.component
def Switched(switch: Switch, on: bool, player: Player, texts: Texts) -> None:
    """A part of the model that is switched on and off; the world is run again from its start."""

    def turn(wanted: bool) -> None:
        value = switch.on if wanted else switch.off
        if wanted != on:
            player.change(lambda session: session.assume({switch.name: value}, {}), pause=True)

    rv.Checkbox(
        label=texts(f"assume.{switch.name}"),
        v_model=on,
        on_v_model=turn,
        hint=texts(f"assume.{switch.name}_help"),
        persistent_hint=True,
        dense=True,
        class_=f"lf-switch-{switch.name}",
    )


def _demand(name: str, texts: Texts) -> str:
    key = f"assume.demands.{name}"
    return texts(key) if texts.has(key) else name


@solara.component
def Turned(knob: Knob, turn: Callable[[Knob, float], None], texts: Texts) -> None:
    """One assumption: a slider, and a button that runs the world with its value; it says what the shipped value is."""
    held, set_held = solara.use_state(knob.value)
    solara.use_effect(lambda: set_held(knob.value), [knob.value])
    said, shipped = figures.plain(knob.value), figures.plain(knob.shipped)
    said = said if said == shipped else texts("assume.instead", value=said, shipped=shipped)
    rv.Slider(
        label=f"{texts(f'assume.{knob.name}')}: {said}",
        v_model=held,
        on_v_model=set_held,
        min=knob.low,
        max=knob.high,
        step=knob.step,
        hint=bare(knob.reason) if texts.language == ENGLISH else "",
        persistent_hint=texts.language == ENGLISH,
        dense=True,
        class_=f"lf-slid lf-slid-{knob.name}",
    )
    if abs(held - knob.value) > ROUNDED * knob.step:
        solara.Button(
            texts("assume.use", value=figures.plain(held)),
            on_click=lambda: turn(knob, held),
            small=True,
            classes=["lf-use"],
        )
