"""Policies that pay for a step of recycling: collection, transport, sorting or separation."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from lodeflow.agents import country
from lodeflow.environment.shocks.bills import Bill
from lodeflow.environment.shocks.card import Card
from lodeflow.environment.shocks.policy import PRODUCTS, ProductPolicy

if TYPE_CHECKING:
    from lodeflow.environment.shocks.effects import Effects
    from lodeflow.environment.state import State

RecyclingStep = Literal["collection", "transport", "sorting", "separation"]


class RecyclingSubsidy(ProductPolicy):
    """The state pays a share of what one step of recycling costs: collection, transport, sorting or separation."""

    card: ClassVar[Card | None] = Card(
        source="US Inflation Reduction Act, section 45X (10 percent of production cost)",
        strength="share",
        unit="share of the cost of the step",
        steps=(0.2, 0.5, 1.0),
        example={"actor": "CHN", "products": PRODUCTS, "step": "separation"},
        metals=("cobalt",),
        writes=("bills", "levers"),
        quantity="scrap collected",
        signs={"recycled at home": 1},
        months=36,
    )
    kind: Literal["recycling_subsidy"] = "recycling_subsidy"
    step: RecyclingStep = Field(description="step that is paid for")
    share: float = Field(
        ge=0, le=1, description="share of the step's cost that is paid", json_schema_extra={"unit": "1"}
    )

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Pay collectors, or lower what scrap costs its recyclers."""
        paid = self.force(month) * self.share
        support(self, world, effects, self.step, paid * _cost_of(world, self.step))


class RecyclingTaxRelief(ProductPolicy):
    """Recyclers or collectors are spared a tax on what they sell."""

    card: ClassVar[Card | None] = Card(
        source="Chinese VAT refund for resource recycling",
        strength="rate",
        unit="share of value",
        steps=(0.05, 0.15, 0.4),
        example={"actor": "CHN", "products": PRODUCTS, "step": "collection"},
        metals=("cobalt",),
        writes=("bills", "levers"),
        quantity="scrap collected",
        signs={"recycled at home": 1},
        months=36,
    )
    kind: Literal["recycling_tax_relief"] = "recycling_tax_relief"
    step: RecyclingStep = Field(description="step that is relieved")
    rate: float = Field(
        ge=0, le=0.9, description="tax that is not raised, as a share of value", json_schema_extra={"unit": "1"}
    )

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Leave collectors or recyclers what the tax would have taken."""
        support(self, world, effects, self.step, self.force(month) * self.rate)


def _cost_of(world: State, step: str) -> float:
    """Cost of a step over the base value of scrap; collection: over the price of scrap, which is what it costs at the margin."""
    parameters = world.parameters
    if step == "collection":
        return 1.0
    return country.cost_saved(parameters[f"step_cost_{step}"], parameters["scrap_cost"])


def support(policy: ProductPolicy, world: State, effects: Effects, step: str, share: float) -> None:
    """Pay ``share`` of the value of scrap to those who do a step of recycling, and enter it: the state pays, they get."""
    stocks, plants = policy.stocks(world), world.layout.recycler_rows(policy.actors(world), policy.products)
    if step == "collection":
        effects.pull("collectors", stocks, float(np.log1p(share)))
        rate = share * world.rates.price[world.in_use.metal[stocks]]
        effects.bill(Bill("subsidy", {"government": 1.0}, "collector", "collected", stocks, rate))
        return
    effects.pull("scrap_support", plants, share)
    metals = len(world.layout.metals)
    rows = np.repeat(plants, metals)
    rate = share * np.tile(world.rates.price, int(plants.sum()))
    effects.bill(Bill("subsidy", {"government": 1.0}, "recycler", "recovered", rows, rate))
