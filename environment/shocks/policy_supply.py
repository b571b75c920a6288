"""Policies of supply: where metal is bought, and what a state pays to have made at home or by friends."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field, field_validator

from lodeflow.agents import country, guards, miner
from lodeflow.environment.calendar import parse_month
from lodeflow.environment.shocks.bills import Bill
from lodeflow.environment.shocks.card import Card
from lodeflow.environment.shocks.policy import LARGEST_BUDGET, Bearer, Duties, MetalPolicy, borne_by
from lodeflow.environment.shocks.recycling_rules import level
from lodeflow.environment.shocks.shock import Step, steps_in_order
from lodeflow.environment.shocks.written import TRADE_MARKETS

if TYPE_CHECKING:
    from lodeflow.environment.shocks.effects import Effects
    from lodeflow.environment.state import State


class ImportDiversification(MetalPolicy):
    """No more than a share of what a country buys may come from one foreign country."""

    card: ClassVar[Card | None] = Card(
        source="Regulation (EU) 2024/1252, article 5: 65 percent from one third country",
        strength="largest_share",
        unit="share of one foreign country",
        steps=(0.55, 0.45, 0.35),
        example={"actor": "JPN", "metals": ["neodymium-praseodymium"]},
        metals=("neodymium-praseodymium",),
        writes=("cap_ahead", "cap_now", "exposed", "held"),
        quantity="imports blocked",
        signs={"price at home": 1},
        months=18,
    )
    parts_market: ClassVar[bool] = True
    kind: Literal["import_diversification"] = "import_diversification"
    largest_share: float = Field(
        ge=0.01, le=1, description="largest share of one foreign country", json_schema_extra={"unit": "1"}
    )
    market: Literal["feed", "refined"] = Field("refined", description="traded form that is counted")

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Hold suppliers above the share down to it."""
        table, actors = world.markets[self.market], world.layout.marked(self.actors(world))
        for metal in self.metals:
            here = (table.metal == world.layout.metal_index.get(metal, -1)) & actors[table.buyer_country]
            bought = np.bincount(table.seller_country[here], table.normal[here], len(world.layout.countries))
            share = bought / max(bought.sum(), guards.LEAST)
            for supplier in np.flatnonzero((share > self.largest_share) & ~actors):
                allowed = float(self.largest_share / share[supplier])
                effects.restrict(
                    self.market,
                    here & (table.seller_country == supplier),
                    in_force=self.force(month),
                    allowed_now=allowed,
                    allowed_prior=allowed,
                    belief=self.belief(month, world),
                    memory_key=(metal, self.market, int(supplier)),
                )


class FriendShoring(MetalPolicy):
    """A country moves its purchases from others to friends, and pays investors in mines or refineries among friends."""

    card: ClassVar[Card | None] = Card(
        source="Minerals Security Partnership; US Inflation Reduction Act, section 30D",
        strength="shift",
        unit="share of purchases from others",
        steps=(0.2, 0.5, 0.9),
        example={"actor": "JPN", "metals": ["cobalt"], "friends": ["EU27", "USA"], "support": 0.2},
        metals=("cobalt",),
        writes=("bills", "cap_ahead", "cap_now", "exposed", "held", "levers"),
        quantity="imports blocked",
        signs={"price at home": 1},
        months=18,
    )
    parts_market: ClassVar[bool] = True
    kind: Literal["friend_shoring"] = "friend_shoring"
    friends: list[str] = Field(min_length=1, description="countries and groups that count as friends, beside itself")
    shift: float = Field(
        ge=0, le=1, description="share of purchases from others that is given up", json_schema_extra={"unit": "1"}
    )
    support: float = Field(
        0.0,
        ge=0,
        le=2,
        description="paid to investors at home and among friends, on top of the margin",
        json_schema_extra={"unit": "ln points"},
    )
    stage: Literal["mine", "refinery"] = Field("refinery", description="stage whose investors are paid")

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Hold down what comes from others; support mines or refineries of friends."""
        layout = world.layout
        actors = layout.marked(self.actors(world))
        friends = actors | layout.marked(np.concatenate([layout.country_indices(name) for name in self.friends]))
        for metal in self.metals:
            index = layout.metal_index.get(metal, -1)
            for market in TRADE_MARKETS if self.shift > 0.0 else ():
                table = world.markets[market]
                mask = (table.metal == index) & actors[table.buyer_country] & ~friends[table.seller_country]
                effects.restrict(
                    market,
                    mask,
                    in_force=self.force(month),
                    allowed_now=1.0 - self.shift,
                    allowed_prior=1.0 - self.shift,
                    belief=self.belief(month, world),
                    memory_key=(metal, market),
                )
            lever, rows = _supported(world, self.stage, index, friends)
            effects.pull(lever, rows, self.force(month) * self.support)
            if index >= 0:
                effects.bill(_support(world, self.stage, index, rows, self.force(month) * self.support))


class DomesticShare(MetalPolicy):
    """A least share of use is to be mined, refined or recycled at home; while it is missed, the state pays investors."""

    card: ClassVar[Card | None] = Card(
        source="Regulation (EU) 2024/1252, article 5: 10, 40 and 25 percent of use",
        strength="support",
        unit="ln points on top of the margin",
        steps=(0.1, 0.4, 1.5),
        example={
            "actor": "JPN",
            "metals": ["cobalt"],
            "stage": "refinery",
            "target": [{"date": "2024-01", "value": 1.0}],
        },
        metals=("cobalt",),
        writes=("bills", "levers"),
        quantity="refining capacity",
        signs={"refining capacity": 1},
        months=48,
    )
    kind: Literal["domestic_share"] = "domestic_share"
    stage: Literal["mine", "refinery", "recycler"] = Field(description="stage that the share counts")
    target: list[Step] = Field(min_length=1, description="share of own use to reach")
    support: float = Field(
        ge=0,
        le=2,
        description="paid to investors while nothing of the share is reached, on top of the margin; less the nearer it is",
        json_schema_extra={"unit": "ln points"},
    )
    _in_order = field_validator("target")(steps_in_order)

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Support investors at home by what is missing of the share."""
        asked = max(level(self.target, month), self.target[0].value) * self.intensity(month)
        actors, desks = world.layout.marked(self.actors(world)), self.desks(world)
        for metal in self.metals:
            index = world.layout.metal_index.get(metal, -1)
            use = float(world.desks.use[desks & (world.desks.metal == index)].sum())
            if use <= 0.0 or asked == 0.0:
                continue
            missing = country.missed_share(_made(world, self.stage, index, actors), use, asked)
            lever, rows = _supported(world, self.stage, index, actors)
            effects.pull(lever, rows, missing * self.support)
            effects.bill(_support(world, self.stage, index, rows, missing * self.support))


