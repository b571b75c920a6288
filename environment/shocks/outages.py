"""What stops mines, plants and routes: fighting, accidents, strikes, closures, quotas, embargoes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from lodeflow.environment.fields import LARGEST_TONNES
from lodeflow.environment.shocks.card import Card
from lodeflow.environment.shocks.kept import kept
from lodeflow.environment.shocks.shock import Shock
from lodeflow.environment.shocks.trade_measures import CAPS

if TYPE_CHECKING:
    from lodeflow.agents.belief import Belief
    from lodeflow.agents.population import Population
    from lodeflow.environment.market.edges import Market
    from lodeflow.environment.shocks.effects import Effects
    from lodeflow.environment.state import State


Stage = Literal["mine", "refinery", "recycler", "factory"]
"""Stages of the chain that can lose output."""


def _mines() -> list[Stage]:
    """Stages of an outage that names none."""
    return ["mine"]


class Conflict(Shock):
    """Fighting costs output and closes or lengthens the routes out of a country; both recover slowly."""

    parts_market: ClassVar[bool] = True
    card: ClassVar[Card | None] = Card(
        source="events E20, E21: war in Ukraine; sizes are assumptions",
        strength="output_loss",
        unit="share of mine output",
        steps=(0.2, 0.5, 0.9),
        example={"actor": "COD", "metals": ["cobalt"], "routes_lost": 0.3, "route_delay_months": 1},
        metals=("cobalt",),
        writes=("output_kept", "output_kept_ahead", *CAPS, "delay_months"),
        quantity="mine output lost",
        signs={"price abroad": 1, "mine output": -1, "exports": -1},
    )
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
                mask = kept(world, ("out of", self.actor, market, metal), partial(_leaving, table, index, countries))
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


class Outage(Shock):
    """Stages of a country lose a share of their output, or may not be expanded: strike, accident, closure, embargo."""

    takes_hosts: ClassVar[bool] = True
    card: ClassVar[Card | None] = Card(
        source="events E05, E13, E14, E26, E36, E37: strike, inspections, accidents, a court ruling, a licence that ran out",
        strength="strength",
        unit="share of output",
        steps=(0.3, 0.5, 0.7),
        example={"actor": "CHN", "metals": ["cobalt"], "stages": ["refinery"]},
        metals=("cobalt",),
        writes=("stage_kept", "refining_kept_ahead"),
        quantity="refined output lost",
        signs={"world price": 1, "ore price": -1, "what mines ask": -1},
    )
    kind: Literal["outage"] = "outage"
    actor: str = Field(description="country or group where output is lost; WLD: everywhere")
    metals: list[str] = Field(
        default_factory=list, description="metals, or hosts such as zinc and alumina, concerned; empty: all metals"
    )
    stages: list[Stage] = Field(
        default_factory=_mines,
        min_length=1,
        description="stages concerned: mine, refinery, recycler (of all metals in the scrap), factory",
    )
    strength: float = Field(ge=0, le=1, description="share of the output lost", json_schema_extra={"unit": "1"})
    building_stopped: float = Field(
        0.0,
        ge=0,
        le=1,
        description="share of new capacity of these stages that is not begun",
        json_schema_extra={"unit": "1"},
    )

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Lose output of every stage now and as far ahead as believed, and keep firms from building."""
        belief, force = self.belief(month, world), self.intensity(month)
        now, countries = self.strength * force, self.actors(world)
        for stage in self.stages:
            if stage == "mine":
                self._mines(world, effects, now, belief)
            elif stage == "refinery":
                effects.lose_refining(self._rows(world, world.refiners), now, self.strength, belief)
            elif stage == "recycler":
                effects.lose_recycling(countries, now, self.strength, belief)
            else:
                self._factories(world, effects, now, belief)
            self._building(world, effects, stage, self.building_stopped * force)

    def _mines(self, world: State, effects: Effects, now: float, belief: Belief) -> None:
        effects.lose_output(self._rows(world, world.miners), now, self.strength, belief)
        for metal in self.metals:
            if metal not in world.layout.metal_index:
                rows = world.layout.host_rows(metal, self.actors(world))
                effects.lose_host(rows, now, self.strength, belief)

    def _factories(self, world: State, effects: Effects, now: float, belief: Belief) -> None:
        """Factories that stand still want no metal."""
        key = ("lines", self.actor, *self.metals)
        lines = kept(world, key, lambda: world.layout.line_rows([], self.metals, self.actors(world)))
        lost = self.strength * belief.restricted_months(effects.horizons) / effects.horizons
        effects.change_demand(lines, -now, -lost)

    def _rows(self, world: State, firms: Population) -> np.ndarray:
        """Firms of the country that work these metals, boolean, shape (n,)."""
        key = ("rows", firms.kind, self.actor, *self.metals)
        return kept(world, key, lambda: self._find_rows(world, firms))

    def _find_rows(self, world: State, firms: Population) -> np.ndarray:
        wanted = self.metals or world.layout.metals
        indices = [world.layout.metal_index[name] for name in wanted if name in world.layout.metal_index]
        rows: np.ndarray = np.isin(firms.country, self.actors(world)) & np.isin(firms.metal, indices)
        return rows

    def _building(self, world: State, effects: Effects, stage: str, stopped: float) -> None:
        if stage == "mine":
            effects.stop_building("miner", self._rows(world, world.miners), stopped)
        elif stage == "refinery":
            effects.stop_building("refiner", self._rows(world, world.refiners), stopped)
        elif stage == "recycler":
            effects.stop_building("recycler", np.isin(world.recyclers.country, self.actors(world)), stopped)

    def powerless(self, world: State) -> str:
        """A loss of nothing, or where there is nothing to lose."""
        if not (self.strength or self.building_stopped):
            return "its strength is 0"
        if self.stages == ["mine"] and self.metals:
            return no_mines(self.actor, self.metals)
        return f"{self.actor} has no {' and no '.join(self.stages)} of its metals in this world"


