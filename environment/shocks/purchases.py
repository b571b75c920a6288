"""Metal that is bought to be kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field, field_validator

from lodeflow.environment.calendar import parse_month
from lodeflow.environment.fields import LARGEST_TONNES
from lodeflow.environment.shocks.card import Card
from lodeflow.environment.shocks.shock import Period, Shock, in_order

if TYPE_CHECKING:
    from lodeflow.environment.shocks.effects import Effects
    from lodeflow.environment.state import State


class StockPurchase(Shock):
    """Investors or a government buy refined metal and keep it off the market."""

    card: ClassVar[Card | None] = Card(
        source="events E41, E42: purchases of China's reserve, germanium 2024 and cobalt 2015",
        strength="tonnes",
        unit="t metal",
        steps=(2_000.0, 6_000.0, 15_000.0),
        example={"metals": ["cobalt"]},
        metals=("cobalt",),
        writes=("purchases", "purchases_ahead"),
        quantity="metal bought",
        signs={"world price": 1, "use": -1},
    )
    kind: Literal["stock_purchase"] = "stock_purchase"
    actor: str | None = Field(
        None,
        description="country or group in whose market the metal is bought; left out: everywhere, in proportion to use",
    )
    metals: list[str] = Field(min_length=1, description="metals that are bought")
    tonnes: float = Field(
        ge=0,
        le=LARGEST_TONNES,
        description="bought from start to end, or in each year without an end",
        json_schema_extra={"unit": "t metal"},
    )
    schedule: list[Period] = Field(
        default_factory=list, description="other purchases (t metal per year) for some months; outside of them none"
    )
    _in_order = field_validator("schedule")(in_order)

    def tonnes_per_month(self, month: int) -> float:
        """Wanted purchases in ``month``, t metal per month."""
        for period in self.schedule:
            if parse_month(period.start) <= month <= parse_month(period.end):
                return period.value / 12.0
        if self.schedule:
            return 0.0
        end = self.final_end
        months = 12 if end is None else end - parse_month(self.start) + 1
        return self.tonnes / months * self.intensity(month)

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Order metal at the actor's desks in proportion to their use; others expect the buying to go on as long as believed."""
        first = parse_month(self.start)
        now = self.tonnes_per_month(month) if self.intensity(month) > 0 else 0.0
        rate = now if month >= first else self.tonnes_per_month(first)
        ahead = rate * self.belief(month, world).restricted_months(effects.horizons)
        for metal in self.metals:
            index = world.layout.metal_index.get(metal, -1)
            desks = world.desks.metal == index
            if self.actor is not None:
                desks &= np.isin(world.desks.country, self.actors(world))
            effects.buy(desks, now, ahead)

    def powerless(self, world: State) -> str:
        """A purchase of nothing, or where nobody uses the metal."""
        wanted = max([self.tonnes, *(period.value for period in self.schedule)])
        return f"{self.actor or 'nobody'} uses none of its metals" if wanted else "it buys nothing"
