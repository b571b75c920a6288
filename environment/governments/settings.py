"""What a scenario file may say of governments: its section ``[governments]``.

[governments]
mode = "on"
who = ["CHN", "USA", "EU27"]         # left out: every government of the world
kinds = ["restrict", "retaliate"]    # left out: every kind of decision
temper.restrict_base = -5.0          # left out: the table tempers

[[governments.vetoes]]
who = "CHN"
kind = "restrict"
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from lodeflow.environment.calendar import Month, format_month, parse_month
from lodeflow.environment.fields import Input

QUARTER = 3
"""Months between two rounds of decisions, which fall on January, April, July and October."""

RECYCLED = "recycled"
"""Form of metal that is no traded form of its own, but can be supported."""


def first_round(start: str) -> str:
    """First month ("YYYY-MM") from ``start`` on in which governments decide."""
    return format_month(-(-parse_month(start) // QUARTER) * QUARTER)


class Veto(Input):
    """A decision that is not taken, although the government would."""

    who: str = Field(min_length=1, description="government: a country (ISO alpha-3), or a union that acts as one")
    kind: str = Field("", description="kind of decision; left out: every kind")
    metal: str = Field("", description="metal concerned; left out: every metal")
    start: Month | None = Field(None, description="first month in which it holds; left out: from the first on")
    end: Month | None = Field(None, description="last month in which it holds; left out: to the last")

    @model_validator(mode="after")
    def _order(self) -> Veto:
        if self.start and self.end and parse_month(self.end) < parse_month(self.start):
            raise ValueError(f"end {self.end} lies before start {self.start}; put the end after the start")
        return self

    def forbids(self, who: str, kind: str, metal: str, month: int) -> bool:
        """Whether it forbids a decision of a month (number)."""
        named = self.who == who and self.kind in ("", kind) and self.metal in ("", metal)
        since = self.start is None or month >= parse_month(self.start)
        return named and since and (self.end is None or month <= parse_month(self.end))


class Forced(Input):
    """A decision that is taken, whatever the government would do; what is left out is as it would choose."""

    month: Month = Field(description="month in which it is decided and announced")
    who: str = Field(min_length=1, description="government that decides")
    kind: str = Field(min_length=1, description="kind of decision")
    metal: str = Field(min_length=1, description="metal concerned")
    form: Literal["feed", "refined", "recycled"] = Field(
        "refined", description="form concerned: feed (ore, intermediates), refined, or recycled (support alone)"
    )
    target: str = Field("", description="government against which, or for which; left out: all")
    size: float | None = Field(
        None,
        ge=0,
        le=3650,
        description="restrict, retaliate, side: share of normal trade; tariff: share of the price; stockpile: days of use; "
        "support: ln points",
    )

    @model_validator(mode="after")
    def _makes_sense(self) -> Forced:
        if self.form == RECYCLED and self.kind != "support":
            raise ValueError('form = "recycled" is for support alone')
        if self.kind == "retaliate" and not self.target:
            raise ValueError('an answer needs a target, the government that it is against: target = "USA"')
        return self


class GovernmentSettings(Input):
    """Whether and how governments decide; every field may stand under ``[governments]`` in a scenario file."""

    mode: Literal["off", "on"] = Field(
        "off",
        description="on: governments decide once a quarter from what is published; off: only what the file says happens",
    )
    who: list[str] = Field(default_factory=list, description="governments that decide; left out: all")
    kinds: list[str] = Field(default_factory=list, description="kinds of decisions; left out: all")
    temper: dict[str, float] = Field(default_factory=dict, description="values other than those of the table tempers")
    trigger: Literal["price", "warning"] = Field(
        "price",
        description="what lets reserves be built: a calm price, or also the early warning (likelier, and up to release_price)",
    )
    vetoes: list[Veto] = Field(default_factory=list, description="decisions that are not taken")
    forced: list[Forced] = Field(default_factory=list, description="decisions that are taken in any case")

    @property
    def on(self) -> bool:
        """Whether governments decide."""
        return self.mode == "on"

    @field_validator("temper")
    @classmethod
    def _whole_names(cls, temper: dict[str, float]) -> dict[str, float]:
        for name in temper:
            if "." in name:
                raise ValueError(f"{name!r} is no temper; write temper.restrict_base = -5.0")
        return temper
