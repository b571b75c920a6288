"""The opponent's second half: manufacturers, products in use, scrap pools and recyclers as Mesa objects."""

from __future__ import annotations

from collections import deque
from math import exp, log
from operator import mul
from typing import TYPE_CHECKING

import mesa

from benchmarks.mesa_firms import Firm
from benchmarks.mesa_objects import Desk, RecycledSeller
from benchmarks.mesa_roles import BuyerRole, Craft, Input, SellerRole, clip
from tests.environment.oracle import make, others_available

if TYPE_CHECKING:
    from benchmarks.mesa_world import ObjectWorld


class Factory(mesa.Agent):
    """A manufacturer of one product in one country."""

    def __init__(
        self, model: ObjectWorld, product: int, inputs: list[Input], desks: list[Desk], pool: ScrapPool
    ) -> None:
        super().__init__(model)
        self.p, self.product, self.inputs, self.desks, self.pool = model.parameters, product, inputs, desks, pool

    def want(self) -> None:
        """Use wanted of every metal: driver x substitution, less what lacks of other metals idle, and the price response."""
        now, coming = self.model.demand_now, self.model.demand_next
        others = [others_available(self.inputs, which) for which in range(len(self.inputs))]
        for each, other, desk in zip(self.inputs, others, self.desks, strict=True):
            metal, price = desk.metal, desk.buys.price
            target = max(exp((metal.short_run - metal.long_run) * log(min(price, 20.0))), 1.0 - each.ceiling)
            each.substitution += (target - each.substitution) / self.p["substitution_months"]
            driver = each.base * now[each.row]
            wanted = driver * each.substitution
            each.desired = wanted * exp(-metal.short_run * log(clip(price, 0.05, 100.0)))
            each.others, each.planned, each.structural = other, wanted, wanted * other
            desk.use += each.structural
            desk.stock += each.stock
            desk.normal += metal.cover["manufacturer"] * each.planned
            desk.now += driver
            desk.coming += each.base * coming[each.row]
            metal.now += driver
            metal.used += each.structural
            metal.coming += each.base * coming[each.row]

    def order(self) -> None:
        """Order use and part of the gap to the stock wanted, which is larger under threat and when metal is cheap."""
        p = self.p
        for each, desk in zip(self.inputs, self.desks, strict=True):
            cheap = clip(desk.buys.price, 0.2, 1.0) ** -p["bargain"]
            extra = p["precaution"] * desk.missing + p["exposure"] * desk.exposed
            target = each.planned * (desk.metal.cover["manufacturer"] * cheap + extra)
            months = p["order_months"] / (1.0 + p["threat_speed"] * desk.exposed)
            each.wanted = max(each.desired * each.others + (target - each.stock) / months, 0.0)
            desk.wanted += each.wanted

    def produce(self) -> None:
        """Take in metal, make products, count shortage; new scrap to the pool, the rest into use."""
        for each, desk in zip(self.inputs, self.desks, strict=True):
            share = each.wanted / desk.wanted if desk.wanted > 0.0 else each.structural / max(desk.use, 1e-300)
            each.stock += desk.for_makers * share
        make(self.inputs)
        for each, desk in zip(self.inputs, self.desks, strict=True):
            desk.short += each.desired * (1.0 - each.available)
            desk.desired += each.desired
            scrap = each.use * each.new_scrap
            self.pool.receive_new(each.metal, scrap, each.separation)
            goods = (each.use - scrap) * (1.0 - each.dissipated)
            for stock, shares in self.model.sales[each.row]:
                stock.inflow += goods * shares[self.model.sales_year]

    def receive_reserve(self) -> None:
        """Take a share of what the reserve releases."""
        for each, desk in zip(self.inputs, self.desks, strict=True):
            each.stock += desk.released * each.structural / max(desk.use, 1e-300)


