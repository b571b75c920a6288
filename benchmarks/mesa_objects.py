"""The opponent of the speed table: the same rules with one Mesa object per agent.

Every mine, ore desk, refiner, seller of recycled metal, market desk, manufacturer, stock in use, scrap pool and recycler
is a ``mesa.Agent`` that does one phase of the month at a time. It does less than the world it is compared with: no shocks,
noise, policies, explanations of prices, ledger or recorder.
"""

from __future__ import annotations

from math import exp, expm1, log
from typing import TYPE_CHECKING

import mesa
import numpy as np

from benchmarks.mesa_firms import Firm, margin, paid
from benchmarks.mesa_roles import HORIZONS, BuyerRole, Metal, SellerRole, clip, log_bid, offer

if TYPE_CHECKING:
    from benchmarks.mesa_world import ObjectWorld


class Actor(mesa.Agent):
    """An agent with the parameters of its world at hand; ``metal`` where it deals in one."""

    def __init__(self, model: ObjectWorld, metal: Metal) -> None:
        super().__init__(model)
        self.p, self.metal = model.parameters, metal


class Host:
    """A host industry in a country: its mines in this world, and output relative to plan."""

    def __init__(self) -> None:
        self.mines: list[Miner] = []
        self.ratio = 1.0

    def set_ratio(self) -> None:
        """Output of the host's own mines over their plan; 1 for hosts outside this world."""
        planned = sum(mine.planned for mine in self.mines)
        if planned > 0.0:
            self.ratio = sum(mine.possible(1.0) for mine in self.mines) / planned


class Miner(Actor):
    """A mine."""

    desk: OreDesk
    host: Host | None
    firm: Firm
    base: float
    utilisation: float
    ceiling: float
    call_months: float
    cost: float
    stock: float
    reserve: float
    recovery: float
    host_share: float
    recovery_limit: float
    planned = output = potential = normal_ore = offered = before = 0.0

    def plan(self) -> None:
        """Planned output, and utilisation on its way to what the ask is worth."""
        self.planned = self.base * self.metal.mines
        steepness, log_ask, log_cost = self.p["mine_steepness"], log(self.desk.sells.ask), log(self.cost)
        run = (1.0 + exp(steepness * log_cost)) / (1.0 + exp(-steepness * (log_ask - log_cost)))
        target = min(run * exp(self.metal.supply_elasticity * max(log_ask, 0.0)), self.ceiling)
        calling = target > self.utilisation >= 1.0
        self.utilisation += (target - self.utilisation) / (
            self.call_months if calling else self.p["utilisation_months"]
        )
        self.normal_ore = self.metal.cover["mine"] * self.planned
        self.desk.sells.normal += self.normal_ore

    def possible(self, host_ratio: float) -> float:
        """Output of the month when the host makes ``host_ratio`` of its plan, t."""
        recovery = min(max(self.utilisation, 0.0), self.recovery_limit)
        normal = self.planned * self.firm.expansion
        limit = max(self.normal_ore + self.p["trapped_months"] * normal, 1e-12)
        unblocked = clip(2.0 - self.stock / limit, 0.0, 1.0)
        share = self.host_share * host_ratio * recovery + (1.0 - self.host_share) * self.utilisation
        return min(normal * share * unblocked, self.reserve)

    def produce(self) -> None:
        """Mine, as far as the host's output allows, and tell the desk what can be expected."""
        self.output = self.possible(self.host.ratio if self.host else 1.0)
        self.desk.sells.supply = [
            supply + horizon * self.output * growth + self.stock
            for supply, horizon, growth in zip(self.desk.sells.supply, HORIZONS, self.metal.growth, strict=True)
        ]

    def bring(self) -> None:
        """Bring ore to the desk."""
        self.offered = offer(
            self.stock,
            self.output,
            self.normal_ore,
            self.desk.sells.ask,
            self.p["seller_release"],
            self.p["offer_months"],
        )
        self.desk.sells.offer += self.offered

    def settle(self) -> None:
        """Keep what the desk did not sell."""
        sold = self.desk.sold_share
        self.stock = max(self.stock + self.output - self.offered * sold, 0.0)

    def earn(self) -> None:
        """Remember the margin; shut or come back."""
        self.before = self.firm.expansion
        self.firm.remember(log(self.desk.sells.ask))
        self.firm.close(log(self.desk.sells.ask / self.cost), self.p)

    def invest(self) -> None:
        """Reserve."""
        found = self.p["exploration"] * self.planned / self.recovery
        self.reserve = max(self.reserve - self.output / self.recovery + found, 0.0)


