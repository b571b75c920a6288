"""What every shock and policy has in common: dates, beliefs, and the registry of kinds."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field, field_validator, model_validator

from lodeflow.agents.belief import Belief, expected_belief
from lodeflow.environment.calendar import FirstMonth, LastMonth, Month, MonthOf, format_month, month_of, parse_month
from lodeflow.environment.fields import LARGEST_TONNES, Input
from lodeflow.environment.shocks.card import Card

if TYPE_CHECKING:
    from lodeflow.environment.shocks.effects import Effects
    from lodeflow.environment.state import State

Form = Literal["all", "feed", "ore", "intermediate", "refined"]
REGISTRY: dict[str, type[Shock]] = {}


class Extension(Input):
    """A change of the announced end: from month ``known`` on, the end is ``end``."""

    known: MonthOf = Field(description="month in which the new end becomes known")
    end: LastMonth = Field(description="the new last month of the measure")


class Step(Input):
    """A value that a policy reaches at a date; between two steps it changes linearly."""

    date: Month = Field(description="month in which the value is reached")
    value: float = Field(ge=0, le=1, description="the value reached", json_schema_extra={"unit": "1"})


class Period(Input):
    """A value that holds from one month to another, both included."""

    start: Month = Field(description="first month")
    end: Month = Field(description="last month")
    value: float = Field(ge=0, le=LARGEST_TONNES, description="the value in these months")

    @model_validator(mode="after")
    def _forwards(self) -> Period:
        if parse_month(self.end) < parse_month(self.start):
            raise ValueError(f"the period ends in {self.end}, before it starts in {self.start}; swap the two")
        return self


def in_order(periods: list[Period]) -> list[Period]:
    """Periods by their start.

    Raises:
        ValueError: when two of them share a month.
    """
    ordered = sorted(periods, key=lambda period: parse_month(period.start))
    for one, after in pairwise(ordered):
        if parse_month(after.start) <= parse_month(one.end):
            raise ValueError(f"{after.start} to {after.end} overlaps {one.start} to {one.end}; a month has one value")
    return ordered


def steps_in_order(steps: list[Step]) -> list[Step]:
    """Steps by their date.

    Raises:
        ValueError: when two of them have the same date.
    """
    ordered = sorted(steps, key=lambda step: parse_month(step.date))
    for one, after in pairwise(ordered):
        if one.date == after.date:
            raise ValueError(f"two values stand at {one.date}; give one for each date")
    return ordered


def all_in_order(steps: dict[str, list[Step]]) -> dict[str, list[Step]]:
    """The same for the steps of several metals."""
    return {metal: steps_in_order(own) for metal, own in steps.items()}


class Shock(Input):
    """What every shock and policy has in common."""

    policy: ClassVar[bool] = False
    parts_market: ClassVar[bool] = False
    """True for shocks that can part the price inside the actor's country from that outside."""
    before_others: ClassVar[bool] = False
    """True for kinds at which other shocks of the month look: they are written first."""
    against_trade: ClassVar[bool] = False
    """True for measures against trade with others, to which they may retaliate."""
    takes_hosts: ClassVar[bool] = False
    """True for kinds whose metals may be hosts that are no metals of the world, such as zinc."""
    alias_of: ClassVar[str] = ""
    """Kind of which this one is a familiar name with other values left out; "" for a kind of its own."""
    card: ClassVar[Card | None] = None
    """What the kind promises; a plug-in may leave it out."""
    source: ClassVar[str] = ""
    """File of the plug-in that declares it; "" for what is shipped."""

    kind: str
    label: str = Field(
        "", max_length=200, description="name shown in tables and charts; left out: made from kind and actor"
    )
    announce: MonthOf | None = Field(None, description="month in which it becomes known; left out: the start")
    start: FirstMonth = Field(
        description="first month in force, or the day: after the 15th it is the next month, and becomes known in its own"
    )
    end: LastMonth | None = Field(
        None, description="last month in force, or the day, as known at first; left out: open-ended"
    )
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

    @model_validator(mode="before")
    @classmethod
    def _known_on_its_day(cls, given: Any) -> Any:
        """A measure that begins on a day is known in the month of that day, although it may count from the next."""
        if isinstance(given, dict) and given.get("announce") is None:
            known = month_of(given.get("start"))
            if known != given.get("start"):
                return given | {"announce": known}
        return given

    @model_validator(mode="after")
    def _dates_in_order(self) -> Shock:
        if self.end is not None and parse_month(self.end) < parse_month(self.start):
            raise ValueError(f"end {self.end} lies before start {self.start}; put the end after the start")
        if self.announce is not None and parse_month(self.announce) > parse_month(self.start):
            raise ValueError(
                f"announce {self.announce} lies after start {self.start}; announce it at or before the start"
            )
        self._extensions_in_order()
        return self

    def _extensions_in_order(self) -> None:
        """Each change of the end becomes known while the measure is still in force, and no two at the same time."""
        known, end = None, self.end
        for extension in self.extensions:
            if parse_month(extension.end) < parse_month(self.start):
                raise ValueError(f"extension to {extension.end} ends before start {self.start}")
            if extension.known == known:
                raise ValueError(f"two extensions become known in {known}; give one new end for each month")
            if parse_month(extension.end) < parse_month(extension.known) - 1:
                raise ValueError(
                    f"the end {extension.end} becomes known only in {extension.known}; a measure cannot end in the past"
                )
            if end is not None and parse_month(extension.known) > parse_month(end):
                raise ValueError(
                    f"the extension known in {extension.known} comes after the end {end}; make it a measure of its own"
                )
            known, end = extension.known, extension.end

    @field_validator("extensions", mode="after")
    @classmethod
    def _by_month_known(cls, extensions: list[Extension]) -> list[Extension]:
        return sorted(extensions, key=lambda extension: parse_month(extension.known))

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

    def belief(self, month: int, world: State) -> Belief:
        """What is expected of the remaining duration; see :func:`lodeflow.agents.belief.expected_belief`."""
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
    def _field(self, name: str) -> Any:
        """A field that some kinds have; None where this one has none, or leaves it out."""
        return getattr(self, name, None)

    @property
    def acting_place(self) -> str | None:
        """Country or group that acts, or where it happens; None where the shock names none."""
        return self._field("actor") or None

    @property
    def places(self) -> list[str]:
        """Countries and groups that the shock names, the one that acts first, then its partners."""
        return [str(place) for place in (self.acting_place, *(self._field("partners") or ())) if place]

    @property
    def touched_metals(self) -> list[str]:
        """Metals that the shock names; empty where it names none."""
        return list(self._field("metals") or ())

    def touches(self, metal: str) -> bool:
        """Whether the shock acts on a metal itself: it names the metal, or names none."""
        return metal in (self.touched_metals or [metal])

    @property
    def restricted_form(self) -> str | None:
        """Traded form that a measure restricts; None for shocks that restrict no trade."""
        return self._field("form")

    @property
    def parts(self) -> tuple[Shock, ...]:
        """What it is made of: itself, where it is no bundle."""
        return (self,)

    @property
    def words(self) -> str:
        """Its label, else who does what."""
        return self.label or " ".join(str(part) for part in (self.acting_place, self.kind.replace("_", " ")) if part)

    def actors(self, world: State) -> np.ndarray:
        """Country indices of the actor (a country or a group); empty for shocks without an actor."""
        return world.layout.country_indices(self.acting_place)

    def describe(self, world: State) -> dict[str, Any]:
        """What the shock is in this world: kind, label, actor, metals, form, dates, and what it cannot touch."""
        end = self.final_end
        return {
            "kind": self.kind,
            "label": self.words,
            "actor": self.acting_place,
            "metals": self.touched_metals,
            "form": self.restricted_form,
            "announced": format_month(self.announced_at),
            "start": self.start,
            "end": None if end is None else format_month(end),
            "unreached": self.unreached(world),
        }

    def unreached(self, world: State) -> list[str]:
        """What the shock names but cannot touch in this world, one line each, so that it can be said before the run."""
        return []

    def idle(self, world: State) -> str:
        """Why the shock changes nothing in this world, where that can be known; else empty."""
        first, last = world.first_month, world.first_month + world.settings.months - 1
        end = self.final_end
        if parse_month(self.start) > last:
            return f"it starts in {self.start}, after the run ends in {world.settings.end}"
        if end is not None and end + self.recovery_months < first:
            return f"it ended in {format_month(end)}, before the run starts in {world.settings.start}"
        hosts = () if self.restricted_form else (host for host, _ in world.layout.host_names)
        held = {*world.layout.metals, *hosts}
        if self.touched_metals and not held & {*self.touched_metals}:
            return f"the world holds none of its metals ({', '.join(self.touched_metals)})"
        return "; ".join(self.unreached(world)) or self.powerless(world)

    def powerless(self, world: State) -> str:
        """Why the shock changes nothing although it is in force and reaches what it names; empty where it has force."""
        return ""

    def found(self, purse: Any, first_month: int, world: State) -> list[str]:
        """What is to be said of the measure after the run, one line each: whether a rule was met, and by how much it was missed.

        Args:
            purse: what was written down of rules and money (:class:`lodeflow.environment.records.purse.Purse`).
            first_month: number of the first month of the run.
            world: the world, read only.
        """
        return []

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Write this month's and the expected effects of the shock.

        Args:
            world: the world, read only.
            effects: what is changed this month.
            month: month number (:func:`lodeflow.environment.calendar.parse_month`).
        """
        raise TypeError(f"shock kind {self.kind!r} does not say what it does")
