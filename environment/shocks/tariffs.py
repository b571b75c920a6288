"""Import tariffs: what a country asks at its border on top of the usual duty."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, field_validator

from lodeflow.environment.calendar import parse_month
from lodeflow.environment.shocks.card import Card
from lodeflow.environment.shocks.imports import IMPORT_PROMISES, OnImports
from lodeflow.environment.shocks.shock import Period, in_order

if TYPE_CHECKING:
    from lodeflow.environment.shocks.effects import Effects
    from lodeflow.environment.state import State

LARGEST_RATE = 10.0
"""Largest tariff, share of the price: ten times what the goods cost."""


class ImportTariff(OnImports):
    """A country taxes what it imports of some metals, from all or from named partners, on top of the usual duty.

    State: duty on edges into the country. Monotone in the duty paid. Signs: the importer's metal gets dearer, that of exporters
    cheaper, and sellers turn to buyers elsewhere; the importer's government gains what importers pay.
    """

    card: ClassVar[Card | None] = Card(
        source="event E35: threat of a US tariff of 50 percent on copper, 2025",
        strength="rate",
        unit="share of the price",
        steps=(0.1, 0.25, 0.5),
        **IMPORT_PROMISES,
    )
    kind: Literal["import_tariff"] = "import_tariff"
    rate: float = Field(
        ge=0, le=LARGEST_RATE, description="tariff on top of the usual duty", json_schema_extra={"unit": "1"}
    )
    schedule: list[Period] = Field(default_factory=list, description="other rates (share of the price) for some months")
    _in_order = field_validator("schedule")(in_order)

    @field_validator("schedule")
    @classmethod
    def _rates(cls, schedule: list[Period]) -> list[Period]:
        for period in schedule:
            if period.value > LARGEST_RATE:
                raise ValueError(f"{period.value:g} is no share of the price; write 0.25 for 25 percent")
        return schedule

    def rate_in(self, month: int) -> float:
        """Tariff in ``month`` at full strength, share of the price."""
        for period in self.schedule:
            if parse_month(period.start) <= month <= parse_month(period.end):
                return period.value
        return self.rate

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Charge the tariff on the edges into the country, now and as far ahead as it is believed."""
        belief, force = self.belief(month, world), self.intensity(month)
        rate = self.rate_in(max(month, parse_month(self.start)))
        for metal in self.metals:
            for market in self.markets:
                effects.charge(market, self.edges(world, market, [metal]), force, belief, duty=rate)

    def unreached(self, world: State) -> list[str]:
        """Metals that the actor does not import from those concerned when the run starts, one line each."""
        lines = []
        for metal in self.metals:
            imports = sum(
                float(world.markets[market].base[self.edges(world, market, [metal])].sum()) for market in self.markets
            )
            if imports == 0.0:
                origin = f" from {', '.join(self.partners)}" if self.partners else ""
                lines.append(f"{self.actor} imports no {metal}{origin} when the run starts: there is nothing to tax")
        return lines

    def powerless(self, world: State) -> str:
        """A tariff of nothing."""
        return "its rate is 0" if not self.rate and not self.schedule else "it taxes no import"
