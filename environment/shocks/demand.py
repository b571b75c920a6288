"""Demand that rises or falls against the expected path, and products that change their technology."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field, model_validator

from lodeflow.environment.calendar import parse_month
from lodeflow.environment.fields import Input
from lodeflow.environment.shocks.card import Card
from lodeflow.environment.shocks.kept import kept, means_ahead
from lodeflow.environment.shocks.shock import Shock

if TYPE_CHECKING:
    from lodeflow.environment.shocks.effects import Effects
    from lodeflow.environment.state import State


DEMAND = ("demand_now", "demand_ahead")
"""Effects of every change of demand."""


class DemandSurge(Shock):
    """Demand for some products rises (or falls) against the expected path."""

    card: ClassVar[Card | None] = Card(
        source="events E08, E15: demand of electric cars for cobalt 2016 and lithium 2021",
        strength="strength",
        unit="change of demand",
        steps=(0.05, 0.15, 0.3),
        example={"metals": ["cobalt"], "ramp_months": 6},
        metals=("cobalt",),
        writes=DEMAND,
        quantity="use gained",
        signs={"world price": 1, "use": 1},
    )
    kind: Literal["demand_surge"] = "demand_surge"
    actor: str | None = Field(None, description="country or group whose factories want more; left out: the world")
    products: list[str] = Field(default_factory=list, description="products; empty: all")
    metals: list[str] = Field(default_factory=list, description="metals concerned in these products; empty: all")
    strength: float = Field(
        ge=-0.95, le=20, description="change of demand against the expected path", json_schema_extra={"unit": "1"}
    )
    ramp_months: int = Field(
        0, ge=0, le=120, description="time over which the change builds up", json_schema_extra={"unit": "months"}
    )

    def level(self, month: int) -> float:
        """Relative change of demand in ``month``."""
        since = month - parse_month(self.start)
        built = 1.0 if self.ramp_months == 0 else min(max((since + 1) / self.ramp_months, 0.0), 1.0)
        return self.strength * built * self.intensity(month)

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Change demand now and, as far as believed, ahead."""
        countries = None if self.actor is None else self.actors(world)
        key = ("lines", self.actor, *self.products, "of", *self.metals)
        lines = kept(world, key, lambda: world.layout.line_rows(self.products, self.metals, countries))
        credibility = self.belief(month, world).credibility
        ahead = [np.mean([self.level(month + k) for k in range(int(h))]) for h in effects.horizons]
        now = self.level(month)
        effects.change_demand(lines, now, np.array([now + credibility * (level - now) for level in ahead]))

    def powerless(self, world: State) -> str:
        """A change of nothing, or of products that hold none of the metals."""
        where = f" in {self.actor}" if self.actor else ""
        return f"none of its products{where} holds its metals" if self.strength else "its strength is 0"


class MetalUse(Input):
    """How much of a metal a product holds after a change of technology."""

    metal: str = Field(description="metal")
    ratio: float = Field(
        ge=0, le=20, description="metal a unit holds, over that before the change", json_schema_extra={"unit": "1"}
    )


class TechnologySwitch(Shock):
    """Products change their chemistry or technology: some metals go, others come, or another product takes over."""

    card: ClassVar[Card | None] = Card(
        source="scenarios of battery chemistry and magnet-free motors in the literature; table composition",
        strength="share",
        unit="share of the products that switch",
        steps=(0.2, 0.5, 0.9),
        example={"products": ["ev-battery-nickel"], "into": "ev-battery-lfp", "carrier": "lithium", "ramp_months": 6},
        metals=("cobalt", "lithium"),
        writes=DEMAND,
        quantity="use lost",
        signs={"world price": -1, "use": -1},
        months=24,
    )
    kind: Literal["technology_switch"] = "technology_switch"
    products: list[str] = Field(min_length=1, description="products that change")
    changes: list[MetalUse] = Field(
        default_factory=list, description="metal that a unit holds after the change; metals not named stay"
    )
    into: str = Field("", description="product that takes over instead; empty: the products stay and change")
    carrier: str = Field(
        "lithium", description="metal of which both products hold about the same: units are counted by it"
    )
    share: float = Field(
        1.0, ge=0, le=1, description="share of the products that switch", json_schema_extra={"unit": "1"}
    )
    ramp_months: int = Field(
        36, ge=1, le=240, description="time over which the switch goes on", json_schema_extra={"unit": "months"}
    )

    @model_validator(mode="after")
    def _changes_something(self) -> TechnologySwitch:
        if not self.changes and not self.into:
            raise ValueError("nothing changes; name metals under changes, or the product that takes over under into")
        if self.into in self.products:
            raise ValueError(f"{self.into!r} cannot take over from itself; name another product under into")
        return self

    @property
    def touched_metals(self) -> list[str]:
        """Metals that a unit holds more or less of; none where another product takes over with all of its metals."""
        return [] if self.into else [use.metal for use in self.changes]

    def level(self, month: int) -> float:
        """Share that has switched in ``month``."""
        since = month - parse_month(self.start) + 1
        return self.share * min(max(since / self.ramp_months, 0.0), 1.0) * self.intensity(month)

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Change demand for every metal of the products now and, as far as believed, ahead."""
        credibility = self.belief(month, world).credibility
        now = self.level(month)
        ahead = means_ahead(self.level, month, effects.horizons)
        ahead = now + credibility * (ahead - now)
        for lines, factor in self._factors(world):
            effects.change_demand(lines, now * factor, ahead * factor)

    def _factors(self, world: State) -> list[tuple[np.ndarray, float]]:
        """Lines of manufacturers, boolean, shape (L,), and how demand changes there when all products have switched."""

        def rows(products: list[str], metals: list[str]) -> np.ndarray:
            key = ("lines", "", *products, "of", *metals)
            return kept(world, key, lambda: world.layout.line_rows(products, metals))

        if not self.into:
            return [(rows(self.products, [use.metal]), use.ratio - 1.0) for use in self.changes]
        units = world.inputs.base * world.blueprint.demand[world.t]
        leaving, coming = (units[rows(names, [self.carrier])].sum() for names in (self.products, [self.into]))
        gain = float(leaving / coming) if coming > 0.0 else 0.0
        return [(rows(self.products, []), -1.0), (rows([self.into], []), gain)]

    def powerless(self, world: State) -> str:
        """A switch of nothing, or of products that hold none of the metals."""
        return "none of its products holds its metals" if self.share else "its share is 0"
