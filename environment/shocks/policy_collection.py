"""Policies of collection: what brings products back when they are no longer used."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, field_validator

from lodeflow.agents import country
from lodeflow.environment.calendar import parse_month
from lodeflow.environment.shocks.bills import Bill
from lodeflow.environment.shocks.card import Card
from lodeflow.environment.shocks.policy import LARGEST_BUDGET, PRODUCTS, Bearer, Duties, ProductPolicy, borne_by
from lodeflow.environment.shocks.recycling_rules import ramp
from lodeflow.environment.shocks.shock import Step, steps_in_order

if TYPE_CHECKING:
    from lodeflow.environment.shocks.effects import Effects
    from lodeflow.environment.state import State

LARGEST_RATE = 1e8
"""Largest fee, deposit or penalty that an input may name, USD/t metal; assumption: above the price of every metal here."""


class CollectionTarget(ProductPolicy, Duties):
    """A share of the products at the end of life must be collected; what is missing costs a penalty."""

    card: ClassVar[Card | None] = Card(
        source="Regulation (EU) 2023/1542, articles 59 and 60",
        strength="collection",
        unit="collection rate to reach",
        steps=(0.6, 0.75, 0.95),
        example={"actor": "EU27", "products": PRODUCTS, "penalty_usd_per_t": 5e3},
        metals=("cobalt",),
        writes=("bills", "collection"),
        quantity="scrap collected",
        signs={"recycled at home": 1},
        months=36,
    )
    kind: Literal["collection_target"] = "collection_target"
    collection: list[Step] = Field(min_length=1, description="collection rate of end-of-life products to reach")
    lowers: bool = Field(False, description="true: a rate above the value is brought down to it as well")
    penalty_usd_per_t: float = Field(
        0.0,
        ge=0,
        le=LARGEST_RATE,
        description="paid for metal that the target asks for and that is not collected",
        json_schema_extra={"unit": "USD/t metal"},
    )
    _in_order = field_validator("collection")(steps_in_order)

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Lift (or lower) the collection rate on its way to the next step; charge what is missed."""
        if self.intensity(month) == 0.0:
            return
        rows, step = self.stocks(world), ramp(self.collection, parse_month(self.start), month)
        if self.lowers:
            effects.lower_collection(rows, step)
        effects.require_collection(rows, step)
        due = step[0] * step[1] if month >= parse_month(self.collection[0].date) else 0.0
        effects.bill(Bill("penalty", self.bearers, "government", "not collected", rows, self.penalty_usd_per_t, due))


class ProducerFee(ProductPolicy, Duties):
    """Who puts products on the market pays a fee by weight, which is spent on collecting them."""

    card: ClassVar[Card | None] = Card(
        source="OECD, Extended Producer Responsibility, case studies of Japan and Korea",
        strength="usd_per_t",
        unit="USD/t metal",
        steps=(1000.0, 10000.0, 50000.0),
        example={"actor": "EU27", "products": PRODUCTS},
        metals=("cobalt",),
        writes=("bills", "levers"),
        quantity="scrap collected",
        signs={"recycled at home": 1},
        months=36,
    )
    kind: Literal["producer_fee"] = "producer_fee"
    usd_per_t: float = Field(
        ge=0, le=LARGEST_RATE, description="fee on the metal in new products", json_schema_extra={"unit": "USD/t metal"}
    )

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Pay collectors, on top of the price of scrap, what the fee of a month brings in."""
        rows, rate = self.stocks(world), self.usd_per_t * self.force(month)
        income = rate * float(world.in_use.newest()[rows].sum())
        worth = float((world.in_use.collected * world.rates.price[world.in_use.metal])[rows].sum())
        effects.pull("collectors", rows, country.top_up(income, worth))
        effects.bill(Bill("producer fee", self.bearers, "collector", "put on market", rows, rate))


class DepositRefund(ProductPolicy):
    """Buyers leave a deposit that they get back with the product.

    The deposit is a loan: who pays is who does not bring the product back, and the account enters what is forfeited.
    """

    card: ClassVar[Card | None] = Card(
        source="German Battery Act (BattG), section 10",
        strength="deposit",
        unit="deposit over the value of the metals",
        steps=(0.1, 0.5, 3.0),
        example={"actor": "EU27", "products": PRODUCTS},
        metals=("cobalt",),
        writes=("bills", "collection", "levers"),
        quantity="scrap collected",
        signs={"recycled at home": 1},
        months=36,
    )
    kind: Literal["deposit_refund"] = "deposit_refund"
    deposit: float = Field(
        ge=0,
        le=1000,
        description="deposit over the value of the metals in the product at base prices",
        json_schema_extra={"unit": "1"},
    )

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Products come back that would have been thrown away or kept in drawers; what is not brought back is paid for."""
        rows, parameters = self.stocks(world), world.parameters
        share = self.force(month) * country.response(self.deposit, parameters["deposit_half"])
        effects.reach(rows, share)
        effects.pull("returned", rows, share)
        rate = self.force(month) * self.deposit * world.rates.price[world.in_use.metal[rows]]
        effects.bill(Bill("forfeited deposit", {"consumer": 1.0}, "collector", "not collected", rows, rate, due=1.0))


