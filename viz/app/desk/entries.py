"""The fields of a form: one entry for each sort of value that a shock asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import reacton.ipyvuetify as rv
import solara

from lodeflow.environment.calendar import parse_month
from lodeflow.environment.settings import WorldSettings
from lodeflow.experiments.scenario.names import Names
from lodeflow.viz.app import figures
from lodeflow.viz.app.desk import forms as desk
from lodeflow.viz.app.desk.forms import Field, Timing
from lodeflow.viz.app.texts import Texts, month_key
from lodeflow.viz.app.widgets import Plain

Change = Callable[[Any], None]


@solara.component
def When(timing: Timing, on_timing: Change, texts: Texts, world: WorldSettings) -> None:
    """Start, duration and notice."""
    with solara.Div(classes=["lf-two"]):
        Months(
            texts("desk.start"), timing.start, lambda v: on_timing(replace(timing, start=v or "")), texts, world, True
        )
        rv.TextField(
            label=texts("desk.duration"),
            type="number",
            attributes={"min": 1},
            v_model="" if timing.duration is None else timing.duration,
            on_v_model=lambda v: on_timing(replace(timing, duration=_whole(v))),
            hint=texts("desk.duration_hint"),
            dense=True,
        )
    if timing.start:
        rv.TextField(
            label=texts("desk.notice"),
            type="number",
            attributes={"min": 0},
            v_model=timing.notice,
            on_v_model=lambda v: on_timing(replace(timing, notice=_whole(v) or 0)),
            dense=True,
        )


def _whole(value: Any) -> int | None:
    """A whole number above 0 from a text field, None for anything else."""
    try:
        return max(int(float(value)), 0) or None
    except (TypeError, ValueError, OverflowError):
        return None


@solara.component
def Months(label: str, value: Any, on_value: Change, texts: Texts, world: WorldSettings, now: bool = False) -> None:
    """A choice of the months of the run; `now`: also "now", the empty value."""
    months = range(parse_month(world.start), parse_month(world.end) + 1)
    items = [{"text": texts("desk.now"), "value": ""}] if now else []
    items += [{"text": texts.month(number), "value": month_key(number)} for number in months]
    rv.Autocomplete(
        label=label, items=items, v_model=value, on_v_model=on_value, dense=True, hide_details=True, clearable=not now
    )


@solara.component
def Entry(
    kind: str,
    field: Field,
    value: Any,
    put: Callable[[str, Any], None],
    texts: Texts,
    names: Names,
    world: WorldSettings,
    metals: list[str],
) -> None:
    """One field of a form, asked as its sort wants."""
    help_text = texts.field_help(kind, field.name, field.description)
    label = texts.field(field.name)

    def give(new: Any) -> None:
        put(field.name, new)

    if field.sort in ("rows", "rows by metal"):
        Rows(kind, field, value or [], give, texts, world, metals)
    elif field.share:
        Share(label, help_text, value, give, field)
    elif field.sort == "flag":
        rv.Checkbox(label=label, v_model=bool(value), on_v_model=give, hint=help_text, persistent_hint=True, dense=True)
    elif field.sort == "month":
        Months(label, value, give, texts, world)
    elif field.sort in ("place", "places", "metal", "metals", "products", "choice", "choices"):
        items = _items(field, texts, names, metals)
        several = field.sort not in ("place", "metal", "choice")
        rv.Autocomplete(
            label=label,
            items=items,
            v_model=value if value is not None else ([] if several else None),
            on_v_model=give,
            multiple=several,
            small_chips=several,
            deletable_chips=several,
            hint=help_text,
            dense=True,
        )
    else:
        number = field.sort in ("number", "whole")
        rv.TextField(
            label=label,
            type="number" if number else "text",
            v_model="" if value is None else value,
            on_v_model=lambda new: give(_number(new, field.sort) if number else new),
            suffix="" if field.unit == "1" else texts.unit(field.unit),
            hint=f"{help_text} ({span})" if (span := _span(field, texts)) else help_text,
            dense=True,
        )


@solara.component
def Share(label: str, help_text: str, value: Any, give: Change, field: Field) -> None:
    """A share between 0 and 1 as a slider in per cent."""
    percent = None if value is None else round(100 * float(value))
    shown = figures.NONE if percent is None else figures.percent(percent / 100)
    rv.Slider(
        label=f"{label}: {shown}",
        v_model=0 if percent is None else percent,
        on_v_model=lambda new: give(new / 100),
        min=0,
        max=100,
        step=1,
        hint=help_text,
        persistent_hint=True,
        dense=True,
        class_=f"lf-share lf-share-{field.name}",
    )


def _span(field: Field, texts: Texts) -> str:
    """The range of a number in words."""
    if field.low is not None and field.high is not None:
        return texts("desk.range", low=figures.bound(field.low), high=figures.bound(field.high))
    if field.low is not None:
        return texts("desk.at_least", low=figures.bound(field.low))
    return texts("desk.at_most", high=figures.bound(field.high)) if field.high is not None else ""


def _number(text: Any, sort: str) -> Any:
    """A number from a text field; None when it is empty, the text itself when it is none (the checks say so)."""
    if text in (None, ""):
        return None
    try:
        number = float(text)
    except (TypeError, ValueError):
        return text
    return int(number) if sort == "whole" and number.is_integer() else number


def _items(field: Field, texts: Texts, names: Names, metals: list[str]) -> list[dict[str, Any]]:
    """What a list offers: codes with names in the reader's language."""
    if field.sort in ("place", "places"):
        return [{"text": _place(code, texts), "value": code} for code in desk.place_choices(names)]
    if field.sort in ("metal", "metals"):
        return [{"text": texts.metal(code), "value": code} for code in [*metals, *names.hosts]]
    if field.sort == "products":
        return [{"text": texts.name("product", code), "value": code} for code in names.products]
    return [{"text": texts(f"form.{c}") if texts.has(f"form.{c}") else c, "value": c} for c in field.choices]


