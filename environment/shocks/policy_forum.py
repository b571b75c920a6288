"""Cooperation of a forum: trade between members costs less, and what the best of them knows reaches the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from lodeflow.agents import country
from lodeflow.environment.calendar import parse_month
from lodeflow.environment.shocks.card import Card
from lodeflow.environment.shocks.kept import kept
from lodeflow.environment.shocks.policy import MetalPolicy
from lodeflow.environment.shocks.written import TRADE_MARKETS

if TYPE_CHECKING:
    from lodeflow.environment.shocks.effects import Effects
    from lodeflow.environment.state import State


@dataclass(frozen=True)
class Lag:
    """What keeps members from the best of them.

    Attributes:
        mines: mines of members whose unit cost is above that of the best, boolean, shape (I,).
        cost: unit cost above that of the best of the same metal and tier, relative to the anchor, shape (mines,).
        stocks: products in use where more scrap goes to workshops than in the best country, boolean, shape (V,).
        informal: part of that work which would have to recover what plants recover, share, shape (stocks,).
    """

    mines: np.ndarray
    cost: np.ndarray
    stocks: np.ndarray
    informal: np.ndarray


class Forum(MetalPolicy):
    """Members of a forum trade with each other for less, and their mines and workshops learn from the best of them.

    Of usual freight and duty between members the share ``forum_friction`` goes (parameter). Of the gap between a member and the
    best, ``transfer_rate`` goes in a year: of unit costs of mines of the same metal and tier the part ``transfer_part``, the rest
    is ore; of the metal that workshops lose, all down to the share of workshops in the best country. What was learnt stays.
    """

    card: ClassVar[Card | None] = Card(
        source="Minerals Security Partnership, US Energy Resource Governance Initiative; sizes are parameters",
        strength="strength",
        unit="share of what the parameters say",
        steps=(0.2, 0.5, 1.0),
        example={"actor": "USA", "metals": ["cobalt"], "partners": ["CAN", "NOR", "MAR"]},
        metals=("cobalt",),
        writes=("duty", "freight", "levers", "reach_ahead"),
        quantity="freight spared",
        signs={"imports": 1},
        months=24,
    )
    kind: Literal["forum"] = "forum"
    actor: str = Field(description="country or group; its countries are members")
    partners: list[str] = Field(default_factory=list, description="other members, countries or groups; empty: none")
    strength: float = Field(
        1.0,
        ge=0,
        le=1,
        description="share of what the parameters forum_friction and transfer_rate say that comes about",
        json_schema_extra={"unit": "1"},
    )

    def members(self, world: State) -> np.ndarray:
        """Countries of the forum, boolean, shape (C,)."""
        return world.layout.marked(
            np.concatenate([world.layout.country_indices(name) for name in (self.actor, *self.partners)])
        )

    def known(self, month: int) -> bool:
        """From its announcement on, for good: what was learnt stays when the forum ends."""
        return month >= self.announced_at

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Take freight and duty off trade between members, and let them learn."""
        force, belief = self.force(month), self.belief(month, world)
        for market in TRADE_MARKETS if self.strength > 0.0 else ():
            mask = self.edges(world, market)
            ways, written = world.blueprint.ways.of(world.markets[market]), effects.written
            usual = ways.duty[mask], (ways.sea + ways.land + ways.air + ways.tolls)[mask]
            now = written.duty[market][mask], written.freight[market][mask]
            share, pairs = world.parameters["forum_friction"], zip(usual, now, strict=True)
            duty, freight = (-country.spared(self.strength, share, one, more) for one, more in pairs)
            effects.charge(market, mask, force, belief, duty=duty, freight=freight)
        self._learn(world, effects, month)

    def edges(self, world: State, market: str) -> np.ndarray:
        """Edges of its metals between two members, boolean, shape (E,)."""
        return kept(world, ("forum", *self._key, market), lambda: self._find_edges(world, market))

    @property
    def _key(self) -> tuple[str, ...]:
        return (self.actor, *self.partners, "of", *self.metals)

    def _find_edges(self, world: State, market: str) -> np.ndarray:
        table, inside = world.markets[market], self.members(world)
        mask: np.ndarray = inside[table.buyer_country] & inside[table.seller_country]
        return mask & (table.buyer_country != table.seller_country) & np.isin(table.metal, self._metals(world))

    def _metals(self, world: State) -> list[int]:
        return [world.layout.metal_index[metal] for metal in self.metals if metal in world.layout.metal_index]

    def _learn(self, world: State, effects: Effects, month: int) -> None:
        """Lower unit costs of mines and losses of workshops towards those of the best member."""
        last = month if self.final_end is None else min(month, self.final_end)
        months, parameters = max(last - parse_month(self.start) + 1, 0), world.parameters
        learnt = country.caught_up(self.strength, parameters["transfer_rate"], months)
        lag = kept(world, ("lag", *self._key), lambda: self._find_lag(world))
        saved = country.cost_learnt(lag.cost, learnt, parameters["transfer_part"])
        effects.pull("mine_cost", lag.mines, -saved)
        effects.pull("formalised", lag.stocks, learnt * lag.informal)

    def _find_lag(self, world: State) -> Lag:
        miners, in_use, inside = world.miners, world.in_use, self.members(world)
        mines = inside[miners.country] & np.isin(miners.metal, self._metals(world))
        group = miners.metal * (int(miners.tier.max()) + 1) + miners.tier
        running = mines & (world.ore_desks.entrant[miners.desk] == 0)
        best = np.full(int(group.max()) + 1, np.inf)
        np.minimum.at(best, group[running], miners.cost[running])
        above = np.where(mines, miners.cost - np.minimum(best[group], miners.cost), 0.0)
        share = world.countries.informal_share
        own = share[in_use.country]
        stocks = inside[in_use.country] & np.isin(in_use.metal, self._metals(world))
        least = float(share[inside].min(initial=1.0))
        stocks &= own > least
        return Lag(above > 0.0, above[above > 0.0], stocks, 1.0 - least / own[stocks])

    def powerless(self, world: State) -> str:
        """Members that do not trade the metals with each other, and have nothing to learn."""
        if not any(self.edges(world, market).any() for market in TRADE_MARKETS):
            return "its members do not trade its metals with each other"
        return "its strength is 0"
