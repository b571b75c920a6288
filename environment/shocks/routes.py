"""Closures of routes: narrow passages of the sea, canals, and the ports of a country. They delay and turn away; nothing is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, get_args

import numpy as np
from pydantic import Field, model_validator

from lodeflow.agents import carrier, guards
from lodeflow.environment.shocks.card import Card
from lodeflow.environment.shocks.shock import Shock
from lodeflow.environment.shocks.written import TRADE_MARKETS

if TYPE_CHECKING:
    from lodeflow.environment.market.ways import Closure, EdgeWays
    from lodeflow.environment.shocks.effects import Effects
    from lodeflow.environment.state import State

Passage = Literal[
    "suez",
    "bab_el_mandeb",
    "malacca",
    "malacca_sunda",
    "panama",
    "hormuz",
    "good_hope",
    "gibraltar",
    "taiwan_strait",
    "bosporus",
]
PASSAGES: tuple[str, ...] = get_args(Passage)
"""Those of the table ``passages``."""


class RouteClosure(Shock):
    """A passage of the sea or the ports of a country are closed to a share of the ships: longer ways, queues, dearer freight.

    State: delay and freight of edges by sea, and room on those that have no other way. Monotone in the tonnes turned away.
    Signs: goods arrive later, buyers behind the passage pay more, sellers get less; output and stocks of nobody are destroyed.
    """

    card: ClassVar[Card | None] = Card(
        source="the Red Sea 2024 and the Suez Canal 2021, 2024: ships go round the Cape (table passages)",
        strength="strength",
        unit="share of the trade that is turned away",
        steps=(0.2, 0.5, 1.0),
        example={"passage": "malacca", "metals": ["cobalt"], "freight_rise": 1.0},
        metals=("cobalt",),
        writes=("delay_months", "freight", "reach_ahead"),
        quantity="freight paid",
        signs={"metal under way": 1},
    )
    kind: Literal["route_closure"] = "route_closure"
    passage: Passage | None = Field(None, description="passage that is closed; left out: none")
    actor: str | None = Field(None, description="country or group whose ports are closed; left out: no ports")
    metals: list[str] = Field(default_factory=list, description="metals whose trade is concerned; empty: all")
    strength: float = Field(
        1.0,
        ge=0,
        le=1,
        description="share of the trade that is turned away and takes the next best way",
        json_schema_extra={"unit": "1"},
    )
    queue_days: float = Field(
        0.0, ge=0, le=120, description="wait of what still goes through", json_schema_extra={"unit": "days"}
    )
    freight_rise: float = Field(
        0.0,
        ge=0,
        le=20,
        description="rise of freight rates by sea on ways that use the passage or ports: insurance, scarce ships",
        json_schema_extra={"unit": "1"},
    )

    @model_validator(mode="after")
    def _names_something(self) -> RouteClosure:
        if not self.passage and not self.actor:
            raise ValueError(
                f"it closes nothing; name a passage ({', '.join(PASSAGES)}) or an actor whose ports are closed"
            )
        return self

    def closures(self, world: State) -> dict[str, Closure]:
        """What it means for each edge of a market, by market."""
        ways, ports = world.blueprint.ways, tuple(int(country) for country in self.actors(world))
        passages = (self.passage,) if self.passage else ()
        return {name: ways.closure(world.markets[name], passages, ports) for name in TRADE_MARKETS}

    def touched(self, world: State, market: str, closure: Closure) -> np.ndarray:
        """Edges of the metals concerned that use what is closed, boolean, shape (E,)."""
        wanted = [world.layout.metal_index[name] for name in self.metals if name in world.layout.metal_index]
        mask: np.ndarray = closure.touched > 0.0
        return mask & np.isin(world.markets[market].metal, wanted) if self.metals else mask

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Delay what is sent, charge the longer way, and hold back what has no other way."""
        for market, closure in self.closures(world).items():
            mask = self.touched(world, market, closure)
            if mask.any():
                self._lengthen(world, effects, month, market, mask, closure)
                self._hold_back(world, effects, month, market, mask & (closure.cut > 0.0), closure)

    def _lengthen(
        self, world: State, effects: Effects, month: int, market: str, mask: np.ndarray, closure: Closure
    ) -> None:
        """Delay and freight of what takes the other way, and of what queues."""
        force, parameters = self.intensity(month), world.parameters
        ways: EdgeWays = world.blueprint.ways.of(world.markets[market])
        turned = self.strength * (closure.touched - closure.cut)
        passing = (1.0 - self.strength) * closure.touched
        months = carrier.delay(
            turned,
            closure.more_km,
            parameters["shipping_km_per_month"],
            closure.more_land_km,
            parameters["land_km_per_month"],
            passing,
            self.queue_days,
        )
        usual = carrier.freight(ways.km, ways.rate, ways.content)
        dearer = carrier.dearer(
            turned, closure.more_sea, closure.more_land, closure.saved, closure.touched, self.freight_rise, usual
        )
        effects.delay(market, mask, force * months[mask])
        effects.charge(market, mask, force, self.belief(month, world), freight=dearer[mask])

    def _hold_back(
        self, world: State, effects: Effects, month: int, market: str, mask: np.ndarray, closure: Closure
    ) -> None:
        """What has no other way stays with its seller until the passage opens again."""
        for cut in np.unique(closure.cut[mask]):
            allowed = 1.0 - self.strength * float(cut)
            effects.restrict(
                market,
                mask & (closure.cut == cut),
                in_force=self.intensity(month),
                allowed_now=allowed,
                allowed_prior=allowed,
                belief=self.belief(month, world),
                memory_key=(market, float(cut)),
            )

    def unreached(self, world: State) -> list[str]:
        """Metals of which nothing that is traded uses what is closed, one line each."""
        closures = self.closures(world)
        lines = []
        for name in self.metals:
            metal = world.layout.metal_index.get(name, -1)
            used = sum(
                float((world.markets[market].base * closure.touched)[world.markets[market].metal == metal].sum())
                for market, closure in closures.items()
            )
            if used <= guards.NOTHING:
                lines.append(f"no {name} that is traded when the run starts uses {self._closed}")
        return lines

    @property
    def _closed(self) -> str:
        ports = f"the ports of {self.actor}" if self.actor else None
        return " or ".join(name for name in (self.passage, ports) if name)

    @property
    def words(self) -> str:
        """Its label, else what is closed."""
        return self.label or f"{self._closed.replace('_', ' ')} closed"

    def powerless(self, world: State) -> str:
        """A closure of nothing, or of ways that nobody uses."""
        if not (self.strength or self.queue_days or self.freight_rise):
            return "its strength, queue_days and freight_rise are 0"
        return f"no trade of this world uses {self._closed}"
