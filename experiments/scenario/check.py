"""The checks of a scenario: everything that is wrong with it, found in one go, with the key and what would be right."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from lodeflow.data.chosen import ALL
from lodeflow.data.limits import shown
from lodeflow.data.problems import Problem, did_you_mean
from lodeflow.environment.calendar import format_month, parse_month
from lodeflow.environment.governments.settings import GovernmentSettings
from lodeflow.environment.settings import WorldSettings
from lodeflow.environment.shocks.kinds import Shock
from lodeflow.environment.shocks.plugged import blaming
from lodeflow.experiments.plugins import kinds
from lodeflow.experiments.scenario.names import Names
from lodeflow.experiments.scenario.scenario import Scenario
from lodeflow.experiments.scenario.uncertainty import MonteCarlo, Vary, with_values

Model = TypeVar("Model", bound=BaseModel)
_SECTIONS = ("world", "parameters", "shocks", "governments", "monte_carlo")


@dataclass
class Checker:
    """Collects the problems of one scenario file.

    file: its name in reports; names: what exists; problems: the list to add to.
    """

    file: str
    names: Names
    problems: list[Problem]

    def scenario(self, raw: Mapping[str, Any]) -> Scenario | None:
        """Return the scenario, or None with at least one problem noted."""
        head = {key: value for key, value in raw.items() if key not in _SECTIONS}
        world = self._world(raw.get("world", {}))
        parameters = self._parameters(raw.get("parameters", {}))
        shocks = self._shocks(raw.get("shocks", []))
        governments = self._governments(raw.get("governments", {}))
        if world is not None:
            self._in_this_time(shocks, world)
            for key, shock in shocks:
                self._in_this_world(key, shock, world)
            if governments is not None:
                self._forced_in_time(governments, world)
        top = self.table(Scenario, head, "")
        uncertain = self._monte_carlo(raw)
        if self.problems or world is None or top is None:
            return None
        chosen = {"world": world, "parameters": parameters, "shocks": [shock for _, shock in shocks]}
        return top.model_copy(update=chosen | {"governments": governments, "monte_carlo": uncertain})

    # ---- sections ---------------------------------------------------------------------------------------------------
    def _world(self, raw: Any) -> WorldSettings | None:
        if not isinstance(raw, Mapping):
            self._add("world", "", "is not a table", "Write [world] and its settings below it")
            return None
        world = self.table(WorldSettings, raw, "world")
        self._known("world", "demand", _as_list(raw.get("demand")), self.names.demand, "demand scenario")
        if isinstance(raw.get("metals"), list):
            self._known("world", "metals", raw["metals"], self.names.metals | {ALL: "every metal"}, "metal")
        return world

    def _parameters(self, raw: Any) -> dict[str, float]:
        if not isinstance(raw, Mapping):
            self._add("parameters", "", "is not a table", 'Write [parameters] and lines such as "eta.cobalt" = 0.4')
            return {}
        out = {}
        for name, value in self._flat(raw):
            fault = self.names.rules.fault(name, value)
            if name in out:
                fault = "stands there twice, with and without quotes", "Keep one"
            if fault:
                self._add("parameters", name, *fault)
            else:
                out[name] = float(value)
        return out

    def _governments(self, raw: Any) -> GovernmentSettings | None:
        if not isinstance(raw, Mapping):
            self._add("governments", "", "is not a table", "Write [governments] and its settings below it")
            return None
        settings = self.table(GovernmentSettings, raw, "governments")
        if not raw:
            return settings
        from lodeflow.environment.governments.kinds import KINDS

        known = dict.fromkeys(KINDS, "")
        self._known("governments", "who", _as_list(raw.get("who")), self.names.governments, "government")
        self._known("governments", "kinds", _as_list(raw.get("kinds")), known, "kind of decision")
        for name, value in (raw["temper"] if isinstance(raw.get("temper"), Mapping) else {}).items():
            fault = self.names.tempers.fault(name, value)
            if fault:
                self._add("governments.temper", name, *fault)
        for section in ("vetoes", "forced"):
            for number, item in enumerate(_as_list(raw.get(section))):
                named = item if isinstance(item, Mapping) else {}
                key = f"governments.{section}[{number}]"
                self._known(key, "who", _as_list(named.get("who")), self.names.governments, "government")
                self._known(
                    key,
                    "target",
                    [name for name in _as_list(named.get("target")) if name],
                    self.names.governments,
                    "government",
                )
                self._known(
                    key, "kind", [name for name in _as_list(named.get("kind")) if name], known, "kind of decision"
                )
                self._known(
                    key, "metal", [name for name in _as_list(named.get("metal")) if name], self.names.metals, "metal"
                )
        return settings

    def _flat(self, raw: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        """Names and values of [parameters]: eta = 0.4, eta.cobalt = 0.4 and "eta.cobalt" = 0.4 are all understood."""
        for name, value in raw.items():
            if isinstance(value, Mapping) and value:
                yield from ((f"{name}.{scope}", inner) for scope, inner in value.items())
            else:
                yield name, value

    def _shocks(self, raw: Any) -> list[tuple[str, Shock]]:
        if not isinstance(raw, list) or not all(isinstance(item, Mapping) for item in raw):
            self._add("shocks", "", "is not a list of tables", "Write [[shocks]] above each shock")
            return []
        out = []
        for number, item in enumerate(raw):
            key = f"shocks[{number}]"
            shock = self._shock(key, item)
            if shock is not None:
                out.append((key, shock))
        return out

    def _shock(self, key: str, raw: Mapping[str, Any]) -> Shock | None:
        kind, known = raw.get("kind"), kinds()
        if kind is None:
            self._add(key, "kind", "is missing", f"Name one of: {', '.join(sorted(known))}")
            return None
        if not isinstance(kind, str) or kind not in known:
            near = did_you_mean(kind if isinstance(kind, str) else "", sorted(known))
            self._add(key, "kind", f"there is no kind {shown(kind)}", near)
            return None
        self._shock_names(key, raw)
        with blaming():
            return self.table(known[kind], raw, key)

    def _shock_names(self, key: str, raw: Mapping[str, Any]) -> None:
        """Check every name in a shock: fields of the same name mean the same in every kind."""
        metals = self.names.metals | (self.names.hosts if kinds()[raw["kind"]].takes_hosts else {})
        for column in ("actor", "partners", "friends", "recognises", "region"):
            self._known(key, column, _as_list(raw.get(column)), self.names.places, "country or group")
        for column in ("metal", "metals"):
            self._known(key, column, _as_list(raw.get(column)), metals, "metal")
        for column in ("recovery", "recycled_content"):
            self._known(key, column, _as_list(raw.get(column)), self.names.metals, "metal")
        for column in ("products", "into"):
            self._known(
                key, column, [name for name in _as_list(raw.get(column)) if name], self.names.products, "product"
            )
        uses = [use.get("metal") for use in _as_list(raw.get("changes")) if isinstance(use, Mapping)]
        self._known(key, "changes", uses, self.names.metals, "metal")
        self._known(key, "carrier", _as_list(raw.get("carrier")), self.names.metals, "metal")
        for place in [*_as_list(raw.get("actor")), *_as_list(raw.get("partners"))]:
            if isinstance(place, str) and place in self.names.groups and not self.names.members(place):
                self._add(key, "actor", f"the group {place} has no members", "Add members to the table groups")

    def _monte_carlo(self, raw: Mapping[str, Any]) -> MonteCarlo | None:
        """Check what is to be varied: names, and that the scenario holds at both ends and inside of each range."""
        given = raw.get("monte_carlo")
        if given is None:
            return None
        if not isinstance(given, Mapping):
            self._add("monte_carlo", "", "is not a table", "Write [monte_carlo] and its settings below it")
            return None
        section = self.table(MonteCarlo, given, "monte_carlo")
        if section is None:
            return None
        every = dict.fromkeys(self.names.rules.limits, "")
        self._known("monte_carlo", "parameters", section.parameters or [], every, "parameter")
        tempers = dict.fromkeys(self.names.tempers.limits, "")
        self._known("monte_carlo", "tempers", section.tempers or [], tempers, "temper")
        self._known("monte_carlo", "regions", section.regions, self.names.places, "country or group")
        if not self.problems:
            rest = {key: value for key, value in raw.items() if key != "monte_carlo"}
            for number, item in enumerate(section.vary):
                self._varied(f"monte_carlo.vary[{number}]", item, rest)
        return section

    def _varied(self, key: str, item: Vary, raw: Mapping[str, Any]) -> None:
        """Check the scenario with values that a run may draw; one problem is enough for each input."""
        for value in item.probes():
            changed, wrong = with_values(raw, {item.key: value})
            inner = Checker(self.file, self.names, [])
            right = "See `lodeflow describe` for what a scenario holds"
            if not wrong:
                inner.scenario(changed)
                wrong = [_elsewhere(found, item.key) + found.wrong for found in inner.problems]
                right = inner.problems[0].right if inner.problems else ""
            if wrong:
                shown_value = value if isinstance(value, str) else f"{value:g}"
                self._add(key, "", f"with {item.key} = {shown_value}: {wrong[0]}", right)
                return

    # ---- the shock in its world -------------------------------------------------------------------------------------
    def _in_this_time(self, shocks: list[tuple[str, Shock]], world: WorldSettings) -> None:
        """Check that a shock falls into the run; of several, some may not: a shorter run says what it missed."""
        outside = [(key, _outside(shock, world)) for key, shock in shocks]
        if all(found is not None for _, found in outside):
            for key, found in outside:
                if found is not None:
                    self._add(key, *found)

    def _forced_in_time(self, governments: GovernmentSettings, world: WorldSettings) -> None:
        """Check that decisions that are taken in any case are not all outside of the run, and that none lies before it."""
        late = all(parse_month(one.month) > parse_month(world.end) for one in governments.forced)
        for number, one in enumerate(governments.forced):
            if late or parse_month(one.month) < parse_month(world.start):
                wrong = f"{one.month} lies outside of the run, {world.start} to {world.end}"
                self._add(f"governments.forced[{number}]", "month", wrong, "Choose a month of the run")

    def _in_this_world(self, key: str, shock: Shock, world: WorldSettings) -> None:
        metals = shock.touched_metals if "metals" in type(shock).model_fields else []
        here = self.names.in_world(world.metals)
        if metals and not set(metals) & {*here, *self.names.hosts}:
            wrong = f"none of its metals ({', '.join(metals)}) is in this world"
            self._add(key, "metals", wrong, f"Use one of: {', '.join(here)}; or add it to world.metals")
        self._traded_form(key, metals, shock.restricted_form or "refined")

    def _traded_form(self, key: str, metals: Iterable[str], form: str) -> None:
        """Check that each metal is traded in the form that is restricted."""
        if form in ("refined", "all"):
            return
        for metal in metals:
            actual = self.names.feed_forms.get(metal)
            if actual == "":
                self._add(
                    key, "form", f"{metal} is not traded as {form}: it comes straight from its host", 'Use "refined"'
                )
            elif actual is not None and form not in ("feed", actual) and metal not in self.names.two_forms:
                self._add(
                    key, "form", f"{metal} is not traded as {form}", f'Use "{actual}", "feed", "refined" or "all"'
                )

    # ---- helpers ----------------------------------------------------------------------------------------------------
    def _known(self, key: str, column: str, given: Iterable[Any], known: Mapping[str, str], what: str) -> None:
        """Check names; what is no text is left to the model."""
        for name in given:
            if isinstance(name, str) and name not in known:
                self._add(key, column, f"there is no {what} {shown(name)}", did_you_mean(name, known, dict(known)))

    def table(self, model: type[Model], raw: Mapping[str, Any], key: str) -> Model | None:
        """Return what one table of a file says; None with every error of pydantic noted as a problem in plain words.

        key: of the table in its file, "" at the top.
        """
        try:
            return model.model_validate(dict(raw))
        except ValidationError as error:
            told = set()
            for item in error.errors():
                item["loc"] = _without_choices(item["loc"])
                if item["loc"] not in told:
                    self._add_error(model, key, item)
                told.add(item["loc"])
            return None

    def _add_error(self, model: type[BaseModel], key: str, error: Any) -> None:
        *way, last = error["loc"] or ("",)
        item = [last] if isinstance(last, int) else []  # a whole item of a list is wrong
        place = _path([key, *way, *item] if key else [*way, *item])
        owner = _model_at(model, way)
        if error["type"] == "extra_forbidden":
            known = owner.model_fields if owner else ()
            self._add(place, str(last), "is not a known key", did_you_mean(str(last), known))
            return
        if item and way:
            owner, last = _model_at(model, way[:-1]), way[-1]
        info = owner.model_fields.get(str(last)) if owner else None
        if error["type"] == "missing":
            self._add(place, str(last), "is missing", f"Add it: {describe_field(info)}")
            return
        if error["type"] == "string_type" and isinstance(error["input"], date):
            bare = shown(error["input"])
            self._add(place, str(last), f"{bare} stands there without quotes", f'Write it as "{bare}"')
            return
        told = isinstance(error["input"], Mapping) or error["type"] == "value_error"
        value = "" if told else f"{shown(error['input'])}: "
        wrong = value + error["msg"].removeprefix("Value error, ")
        if error["type"] == "model_type":
            wrong = f"{value}is not a table"
        wrong, _, right = wrong.partition("; ")
        self._add(place, "" if item else str(last), wrong, right or describe_field(info))

    def _add(self, key: str, column: str, wrong: str, right: str) -> None:
        self.problems.append(Problem(self.file, key or None, column, wrong, right[:1].upper() + right[1:]))


def _elsewhere(found: Problem, key: str) -> str:
    """Where a problem stands, if that is not the key that was varied."""
    place = ".".join(str(part) for part in (found.row, found.column) if part)
    return "" if re.sub(r"\[(\d+)\]", r".\1", place) == key else f"{place}: "


def _outside(shock: Shock, world: WorldSettings) -> tuple[str, str, str] | None:
    """Return (key, what is wrong, what would be right) for a shock that lies outside of the run, else None."""
    if parse_month(shock.start) > parse_month(world.end):
        wrong = f"starts in {shock.start}, after the run ends in {world.end}"
        return "start", wrong, f"Start it by {world.end}, or move world.end"
    end = shock.final_end
    if end is not None and end + shock.recovery_months < parse_month(world.start):
        wrong = f"is over in {format_month(end)}, before the run starts in {world.start}"
        return "end", wrong, f"End it after {world.start}, or move world.start"
    return None


def describe_field(info: FieldInfo | None) -> str:
    """Return the meaning of a field, with its unit and range."""
    if info is None:
        return ""
    unit = unit_of(info)
    notes = [f"in {unit}"] if unit else []
    low, high = field_range(info)
    if low is not None and high is not None:
        notes.append(f"{low:g} to {high:g}")
    elif low is not None:
        notes.append(f"at least {low:g}")
    elif high is not None:
        notes.append(f"at most {high:g}")
    return (info.description or "") + (f" ({', '.join(notes)})" if notes else "")


def unit_of(info: FieldInfo) -> str:
    """Return the unit of a field, "" for a share or none."""
    unit = info.json_schema_extra.get("unit") if isinstance(info.json_schema_extra, dict) else None
    return str(unit) if unit and unit != "1" else ""


def field_range(info: FieldInfo) -> tuple[float | None, float | None]:
    """Return the least and the largest allowed value of a field, None where there is no bound."""
    low = next((bound.ge for bound in info.metadata if hasattr(bound, "ge")), None)
    high = next((bound.le for bound in info.metadata if hasattr(bound, "le")), None)
    return low, high


def _model_at(model: type[BaseModel], way: Iterable[Any]) -> type[BaseModel] | None:
    """Return the model that validates the place `way` inside `model`, None where it is no model."""
    current: Any = model
    for part in way:
        if isinstance(current, type) and issubclass(current, BaseModel):
            info = current.model_fields.get(str(part))
            current = info.annotation if info else None
        else:
            current = get_args(current)[-1] if get_origin(current) else None
    return current if isinstance(current, type) and issubclass(current, BaseModel) else None


def _path(parts: Iterable[Any]) -> str:
    """Write a place as in `shocks[0].extensions[1]`."""
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _without_choices(place: tuple[Any, ...]) -> tuple[Any, ...]:
    """A place without the branch of "number or text" that pydantic tried last."""
    *way, last = place or ("",)
    return tuple(way) if way and re.fullmatch(r"(constrained-)?(float|str|int)", str(last)) else place


def _as_list(value: Any) -> list[Any]:
    """Return one name, several names, or the keys of a table as a list."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple | Mapping) else [value]
