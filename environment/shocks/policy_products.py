"""Policies of products: how long they are used, how much metal they need, and what buyers know of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field, field_validator

from lodeflow.agents import guards
from lodeflow.environment.shocks.card import Card
from lodeflow.environment.shocks.policy import PRODUCTS, Policy, ProductPolicy
from lodeflow.environment.shocks.recycling_rules import level
from lodeflow.environment.shocks.shock import Step, steps_in_order

if TYPE_CHECKING:
    from lodeflow.environment.shocks.effects import Effects
    from lodeflow.environment.state import State


class _LongerUse(ProductPolicy):
    """Products that would leave use stay for longer, and new ones are not bought for them."""

    kind: str
    share: float = Field(
        ge=0, le=1, description="share of what would leave use that stays", json_schema_extra={"unit": "1"}
    )
    years: float = Field(ge=0.1, le=50, description="mean time for which it stays", json_schema_extra={"unit": "years"})

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Keep a share in use; demand falls by what is not replaced, until it leaves use after all."""
        rows = self.stocks(world)
        effects.pull("prolonged", rows, self.force(month) * self.share)
        effects.pull("prolonged_months", rows, 12.0 * self.years)


class LifetimeExtension(_LongerUse):
    """Repair, guarantees and standards make products last longer."""

    card: ClassVar[Card | None] = Card(
        source="Directive (EU) 2024/1799 on the repair of goods",
        strength="share",
        unit="share of what would leave use",
        steps=(0.2, 0.5, 1.0),
        example={"actor": "EU27", "products": PRODUCTS, "years": 3.0},
        metals=("cobalt",),
        writes=("levers",),
        quantity="use lost",
        signs={"world price": -1, "scrap collected": -1},
        months=24,
    )
    kind: Literal["lifetime_extension"] = "lifetime_extension"


class Remanufacturing(_LongerUse):
    """Worn products are taken apart, made as new and used again."""

    card: ClassVar[Card | None] = Card(
        source="Chinese review literature on the urban mine: remanufacturing",
        strength="share",
        unit="share of what would leave use",
        steps=(0.1, 0.3, 0.6),
        example={"actor": "EU27", "products": PRODUCTS, "years": 5.0},
        metals=("cobalt",),
        writes=("levers",),
        quantity="use lost",
        signs={"world price": -1, "scrap collected": -1},
        months=24,
    )
    kind: Literal["remanufacturing"] = "remanufacturing"


class SecondLife(_LongerUse):
    """Batteries that are too weak for vehicles store power in buildings and grids before they are scrapped."""

    card: ClassVar[Card | None] = Card(
        source="MIIT Specification Conditions 2024 (cascade use)",
        strength="share",
        unit="share of what would leave use",
        steps=(0.2, 0.5, 1.0),
        example={"actor": "WLD", "products": ["ev-battery-nickel"], "years": 8.0, "replaces": ["portable-battery"]},
        metals=("cobalt",),
        writes=("levers", "replaced"),
        quantity="use lost",
        signs={"world price": -1},
        months=24,
    )
    kind: Literal["second_life"] = "second_life"
    replaces: list[str] = Field(min_length=1, description="products that are not bought because of the second life")

    def replaced(self, world: State) -> np.ndarray:
        """Rows of the makers' inputs whose demand falls, boolean, shape (L,)."""
        return world.layout.line_rows(self.replaces, [])

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Keep a share in use, and take what it saves off the demand for other products instead of off its own."""
        super().act(world, effects, month)
        effects.replace(self.stocks(world), self.replaced(world))


class Thrift(Policy):
    """Makers need less metal for the same product."""

    card: ClassVar[Card | None] = Card(
        source="IEA, Global Critical Minerals Outlook: material intensity",
        strength="saved",
        unit="share of the metal in a product",
        steps=(0.05, 0.15, 0.4),
        example={"actor": "WLD", "products": PRODUCTS, "metals": ["cobalt"]},
        metals=("cobalt",),
        writes=("demand_ahead", "demand_now"),
        quantity="use lost",
        signs={"world price": -1},
        months=24,
    )
    kind: Literal["thrift"] = "thrift"
    products: list[str] = Field(min_length=1, description="products that are made with less")
    metals: list[str] = Field(min_length=1, description="metals that are saved")
    saved: list[Step] = Field(min_length=1, description="share of the metal in a product that is saved")
    _in_order = field_validator("saved")(steps_in_order)

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Lower the demand of makers, now and, as far as believed, ahead."""
        lines = world.layout.line_rows(self.products, self.metals, self.actors(world))
        now = -level(self.saved, month) * self.intensity(month)
        credibility = self.belief(month, world).credibility
        later = [
            np.mean([-level(self.saved, month + k) * self.intensity(month + k) for k in range(int(h))])
            for h in effects.horizons
        ]
        effects.change_demand(lines, now, np.array([now + credibility * (value - now) for value in later]))

    def powerless(self, world: State) -> str:
        """Products that hold none of the metals."""
        return f"none of its products is made of its metals in {self.actor}"


class Label(ProductPolicy):
    """A label tells buyers how long a product lasts or how much recycled metal it holds; some of them choose by it."""

    card: ClassVar[Card | None] = Card(
        source="Regulation (EU) 2023/1542, article 13",
        strength="choosers",
        unit="share of buyers",
        steps=(0.1, 0.3, 0.6),
        example={"actor": "EU27", "products": PRODUCTS, "shows": "lifetime", "years": 3.0},
        metals=("cobalt",),
        writes=("levers",),
        quantity="use lost",
        signs={"world price": -1},
        months=24,
    )
    kind: Literal["label"] = "label"
    shows: Literal["lifetime", "recycled content"] = Field(description="what the label tells")
    choosers: float = Field(ge=0, le=1, description="share of buyers who choose by it", json_schema_extra={"unit": "1"})
    years: float = Field(
        1.0,
        ge=0.1,
        le=50,
        description="label of lifetime: by how much what they choose lasts longer",
        json_schema_extra={"unit": "years"},
    )
    premium: float = Field(
        0.1,
        ge=0,
        le=1,
        description="label of recycled content: what they pay on top for recycled metal, ln points",
        json_schema_extra={"unit": "ln points"},
    )

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Keep what choosers bought in use for longer, or add their wish for recycled metal to what desks bid."""
        share = self.force(month) * self.choosers
        if self.shows == "lifetime":
            rows = self.stocks(world)
            effects.pull("prolonged", rows, share)
            effects.pull("prolonged_months", rows, 12.0 * self.years)
            return
        lines = world.layout.line_rows(self.products, [], self.actors(world))
        here = np.where(lines, world.inputs.base, 0.0)
        bought = np.bincount(world.inputs.desk, here, len(world.desks))
        part = bought / np.maximum(np.bincount(world.inputs.desk, world.inputs.base, len(world.desks)), guards.NOTHING)
        desks = part > 0.0
        effects.pull("recycled_wish", desks, share * self.premium * part[desks])
