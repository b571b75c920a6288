"""Taxes on sales and least prices: export taxes, royalties, price floors."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from lodeflow.environment.shocks.card import Card
from lodeflow.environment.shocks.kept import kept
from lodeflow.environment.shocks.shock import Form, Shock
from lodeflow.environment.shocks.written import TRADE_MARKETS

if TYPE_CHECKING:
    from lodeflow.environment.shocks.effects import Effects
    from lodeflow.environment.state import State


class _OnSales(Shock):
    """A measure of a country on what its firms sell of some metals."""

    actor: str = Field(description="country or group whose firms are concerned")
    metals: list[str] = Field(min_length=1, description="metals concerned")
    form: Form = Field(
        "all",
        description="traded form that is concerned; 'feed' means ore or intermediate, as the metal has it; left out: every form",
    )

    def edges(self, world: State, market: str, abroad: bool) -> np.ndarray:
        """Edges over which the country's firms sell the metals in that form, boolean, shape (E,); ``abroad``: only those."""
        table, actor = world.markets[market], world.layout.marked(self.actors(world))
        if self.form not in ("all", market) and (market == "refined" or self.form == "refined"):
            return np.zeros(len(table), bool)
        metals = [world.layout.metal_index[name] for name in self.metals if name in world.layout.metal_index]
        mask: np.ndarray = actor[table.seller_country] & np.isin(table.metal, metals)
        if self.form in ("ore", "intermediate"):
            mask &= (self.form == "intermediate") == table.intermediate
        return mask & ~actor[table.buyer_country] if abroad else mask


class ExportTax(_OnSales):
    """Sellers pay a share of the price to their government for what they export, or for all they sell (a royalty)."""

    parts_market: ClassVar[bool] = True
    against_trade: ClassVar[bool] = True
    card: ClassVar[Card | None] = Card(
        source="event E03: China's export tariffs on rare earths, removed in May 2015; event E09: royalty in the DR Congo",
        strength="rate",
        unit="share of the price",
        steps=(0.1, 0.2, 0.4),
        example={"actor": "COD", "metals": ["cobalt"], "form": "feed"},
        metals=("cobalt",),
        writes=("tax_now", "tax_ahead", "output_kept_ahead"),
        quantity="duty paid",
        signs={"what mines ask": -1, "price abroad": 1, "price before it starts": 1},
        months=24,
        notice=4,
    )
    kind: Literal["export_tax"] = "export_tax"
    partners: list[str] = Field(default_factory=list, description="countries or groups concerned; empty: all")
    rate: float = Field(ge=0, le=0.95, description="tax on the price of a sale", json_schema_extra={"unit": "1"})
    home: bool = Field(False, description="true for a royalty, which is paid on what is sold at home as well")

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Tax the sales now, and in the forward allocation as far as the tax is believed."""
        force, belief = self.intensity(month), self.belief(month, world)
        for market in TRADE_MARKETS:
            effects.tax(market, self._taxed(world, market), self.rate, force, belief)

    def _taxed(self, world: State, market: str) -> np.ndarray:
        key = ("taxed", self.actor, *self.metals, self.form, self.home, market, *self.partners)
        return kept(world, key, lambda: self._find_taxed(world, market))

    def _find_taxed(self, world: State, market: str) -> np.ndarray:
        mask = self.edges(world, market, abroad=not self.home)
        if self.partners:
            named = np.concatenate([world.layout.country_indices(name) for name in self.partners])
            mask &= world.layout.marked(named)[world.markets[market].buyer_country]
        return mask

    def powerless(self, world: State) -> str:
        """A tax of nothing, or on what nobody sells."""
        what = "sells" if self.home else "exports"
        return f"{self.actor} {what} none of its metals in that form" if self.rate else "its rate is 0"


class PriceFloor(_OnSales):
    """A country's firms may not sell below a price; buyers who would pay less get less."""

    parts_market: ClassVar[bool] = True
    card: ClassVar[Card | None] = Card(
        source="assumption: benchmark prices below which ore or metal may not be sold, as Indonesia sets them for nickel ore",
        strength="floor",
        unit="price of the base year",
        steps=(1.3, 1.6, 2.0),
        example={"actor": "COD", "metals": ["cobalt"], "form": "feed"},
        metals=("cobalt",),
        writes=("floor", "cap_now", "cap_ahead"),
        quantity="exports blocked",
        signs={"price abroad": 1, "what mines ask": 1, "exports": -1},
    )
    kind: Literal["price_floor"] = "price_floor"
    floor: float = Field(
        ge=0,
        le=20,
        description="least price over the price of that form in the base year",
        json_schema_extra={"unit": "1"},
    )

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Hold asks up, and hold back what is worth less to buyers."""
        force, belief = self.intensity(month), self.belief(month, world)
        for market in TRADE_MARKETS:
            key = ("floor", self.actor, *self.metals, self.form, market)
            sellers, metal = kept(world, key, lambda market=market: self._sellers(world, market))  # type: ignore[misc]
            effects.price_floor(market, sellers, self.floor / np.exp(world.anchor)[metal], force, belief)

    def _sellers(self, world: State, market: str) -> tuple[np.ndarray, np.ndarray]:
        """Who may not sell below the price, boolean, and the metal of every seller, shape (S,) each."""
        table = world.markets[market]
        metal = np.zeros(len(table.sellers), np.int64)
        metal[table.seller] = table.metal
        return table.by_seller(self.edges(world, market, abroad=False).astype(float)) > 0.0, metal

    def powerless(self, world: State) -> str:
        """A floor of nothing, or for what nobody sells."""
        return f"{self.actor} sells none of its metals in that form" if self.floor else "its floor is 0"
