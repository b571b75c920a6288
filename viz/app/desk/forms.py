"""The forms of the shock desk, made from the registry of shocks: a new kind has a form at once."""

from __future__ import annotations

import types
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from lodeflow.environment.calendar import Month, format_month, parse_month
from lodeflow.environment.layout import WORLD
from lodeflow.environment.shocks.kinds import REGISTRY, Shock
from lodeflow.experiments.plugins import kinds as registry
from lodeflow.experiments.scenario.check import field_range

if TYPE_CHECKING:
    from lodeflow.experiments.scenario.names import Names

PLACES = {
    "actor": "place",
    "partners": "places",
    "friends": "places",
    "recognises": "places",
    "metals": "metals",
    "metal": "metal",
    "products": "products",
    "replaces": "products",
}
"""Fields whose name says what they hold, in every kind."""
DATED = ("announce", "start", "end")
"""Fields that the desk asks as a month, a duration and a notice."""
HIDDEN = ("kind", *DATED, "bearers")
"""Fields without an entry of their own; who bears a duty stands in scenario files alone."""
LATER = tuple(name for name in Shock.model_fields if name not in HIDDEN)
"""Fields that every kind has; they stand under "more"."""
FIRST: dict[str, dict[str, Any]] = {
    "export_ban": {"actor": "COD", "metals": ["cobalt"], "form": "feed"},
    "export_quota": {"actor": "COD", "metals": ["cobalt"], "form": "feed", "tonnes_per_year": 96600.0},
    "export_licence": {"actor": "CHN", "metals": ["gallium"]},
    "import_tariff": {"actor": "USA", "metals": ["copper"], "form": "refined", "rate": 0.25},
    "route_closure": {"passage": "suez", "strength": 1.0},
    "conflict": {"actor": "COD", "metals": ["cobalt", "copper"], "output_loss": 0.3, "routes_lost": 0.5},
    "mine_outage": {"actor": "IDN", "metals": ["nickel"], "strength": 0.3},
    "demand_surge": {"products": ["ev-battery-nickel"], "strength": 0.3},
    "stock_purchase": {"metals": ["cobalt"], "tonnes": 10000.0},
    "epr": {"actor": "EU27", "products": ["portable-battery"], "collection": [{"date": 24, "value": 0.73}]},
}
"""What a form shows at first, so that it can be fired as it stands; every value can be changed. A date is in months from now."""
YEAR = 12
"""Months from now at which the first step of a policy is shown at first."""
DURATION = 9
"""Months that a form shows at first."""


@dataclass(frozen=True)
class Field:
    """One field of a form.

    Attributes:
        name: key in a scenario file.
        sort: ``text``, ``number``, ``whole``, ``flag``, ``month``, ``choice``, ``choices``, ``place``, ``places``, ``metals``,
            ``products``, ``rows`` (of `columns`) or ``rows by metal``.
        required: whether the shock cannot be fired without it.
        default: value when left alone; None: left out.
        low, high: range, None where there is none.
        unit: "" where there is none; "1" for a share or ratio.
        description: what it means.
        choices: of a ``choice`` or of ``choices``.
        columns: of ``rows``.
    """

    name: str
    sort: str
    required: bool
    default: Any
    low: float | None
    high: float | None
    unit: str
    description: str
    choices: tuple[str, ...] = ()
    columns: tuple[Field, ...] = ()

    @property
    def share(self) -> bool:
        """Whether the value is a share between 0 and 1, which a slider shows in per cent."""
        return self.sort == "number" and (self.low, self.high) == (0, 1)


def kinds() -> dict[str, bool]:
    """All kinds of shocks and policies, shocks first; the value says whether it is a policy."""
    return {name: cls.policy for name, cls in sorted(registry().items(), key=lambda item: item[1].policy)}


def fields_of(kind: str) -> tuple[Field, ...]:
    """The fields of a kind's form, those of its own first; dates are asked apart."""
    model = REGISTRY[kind]
    own = [name for name in model.model_fields if name not in HIDDEN and name not in LATER]
    names = sorted(own, key=lambda name: (name not in PLACES, not model.model_fields[name].is_required()))
    return tuple(_field(name, model.model_fields[name]) for name in names)


def later_fields(kind: str) -> tuple[Field, ...]:
    """The fields that all kinds have and few shocks need."""
    return tuple(_field(name, REGISTRY[kind].model_fields[name]) for name in LATER)


def _field(name: str, info: FieldInfo) -> Field:
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    low, high = field_range(info)
    sort, choices, columns = _sort(name, info.annotation)
    default = None if info.is_required() or info.default_factory is not None else info.default
    if isinstance(default, list):
        default = [item.model_dump() if isinstance(item, BaseModel) else item for item in default]
    return Field(
        name=name,
        sort=sort,
        required=info.is_required(),
        default=default,
        low=low,
        high=high,
        unit=str(extra.get("unit", "")),
        description=info.description or "",
        choices=choices,
        columns=columns,
    )


def _sort(name: str, annotation: Any) -> tuple[str, tuple[str, ...], tuple[Field, ...]]:
    """How a field is asked: its sort, choices and columns."""
    if name in PLACES:
        return PLACES[name], (), ()
    bare = _bare(annotation)
    if get_origin(bare) is Literal:
        return "choice", get_args(bare), ()
    if get_origin(bare) is list and get_origin(get_args(bare)[0]) is Literal:
        return "choices", get_args(get_args(bare)[0]), ()
    if get_origin(bare) is list and _is_model(get_args(bare)[0]):
        return "rows", (), _columns(get_args(bare)[0])
    if get_origin(bare) is dict:
        return "rows by metal", (), _columns(get_args(get_args(bare)[1])[0])
    if _is_month(bare) or name in ("known", "date", *DATED):
        return "month", (), ()
    plain = {bool: "flag", int: "whole", float: "number"}
    return plain.get(bare, "text"), (), ()


