"""Policies of separation and of recycled metal: what plants recover, and who buys it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field, field_validator

from lodeflow.agents import country
from lodeflow.environment.calendar import parse_month
from lodeflow.environment.shocks.bills import Bill
from lodeflow.environment.shocks.card import Card
from lodeflow.environment.shocks.policy import LARGEST_BUDGET, PRODUCTS, Bearer, Duties, ProductPolicy, borne_by
from lodeflow.environment.shocks.policy_collection import LARGEST_RATE
from lodeflow.environment.shocks.recycling_rules import level, ramp
from lodeflow.environment.shocks.shock import Step, steps_in_order

if TYPE_CHECKING:
    from lodeflow.environment.shocks.effects import Effects
    from lodeflow.environment.state import State


class RecoveryMinimum(ProductPolicy):
    """Plants must recover a least share of a metal from scrap."""

    card: ClassVar[Card | None] = Card(
        source="Regulation (EU) 2023/1542, article 71; MIIT standard conditions 2020",
        strength="yields",
        unit="recovery yield to reach",
        steps=(0.93, 0.96, 0.99),
        example={"actor": "WLD", "products": PRODUCTS, "metal": "lithium"},
        metals=("lithium",),
        writes=("recovery",),
        quantity="metal recovered",
        signs={"world price": -1},
        months=36,
    )
    kind: Literal["recovery_minimum"] = "recovery_minimum"
    metal: str = Field(description="metal that must be recovered")
    yields: list[Step] = Field(min_length=1, description="recovery yield to reach")
    _in_order = field_validator("yields")(steps_in_order)

    @property
    def touched_metals(self) -> list[str]:
        """The metal."""
        return [self.metal]

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Lift the yield on its way to the next step."""
        if self.intensity(month) > 0.0:
            plants = world.layout.recycler_rows(self.actors(world), self.products)
            effects.require_recovery(plants, self.metal, ramp(self.yields, parse_month(self.start), month))


class RecycledContentMinimum(ProductPolicy, Duties):
    """New products must hold a least share of recycled metal, from the legal date on."""

    card: ClassVar[Card | None] = Card(
        source="Regulation (EU) 2023/1542, article 8",
        strength="content",
        unit="share of recycled metal asked for",
        steps=(0.2, 0.5, 0.9),
        example={"actor": "EU27", "products": ["ev-battery-nickel"], "metal": "cobalt", "penalty_usd_per_t": 2e4},
        metals=("cobalt",),
        writes=("bills", "content", "levers"),
        quantity="recycled metal bought",
        signs={"recycled metal bought": 1},
        months=36,
    )
    kind: Literal["recycled_content_minimum"] = "recycled_content_minimum"
    metal: str = Field(description="metal concerned")
    content: list[Step] = Field(
        min_length=1, description="least share of recycled metal; nothing is asked before the first"
    )
    penalty_usd_per_t: float | None = Field(
        None,
        ge=0,
        le=LARGEST_RATE,
        description="paid for missing recycled metal: the most that buyers bid for it on top of the price; left out: the "
        "parameter green_premium_max",
        json_schema_extra={"unit": "USD/t metal"},
    )
    _in_order = field_validator("content")(steps_in_order)

    @property
    def touched_metals(self) -> list[str]:
        """The metal."""
        return [self.metal]

    def powerless(self, world: State) -> str:
        """A rule for products that nobody makes there, or one that is met."""
        return "what it asks for is done already, or none of its products is made there"

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Ask manufacturers for recycled metal; charge what is missing."""
        wanted = level(self.content, month) * self.intensity(month)
        rows = world.layout.line_rows(self.products, [self.metal], self.actors(world))
        effects.require_content(rows, (wanted, 1.0))
        if wanted > 0.0 and self.penalty_usd_per_t is not None:
            index = world.layout.metal_index.get(self.metal, -1)
            most = np.log1p(self.penalty_usd_per_t / world.rates.price[index])
            desks = np.zeros(len(world.desks), bool)
            desks[world.inputs.desk[rows]] = True
            effects.pull("content_penalty", desks, float(most))
            effects.bill(Bill("penalty", self.bearers, "government", "content missed", rows, self.penalty_usd_per_t))

    def found(self, purse: Any, first_month: int, world: State) -> list[str]:
        """By product and year: the share asked for, the share held, and the gap in tonnes."""
        lines = []
        for product in self.products:
            rows = world.layout.line_rows([product], [self.metal], self.actors(world))
            years = _content_by_year(purse.content, first_month, rows) if rows.any() else {}
            if years:
                told = (
                    f"{year} {held:.0%} of {asked:.0%}" + (f" ({gap:,.0f} t missing)" if gap >= 1.0 else "")
                    for year, (asked, held, gap) in years.items()
                )
                lines.append(f"recycled {self.metal} in {product}, held of what is asked for: {', '.join(told)}")
        return lines


def _content_by_year(
    content: Mapping[int, tuple[np.ndarray, np.ndarray, np.ndarray]], first_month: int, rows: np.ndarray
) -> dict[int, tuple[float, float, float]]:
    """Recycled share asked for and held by the use of makers' inputs, and what is missing, t, by year with a rule."""
    sums: dict[int, np.ndarray] = {}
    for t, (asked, held, use) in content.items():
        mass = np.where(rows & (asked > 0.0), use, 0.0)
        parts = np.array([mass @ asked, mass @ held, mass @ np.maximum(asked - held, 0.0), mass.sum()])
        year = (first_month + t) // 12
        sums[year] = sums.get(year, 0.0) + parts
    return {
        year: (float(asked / use), float(held / use), float(gap))
        for year, (asked, held, gap, use) in sorted(sums.items())
        if use > 0.0
    }