def _made(world: State, stage: str, metal: int, actors: np.ndarray) -> float:
    """What a stage of the actors made of a metal last month, t."""
    if stage == "recycler":
        return float(world.recyclers.recovered[actors[world.recyclers.country], metal].sum())
    firms = world.miners if stage == "mine" else world.refiners
    return float(firms.output[(firms.metal == metal) & actors[firms.country]].sum())


def _supported(world: State, stage: str, metal: int, actors: np.ndarray) -> tuple[str, np.ndarray]:
    """Lever and rows of the investors of a stage."""
    if stage == "recycler":
        holds = world.recyclers.value_weight[:, metal] > 0.0
        return "recycler_support", holds & actors[world.recyclers.country] & (world.recyclers.formal == 1)
    firms = world.miners if stage == "mine" else world.refiners
    return f"{stage}_support", (firms.metal == metal) & actors[firms.country]


def _support(world: State, stage: str, metal: int, rows: np.ndarray, support: float) -> Bill:
    """What the state pays: on each tonne that the stage makes, what lifts the price by the support at base prices."""
    price, metals = float(world.rates.price[metal]), len(world.layout.metals)
    if stage == "mine":
        price *= 1.0 - float(world.rates.treatment_charge[metal])
    rate, state = price * float(np.expm1(support)), {"government": 1.0}
    if stage == "recycler":
        column = np.zeros(metals, bool)
        column[metal] = True
        return Bill("subsidy", state, "recycler", "recovered", np.outer(rows, column).ravel(), rate)
    payee, basis = ("mine", "mined") if stage == "mine" else ("refiner", "refined")
    return Bill("subsidy", state, payee, basis, rows, rate)


class PublicExploration(MetalPolicy, Duties):
    """The state pays for exploration: more metal is found than mines alone would find."""

    card: ClassVar[Card | None] = Card(
        source="Regulation (EU) 2024/1252, article 19: national exploration programmes",
        strength="more",
        unit="found over what mines find",
        steps=(0.2, 0.5, 2.0),
        example={"actor": "COD", "metals": ["cobalt"], "lag_months": 3, "usd_per_year": 1e7},
        metals=("cobalt",),
        writes=("bills", "found"),
        quantity="reserve",
        signs={"reserve": 1},
        months=24,
    )
    kind: Literal["public_exploration"] = "public_exploration"
    bearers: dict[Bearer, float] = borne_by("government")
    more: float = Field(ge=0, le=10, description="found on top, over what mines find", json_schema_extra={"unit": "1"})
    lag_months: int = Field(
        60, ge=0, le=240, description="time from spending to finds", json_schema_extra={"unit": "months"}
    )
    usd_per_year: float = Field(
        0.0, ge=0, le=LARGEST_BUDGET, description="what it costs", json_schema_extra={"unit": "USD/year"}
    )

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Spend the budget, and after the lag add to what is found."""
        indices = [world.layout.metal_index[metal] for metal in self.metals if metal in world.layout.metal_index]
        rows = np.isin(world.miners.metal, indices) & np.isin(world.miners.country, self.actors(world))
        self.spend(effects, "exploration", "mine", "mined", rows, self.monthly(self.usd_per_year, month))
        if month < parse_month(self.start) + self.lag_months:
            return
        found = miner.explored(world.miners, world.parameters["exploration"])[rows].sum()
        effects.find_ore(rows, self.intensity(month) * self.more * float(found))

    def powerless(self, world: State) -> str:
        """Nothing is mined there."""
        return f"{self.actor} mines none of its metals"


class EnvironmentalLimit(MetalPolicy):
    """Limits on water, waste or land use take a share of mine output."""

    card: ClassVar[Card | None] = Card(
        source="Chinese environmental inspections of rare-earth and lepidolite mines",
        strength="strength",
        unit="share of mine output",
        steps=(0.05, 0.2, 0.4),
        example={"actor": "COD", "metals": ["cobalt"]},
        metals=("cobalt",),
        writes=("output_kept", "output_kept_ahead"),
        quantity="mine output lost",
        signs={"world price": 1},
        months=18,
    )
    kind: Literal["environmental_limit"] = "environmental_limit"
    strength: float = Field(
        ge=0, le=1, description="share of mine output that is lost", json_schema_extra={"unit": "1"}
    )

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Lose output, as far as the limit has come into effect."""
        for metal in self.metals:
            rows = world.miners.rows(metal=world.layout.metal_index.get(metal, -1), countries=self.actors(world))
            effects.lose_output(rows, self.strength * self.force(month), self.strength, self.belief(month, world))

    def powerless(self, world: State) -> str:
        """Nothing is mined there."""
        return f"{self.actor} mines none of its metals"
