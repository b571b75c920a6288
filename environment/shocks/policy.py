"""What every policy has in common: whom it binds, since when, how far it has come, and who bears its cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field, field_validator

from lodeflow.agents import guards
from lodeflow.environment.calendar import parse_month
from lodeflow.environment.shocks.bills import Bill
from lodeflow.environment.shocks.kept import kept
from lodeflow.environment.shocks.shock import Shock

if TYPE_CHECKING:
    from lodeflow.environment.shocks.effects import Effects
    from lodeflow.environment.state import State

PRODUCTS = ["ev-battery-nickel", "portable-battery"]
"""Products of the examples."""
LARGEST_BUDGET = 1e13
"""Largest yearly budget that an input may name, USD; assumption: a tenth of the world's income."""
Bearer = Literal["producer", "importer", "retailer", "consumer", "recycler", "municipality", "government"]
"""Who can bear a duty."""


class Policy(Shock):
    """A rule of a country, a group or the whole world (actor ``WLD``) that nobody expects to end."""

    policy: ClassVar[bool] = True
    kind: str
    actor: str = Field(description="country or group where the rule holds; WLD: everywhere")
    permanent: bool = Field(
        True, description="true for a law nobody expects to end; false for a measure seen as passing"
    )
    ramp_months: int = Field(
        0,
        ge=0,
        le=600,
        description="time over which it comes into full effect after the start",
        json_schema_extra={"unit": "months"},
    )

    def force(self, month: int) -> float:
        """How far the rule has come into effect in ``month``, 0 to 1: its ramp times its intensity."""
        since = month - parse_month(self.start) + 1
        built = 1.0 if self.ramp_months == 0 else min(max(since / self.ramp_months, 0.0), 1.0)
        return built * self.intensity(month)

    def monthly(self, usd_per_year: float, month: int) -> float:
        """What a yearly budget pays in ``month``, USD."""
        return self.intensity(month) * usd_per_year / 12.0


class ProductPolicy(Policy):
    """A policy for some products."""

    kind: str
    products: list[str] = Field(min_length=1, description="products under the rule")

    def stocks(self, world: State) -> np.ndarray:
        """Rows of the products in use where the rule holds, boolean, shape (V,)."""
        return world.layout.in_use_rows(self.actors(world), self.products)

    def powerless(self, world: State) -> str:
        """A rule for products that nobody has there, or one that asks for nothing."""
        if not self.stocks(world).any():
            return f"{self.actor} uses none of its products"
        return "what it asks for is nothing, or is done already"


class MetalPolicy(Policy):
    """A policy for some metals."""

    kind: str
    metals: list[str] = Field(min_length=1, description="metals concerned")

    def desks(self, world: State) -> np.ndarray:
        """Rows of the desks where the actor's makers and government buy the metals, boolean, shape (B,)."""
        return kept(world, ("desks", self.actor, *self.metals), lambda: self._find_desks(world))

    def _find_desks(self, world: State) -> np.ndarray:
        indices = [world.layout.metal_index[metal] for metal in self.metals if metal in world.layout.metal_index]
        desks: np.ndarray = np.isin(world.desks.metal, indices) & np.isin(world.desks.country, self.actors(world))
        return desks

    def powerless(self, world: State) -> str:
        """Metals that nobody uses there, or a rule that asks for nothing."""
        if not self.desks(world).any():
            return f"{self.actor} uses none of its metals"
        return "what it asks for is nothing, or is done already"


def borne_by(bearer: Bearer) -> Any:
    """The field of the shares of a duty, where one bearer has it all unless the file says otherwise."""
    return Field(default_factory=lambda: {bearer: 1.0}, description="shares of the cost by who bears it; they sum to 1")


class Duties(Shock):
    """Who bears the cost of a policy, as shares that sum to 1."""

    kind: str
    bearers: dict[Bearer, float] = borne_by("producer")

    @field_validator("bearers")
    @classmethod
    def _sum_to_one(cls, bearers: dict[Bearer, float]) -> dict[Bearer, float]:
        if min(bearers.values(), default=0.0) < 0.0 or abs(sum(bearers.values()) - 1.0) > guards.SAME:
            raise ValueError(f"the shares sum to {sum(bearers.values()):g}; write shares of at least 0 that sum to 1")
        return bearers

    def spend(self, effects: Effects, entry: str, payee: str, basis: str, rows: np.ndarray, usd: float) -> None:
        """Enter a budget of the month, USD, which goes to a kind of firm by the tonnes of a basis (see :class:`Bill`)."""
        effects.bill(Bill(entry, self.bearers, payee, basis, rows, usd=usd))