class InUse(mesa.Agent):
    """Products of one kind in use in one country, and the metal in them, by month of entry."""

    metal: int
    product: int
    pool: ScrapPool
    cohorts: deque[float]
    lifetime: list[float]
    inflow = 0.0
    stock: float
    hibernating: float
    hibernating_share: float
    export_share: float
    collection: float
    collection_trend: float
    achievable: float
    abroad: InUse
    separation: tuple[float, ...]
    imported = 0.0

    def retire(self) -> None:
        """Products leave use; some hibernate, some leave hibernation, some are exported as used goods."""
        self.leaving = sum(map(mul, self.cohorts, self.lifetime))
        enter = self.hibernating_share * self.leaving
        release = self.hibernating / self.model.parameters["hibernation_months"]
        self.hibernating += enter - release
        self.at_hand = self.leaving - enter + release
        exported = self.export_share * self.at_hand
        self.at_hand -= exported
        self.abroad.imported += exported

    def collect(self) -> None:
        """Collect what came to its end, more when scrap pays."""
        p = self.model.parameters
        if self.collection < self.achievable:
            grown = exp(self.collection_trend)
            self.collection *= grown / (1.0 + self.collection / self.achievable * (grown - 1.0))
        paid = self.collection * clip(exp(self.pool.memory), 0.1, 10.0) ** p["collection_elasticity"]
        collected = (self.at_hand + self.imported) * min(paid, max(self.collection, self.achievable))
        self.imported = 0.0
        self.pool.receive(self.metal, collected, self.separation)

    def age(self) -> None:
        """End the month: what was made comes into use, what left goes off."""
        self.cohorts.appendleft(self.inflow)
        self.stock += self.inflow - self.leaving
        self.inflow = 0.0


class ScrapPool(mesa.Agent):
    """Scrap of a product group in one country: content, then what formal and what informal recyclers can recover."""

    sells: SellerRole
    content: list[float]
    arising: list[float]
    new: list[float]
    rate: float
    informal: float
    formal_trend: float
    informal_before = 0.0
    ask = 1.0
    memory = 0.0

    def hand_over(self) -> None:
        """Formal plants take over from workshops, along a logistic line."""
        self.informal_before, formal = self.informal, 1.0 - self.informal
        if formal < 1.0:
            grown = exp(self.formal_trend)
            self.informal = 1.0 - formal * grown / (1.0 + formal * (grown - 1.0))

    def taken_over(self, formal: bool) -> float:
        """What plants or workshops take of the pool over what they took."""
        took, takes = (
            (1.0 - self.informal_before, 1.0 - self.informal) if formal else (self.informal_before, self.informal)
        )
        return takes / took if took > 0.0 else 1.0

    def remember(self) -> None:
        """Collection follows the scrap price slowly."""
        self.memory += (log(self.ask) - self.memory) / self.model.parameters["collection_months"]

    def value(self, content: list[float]) -> float:
        """Value of scrap at base prices, USD."""
        return sum(map(mul, content, self.model.metal_prices))

    def receive(self, metal: int, scrap: float, separation: tuple[float, ...]) -> None:
        """Take in old scrap."""
        metals = len(self.model.metals)
        for block, share in enumerate((1.0, *separation)):
            self.arising[metal + block * metals] += scrap * share

    def receive_new(self, metal: int, scrap: float, separation: tuple[float, ...]) -> None:
        """Keep new scrap for next month."""
        metals = len(self.model.metals)
        for block, share in enumerate((1.0, *separation)):
            self.new[metal + block * metals] += scrap * share

    def begin(self) -> None:
        """Last month's new scrap arises."""
        self.arising, self.new = self.new, [0.0] * len(self.new)
        self.sells.sum_contracts()

    def set_ask(self) -> None:
        """Mean of what recyclers bid."""
        price = sum(route.weight * log(route.buyer.price) for route in self.sells.routes)
        self.ask = exp(price / max(self.sells.contracts, 1e-300))

    def bring(self) -> None:
        """Offer what arises and part of the surplus."""
        p, before = self.model.parameters, self.value(self.content)
        arising = self.value(self.arising)
        self.content = [held + new for held, new in zip(self.content, self.arising, strict=True)]
        self.worth = self.value(self.content)
        surplus = (before - p["scrap_cover"] * self.rate) / p["offer_months"]
        self.sells.offer = clip(arising + surplus, 0.0, self.worth)
        self.rate += (arising - self.rate) / 12.0

    def settle(self) -> None:
        """Take off what was sold."""
        left = 1.0 - self.sells.sold() / max(self.worth, 1e-300)
        self.content = [max(held * left, 0.0) for held in self.content]