class OreDesk(Actor):
    """Where the mines of a country sell."""

    sells: SellerRole
    mines: list[Miner]
    entrant: bool
    expected: np.ndarray
    sold_share = 0.0

    def sign(self) -> None:
        """Contracts grow with what the mines could mine."""
        before, now = (sum(m.planned * x for m, x in zip(self.mines, part, strict=True)) for part in self._capacities())
        self.sells.signed = max(now / max(before, 1e-12), 1.0) if self.entrant else 1.0

    def _capacities(self) -> tuple[list[float], list[float]]:
        return [mine.before for mine in self.mines], [mine.firm.expansion for mine in self.mines]

    def begin(self) -> None:
        """Begin the month empty."""
        self.sells.sum_contracts()
        self.sells.normal, self.sells.offer, self.sells.supply = 0.0, 0.0, [0.0] * len(HORIZONS)

    def set_ask(self) -> None:
        """Ask for ore."""
        self.sells.set_ask(
            float(self.expected[self.model.t]),
            self.p["unsold_discount"],
            (self.p["missing_rise"], 1.0 / self.p["missing_fall"]),
            self.p["ask_floor"],
            self.p["outlet_fade"],
        )

    def settle(self) -> None:
        """Share of the offer that was sold."""
        self.sold_share = self.sells.sold() / max(self.sells.offer, 1e-300)


class MetalSeller(Actor):
    """A refiner or the recyclers of a country: sells refined metal from stock."""

    sells: SellerRole
    expected: np.ndarray
    stock: float
    output = 0.0

    def set_ask(self) -> None:
        """Ask for metal."""
        self.sells.set_ask(
            float(self.expected[self.model.t]),
            self.p["unsold_discount"],
            (self.p["missing_rise"], 1.0 / self.p["missing_fall"]),
            self.p["ask_floor"],
            self.p["outlet_fade"],
        )

    def bring(self) -> None:
        """Offer metal."""
        self.sells.offer = offer(
            self.stock, self.output, self.sells.normal, self.sells.ask, self.p["seller_release"], self.p["offer_months"]
        )

    def settle(self) -> None:
        """Keep what was not sold."""
        self.stock = max(self.stock + self.output - self.sells.sold(), 0.0)


