"""What the benchmark's Mesa agents are made of: roles on a market, metals, inputs. Rules come from the oracle of the tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import exp, log, log2

from tests.environment.oracle import Buyer, Edge, Ingredient, Seller

HORIZONS = (3.0, 6.0, 12.0, 24.0)
ASKING = 2
MOST_MONTHS_UNDER_WAY = 12


def clip(value: float, low: float, high: float) -> float:
    """``value``, at least ``low`` and at most ``high``."""
    return min(max(value, low), high)


@dataclass(slots=True, eq=False)
class Metal:
    """Rates of one metal, and what is expected of it this month; quantities relative to base."""

    eta: float
    short_run: float
    long_run: float
    supply_elasticity: float
    treatment_charge: float
    cover: dict[str, float]
    price: float
    mines: float = 1.0
    refiners: float = 1.0
    growth: list[float] = field(default_factory=list)
    growth_end: list[float] = field(default_factory=list)
    now: float = 0.0
    coming: float = 0.0
    used: float = 0.0
    gap: float = 0.0
    usual_gap: float = 0.0


@dataclass(slots=True, eq=False)
class Route(Edge):
    """An edge with its way: months under way and the flow of the base month, t."""

    seller: SellerRole
    buyer: BuyerRole
    lead: int = 0
    base: float = 0.0
    built: float = 0.0
    domestic: bool = False
    spread: float = 0.0

    def open(self, p: Mapping[str, float]) -> None:
        """Largest flows, of a month and kept up ahead: a surge on the contract or on what was built, and room for new trade."""
        opening = p["opening"] * (1.0 + p["spread_opening"] * self.spread)
        room = opening * min(self.seller.contracts, self.buyer.contracts)
        month, ahead = ("surge_home", "surge_home") if self.domestic else ("surge_month", "surge")
        self.cap = p[month] * max(self.weight, self.built) + room
        kept_up = p[ahead] * max(self.weight, self.built) + room
        self.caps = [horizon * kept_up for horizon in HORIZONS]

    def watch(self) -> None:
        """What the buyer pays over what the seller asks, ln points."""
        self.spread = max(log(self.buyer.price) - log(self.seller.ask), 0.0)


@dataclass(slots=True, eq=False)
class SellerRole(Seller):
    """A seller with its ask, normal stock and the sum of its contracts."""

    routes: list[Route] = field(default_factory=list)
    ask: float = 1.0
    worth: float = 0.0
    unsold: float = 0.0
    normal: float = 0.0
    contracts: float = 0.0
    signed: float = 1.0

    def sum_contracts(self) -> None:
        """Contracts of the month, t/month."""
        self.contracts = sum(route.weight for route in self.routes)

    def sold(self) -> float:
        """Trades of the month, t."""
        return sum(route.flow for route in self.routes)

    def set_ask(self, expected: float, discount: float, speeds: tuple[float, float], floor: float, fade: float) -> None:
        """Mean bid where it expects to sell, less a slow discount for what stays unsold; floored.

        Args:
            expected: share of the supply that it was expected to place.
            discount, floor, fade: ``unsold_discount``, ``ask_floor``, ``outlet_fade``.
            speeds: of the discount, as it grows and as it fades.
        """
        normal, supply = max(self.contracts, 1e-300), self.supply[ASKING]
        share = sum(route.flows[ASKING] for route in self.routes) / max(supply, 1e-300)
        nothing = supply <= 1e-6 * normal
        open_to, mean = 0.0, 0.0
        for route in self.routes:
            weight = route.weight if nothing else route.flows[ASKING]
            open_to += weight
            mean += weight * log(route.buyer.price)
        self.worth = mean / open_to if open_to > 1e-9 * normal else self.worth + log(fade)
        unsold = 0.0 if nothing else discount * log(max(min(share / max(expected, 1e-12), 1.0), floor))
        self.unsold += speeds[0 if unsold < self.unsold else 1] * (unsold - self.unsold)
        self.ask = max(exp(self.worth + self.unsold), floor)


@dataclass(slots=True, eq=False)
class BuyerRole(Buyer):
    """A buyer with its price, the sum of its contracts, and what is under way to it."""

    routes: list[Route] = field(default_factory=list)
    price: float = 1.0
    contracts: float = 0.0
    pipeline: list[float] = field(default_factory=list)

    def sum_contracts(self) -> None:
        """Contracts of the month, t/month."""
        self.contracts = sum(route.weight for route in self.routes)

    def arriving(self, months: float) -> float:
        """What arrives within some months, t."""
        return sum(self.pipeline[: int(months)])

    def normal_transit(self, inflow: float) -> float:
        """What is normally under way when ``inflow`` t/month are taken in, t."""
        return sum(route.weight * route.lead for route in self.routes) / max(self.contracts, 1e-300) * inflow

    def share_of_sellers(self) -> float:
        """The buyer's part of its sellers' normal stocks, t."""
        return sum(route.weight * route.seller.normal / max(route.seller.contracts, 1e-300) for route in self.routes)

    def place(self, order: float, theta: float) -> None:
        """Order, t, and pull on every route in proportion to contract x order x price^theta."""
        self.order = order
        eagerness = self.price**theta * order / max(self.contracts, 1e-300)
        for route in self.routes:
            route.pull = route.weight * eagerness

    def receive(self) -> float:
        """Send this month's trades on their way and return what arrives now, t."""
        arriving = self.pipeline.pop(0)
        self.pipeline.append(0.0)
        for route in self.routes:
            lead = min(route.lead, MOST_MONTHS_UNDER_WAY)
            if lead:
                self.pipeline[lead - 1] += route.flow
            else:
                arriving += route.flow
        return arriving

    def drift(self, speed: float, trace: float, growth: float, signed: float = 1.0) -> None:
        """Contracts move towards what was delivered; ``signed``: what the buyer has built."""
        for route in self.routes:
            coming = growth * max(route.seller.signed, signed)
            route.weight = (route.weight + speed * (route.flow + trace * route.base - route.weight)) * coming
            route.built *= coming