class _ByCohort(ProductPolicy):
    """A policy for products that come into use after its start: it acts on their scrap when they leave use."""

    kind: str

    def marked(self, world: State, month: int) -> np.ndarray:
        """Share of what leaves use this month that came into use under the rule, by row of the policy's products, shape (n,)."""
        rows, months = self.stocks(world), max(month - parse_month(self.start), 0)
        leaving = world.in_use.outflow()[rows]
        young = world.in_use.outflow_of_young(months)[rows]
        share: np.ndarray = np.divide(young, leaving, out=np.zeros_like(young), where=leaving > 0.0)
        return share * self.intensity(month)


class ProductPassport(_ByCohort):
    """Key parts carry a record of composition, origin and state: better sorting, and fewer of them leak to workshops."""

    card: ClassVar[Card | None] = Card(
        source="Regulation (EU) 2023/1542, article 77",
        strength="kept_formal",
        unit="share of what workshops get",
        steps=(0.2, 0.5, 1.0),
        example={"actor": "WLD", "products": ["portable-battery"], "sorting": 0.5},
        metals=("lithium",),
        writes=("levers",),
        quantity="metal recovered",
        signs={"metal recovered": 1},
        months=36,
    )
    kind: Literal["product_passport"] = "product_passport"
    sorting: float = Field(
        ge=0,
        le=1,
        description="share of the gap to the yield of the best process that sorting by the record closes",
        json_schema_extra={"unit": "1"},
    )
    kept_formal: float = Field(
        0.0,
        ge=0,
        le=1,
        description="share of what would go to informal workshops that is treated as in formal plants",
        json_schema_extra={"unit": "1"},
    )

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Act on the part of the scrap that carries the record."""
        rows, marked = self.stocks(world), self.marked(world, month)
        effects.pull("sorted", rows, marked * self.sorting)
        effects.pull("formalised", rows, marked * self.kept_formal)


class EcoDesign(_ByCohort):
    """Products made after the date come apart easily: more of their metal is recovered."""

    card: ClassVar[Card | None] = Card(
        source="Regulation (EU) 2023/1542, article 11 (removability)",
        strength="ease",
        unit="share of the gap in the yield",
        steps=(0.2, 0.5, 1.0),
        example={"actor": "WLD", "products": ["portable-battery"]},
        metals=("lithium",),
        writes=("levers",),
        quantity="metal recovered",
        signs={"metal recovered": 1},
        months=36,
    )
    kind: Literal["eco_design"] = "eco_design"
    ease: float = Field(
        ge=0,
        le=1,
        description="share of the gap to the yield of the best process that the design closes",
        json_schema_extra={"unit": "1"},
    )

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Act on the scrap of products that came into use after the date."""
        effects.pull("sorted", self.stocks(world), self.marked(world, month) * self.ease)


class StandardRecovery(ProductPolicy):
    """One process and one design of packs for all: scrap is cheaper to treat, and more comes out."""

    card: ClassVar[Card | None] = Card(
        source="Chinese review literature on the urban mine: standardised recovery process and design",
        strength="ease",
        unit="share of the gap in the yield",
        steps=(0.2, 0.5, 1.0),
        example={"actor": "WLD", "products": PRODUCTS, "cheaper": 0.3},
        metals=("lithium",),
        writes=("levers",),
        quantity="metal recovered",
        signs={"world price": -1},
        months=36,
    )
    kind: Literal["standard_recovery"] = "standard_recovery"
    ease: float = Field(
        ge=0,
        le=1,
        description="share of the gap to the yield of the best process that is closed",
        json_schema_extra={"unit": "1"},
    )
    cheaper: float = Field(
        0.0, ge=0, le=1, description="share of the cost of separation that is saved", json_schema_extra={"unit": "1"}
    )

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Lift what comes out of the scrap and lower what it costs."""
        force = self.force(month)
        effects.pull("sorted", self.stocks(world), force * self.ease)
        plants = world.layout.recycler_rows(self.actors(world), self.products)
        effects.pull("scrap_support", plants, country.cost_saved(force * self.cheaper, world.parameters["scrap_cost"]))


class EquipmentInvestment(ProductPolicy, Duties):
    """Public money builds recycling plants."""

    card: ClassVar[Card | None] = Card(
        source="US Inflation Reduction Act, section 48C; Chinese equipment renewal programme 2024",
        strength="share_per_year",
        unit="plants begun over those planned, 1/year",
        steps=(0.1, 0.3, 1.0),
        example={"actor": "WLD", "products": PRODUCTS, "usd_per_year": 1e8},
        metals=("cobalt",),
        writes=("bills", "levers"),
        quantity="recycling capacity",
        signs={"recycling capacity": 1},
        months=36,
    )
    kind: Literal["equipment_investment"] = "equipment_investment"
    bearers: dict[Bearer, float] = borne_by("government")
    share_per_year: float = Field(
        ge=0, le=10, description="plants begun in a year, over those planned", json_schema_extra={"unit": "1/year"}
    )
    usd_per_year: float = Field(
        0.0, ge=0, le=LARGEST_BUDGET, description="what they cost", json_schema_extra={"unit": "USD/year"}
    )

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Begin plants; they stand after the lead time."""
        plants = world.layout.recycler_rows(self.actors(world), self.products)
        effects.pull("recycler_build", plants, self.intensity(month) * self.share_per_year / 12.0)
        budget = self.monthly(self.usd_per_year, month)
        self.spend(effects, "equipment", "recycler", "collected", self.stocks(world), budget)
