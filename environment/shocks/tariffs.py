"""Import tariffs: what a country asks at its border on top of the usual duty."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field, field_validator

from lodeflow.environment.calendar import parse_month
from lodeflow.environment.shocks.card import Card
from lodeflow.environment.shocks.shock import Form, Period, Shock, in_order
from lodeflow.environment.shocks.written import TRADE_MARKETS

if TYPE_CHECKING:
    from lodeflow.environment.shocks.effects import Effects
    from lodeflow.environment.state import State

LARGEST_RATE = 10.0
"""Largest tariff, share of the price: ten times what the goods cost."""


class ImportTariff(Shock):
    """A country taxes what it imports of some metals, from all or from named partners, on top of the usual duty.

    State: duty on edges into the country. Monotone in the duty paid. Signs: the importer's metal gets dearer, that of exporters
    cheaper, and sellers turn to buyers elsewhere; the importer's government gains what importers pay.
    """

    parts_market: ClassVar[bool] = True
    card: ClassVar[Card | None] = Card(
        source="event E35: threat of a US tariff of 50 percent on copper, 2025",
        strength="rate",
        unit="share of the price",
        steps=(0.1, 0.25, 0.5),
        example={"actor": "USA", "metals": ["copper"], "form": "refined"},
        metals=("copper",),
        writes=("duty", "reach_ahead"),
        quantity="tariff paid",
        signs={"price at home": 1, "imports": -1},
    )
    kind: Literal["import_tariff"] = "import_tariff"
    actor: str = Field(description="country (ISO 3166 alpha-3) or group that taxes its imports")
    metals: list[str] = Field(min_length=1, description="metals whose imports are taxed")
    form: Form = Field(
        "all",
        description="form that is taxed; 'feed' means ore or intermediate, as the metal has it; left out: every form",
    )
    partners: list[str] = Field(default_factory=list, description="countries or groups of origin; empty: all")
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

    def edges(self, world: State, market: str, metal: str) -> np.ndarray:
        """Edges of a market over which the actor imports the metal from those concerned, boolean, shape (E,)."""
        table, layout = world.markets[market], world.layout
        here = layout.marked(self.actors(world))
        mask: np.ndarray = (table.metal == layout.metal_index.get(metal, -1)) & here[table.buyer_country]
        mask &= ~here[table.seller_country]
        if self.form in ("ore", "intermediate"):
            mask &= table.intermediate == (self.form == "intermediate")
        if self.partners:
            named = np.concatenate([layout.country_indices(name) for name in self.partners])
            mask &= layout.marked(named)[table.seller_country]
        return mask

    @property
    def _markets(self) -> tuple[str, ...]:
        return TRADE_MARKETS if self.form == "all" else ("refined",) if self.form == "refined" else ("feed",)

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Charge the tariff on the edges into the country, now and as far ahead as it is believed."""
        belief, force = self.belief(month, world), self.intensity(month)
        rate = self.rate_in(max(month, parse_month(self.start)))
        for metal in self.metals:
            for market in self._markets:
                effects.charge(market, self.edges(world, market, metal), force, belief, duty=rate)

    def unreached(self, world: State) -> list[str]:
        """Metals that the actor does not import from those concerned when the run starts, one line each."""
        lines = []
        for metal in self.metals:
            imports = sum(
                float(world.markets[market].base[self.edges(world, market, metal)].sum()) for market in self._markets
            )
            if imports == 0.0:
                origin = f" from {', '.join(self.partners)}" if self.partners else ""
                lines.append(f"{self.actor} imports no {metal}{origin} when the run starts: there is nothing to tax")
        return lines

    def powerless(self, world: State) -> str:
        """A tariff of nothing."""
        return "its rate is 0" if not self.rate and not self.schedule else "it taxes no import"
