"""What every shock and policy has in common: dates, beliefs, and the registry of kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from environment.beliefs import Belief, expected_belief
from environment.calendar import Month, format_month, parse_month

if TYPE_CHECKING:
    from environment.effects import Effects
    from environment.world import World

Form = Literal["all", "feed", "ore", "intermediate", "refined"]
REGISTRY: dict[str, type[Shock]] = {}


class Extension(BaseModel):
    """A change of the announced end: from month ``known`` on, the end is ``end``."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    known: Month = Field(description="month in which the new end becomes known")
    end: Month = Field(description="the new last month of the measure")


class Step(BaseModel):
    """A value that a policy reaches at a date; between two steps it changes linearly."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    date: Month = Field(description="month in which the value is reached")
    value: float = Field(ge=0, le=1, description="the value reached", json_schema_extra={"unit": "1"})


class Period(BaseModel):
    """A value that holds from one month to another, both included."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    start: Month = Field(description="first month")
    end: Month = Field(description="last month")
    value: float = Field(ge=0, description="the value in these months")


class Shock(BaseModel):
    """What every shock and policy has in common."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    policy: ClassVar[bool] = False
    parts_market: ClassVar[bool] = False
    """True for shocks that can part the price inside the actor's country from that outside."""

    kind: str
    label: str = Field("", description="name shown in tables and charts; left out: made from kind and actor")
    announce: Month | None = Field(None, description="month in which it becomes known; left out: the start")
    start: Month = Field(description="first month in force")
    end: Month | None = Field(None, description="last month in force as known at first; left out: open-ended")
    extensions: list[Extension] = Field(default_factory=list, description="later changes of the announced end")
    permanent: bool = Field(
        False, description="true for a law nobody expects to end; false for a measure seen as passing"
    )
    recovery_months: float = Field(
        0.0,
        ge=0,
        le=600,
        description="time over which the effect fades after the end",
        json_schema_extra={"unit": "months"},
    )
    credibility: float | None = Field(
        None,
        ge=0,
        le=1,
        description="belief in the announcement before the start; left out: the parameter credibility_announced",
        json_schema_extra={"unit": "1"},
    )

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        default = cls.model_fields["kind"].default
        if isinstance(default, str):
            REGISTRY[default] = cls

    @model_validator(mode="after")
    def _dates_in_order(self) -> Shock:
        if self.end is not None and parse_month(self.end) < parse_month(self.start):
            raise ValueError(f"end {self.end} lies before start {self.start}; put the end after the start")
        if self.announce is not None and parse_month(self.announce) > parse_month(self.start):
            raise ValueError(
                f"announce {self.announce} lies after start {self.start}; announce it at or before the start"
            )
        for extension in self.extensions:
            if parse_month(extension.end) < parse_month(self.start):
                raise ValueError(f"extension to {extension.end} ends before start {self.start}")
        return self

    # ---- time -------------------------------------------------------------------------------------------------------
    @property
    def announced_at(self) -> int:
        """Month number in which the measure becomes known."""
        return parse_month(self.announce or self.start)

    def known_end(self, month: int) -> int | None:
        """Last month in force as known in ``month`` (month number), None if no end is known."""
        end = parse_month(self.end) if self.end else None
        for extension in self.extensions:
            if month >= parse_month(extension.known):
                end = parse_month(extension.end)
        return end

    @property
    def final_end(self) -> int | None:
        """Last month in which the measure is really in force."""
        return self.known_end(10**9)

    def intensity(self, month: int) -> float:
        """Share of full strength in ``month``: 1 in force, falling to 0 over the recovery, else 0."""
        if month < parse_month(self.start):
            return 0.0
        end = self.final_end
        if end is None or month <= end:
            return 1.0
        return max(0.0, 1.0 - (month - end) / self.recovery_months) if self.recovery_months > 0 else 0.0

    def known(self, month: int) -> bool:
        """Whether the measure is announced or in force in ``month``."""
        return month >= self.announced_at and (month < parse_month(self.start) or self.intensity(month) > 0)

    def belief(self, month: int, world: World) -> Belief:
        """What is expected of the remaining duration; see :func:`environment.beliefs.expected_belief`."""
        return expected_belief(
            month=month,
            start=parse_month(self.start),
            known_end=self.known_end(month),
            permanent=self.permanent,
            announced_credibility=self.credibility,
            parameters=world.parameters,
        )

    def news_key(self, month: int) -> tuple[Any, ...]:
        """Changes exactly in the months in which something new becomes known of the measure."""
        return (
            self.known(month),
            month >= parse_month(self.start),
            self.known_end(month),
            self.intensity(month) == 1.0,
        )

    # ---- what it touches --------------------------------------------------------------------------------------------
    def actors(self, world: World) -> np.ndarray:
        """Country indices of the actor (a country or a group); empty for shocks without an actor."""
        return world.layout.country_indices(getattr(self, "actor", None))

    def metals_named(self) -> list[str]:
        """Metals that the shock names."""
        return list(getattr(self, "metals", []))

    def describe(self, world: World) -> dict[str, Any]:
        """What the shock is in this world: kind, label, actor, metals, form, dates, and what it cannot touch."""
        actor, end = getattr(self, "actor", None), self.final_end
        words = " ".join(str(part) for part in (actor, self.kind.replace("_", " ")) if part)
        return {
            "kind": self.kind,
            "label": self.label or words,
            "actor": actor,
            "metals": self.metals_named(),
            "form": getattr(self, "form", None),
            "announced": format_month(self.announced_at),
            "start": self.start,
            "end": None if end is None else format_month(end),
            "unreached": self.unreached(world),
        }

    def unreached(self, world: World) -> list[str]:
        """What the shock names but cannot touch in this world, one line each, so that it can be said before the run."""
        return []

    def act(self, world: World, effects: Effects, month: int) -> None:
        """Write this month's and the expected effects of the shock.

        Args:
            world: the world, read only.
            effects: what is changed this month.
            month: month number (:func:`environment.calendar.parse_month`).
        """
        raise TypeError(f"shock kind {self.kind!r} does not say what it does")
