"""Public research: a stock of knowledge that raises yields, lowers costs and draws a stage, at home and with partners."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field, model_validator

from lodeflow.agents import country
from lodeflow.environment.calendar import parse_month
from lodeflow.environment.shocks.bills import Bill
from lodeflow.environment.shocks.card import Card
from lodeflow.environment.shocks.policy import LARGEST_BUDGET, Bearer, Duties, Policy, borne_by

if TYPE_CHECKING:
    from lodeflow.environment.shocks.effects import Effects
    from lodeflow.environment.state import State

FieldOfResearch = Literal["separation", "processes", "refining"]
OF_SCRAP = {"separation", "processes"}
"""Fields that are about the scrap of products."""


class ResearchBudget(Policy, Duties):
    """Public research: knowledge grows with the budget, after a lag, is forgotten slowly, and reaches partners in part."""

    card: ClassVar[Card | None] = Card(
        source="Griliches' stock of knowledge; European research on recycling since the 1980s (110 million EUR)",
        strength="usd_per_year",
        unit="USD/year",
        steps=(1e8, 1e9, 1e10),
        example={"actor": "PHL", "fields": ["refining"], "metals": ["cobalt"], "lag_months": 6},
        metals=("cobalt",),
        writes=("added", "bills", "levers"),
        quantity="refining capacity",
        signs={"refining capacity": 1},
        months=36,
    )
    kind: Literal["research_budget"] = "research_budget"
    bearers: dict[Bearer, float] = borne_by("government")
    usd_per_year: float = Field(
        ge=0,
        le=LARGEST_BUDGET,
        description="budget, shared evenly over the fields",
        json_schema_extra={"unit": "USD/year"},
    )
    fields: list[FieldOfResearch] = Field(
        min_length=1,
        description="what is researched. separation: yields of plants come nearer to the best process; processes: those that "
        "plants can add cost less; refining: metal is refined for less, so that plants are built, also where there were none",
    )
    products: list[str] = Field(
        default_factory=list, description="products whose scrap is researched; needed for both fields of scrap"
    )
    metals: list[str] = Field(
        default_factory=list, description="metals whose refining is researched; needed for that field"
    )
    lag_months: int = Field(
        36, ge=0, le=240, description="time from spending to use in plants", json_schema_extra={"unit": "months"}
    )
    conversion: float = Field(
        1.0,
        ge=0,
        le=1,
        description="share of the knowledge that comes to use in plants",
        json_schema_extra={"unit": "1"},
    )
    partners: list[str] = Field(default_factory=list, description="countries and groups that learn of it")
    transfer: float = Field(
        0.0,
        ge=0,
        le=1,
        description="share of the knowledge in use that reaches partners",
        json_schema_extra={"unit": "1"},
    )

    @model_validator(mode="after")
    def _names_what_it_studies(self) -> ResearchBudget:
        if OF_SCRAP & set(self.fields) and not self.products:
            raise ValueError("research on scrap needs its products; name them under products")
        if "refining" in self.fields and not self.metals:
            raise ValueError("research on refining needs its metals; name them under metals")
        return self

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Let what is known act at home and, in part, with partners; enter the budget."""
        places = [(self.actors(world), 1.0)]
        places += [(world.layout.country_indices(name), self.transfer) for name in self.partners]
        for field in self.fields:
            for countries, share in places:
                known = self.known_share(world, month, share)
                self._use(field, world, effects, countries, known)
                if field == "refining":
                    self._open(world, effects, countries, known - self.known_share(world, month - 1, share))
            self._pay(field, world, effects, self.monthly(self.usd_per_year / len(self.fields), month))

    def known_share(self, world: State, month: int, share: float) -> float:
        """What is known in ``month`` where a share of the knowledge arrives, 0 nothing to 1 all."""
        parameters, budget = world.parameters, self.usd_per_year / len(self.fields)
        spent = max(month - parse_month(self.start) - self.lag_months + 1, 0)
        stock = country.knowledge(budget / 12.0, spent, parameters["research_decay"])
        return country.response(share * self.conversion * stock, parameters["research_half"])

    def _use(self, field: str, world: State, effects: Effects, countries: np.ndarray, known: float) -> None:
        """Close the gap to the best yield, or save a share of the cost, by what is known, 0 to 1."""
        saved = country.saved_by_research(known, world.parameters["research_saving"])
        if field == "separation":
            effects.pull("sorted", world.layout.in_use_rows(countries, self.products), known)
        elif field == "processes":
            effects.pull("process_saving", world.layout.recycler_rows(countries, self.products), saved)
        else:
            effects.pull("refinery_support", self._refiners(world, countries), float(-np.log1p(-saved)))

    def _open(self, world: State, effects: Effects, countries: np.ndarray, more: float) -> None:
        """Let countries that mine a metal and do not refine it begin, as more is known than a month ago."""
        refiners, miners, parameters = world.refiners, world.miners, world.parameters
        total = world.by_metal(refiners.base, refiners.metal)[refiners.metal]
        traces = self._refiners(world, countries) & country.new_to_it(refiners.base, total, parameters["entrant_trace"])
        for row in np.flatnonzero(traces):
            ore = miners.base[(miners.country == refiners.country[row]) & (miners.metal == refiners.metal[row])].sum()
            begun = country.opened_by_research(more, float(ore * refiners.yield_[row]), parameters["research_entry"])
            alone = np.zeros(len(refiners), bool)
            alone[row] = True
            effects.add_capacity("refiner", alone, begun, np.zeros(len(effects.horizons)))

    def _pay(self, field: str, world: State, effects: Effects, usd: float) -> None:
        actors = self.actors(world)
        if field in OF_SCRAP:
            self.spend(
                effects, "research", "recycler", "collected", world.layout.in_use_rows(actors, self.products), usd
            )
        else:
            effects.bill(Bill("research", self.bearers, "refiner", "refined", self._refiners(world, actors), usd=usd))

    def _refiners(self, world: State, countries: np.ndarray) -> np.ndarray:
        indices = [world.layout.metal_index[metal] for metal in self.metals if metal in world.layout.metal_index]
        rows: np.ndarray = np.isin(world.refiners.metal, indices) & np.isin(world.refiners.country, countries)
        return rows

    def powerless(self, world: State) -> str:
        """Research whose lag has not passed, for products that nobody has there, or for metals that nobody could refine there."""
        if OF_SCRAP & set(self.fields) and not world.layout.in_use_rows(self.actors(world), self.products).any():
            return f"{self.actor} uses none of its products"
        if world.month < parse_month(self.start) + self.lag_months:
            return f"its lag of {self.lag_months} months has not passed"
        return "what it studies is done as well as can be already, or there is nothing of it there"
