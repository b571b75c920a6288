"""A stock of metal that the state keeps: when it buys, when it sells, who pays, and what it earns or loses by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field, model_validator

from lodeflow.agents import country
from lodeflow.environment import alert
from lodeflow.environment.calendar import DAYS_PER_MONTH, parse_month
from lodeflow.environment.shocks.bills import USER, Bill
from lodeflow.environment.shocks.card import Card
from lodeflow.environment.shocks.policy import Bearer, Duties, MetalPolicy, borne_by
from lodeflow.environment.shocks.reckoning import BOUGHT, INTEREST, SOLD, reckoned

if TYPE_CHECKING:
    from lodeflow.environment.shocks.effects import Effects
    from lodeflow.environment.state import State

ANY_COVER, ANY_PRICE, NO_PRICE = 10.0, 0.01, 1000.0
"""Ends of the ranges of a reserve's rules: it opens whatever firms hold, at any price, and at none."""


class StrategicReserve(MetalPolicy, Duties):
    """The state keeps a stock of metal, which it buys while prices are calm and sells when firms run short.

    It buys and sells at the price of its country; what it pays less what it gets for metal sold is its cost, below 0 a gain. With
    ``buy_on`` or ``release_on`` it goes by the early warning (:mod:`lodeflow.environment.alert`) instead.
    """

    card: ClassVar[Card | None] = Card(
        source="Japan's rare-metal stockpile (JOGMEC); Korea's stockpile",
        strength="target_days",
        unit="days of use",
        steps=(20.0, 60.0, 180.0),
        example={"actor": "USA", "metals": ["cobalt"], "fill_months": 12.0},
        metals=("cobalt",),
        writes=("bills", "levers"),
        quantity="reserve held",
        signs={"world price": 1},
        months=18,
    )
    kind: Literal["strategic_reserve"] = "strategic_reserve"
    target_days: float = Field(
        ge=0, le=3650, description="stock to reach, in days of use", json_schema_extra={"unit": "days"}
    )
    fill_months: float = Field(
        24.0, ge=1, le=600, description="time over which it is filled", json_schema_extra={"unit": "months"}
    )
    buy_on: Literal["calm", "warning"] = Field(
        "calm",
        description="filled while the price is calm, or only while the early warning is on (dearer than buy_below never)",
    )
    buy_below: float = Field(
        1.1,
        ge=0.01,
        le=1000,
        description="price over the anchor below which it is filled",
        json_schema_extra={"unit": "1"},
    )
    release_on: Literal["shortage", "warning"] = Field(
        "shortage",
        description="opened when firms run short and the price is high, or also while the early warning is on",
    )
    release_above: float = Field(
        1.3, ge=0.01, le=1000, description="price over the anchor above which it opens", json_schema_extra={"unit": "1"}
    )
    release_below_cover: float = Field(
        0.5,
        ge=0.01,
        le=10,
        description="stock of firms over normal below which it opens, when the price is high too",
        json_schema_extra={"unit": "1"},
    )
    threshold: float | None = Field(
        None,
        description="index from which the early warning is on; left out: that of the table warning_rules",
        json_schema_extra={"unit": "ln points"},
    )
    own_weight: float | None = Field(
        None,
        ge=0,
        description="weight of the metal's own price in the index; left out: that of the table warning_rules",
        json_schema_extra={"unit": "1"},
    )
    prompt_prices: bool = Field(
        False, description="true: the index goes by prices of all metals each month, as if they were all published then"
    )
    interest: float = Field(
        0.0, ge=0, le=1, description="paid on the worth of what is held", json_schema_extra={"unit": "1/year"}
    )
    bearers: dict[Bearer, float] = borne_by("government")

    @model_validator(mode="after")
    def _one_way(self) -> StrategicReserve:
        if self.buy_on == self.release_on == "warning":
            raise ValueError("it cannot buy and sell on the same warning; change buy_on or release_on")
        return self

    def warned(self, world: State) -> np.ndarray:
        """Where the early warning is on, boolean, shape (metals,)."""
        return alert.warned(world, self.threshold, self.own_weight, self.prompt_prices)

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Set target and rules of the reserve, and enter what it buys and, also after its end, sells."""
        if month < parse_month(self.start) or self.target_days == 0.0:
            return
        desks = self.desks(world)
        self._enter(effects, desks)
        if self.intensity(month) == 0.0:
            return
        listens = "warning" in (self.buy_on, self.release_on)
        warned = self.warned(world)[world.desks.metal] & desks if listens else desks
        filled = warned if self.buy_on == "warning" else desks
        effects.pull("reserve_months", filled, self.target_days / DAYS_PER_MONTH)
        effects.pull("reserve_fill_months", desks, self.fill_months)
        opened = warned if self.release_on == "warning" else desks & False
        for lever, shut, wide in (
            ("reserve_calm_price", self.buy_below, ANY_PRICE),
            ("reserve_high_price", self.release_above, ANY_PRICE),
            ("reserve_low_cover", self.release_below_cover, ANY_COVER),
        ):
            effects.pull(lever, desks & ~opened, shut)
            effects.pull(lever, opened, wide)

    def _enter(self, effects: Effects, desks: np.ndarray) -> None:
        """What it pays for metal and for money, and what it gets for metal."""
        state = "government"
        effects.bill(Bill(BOUGHT, self.bearers, USER, "into reserves", desks, 1.0, priced=True))
        effects.bill(Bill(SOLD, {USER: 1.0}, state, "out of reserves", desks, 1.0, priced=True))
        if self.interest > 0.0:
            rate = country.monthly_interest(self.interest)
            effects.bill(Bill(INTEREST, self.bearers, "lender", "in reserves", desks, rate, priced=True))

    def found(self, purse: Any, first_month: int, world: State) -> list[str]:
        """What was bought, sold, gained or lost on sales, paid for money, and what is left, one line a metal."""
        return [one.words for one in reckoned(self, purse, world)]
