"""What a scenario says about uncertainty: its section ``[monte_carlo]``, and scenarios with drawn values put in.

[monte_carlo]
parameters = ["eta", "gamma"]       # left out: every parameter, from its range in the data; []: none

[[monte_carlo.vary]]
key = "shocks.0.strength"
low = 0.5
high = 1.0
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from lodeflow.environment.calendar import format_month, parse_month
from lodeflow.environment.fields import Input

Value = float | str
"""A drawn value: a number, a month ("YYYY-MM") or a choice."""
Bound = Annotated[float, Field(ge=-1e12, le=1e12)]
"""An end of a range: any number that the model could mean."""
_MONTH = re.compile(r"^\d{4}-\d{2}$")
_SHOCK_TIME = re.compile(r"^shocks\.(\d{1,6})\.(delay|duration)$")
_SECTIONS = ("shocks", "parameters", "world", "governments")
"""Sections of a scenario that a run reads."""


class Vary(Input):
    """One input that differs from run to run."""

    key: str = Field(
        min_length=1,
        description='what is drawn, as in --set: "shocks.0.strength", "parameters.eta.cobalt", "world.demand"; also '
        '"shocks.0.delay" (months by which all dates of the shock move) and "shocks.0.duration" (months in force)',
    )
    distribution: Literal["uniform", "log-uniform", "triangular", "integer", "choice"] = Field(
        "uniform", description="integer: whole numbers, both ends included; months are always drawn whole"
    )
    low: Bound | str | None = Field(None, description='lower end, a number or a month "YYYY-MM"')
    high: Bound | str | None = Field(None, description='upper end, a number or a month "YYYY-MM"')
    mode: Bound | None = Field(None, description="most likely value of a triangular distribution")
    choices: list[Bound | str] = Field(default_factory=list, description="values to choose from, all equally likely")

    @field_validator("key")
    @classmethod
    def _is_read(cls, key: str) -> str:
        section, _, rest = key.partition(".")
        if section not in _SECTIONS or not rest:
            raise ValueError(
                f'{key!r} is nothing that runs differ in; begin with "shocks.0.", "parameters.", "world." or "governments."'
            )
        return key

    @model_validator(mode="after")
    def _makes_sense(self) -> Vary:
        if self.distribution == "choice":
            if len(self.choices) < 2:
                raise ValueError('a choice needs two values at least; write choices = ["STEPS", "NZE"]')
            if len(set(self.choices)) < len(self.choices):
                raise ValueError("one of the choices stands there twice; name it once")
            if self.whole and any(isinstance(value, str) or value % 1 for value in self.choices):
                raise ValueError("months are whole numbers; write choices = [0, 3]")
            return self
        if self.choices:
            raise ValueError('choices need distribution = "choice"; add it, or leave the choices out')
        if self.low is None or self.high is None:
            raise ValueError("low and high are needed; give both ends of the range")
        if isinstance(self.low, str) or isinstance(self.high, str):
            return self._months()
        if not self.low < self.high:
            raise ValueError(f"low {self.low:g} is not below high {self.high:g}; put the smaller one first")
        if self.distribution == "log-uniform" and self.low <= 0:
            raise ValueError("a log-uniform range lies above 0; raise low, or use uniform")
        if self.distribution == "triangular" and not (self.mode is not None and self.low <= self.mode <= self.high):
            raise ValueError("a triangular distribution needs its mode between low and high; add mode")
        if self.whole and (self.low % 1 or self.high % 1):
            raise ValueError("the ends of a range of whole numbers are whole numbers; round low and high")
        return self

    def _months(self) -> Vary:
        ends = [parse_month(str(end)) for end in (self.low, self.high)]
        if self.distribution not in ("uniform", "integer"):
            raise ValueError('months are drawn evenly; use distribution = "uniform"')
        if not ends[0] < ends[1]:
            raise ValueError(f"low {self.low} does not lie before high {self.high}; put the earlier one first")
        return self

    def value(self, share: float) -> Value:
        """Return the value below which `share` (0 to 1) of the distribution lies; choices stand in their order."""
        import math

        if self.distribution == "choice":
            return self.choices[min(int(share * len(self.choices)), len(self.choices) - 1)]
        if isinstance(self.low, str) or isinstance(self.high, str):
            first, last = parse_month(str(self.low)), parse_month(str(self.high))
            return format_month(_whole(first, last, share))
        low, high = float(self.low or 0.0), float(self.high or 0.0)
        if self.whole:
            return _whole(int(low), int(high), share)
        if self.distribution == "log-uniform":
            return low * math.exp(share * math.log(high / low))
        if self.distribution == "triangular" and self.mode is not None:
            from scipy.stats import triang

            return float(triang.ppf(share, (self.mode - low) / (high - low), low, high - low))
        return low + share * (high - low)

    def probes(self) -> list[Value]:
        """Return the values at which a scenario is checked: every choice, or both ends and one value inside."""
        return list(self.choices) if self.choices else [self.value(share) for share in (0.0, 0.37, 1.0)]

    @property
    def is_number(self) -> bool:
        """Whether the drawn values are numbers; else months or words."""
        return not any(isinstance(value, str) for value in (self.low, self.high, *self.choices))

    @property
    def whole(self) -> bool:
        """Whether only whole numbers make sense."""
        return self.distribution == "integer" or _SHOCK_TIME.match(self.key) is not None


def _whole(first: int, last: int, share: float) -> int:
    """Whole number between two others, both included."""
    return min(first + int(share * (last - first + 1)), last)


class MonteCarlo(Input):
    """What is uncertain in a scenario; only batches read it, a single run ignores it."""

    parameters: list[str] | None = Field(
        None, description="parameters drawn from their ranges in the data; left out: all; []: none"
    )
    tempers: list[str] | None = Field(
        None, description="tempers of governments drawn from their ranges where they decide; left out: all; []: none"
    )
    vary: list[Vary] = Field(default_factory=list, description="further inputs that differ from run to run")
    structure: bool = Field(
        False,
        description="whether runs also differ in structure: each parameter of the table structure_variants takes its shipped "
        "value or that of a variant, all equally likely, instead of one from its range",
    )
    regions: list[str] = Field(
        default_factory=list, description="countries or groups whose series are kept besides the default ones"
    )

    @field_validator("vary")
    @classmethod
    def _each_once(cls, vary: list[Vary]) -> list[Vary]:
        keys = [re.sub(r"\.0+(?=\d)", ".", item.key) for item in vary]
        for key in keys:
            if keys.count(key) > 1:
                raise ValueError(f"{key!r} stands there twice; vary it once")
        return vary


def with_values(raw: Mapping[str, Any], values: Mapping[str, Value]) -> tuple[dict[str, Any], list[str]]:
    """Put drawn values into a scenario, as read from TOML.

    values: by key; durations and delays come last, whatever their order. Returns the changed copy, and what could not be set.
    """
    import copy

    from lodeflow.experiments.scenario.overrides import assign

    out: dict[str, Any] = copy.deepcopy(dict(raw))
    wrong = []
    for key, value in sorted(values.items(), key=lambda item: _rank(item[0])):
        match = _SHOCK_TIME.match(key)
        if match is None:
            path = key.split(".", 1) if key.startswith("parameters.") else key.split(".")
            problem = assign(out, path, value)
        else:
            problem = _change_time(out.get("shocks", []), int(match[1]), match[2], int(value))
        if problem:
            wrong.append(problem)
    return out, wrong


def _rank(key: str) -> int:
    """Where a key comes: plain keys, then durations, then delays."""
    match = _SHOCK_TIME.match(key)
    return 0 if match is None else 1 if match[2] == "duration" else 2


def _change_time(shocks: Any, number: int, what: str, months: int) -> str | None:
    """Change the dates of one shock; return what is wrong, or None."""
    if not isinstance(shocks, list) or number >= len(shocks):
        return f"there is no shock {number}; shocks are counted from 0"
    shock = shocks[number]
    if what == "delay":
        shocks[number] = _map_months(shock, lambda month: format_month(parse_month(month) + months))
    elif months < 1:
        return "a duration is at least 1 month"
    else:
        shock["end"] = format_month(parse_month(shock["start"]) + months - 1)
        shock.pop("extensions", None)
    return None


def _map_months(value: Any, change: Callable[[str], str]) -> Any:
    """Apply a change to every month inside nested tables and lists."""
    if isinstance(value, dict):
        return {key: item if key == "label" else _map_months(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [_map_months(item, change) for item in value]
    return change(value) if isinstance(value, str) and _MONTH.match(value) else value
