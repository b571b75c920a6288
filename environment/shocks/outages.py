"""What stops mines and routes: fighting, accidents, strikes, closures."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from lodeflow.environment.shocks.shock import Shock

if TYPE_CHECKING:
    from lodeflow.environment.shocks.effects import Effects
    from lodeflow.environment.state import State


class Conflict(Shock):
    """Fighting costs output and closes or lengthens the routes out of a country; both recover slowly."""

    parts_market: ClassVar[bool] = True
    kind: Literal["conflict"] = "conflict"
    actor: str = Field(description="country or group where the fighting is")
    metals: list[str] = Field(min_length=1, description="metals concerned")
    output_loss: float = Field(
        0.0, ge=0, le=1, description="share of mine output lost", json_schema_extra={"unit": "1"}
    )
    routes_lost: float = Field(
        0.0, ge=0, le=1, description="share of export routes closed", json_schema_extra={"unit": "1"}
    )
    route_delay_months: int = Field(
        0, ge=0, le=6, description="longer way of what still leaves the country", json_schema_extra={"unit": "months"}
    )

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Lose mine output, close a share of the export routes and lengthen the rest."""
        belief, force = self.belief(month, world), self.intensity(month)
        countries = self.actors(world)
        for metal in self.metals:
            index = world.layout.metal_index.get(metal, -1)
            miners = world.miners.rows(metal=index, countries=countries)
            effects.lose_output(miners, self.output_loss * force, self.output_loss, belief)
            for market in ("feed", "refined"):
                table = world.markets[market]
                mask = (
                    (table.metal == index)
                    & np.isin(table.seller_country, countries)
                    & ~np.isin(table.buyer_country, countries)
                )
                if not mask.any():
                    continue
                allowed = 1.0 - self.routes_lost
                effects.restrict(market, mask, force, allowed, allowed, belief, memory_key=(metal, market))
                if force == 1.0:
                    effects.delay(market, mask, self.route_delay_months)

    def powerless(self, world: State) -> str:
        """Fighting that costs nothing, or where nothing is mined or exported."""
        if not (self.output_loss or self.routes_lost or self.route_delay_months):
            return "its output_loss, routes_lost and route_delay_months are 0"
        return no_mines(self.actor, self.metals)


class MineOutage(Shock):
    """A mine, or a share of a country's output, is lost: accident, strike, court ruling, closure."""

    kind: Literal["mine_outage"] = "mine_outage"
    actor: str = Field(description="country or group where output is lost")
    metals: list[str] = Field(
        min_length=1, description="metals, or hosts such as zinc and alumina, whose output is lost"
    )
    strength: float = Field(
        ge=0, le=1, description="share of the country's output lost", json_schema_extra={"unit": "1"}
    )

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Lose a share of mine output, or of a host outside the world's metals."""
        belief, force = self.belief(month, world), self.intensity(month)
        for metal in self.metals:
            if metal in world.layout.metal_index:
                rows = world.miners.rows(metal=world.layout.metal_index[metal], countries=self.actors(world))
                effects.lose_output(rows, self.strength * force, self.strength, belief)
            else:
                rows = world.layout.host_rows(metal, self.actors(world))
                effects.lose_host(rows, self.strength * force, self.strength, belief)

    def powerless(self, world: State) -> str:
        """A loss of nothing, or where nothing is mined."""
        return no_mines(self.actor, self.metals) if self.strength else "its strength is 0"


def no_mines(actor: str, metals: list[str]) -> str:
    """What is said of a loss of output where there is none."""
    return f"{actor} mines no {' and no '.join(metals)} in this world"
