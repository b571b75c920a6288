"""The shock and policy desk: a form per kind, made from the registry, and the list of what was fired."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import reacton.ipyvuetify as rv
import solara

from lodeflow.environment.calendar import parse_month
from lodeflow.environment.settings import WorldSettings
from lodeflow.environment.shocks.kinds import Shock
from lodeflow.experiments.scenario.names import Names
from lodeflow.viz.app.beside.preview_view import Tried
from lodeflow.viz.app.desk import forms as desk
from lodeflow.viz.app.desk import guess
from lodeflow.viz.app.desk.entries import Change, Entry, When
from lodeflow.viz.app.desk.forms import Field, Timing
from lodeflow.viz.app.desk.latch import Latch
from lodeflow.viz.app.texts import Texts, month_key
from lodeflow.viz.app.widgets import Plain
from lodeflow.viz.app.world.frame import Fired, Frame
from lodeflow.viz.app.world.player import Player, Status, Wish
from lodeflow.viz.app.world.session import Session
from lodeflow.viz.app.wrong import told


@dataclass(frozen=True)
class Form:
    """What is entered, and what changes it.

    Attributes:
        kind, timing, values: what happens, when, and the fields by name, as they are drawn.
        latest: what was entered last, also while the page is still being drawn (a reference).
        choose: takes another kind. put: changes one field. set_timing: changes when. show: takes a shock of the run.
    """

    kind: str
    timing: Timing
    values: dict[str, Any]
    latest: Any
    choose: Callable[[str], None]
    put: Callable[[str, Any], None]
    set_timing: Change
    show: Callable[[Shock], None]


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

    def show(shock: Shock) -> None:
        held, when = desk.entered(shock)
        set_kind(shock.kind)
        enter(held)
        set_timing(when)

    def follow() -> None:
        """Another metal on screen: the form is about it now, unless it is already."""
        if not guess.touches(latest.current, metal, world):
            enter(first(kind))

    solara.use_effect(follow, [metal, frame.loads])

    def put(name: str, value: Any) -> None:
        enter(latest.current | {name: value})

    return Form(kind, timing, values, latest, choose, put, set_timing, show)


@dataclass(frozen=True)
class Wrong:
    """What was wrong with what the desk fired last; `asked` is called when it fires."""

    lines: tuple[str, ...]
    asked: Callable[[], None]


def use_own_problems(status: Status) -> Wrong:
    """Problems of what the desk itself fired (a hook), so that they stand where the click was."""
    waiting = solara.use_ref(False)
    lines, set_lines = solara.use_state(cast(tuple[str, ...], ()))

    def look() -> None:
        set_lines(status.problems if waiting.current else ())
        if status.problems:
            waiting.current = False

    solara.use_effect(look, [status.problems])

    def asked() -> None:
        waiting.current = True

    return Wrong(lines, asked)


@solara.component
def Desk(
    player: Player,
    status: Status,
    texts: Texts,
    names: Names,
    metal: str,
    chosen: Change,
    changed: int | None,
    set_changed: Callable[[int | None], None],
) -> None:
    """The form: what happens, to whom, how strongly, when. It follows the metal on screen.

    Args:
        player: whom to ask.
        status: what the player does.
        texts: the reader's language.
        names: countries, metals and products.
        metal: the metal on screen.
        chosen: called with the metal of a shock that was fired, where it is another one.
        changed: which shock of the run is being changed; None: a new one is made. set_changed: chooses it.
    """
    frame = status.frame
    assert frame is not None
    world, metals = frame.scenario.world, frame.live.world.layout.metals
    form = use_form(frame, metal)
    latch = solara.use_memo(Latch, [])
    wrong = use_own_problems(status)

    def take_up() -> None:
        if changed is not None and changed < len(frame.scenario.shocks):
            form.show(frame.scenario.shocks[changed])
            latch.renew()

    solara.use_effect(take_up, [changed])

    def fire() -> None:
        if not latch.take():
            return
        wrong.asked()
        given = form.latest.current
        player.change(_wish(form.kind, given, form.timing, world.start, changed, set_changed, latch))
        named = [name for name in given.get("metals") or [] if name in metals]
        if named and metal not in named:
            chosen(named[0])

    stop = None if changed is None else lambda: set_changed(None)
    Asked(form, texts, names, world, metals, fire, stop)
    if wrong.lines:
        Told(wrong.lines, texts)
    if changed is None:
        raw = desk.raw_shock(form.kind, form.values, form.timing, month_key(frame.first_month + frame.t))
        Tried(player, frame, status.playing, raw, metal, texts)
    if frame.fired and not status.problems:
        Plain(
            texts("desk.fired", what=texts.event(frame.fired[-1].event), where=_where(frame.fired[-1], texts)),
            "lf-help",
        )


@solara.component
def Told(lines: tuple[str, ...], texts: Texts) -> None:
    """What was wrong with what was fired, where the click was."""
    with rv.Html(tag="div", class_="lf-wrong", attributes={"role": "alert"}):
        for line in lines:
            Plain(told(line, texts))


def _wish(
    kind: str,
    given: dict[str, Any],
    timing: Timing,
    first: str,
    changed: int | None,
    set_changed: Callable[[int | None], None],
    latch: Latch,
) -> Wish:
    """What the player is asked for: a new measure, or one in the place of that which is `changed`; `first`: start of the run."""

    def wish(session: Session) -> None:
        try:
            if changed is None:
                session.fire(desk.raw_shock(kind, given, timing, session.now))
            else:
                session.replace(changed, desk.raw_shock(kind, given, timing, first))
                set_changed(None)
        finally:
            latch.give_back()

    return wish


@solara.component
def Asked(
    form: Form,
    texts: Texts,
    names: Names,
    world: WorldSettings,
    metals: list[str],
    fire: Callable[[], None],
    stop: Callable[[], None] | None,
) -> None:
    """The fields of a form and the button that fires it; with `stop` the form changes a measure, and `stop` leaves it as it was."""

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
        label = "desk.change" if stop else "desk.schedule" if form.timing.start else "desk.fire"
        solara.Button(
            texts(label), on_click=fire, color="primary", icon_name="mdi-flash", block=True, classes=["lf-fire"]
        )
        if stop:
            solara.Button(texts("desk.leave"), on_click=stop, text=True, block=True, classes=["lf-leave"])


def _kinds(texts: Texts) -> list[dict[str, Any]]:
    kinds = desk.kinds()
    items: list[dict[str, Any]] = []
    for policy, heading in ((False, "desk.shocks"), (True, "desk.policies")):
        items.append({"header": texts(heading)})
        items += [{"text": texts.kind(name), "value": name} for name, of in kinds.items() if of is policy]
    return items


@solara.component
def FiredList(
    player: Player, texts: Texts, frame: Frame, changed: int | None, set_changed: Callable[[int | None], None]
) -> None:
    """What was fired, where it stands, and the ways to change it, take it out, take back, and do again."""
    with solara.Div(classes=["lf-panel"]):
        Plain(texts("fired.title"), tag="h2")
        if not frame.fired:
            Plain(texts("fired.none"), "lf-help")
        with rv.Html(tag="ul", class_="lf-fired"):
            for one in frame.fired:
                FiredOne(player, texts, one, one.number == changed, set_changed)
        for name, on, act in (
            ("undo", frame.can_undo, lambda session: session.undo()),
            ("redo", frame.can_redo, lambda session: session.redo()),
        ):
            solara.Button(
                texts(f"fired.{name}"),
                on_click=partial(player.change, act, pause=True),
                icon_name=f"mdi-{name}",
                text=True,
                small=True,
                disabled=not on,
                classes=[f"lf-{name}"],
            )


@solara.component
def FiredOne(player: Player, texts: Texts, one: Fired, on: bool, set_changed: Callable[[int | None], None]) -> None:
    """One measure; `on`: the desk shows it."""
    said = texts.event(one.event)

    def remove() -> None:
        set_changed(None)
        player.change(lambda session: session.remove(one.number), pause=True)

    with rv.Html(tag="li", class_=f"is-{one.state}{' lf-on' if on else ''}"):
        Plain(said, tag="span")
        for name, icon, act in (
            ("edit", "mdi-pencil", partial(set_changed, one.number)),
            ("remove", "mdi-close", remove),
        ):
            words = texts(f"fired.{name}", what=said)
            solara.Button(
                icon_name=icon,
                icon=True,
                x_small=True,
                on_click=act,
                classes=[f"lf-{name}"],
                attributes={"aria-label": words, "title": words},
            )
        Plain(_where(one, texts), tag="small")
        if one.event["unreached"]:
            Plain(texts("fired.unreached"), tag="small")


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