def _place(code: str, texts: Texts) -> str:
    name = texts.region(code)
    return name if name == code else f"{name} ({code})"


@solara.component
def Rows(
    kind: str,
    field: Field,
    rows: list[dict[str, Any]],
    give: Change,
    texts: Texts,
    world: WorldSettings,
    metals: list[str],
) -> None:
    """A list of rows: a value per month, a period, a later end; by metal where the field wants it."""
    by_metal = field.sort == "rows by metal"

    def put(number: int, name: str, value: Any) -> None:
        give([row | {name: value} if i == number else row for i, row in enumerate(rows)])

    def drop(number: int) -> None:
        give([row for i, row in enumerate(rows) if i != number])

    with solara.Div(classes=["lf-rows"]):
        Plain(f"{texts.field(field.name)}: {texts.field_help(kind, field.name, field.description)}", "lf-help")
        for number, row in enumerate(rows):
            with solara.Div(classes=["lf-two"]):
                if by_metal:
                    rv.Select(
                        label=texts("desk.metal"),
                        items=[{"text": texts.metal(code), "value": code} for code in metals],
                        v_model=row.get("metal"),
                        on_v_model=partial(put, number, "metal"),
                        dense=True,
                        hide_details=True,
                    )
                for column in field.columns:
                    Cell(column, row.get(column.name), partial(put, number, column.name), texts, world)
                solara.Button(
                    icon_name="mdi-delete",
                    icon=True,
                    small=True,
                    on_click=partial(drop, number),
                    attributes={"aria-label": texts("desk.remove"), "title": texts("desk.remove")},
                )
        solara.Button(
            texts("desk.add"), text=True, small=True, icon_name="mdi-plus", on_click=lambda: give([*rows, {}])
        )


@solara.component
def Cell(column: Field, value: Any, give: Change, texts: Texts, world: WorldSettings) -> None:
    """One cell of a row: a month, a number or a name."""
    if column.sort == "month":
        Months(texts.field(column.name), value, give, texts, world)
    else:
        rv.TextField(
            label=texts.field(column.name),
            type="text" if column.sort == "text" else "number",
            attributes={"step": "any"},
            v_model="" if value is None else value,
            on_v_model=lambda text: give(text if column.sort == "text" else _number(text, column.sort)),
            hint=texts.field_help("", column.name, column.description),
            dense=True,
        )