class Recycler(mesa.Agent):
    """A plant or workshop that takes the scrap of one product group."""

    buys: BuyerRole
    firm: Firm
    formal: bool
    channel: int
    cost: float
    craft: Craft
    best: list[float]
    sellers: list[RecycledSeller | None]
    worth: list[float]
    pools: list[ScrapPool]
    yard: list[float]
    held = planned = 0.0

    def value(self) -> float:
        """Value of the metals that come out, relative to base."""
        return 1.0 + sum(
            weight * (seller.sells.ask - 1.0) for weight, seller in zip(self.worth, self.sellers, strict=True) if seller
        )

    def bid(self) -> None:
        """Bid for scrap what the metals leave after cost."""
        self.buys.price = max((self.value() - self.cost) / (1.0 - self.cost), 0.05)

    def capacity(self) -> float:
        """USD/month at base prices; run harder when scrap pays."""
        p = self.model.parameters
        harder = clip(self.buys.price, 0.1, 6.0) ** p["recycler_response"]
        return self.planned * self.firm.expansion * p["recycler_ceiling"] * harder

    def order(self) -> None:
        """Order what capacity and yard allow."""
        self.buys.sum_contracts()
        self.buys.place(max(self.capacity() - self.held, 0.0), self.model.parameters["theta"])

    def receive(self) -> None:
        """Take the scrap bought into the yard."""
        for route, pool in zip(self.buys.routes, self.pools, strict=True):
            if route.flow > 0.0:
                part = route.flow / max(pool.worth, 1e-300)
                self.yard = [held + part * content for held, content in zip(self.yard, pool.content, strict=True)]
                self.held += route.flow

    def recoverable(self, metal: int) -> float:
        """Metal in the yard that the plant can recover, t; formal plants get better with volume."""
        metals = len(self.model.metals)
        at_first = self.yard[(1 + self.channel) * metals + metal]
        if not self.formal:
            return at_first
        return at_first + max(self.best[metal] * self.yard[metal] - at_first, 0.0) * (1.0 - self.craft.left)

    def separate(self) -> None:
        """Separate metals and hand them to the sellers of recycled metal; the rest is lost."""
        throughput = min(self.held, self.capacity())
        share = throughput / self.held if self.held > 0.0 else 0.0
        for metal, seller in enumerate(self.sellers):
            if seller:
                seller.output += self.recoverable(metal) * share
        if self.formal:
            self.craft.treated += throughput
        self.yard = [held * (1.0 - share) for held in self.yard]
        self.held -= throughput

    def invest(self) -> None:
        """Capacity and contracts."""
        p = self.model.parameters
        firm, response = self.firm, p["invest_response"]
        firm.remember(log(self.value()))
        begun = clip(response * firm.margin, 0.0, p["invest_max"]) / 12.0
        closed = clip(response * (log(p["running_cost"]) - firm.margin), 0.0, p["close_max"]) / 12.0
        pays = clip(1.0 - firm.margin / log(p["running_cost"]), 0.0, 1.0)
        anew = max(1.0 - firm.expansion - sum(firm.stages), 0.0) * pays / p["plan_months"]
        firm.build(begun * firm.expansion + anew, -closed, p["lead_recycler"])
        self.buys.drift(p["contract_drift"], p["contract_trace"], 1.0)