class MineOutage(Outage):
    """A mine, or a share of a country's output, is lost: accident, strike, court ruling, closure."""

    alias_of: ClassVar[str] = "outage"
    card: ClassVar[Card | None] = Card(
        source="events E05, E14, E26, E36, E37: strike, accidents, a court ruling, a licence that ran out",
        strength="strength",
        unit="share of output",
        steps=(0.2, 0.5, 0.9),
        example={"actor": "COD", "metals": ["cobalt"]},
        metals=("cobalt",),
        writes=("output_kept", "output_kept_ahead"),
        quantity="mine output lost",
        signs={"world price": 1, "mine output": -1},
    )
    kind: Literal["mine_outage"] = "mine_outage"  # type: ignore[assignment]
    metals: list[str] = Field(
        min_length=1, description="metals, or hosts such as zinc and alumina, whose output is lost"
    )


class MiningQuota(Shock):
    """What a country may mine is limited to a tonnage: measured, orderly extraction."""

    card: ClassVar[Card | None] = Card(
        source="event E39, policy P077: Indonesia's mining quota for nickel ore, 260 Mt of ore in 2026",
        strength="tonnes_per_year",
        unit="t metal/year",
        steps=(180_000.0, 120_000.0, 60_000.0),
        example={"actor": "COD", "metals": ["cobalt"]},
        metals=("cobalt",),
        writes=("mine_limit", "output_kept_ahead"),
        quantity="mine output lost",
        signs={"world price": 1, "mine output": -1, "reserve": 1},
    )
    kind: Literal["mining_quota"] = "mining_quota"
    actor: str = Field(description="country or group whose mines are limited")
    metals: list[str] = Field(min_length=1, description="metals concerned; each has the quota for itself")
    tonnes_per_year: float = Field(
        ge=0, le=LARGEST_TONNES, description="mine output allowed", json_schema_extra={"unit": "t metal/year"}
    )

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Limit what the mines bring out now, and what is expected of them."""
        for metal in self.metals:
            rows = world.miners.rows(metal=world.layout.metal_index.get(metal, -1), countries=self.actors(world))
            if rows.any():
                tonnes = self.tonnes_per_year / 12.0
                effects.limit_mines(rows, tonnes, self.intensity(month), self.belief(month, world))

    def powerless(self, world: State) -> str:
        """A quota above what is mined, or where nothing is mined."""
        countries = self.actors(world)
        mined = [world.layout.metal_index.get(metal, -1) for metal in self.metals]
        if not any(world.miners.rows(metal=metal, countries=countries).any() for metal in mined):
            return no_mines(self.actor, self.metals)
        return f"its quota, {self.tonnes_per_year:,.0f} t a year, lies above what {self.actor} mines"


def _leaving(table: Market, metal: int, countries: np.ndarray) -> np.ndarray:
    """Edges on which a metal leaves some countries, boolean, shape (E,)."""
    mask: np.ndarray = (table.metal == metal) & np.isin(table.seller_country, countries)
    return mask & ~np.isin(table.buyer_country, countries)


def no_mines(actor: str, metals: list[str]) -> str:
    """What is said of a loss of output where there is none."""
    return f"{actor} mines no {' and no '.join(metals)} in this world"
