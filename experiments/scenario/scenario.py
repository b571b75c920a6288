"""A scenario: a question to the world."""

from __future__ import annotations

from pydantic import Field, SerializeAsAny

from lodeflow.environment.calendar import parse_month
from lodeflow.environment.fields import Input
from lodeflow.environment.governments.settings import GovernmentSettings, first_round
from lodeflow.environment.settings import WorldSettings
from lodeflow.environment.shocks.kinds import Shock
from lodeflow.experiments.scenario.uncertainty import MonteCarlo

FILE = "_file"
"""Under which a scenario remembers the file that it was read from."""


class Scenario(Input):
    """A world, what is changed in its parameters, and what happens to it."""

    name: str = Field(
        min_length=1, max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", description="short name without spaces"
    )
    title: str = Field("", max_length=300, description="one line for tables and charts")
    description: str = Field("", description="what is asked, and where the inputs come from")
    world: WorldSettings = Field(default_factory=WorldSettings, description="the world: see `lodeflow describe world`")
    parameters: dict[str, float] = Field(
        default_factory=dict, description='values other than the shipped ones, as "parameter" or "parameter.scope"'
    )
    shocks: list[SerializeAsAny[Shock]] = Field(default_factory=list, description="shocks and policies, in any order")
    governments: GovernmentSettings = Field(
        default_factory=GovernmentSettings, description="whether and how governments decide; off unless said otherwise"
    )
    monte_carlo: MonteCarlo | None = Field(None, description="what differs between the runs of a batch")

    @property
    def file(self) -> str:
        """Where it was read from, for reports; its name where it was made in Python. No part of what it is compared by."""
        return str(self.__dict__.get(FILE, self.name))

    def to_toml(self) -> str:
        """Return the scenario as a file that runs identically: every setting is written out, also the defaults."""
        import tomli_w

        values = self.model_dump(mode="json", exclude_none=True)
        if self.governments == GovernmentSettings():
            del values["governments"]
        return tomli_w.dumps({key: value for key, value in values.items() if value not in ("", [], {})})

    @property
    def first_month(self) -> str | None:
        """First month ("YYYY-MM") of the run in which a shock is known or in force, or governments decide; None without both."""
        months = [min(shock.announce or shock.start, shock.start) for shock in self.shocks]
        if self.governments.on:
            months += [first_round(self.world.start), *(asked.month for asked in self.governments.forced)]
        return max(min(months), self.world.start) if months else None

    @property
    def compared(self) -> bool:
        """Whether there is a second world beside it: that without its shocks, in which governments decide nothing."""
        return bool(self.shocks) or self.governments.on

    @property
    def months_alike(self) -> int:
        """Months of the run before a shock is known or in force, in which both worlds are the same; all without shocks."""
        if self.first_month is None:
            return self.world.months
        return min(parse_month(self.first_month) - parse_month(self.world.start), self.world.months)