def _columns(model: type[BaseModel]) -> tuple[Field, ...]:
    return tuple(_field(name, info) for name, info in model.model_fields.items())


def _bare(annotation: Any) -> Any:
    """The type of a field that may be left out."""
    if get_origin(annotation) in (Union, types.UnionType):
        return next(part for part in get_args(annotation) if part is not type(None))
    return annotation


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _is_month(annotation: Any) -> bool:
    return annotation == Month


# ---- values -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Timing:
    """When a shock acts.

    Attributes:
        start: "" for now, else "YYYY-MM".
        duration: months in force; None: without an end.
        notice: months between announcement and start.
    """

    start: str = ""
    duration: int | None = DURATION
    notice: int = 0


def first(kind: str) -> dict[str, Any]:
    """What a form shows at first: what is written here, else the example of the kind's card at its middle strength."""
    card = REGISTRY[kind].card
    if kind in FIRST or card is None:
        return FIRST.get(kind, {})
    fields, middle = {field.name: field for field in fields_of(kind)}, card.steps[len(card.steps) // 2]
    steps = {card.strength: [{"date": YEAR, "value": middle}] if fields[card.strength].sort == "rows" else middle}
    dated = {name: [row | {"date": YEAR} for row in rows] for name, rows in card.example.items() if _dated(rows)}
    return {**card.example, **dated, **steps}


def _dated(rows: Any) -> bool:
    return isinstance(rows, list) and bool(rows) and isinstance(rows[0], dict) and "date" in rows[0]


def first_values(kind: str, metals: list[str], now: str, guess: dict[str, Any] | None = None) -> dict[str, Any]:
    """What a form shows at first in the month `now`; the metal is one of the world's `metals`.

    guess: what :func:`lodeflow.viz.app.desk.guess.guess` proposes for the metal that is shown.
    """
    values = {field.name: field.default for field in (*fields_of(kind), *later_fields(kind))}
    values |= first(kind)
    values |= {name: value for name, value in (guess or {}).items() if name in values}
    for name, rows in values.items():
        if _dated(rows):
            values[name] = [row | {"date": format_month(parse_month(now) + row["date"])} for row in rows]
    named = [metal for metal in values.get("metals") or [] if metal in metals]
    if values.get("metals") and not named:
        named = metals[:1]
    if "metal" in values and values["metal"] not in metals:
        values["metal"] = metals[0]
    return values | ({"metals": named} if "metals" in values else {})


def first_timing(kind: str) -> Timing:
    """When a shock of a kind acts at first: a law has no end."""
    return Timing(duration=None if REGISTRY[kind].policy else DURATION)


def raw_shock(kind: str, values: dict[str, Any], timing: Timing, now: str) -> dict[str, Any]:
    """The fields of a form as a scenario file has them; what is empty is left out.

    Args:
        kind: kind of the shock.
        values: by field.
        timing: when it acts.
        now: the month that comes next.
    """
    start = timing.start or now
    raw: dict[str, Any] = {"kind": kind, "start": start}
    if timing.duration:
        raw["end"] = format_month(parse_month(start) + timing.duration - 1)
    if timing.notice:
        raw["announce"] = format_month(max(parse_month(start) - timing.notice, parse_month(now)))
    for field in (*fields_of(kind), *later_fields(kind)):
        value = _clean(field, values.get(field.name))
        if value is not None and value != field.default:
            raw[field.name] = value
    return raw


def entered(shock: Shock) -> tuple[dict[str, Any], Timing]:
    """What a form holds that :func:`raw_shock` turns into a given shock."""
    given = shock.model_dump(mode="json")
    values = {
        field.name: _entered(field, given[field.name]) for field in (*fields_of(shock.kind), *later_fields(shock.kind))
    }
    start = parse_month(shock.start)
    duration = parse_month(shock.end) - start + 1 if shock.end else None
    notice = start - parse_month(shock.announce) if shock.announce else 0
    return values, Timing(shock.start, duration, notice)


def _entered(field: Field, value: Any) -> Any:
    if field.sort != "rows by metal" or not value:
        return value
    return [{"metal": metal, **row} for metal, rows in value.items() for row in rows]


def _clean(field: Field, value: Any) -> Any:
    """A value without empty rows; None when nothing is left."""
    if value in (None, "", []):
        return None
    if field.sort == "rows":
        return _rows(field, value) or None
    if field.sort == "rows by metal":
        by_metal: dict[str, list[dict[str, Any]]] = {}
        for row in value:
            if row.get("metal"):
                by_metal.setdefault(row["metal"], []).extend(_rows(field, [row]))
        return {metal: rows for metal, rows in by_metal.items() if rows} or None
    return value


def _rows(field: Field, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = [column.name for column in field.columns]
    kept = [{name: row[name] for name in names if row.get(name) not in (None, "")} for row in rows]
    return [row for row in kept if row]


def place_choices(names: Names) -> list[str]:
    """The world, countries and groups, groups first."""
    return [WORLD, *sorted(names.groups), *sorted(names.countries, key=lambda code: names.countries[code])]