@dataclass(slots=True)
class Craft:
    """What the formal recyclers of a product group have learned from the volume they treated, USD/month at base prices."""

    first_volume: float
    volume: float
    left: float
    treated: float = 0.0

    def learn(self, learning: float, memory: float) -> None:
        """Every doubling of the volume closes a share of the gap to the best plants."""
        self.volume += (self.treated - self.volume) / memory
        self.treated = 0.0
        doublings = log2(max(self.volume / self.first_volume, 1.0))
        self.left = min(self.left, (1.0 - learning) ** doublings)


def offer(stock: float, output: float, normal: float, ask: float, release: float, months: float) -> float:
    """Output and part of the stock above target, t; sellers keep less when prices are high."""
    target = normal * clip(ask, 0.3, 10.0) ** -release
    return clip(output + (stock - target) / months, 0.0, stock + output)


@dataclass(slots=True, eq=False)
class Input(Ingredient):
    """One metal that a manufacturer uses.

    Attributes:
        row: number of the input in the world's table, to find its expected demand.
        base: use in the base month, t/month.
        ceiling: largest share that can be replaced.
        new_scrap, dissipated: shares of what is used, and of the product.
        separation: share of new scrap that each channel can recover.
        driver, structural, wanted: use before and after substitution, and order, t.
    """

    row: int = 0
    metal: int = 0
    base: float = 0.0
    ceiling: float = 0.0
    new_scrap: float = 0.0
    dissipated: float = 0.0
    separation: tuple[float, ...] = ()
    substitution: float = 1.0
    others: float = 1.0
    planned: float = 0.0
    structural: float = 0.0
    wanted: float = 0.0


def log_bid(logs: Iterable[float], eta: float, premium: float, p: Mapping[str, float]) -> float:
    """Bid, ln points: the scarcity of the horizon that decides, and the premium for unmet use, below the choke price.

    Args:
        logs: ln(A / A expected) by horizon.
        eta: scarcity response of the metal.
        premium: for unmet use, ln points.
        p: ``gamma, carry, choke``.
    """
    levels = [
        (-a / eta if a < 0.0 else -p["gamma"] * a) - p["carry"] * (horizon - HORIZONS[0])
        for a, horizon in zip(logs, HORIZONS, strict=True)
    ]
    level = max(levels) + premium
    return p["choke"] * (1.0 - exp(-level / p["choke"])) if level > 0.0 else level
