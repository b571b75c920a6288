"""Stakes in mines abroad: what a state owns of the output of another, and what that is worth when the other restricts it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from lodeflow.agents import country, guards
from lodeflow.environment.calendar import parse_month
from lodeflow.environment.shocks.card import Card
from lodeflow.environment.shocks.policy import MetalPolicy

if TYPE_CHECKING:
    from lodeflow.environment.shocks.effects import Effects
    from lodeflow.environment.state import State

EXPROPRIATES = "nationalisation"
"""Kind of shock that takes the stakes in the mines of its actor."""


class StakeAbroad(MetalPolicy):
    """Companies of a country own part of the mines of another: what they own gets past its restrictions, unless it is taken.

    A measure on exports of the host lets the owned part of what flows to the owner through as far as the parameter
    ``stake_shield`` says. From the month in which the host nationalises mines of the metal, nothing is owned any more.
    """

    card: ClassVar[Card | None] = Card(
        source="table stakes: owners of mines as company reports gave them",
        strength="share",
        unit="share of the mine output of the host",
        steps=(0.1, 0.3, 0.8),
        example={"actor": "CHN", "partners": ["COD"], "metals": ["cobalt"]},
        metals=("cobalt",),
        writes=("owned",),
        quantity="imports",
        signs={"imports": 1, "world price": -1},
        months=18,
        beside=({"kind": "export_ban", "actor": "COD", "metals": ["cobalt"], "form": "feed"},),
    )
    before_others: ClassVar[bool] = True
    kind: Literal["stake_abroad"] = "stake_abroad"
    partners: list[str] = Field(min_length=1, description="countries whose mines are owned in part")
    share: float = Field(
        ge=0,
        le=1,
        description="share of the mine output of each of them that is owned",
        json_schema_extra={"unit": "1"},
    )

    def owned(self, world: State, host: str, month: int) -> float:
        """Share of a host's mine output that is owned in a month: nothing once the host has taken it."""
        taken = any(
            getattr(shock, "kind", "") == EXPROPRIATES
            and getattr(shock, "acting_place", None) == host
            and month >= parse_month(shock.start)  # type: ignore[attr-defined]
            and any(shock.touches(metal) for metal in self.metals)  # type: ignore[attr-defined]
            for shock in world.shocks
        )
        return 0.0 if taken else self.share * self.force(month)

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Own part of what flows from each host to the actor, at most what is mined of it."""
        table, owner = world.markets["feed"], world.layout.marked(self.actors(world))
        for name in self.partners:
            share, host = self.owned(world, name, month), world.layout.marked(world.layout.country_indices(name))
            for metal in self.metals if share > 0.0 else ():
                sold = (table.metal == world.layout.metal_index.get(metal, -1)) & host[table.seller_country]
                bought = sold & owner[table.buyer_country]
                normal = float(table.normal[sold].sum()), max(float(table.normal[bought].sum()), guards.LEAST)
                part = country.shielded(share * normal[0] / normal[1], world.parameters["stake_shield"])
                effects.own(bought, part)

    def powerless(self, world: State) -> str:
        """Nothing flows from there to the actor."""
        return f"{self.actor} buys no ore of its metals from {', '.join(self.partners)}"

    def found(self, purse: Any, first_month: int, world: State) -> list[str]:
        """How much is owned at the end of the run, against own use, one line a metal."""
        lines = []
        for metal in self.metals:
            index = world.layout.metal_index.get(metal, -1)
            use = float(world.desks.use[self.desks(world) & (world.desks.metal == index)].sum())
            owned = sum(self._tonnes(world, name, index) for name in self.partners)
            if use > 0.0:
                lines.append(
                    f"{metal}: owns {12.0 * owned:,.0f} t a year of mine output, {owned / use:.0%} of the use at home"
                )
        return lines

    def _tonnes(self, world: State, host: str, metal: int) -> float:
        """What is owned of the mine output of a host in the last month, t."""
        rows = np.isin(world.miners.country, world.layout.country_indices(host)) & (world.miners.metal == metal)
        return self.owned(world, host, world.month - 1) * float(world.miners.output[rows].sum())