class Refiner(MetalSeller):
    """Buys feed, sells metal."""

    buys: BuyerRole
    firm: Firm
    base: float
    yield_: float
    feed_stock: float
    home: OreDesk | None
    expected_feed: np.ndarray
    planned = throughput = before = 0.0
    feed: tuple[float, ...] = ()

    def plan(self) -> None:
        """Normal output, throughput and stocks of the month."""
        self.planned = self.base * self.metal.refiners
        self.normal = self.planned * self.firm.expansion / self.yield_
        self.normal_feed = self.metal.cover["feed"] * self.normal
        self.sells.normal = self.metal.cover["refined"] * self.planned * self.firm.expansion
        self.sells.sum_contracts()
        self.buys.sum_contracts()

    def expect_feed(self) -> None:
        """What it has and needs over each horizon."""
        metal, buys = self.metal, self.buys
        normal = self.normal_feed + buys.share_of_sellers()
        buys.own = [self.feed_stock + buys.arriving(horizon) for horizon in HORIZONS]
        buys.wanted = [
            horizon * self.normal * metal.growth[h] + normal * metal.growth_end[h] for h, horizon in enumerate(HORIZONS)
        ]
        buys.expected = self.expected_feed[self.model.t].tolist()
        for route in buys.routes:
            route.open(self.p)

    def expect_output(self) -> None:
        """What it will have to sell over each horizon, given the feed it can count on."""
        self.feed = tuple(a - expected for a, expected in zip(self.buys.log_a, self.buys.expected, strict=True))
        planned = self.planned * self.firm.expansion
        self.sells.supply = [
            self.stock + horizon * planned * self.metal.growth[h] * min(exp(self.feed[h]), self.p["refinery_ceiling"])
            for h, horizon in enumerate(HORIZONS)
        ]

    def bid(self) -> None:
        """Bid the netback of the refined price for feed."""
        charge, ask = self.metal.treatment_charge, self.sells.ask
        there = exp(min(self.feed))
        scarce = clip(there, 0.05, 20.0) ** self.p["charge_response"]
        kept = 1.0 - min(self.p["refinery_ceiling"] / max(there, 1e-12), 1.0) ** self.p["rent_response"]
        treatment = charge * scarce * min(ask, 3.0) ** self.p["charge_growth"] + kept * max(ask - 1.0, 0.0)
        target = max((ask - treatment) / (1.0 - charge), 0.05)
        self.buys.price = exp(log(self.buys.price) + self.p["news_speed"] * (log(target) - log(self.buys.price)))

    def order(self) -> None:
        """Throughput wanted and feed ordered."""
        buys, bid, charge = self.buys, self.buys.price, self.metal.treatment_charge
        margin = clip((self.sells.ask - bid * (1.0 - charge)) / charge, 0.3, 1.0) ** self.p["margin_response"]
        yard = self.feed_stock / max(self.p["critical_cover"] * self.normal_feed, 1e-12)
        runs = max(exp(self.feed[0]), min(yard, 1.0))
        self.throughput = self.normal * min(runs, self.p["refinery_ceiling"]) * margin
        target = self.normal_feed * clip(bid, 0.2, 1.0) ** -self.p["bargain"]
        gap = target + buys.normal_transit(self.normal) - self.feed_stock - sum(buys.pipeline)
        buys.place(clip(self.throughput + gap / self.p["order_months"], 0.0, 2.0 * self.normal), self.p["theta"])

    def refine(self) -> None:
        """Take in feed and refine it."""
        self.feed_stock += self.buys.receive()
        feed = min(self.throughput, self.feed_stock)
        self.feed_stock -= feed
        self.output = feed * self.yield_

    def invest(self) -> None:
        """Contracts."""
        growth = self.metal.coming / self.metal.now
        self.buys.drift(self.p["contract_drift"], self.p["contract_trace"], growth, self.sells.signed)

    def earn(self) -> None:
        """Remember the margin; shut or come back."""
        earned = margin(self.sells.ask, paid(self.buys.routes, self.buys.price), self.metal.treatment_charge)
        self.before = self.firm.expansion
        self.firm.remember(earned)
        self.firm.close(earned - log(self.p["running_cost"]), self.p)

    def chance(self) -> float:
        """Ore of the country that finds no outlet and no refinery being built, over what it treats."""
        if self.home is None:
            return 0.0
        could = sum(mine.planned * mine.firm.expansion for mine in self.home.mines)
        stuck = could * -expm1(self.home.sells.unsold) - self.planned * sum(self.firm.stages) / self.yield_
        return max(stuck, 0.0) / max(self.planned * self.firm.expansion / self.yield_, 1e-12)

    def sign(self) -> None:
        """Contracts grow with what was built."""
        self.sells.signed = max(self.firm.expansion / max(self.before, 1e-12), 1.0)


class RecycledSeller(MetalSeller):
    """Sells what the recyclers of a country make of one metal."""

    rate: float

    def plan(self) -> None:
        """Normal stock and what it will have over each horizon."""
        self.output = 0.0
        self.sells.normal = self.metal.cover["refined"] * self.rate
        self.sells.sum_contracts()
        self.sells.supply = [
            self.stock + horizon * self.rate * self.metal.growth[h] for h, horizon in enumerate(HORIZONS)
        ]

    def settle(self) -> None:
        """Keep what was not sold; the rate follows the output."""
        super().settle()
        self.rate += (self.output - self.rate) / 3.0


