"""The shock and policy desk: a form per kind, made from the registry, and the list of what was fired."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import reacton.ipyvuetify as rv
import solara

from lodeflow.environment.calendar import parse_month
from lodeflow.environment.settings import WorldSettings
from lodeflow.experiments.scenario.names import Names
from lodeflow.viz.app.desk import forms as desk
from lodeflow.viz.app.desk import guess
from lodeflow.viz.app.desk.entries import Change, Entry, When
from lodeflow.viz.app.desk.forms import Field, Timing
from lodeflow.viz.app.desk.latch import Latch
from lodeflow.viz.app.texts import Texts
from lodeflow.viz.app.widgets import Plain
from lodeflow.viz.app.world.player import Player, Status
from lodeflow.viz.app.world.session import Fired, Frame, Session


@dataclass(frozen=True)
class Form:
    """What is entered, and what changes it.

    Attributes:
        kind, timing, values: what happens, when, and the fields by name, as they are drawn.
        latest: what was entered last, also while the page is still being drawn (a reference).
        choose: takes another kind. put: changes one field. set_timing: changes when.
    """

    kind: str
    timing: Timing
    values: dict[str, Any]
    latest: Any
    choose: Callable[[str], None]
    put: Callable[[str, Any], None]
    set_timing: Change


def use_form(frame: Frame, metal: str) -> Form:
    """The form of a visitor (a hook): filled with a guess for the metal on screen, which it follows."""
    world = frame.live.world
    kind, set_kind = solara.use_state(next(iter(desk.kinds())))
    timing, set_timing = solara.use_state(desk.first_timing(kind))

    def first(name: str) -> dict[str, Any]:
        start = timing.start or frame.scenario.world.start
        return desk.first_values(name, world.layout.metals, start, guess.guess(name, metal, world))

    values, set_values = solara.use_state(first(kind))
    latest = solara.use_ref(values)

    def enter(new: dict[str, Any]) -> None:
        latest.current = new
        set_values(new)

    def choose(name: str) -> None:
        set_kind(name)
        enter(first(name))
        set_timing(desk.first_timing(name))

    def follow() -> None:
        """Another metal on screen: the form is about it now, unless it is already."""
        if not guess.touches(latest.current, metal, world):
            enter(first(kind))

    solara.use_effect(follow, [metal, frame.loads])
    return Form(
        kind, timing, values, latest, choose, lambda name, value: enter(latest.current | {name: value}), set_timing
    )


@solara.component
def Desk(player: Player, status: Status, texts: Texts, names: Names, metal: str, chosen: Change) -> None:
    """The form: what happens, to whom, how strongly, when. It follows the metal on screen.

    Args:
        player: whom to ask.
        status: what the player does.
        texts: the reader's language.
        names: countries, metals and products.
        metal: the metal on screen.
        chosen: called with the metal of a shock that was fired, where it is another one.
    """
    frame = status.frame
    assert frame is not None
    world, metals = frame.scenario.world, frame.live.world.layout.metals
    form = use_form(frame, metal)
    latch = solara.use_memo(Latch, [])

    def fire() -> None:
        if not latch.take():
            return
        given = form.latest.current

        def wish(session: Session) -> None:
            try:
                session.fire(desk.raw_shock(form.kind, given, form.timing, session.now))
            finally:
                latch.give_back()

        player.change(wish)
        named = [name for name in given.get("metals") or [] if name in metals]
        if named and metal not in named:
            chosen(named[0])

    Asked(form, texts, names, world, metals, fire)


@solara.component
def Asked(
    form: Form, texts: Texts, names: Names, world: WorldSettings, metals: list[str], fire: Callable[[], None]
) -> None:
    """The fields of a form and the button that fires it."""

    def entry(field: Field) -> None:
        Entry(form.kind, field, form.values.get(field.name), form.put, texts, names, world, metals)

    with solara.Div(classes=["lf-panel", "lf-desk"]):
        Plain(texts("desk.title"), tag="h2")
        rv.Select(
            label=texts("desk.kind"),
            items=_kinds(texts),
            v_model=form.kind,
            on_v_model=form.choose,
            dense=True,
            hide_details=True,
        )
        Plain(texts.kind_help(form.kind), "lf-help")
        for field in desk.fields_of(form.kind):
            entry(field)
        When(form.timing, form.set_timing, texts, world)
        with solara.Details(texts("desk.more")):
            for field in desk.later_fields(form.kind):
                entry(field)
        label = texts("desk.schedule") if form.timing.start else texts("desk.fire")
        solara.Button(label, on_click=fire, color="primary", icon_name="mdi-flash", block=True, classes=["lf-fire"])


def _kinds(texts: Texts) -> list[dict[str, Any]]:
    kinds = desk.kinds()
    items: list[dict[str, Any]] = []
    for policy, heading in ((False, "desk.shocks"), (True, "desk.policies")):
        items.append({"header": texts(heading)})
        items += [{"text": texts.kind(name), "value": name} for name, of in kinds.items() if of is policy]
    return items


@solara.component
def FiredList(player: Player, texts: Texts, fired: tuple[Fired, ...], can_undo: bool) -> None:
    """What was fired, where it stands, and the way back."""
    with solara.Div(classes=["lf-panel"]):
        Plain(texts("fired.title"), tag="h2")
        if not fired:
            Plain(texts("fired.none"), "lf-help")
        with rv.Html(tag="ul", class_="lf-fired"):
            for one in fired:
                lines = [texts.event(one.event), rv.Html(tag="small", children=[_where(one, texts)])]
                if one.event["unreached"]:
                    lines.append(rv.Html(tag="small", children=[texts("fired.unreached")]))
                rv.Html(tag="li", class_=f"is-{one.state}", children=lines)
        solara.Button(
            texts("fired.undo"),
            on_click=lambda: player.change(lambda session: session.undo(), pause=True),
            icon_name="mdi-undo",
            text=True,
            small=True,
            disabled=not can_undo,
            classes=["lf-undo"],
        )


def _where(one: Fired, texts: Texts) -> str:
    """Dates of a shock and where it stands."""
    start, end = texts.month(parse_month(one.event["start"])), one.event["end"]
    last = texts.month(parse_month(end)) if end else ""
    dates = texts("fired.dates", start=start, end=last) if last else texts("fired.dates_open", start=start)
    if one.state == "active":
        return texts("fired.active", until=texts("fired.until", end=last) if last else "")
    if one.state == "over":
        return texts("fired.over", end=last)
    return texts("fired.known", start=start) + f" ({dates})" if one.state == "known" else dates