class TradeIn(ProductPolicy, Duties):
    """Whoever brings an old product when buying a new one gets a rebate: drawers are emptied."""

    card: ClassVar[Card | None] = Card(
        source=(
            "State Council of China, trade-in of consumer goods, 2024; Chinese review literature on the urban mine"
        ),
        strength="rebate",
        unit="rebate over the value of the metals",
        steps=(0.1, 0.5, 3.0),
        example={"actor": "EU27", "products": PRODUCTS},
        metals=("cobalt",),
        writes=("bills", "collection", "levers"),
        quantity="scrap collected",
        signs={"recycled at home": 1},
        months=36,
    )
    kind: Literal["trade_in"] = "trade_in"
    rebate: float = Field(
        ge=0,
        le=1000,
        description="rebate over the value of the metals in the product at base prices",
        json_schema_extra={"unit": "1"},
    )

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Less is kept in drawers, and what lies there comes out; the rebate is paid on all that comes back."""
        rows, parameters = self.stocks(world), world.parameters
        share = self.force(month) * country.response(self.rebate, parameters["deposit_half"])
        effects.reach(rows, share)
        effects.pull("returned", rows, share)
        effects.pull("emptied", rows, country.emptied(share, parameters["trade_in_months"]))
        rate = self.force(month) * self.rebate * world.rates.price[world.in_use.metal[rows]]
        effects.bill(Bill("rebate", self.bearers, "consumer", "collected", rows, rate))


class CollectionBases(ProductPolicy, Duties):
    """Collection points and demonstration bases near where people live: more is within reach, and moving it is cheaper."""

    card: ClassVar[Card | None] = Card(
        source=(
            "Korea, base collection centres for retired EV batteries, 2021; Chinese urban mine demonstration bases"
        ),
        strength="reach",
        unit="share of what is not collected",
        steps=(0.1, 0.4, 0.9),
        example={"actor": "CHN", "products": PRODUCTS, "usd_per_year": 1e8},
        metals=("cobalt",),
        writes=("bills", "collection"),
        quantity="scrap collected",
        signs={"recycled at home": 1},
        months=36,
    )
    kind: Literal["collection_bases"] = "collection_bases"
    bearers: dict[Bearer, float] = borne_by("municipality")
    reach: float = Field(
        ge=0,
        le=1,
        description="share of what is not collected that comes within reach",
        json_schema_extra={"unit": "1"},
    )
    usd_per_year: float = Field(
        0.0, ge=0, le=LARGEST_BUDGET, description="what they cost", json_schema_extra={"unit": "USD/year"}
    )

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Lift the collection rate by a share of the gap to what can ever be collected."""
        rows = self.stocks(world)
        effects.reach(rows, self.force(month) * self.reach)
        self.spend(effects, "collection bases", "collector", "collected", rows, self.monthly(self.usd_per_year, month))


class UsedGoodsExportBan(ProductPolicy):
    """Used products may not be sold abroad: they reach the end of life where they were used."""

    card: ClassVar[Card | None] = Card(
        source="Directive 2012/19/EU, annex VI; Basel Convention",
        strength="strength",
        unit="share of the export of used goods",
        steps=(0.2, 0.5, 1.0),
        example={"actor": "EU27", "products": PRODUCTS},
        metals=("cobalt",),
        writes=("levers",),
        quantity="scrap collected",
        signs={"recycled at home": 1, "used goods sent abroad": -1},
        months=36,
    )
    kind: Literal["used_goods_export_ban"] = "used_goods_export_ban"
    strength: float = Field(
        1.0,
        ge=0,
        le=1,
        description="share of the export of used goods that is stopped",
        json_schema_extra={"unit": "1"},
    )

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Keep used goods at home."""
        effects.pull("kept_home", self.stocks(world), self.force(month) * self.strength)


class Formalisation(ProductPolicy, Duties):
    """Informal workshops are licensed, trained and equipped: they recover what formal plants recover."""

    card: ClassVar[Card | None] = Card(
        source="Chinese review literature on the urban mine: small workshops lose lithium",
        strength="share",
        unit="share of informal work",
        steps=(0.2, 0.5, 1.0),
        example={"actor": "WLD", "products": PRODUCTS, "usd_per_year": 1e7},
        metals=("lithium",),
        writes=("bills", "levers"),
        quantity="metal recovered",
        signs={"world price": -1},
        months=36,
    )
    kind: Literal["formalisation"] = "formalisation"
    bearers: dict[Bearer, float] = borne_by("municipality")
    share: float = Field(
        ge=0, le=1, description="share of informal work that becomes formal", json_schema_extra={"unit": "1"}
    )
    usd_per_year: float = Field(
        0.0, ge=0, le=LARGEST_BUDGET, description="what it costs", json_schema_extra={"unit": "USD/year"}
    )

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Raise what informal workshops recover of the scrap of these products."""
        rows = self.stocks(world)
        effects.pull("formalised", rows, self.force(month) * self.share)
        self.spend(effects, "formalisation", "recycler", "collected", rows, self.monthly(self.usd_per_year, month))