class Desk(Actor):
    """Where the manufacturers and the government of a country buy one metal."""

    buys: BuyerRole
    reserve: float
    reserve_target: float
    expected: np.ndarray
    expected_inflow: np.ndarray
    premium = missing = exposed = 0.0

    def begin(self) -> None:
        """Begin the month with nothing counted."""
        self.use = self.stock = self.now = self.coming = self.normal = self.wanted = self.short = self.desired = 0.0
        self.buys.sum_contracts()

    def expect(self) -> None:
        """What it has and needs over each horizon."""
        metal, buys, p = self.metal, self.buys, self.p
        self.use = max(self.use, 1e-12)
        self.of_sellers = buys.share_of_sellers()
        normal = self.normal + self.of_sellers
        cover = p["precaution"] * self.missing + p["exposure"] * self.exposed
        buys.own = [self.stock + buys.arriving(horizon) for horizon in HORIZONS]
        buys.wanted = [
            horizon * self.use * metal.growth[h] + normal * metal.growth_end[h] + self.use * cover
            for h, horizon in enumerate(HORIZONS)
        ]
        buys.expected = self.expected[self.model.t].tolist()
        for route in buys.routes:
            route.open(p)

    def notice(self) -> None:
        """Notice missing inflow fast, forget it slowly."""
        expected = self.expected_inflow[self.model.t].tolist()
        lowest = min(
            got / max(horizon * self.use * growth + self.of_sellers, 1e-12) / usual
            for got, horizon, growth, usual in zip(self.buys.got, HORIZONS, self.metal.growth, expected, strict=True)
        )
        missing = clip(1.0 - lowest, 0.0, 1.0)
        speed = self.p["missing_rise"] if missing > self.missing else 1.0 / self.p["missing_fall"]
        self.missing += speed * (missing - self.missing)

    def bid(self) -> None:
        """Move the posted price towards the bid."""
        buys, p = self.buys, self.p
        logs = [a - expected for a, expected in zip(buys.log_a, buys.expected, strict=True)]
        bid = log_bid(logs, self.metal.eta, self.premium, p)
        cover, critical = self.stock / max(self.normal, 1e-12), p["critical_cover"]
        hurried = p["price_speed"] + (p["critical_speed"] - p["price_speed"]) * clip(
            (critical - cover) / critical, 0.0, 1.0
        )
        log_price = log(buys.price)
        gap = bid - log_price
        buys.price = exp(log_price + (hurried if gap > 0.0 else p["price_speed"]) * gap)

    def order(self) -> None:
        """Order what manufacturers and the reserve want."""
        buys, p = self.buys, self.p
        months = p["order_months"] / (1.0 + p["threat_speed"] * self.exposed)
        under_way = buys.normal_transit(self.use) - sum(buys.pipeline)
        calm = buys.price < p["reserve_calm_price"]
        gap = max(self.reserve_target * self.use - self.reserve, 0.0)
        self.for_reserve = gap / p["reserve_refill_months"] if calm else 0.0
        self.asked = clip(self.wanted + under_way / months, 0.0, p["order_max"] * self.use)
        buys.place(self.asked + self.for_reserve, p["theta"])

    def receive(self) -> None:
        """Split what arrives between reserve and manufacturers."""
        arrived = self.buys.receive()
        to_reserve = arrived * self.for_reserve / max(self.asked + self.for_reserve, 1e-300)
        self.reserve += to_reserve
        self.for_makers = arrived - to_reserve

    def govern(self) -> None:
        """The premium for unmet use; the reserve opens when firms run short and prices are high."""
        p = self.p
        unmet = self.short / max(self.desired, 1e-300)
        grown = self.premium + p["unmet_premium"] * unmet
        premium = grown if unmet > p["unmet_threshold"] else self.premium * p["unmet_fade"]
        self.premium = clip(premium, 0.0, p["unmet_premium_max"])
        cover = self.stock / max(self.normal, 1e-12)
        opened = cover < p["reserve_low_cover"] and self.buys.price > p["reserve_high_price"]
        self.released = self.reserve / p["reserve_release_months"] if opened else 0.0
        self.reserve -= self.released

    def invest(self) -> None:
        """Contracts drift to who delivered."""
        self.buys.drift(self.p["contract_drift"], self.p["contract_trace"], self.coming / self.now)
