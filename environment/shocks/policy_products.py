"""Policies of products: how long they are used, how much metal they need, and what buyers know of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field, field_validator

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
    years: float = Field(gt=0, le=50, description="mean time for which it stays", json_schema_extra={"unit": "years"})

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Keep a share in use; demand falls by what is not replaced, until it leaves use after all."""
        rows = self.stocks(world)
        effects.pull("prolonged", rows, self.force(month) * self.share)
        effects.pull("prolonged_months", rows, 12.0 * self.years)


class LifetimeExtension(_LongerUse):
    """Repair, guarantees and standards make products last longer."""

    idea: ClassVar[str] = "Directive (EU) 2024/1799 on the repair of goods"
    example: ClassVar[dict[str, object]] = {
        "actor": "EU27",
        "products": PRODUCTS,
        "start": "2024-03",
        "share": 0.8,
        "years": 3.0,
    }
    strength_in: ClassVar[str] = "share"
    moves: ClassVar[tuple[str, int]] = ("use", -1)
    kind: Literal["lifetime_extension"] = "lifetime_extension"


class Remanufacturing(_LongerUse):
    """Worn products are taken apart, made as new and used again."""

    idea: ClassVar[str] = "Chinese review literature on the urban mine: remanufacturing"
    example: ClassVar[dict[str, object]] = {
        "actor": "EU27",
        "products": PRODUCTS,
        "start": "2024-03",
        "share": 0.3,
        "years": 5.0,
    }
    strength_in: ClassVar[str] = "share"
    moves: ClassVar[tuple[str, int]] = ("use", -1)
    kind: Literal["remanufacturing"] = "remanufacturing"


class SecondLife(_LongerUse):
    """Batteries that are too weak for vehicles store power in buildings and grids before they are scrapped."""

    idea: ClassVar[str] = "MIIT Specification Conditions 2024 (cascade use)"
    example: ClassVar[dict[str, object]] = {
        "actor": "WLD",
        "products": ["ev-battery-nickel"],
        "start": "2024-03",
        "share": 0.5,
        "years": 5.0,
        "replaces": ["portable-battery"],
    }
    strength_in: ClassVar[str] = "share"
    moves: ClassVar[tuple[str, int]] = ("use", -1)
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

    idea: ClassVar[str] = "IEA, Global Critical Minerals Outlook: material intensity"
    example: ClassVar[dict[str, object]] = {
        "actor": "WLD",
        "products": PRODUCTS,
        "start": "2024-03",
        "metals": ["cobalt"],
        "saved": [{"date": "2024-06", "value": 0.2}],
    }
    strength_in: ClassVar[str] = "saved"
    moves: ClassVar[tuple[str, int]] = ("use", -1)
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

    idea: ClassVar[str] = "Regulation (EU) 2023/1542, article 13"
    example: ClassVar[dict[str, object]] = {
        "actor": "EU27",
        "products": PRODUCTS,
        "start": "2024-03",
        "shows": "lifetime",
        "choosers": 0.5,
        "years": 3.0,
    }
    strength_in: ClassVar[str] = "choosers"
    moves: ClassVar[tuple[str, int]] = ("use", -1)
    kind: Literal["label"] = "label"
    shows: Literal["lifetime", "recycled content"] = Field(description="what the label tells")
    choosers: float = Field(ge=0, le=1, description="share of buyers who choose by it", json_schema_extra={"unit": "1"})
    years: float = Field(
        1.0,
        gt=0,
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
        part = np.bincount(world.inputs.desk, here, len(world.desks))
        part = part / np.maximum(np.bincount(world.inputs.desk, world.inputs.base, len(world.desks)), 1e-12)
        desks = part > 0.0
        effects.pull("recycled_wish", desks, share * self.premium * part[desks])
