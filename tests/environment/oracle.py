"""Clearing, forward allocation and making, one agent at a time: slow, plain, and written to be read.

The compiled code must give the same numbers (``test_oracle.py``), and the benchmark's Mesa objects trade with these rules.
No numpy: every line is about one seller, one buyer, one edge or one product.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import exp, log

NEARLY = 0.9999
"""An edge filled to this share of its cap is full."""
ROUNDING = 1e-9
LEAST_AVAILABLE = 1e-3


@dataclass(slots=True, eq=False)
class Edge:
    """A way from one seller to one buyer.

    Attributes:
        seller, buyer: its ends.
        weight: contract weight, t/month.
        pull: weight of this month's matching.
        cap, caps: largest flow this month and over each horizon, t.
        flow, flows: what moves this month and over each horizon, t.
        add: what is offered in the round under way, t.
    """

    seller: Seller
    buyer: Buyer
    weight: float = 0.0
    pull: float = 0.0
    cap: float = 0.0
    caps: Sequence[float] = ()
    flow: float = 0.0
    flows: list[float] = field(default_factory=list)
    add: float = 0.0

    def is_open(self) -> bool:
        """Whether there is room and the buyer still wants some; a rounding error of its order is nothing it wants."""
        return self.flow < self.cap * NEARLY and self.buyer.need > self.buyer.order * ROUNDING


@dataclass(slots=True, eq=False)
class Seller:
    """Somebody who sells: offers metal this month and expects to have ``supply`` over each horizon, t."""

    offer: float = 0.0
    supply: Sequence[float] = ()
    edges: list[Edge] = field(default_factory=list)
    left: float = 0.0

    def split_offer(self) -> None:
        """Offer what is left over the open edges whose buyer still wants some, in proportion to pull, within the caps."""
        total = 0.0
        for edge in self.edges:
            edge.add = 0.0
            if edge.is_open():
                total += edge.pull
        if total <= 0.0:
            return
        for edge in self.edges:
            if edge.is_open():
                edge.add = min(edge.pull / total * self.left, edge.cap - edge.flow)

    def allocate(self, h: int, rounds: int) -> None:
        """Allocate the supply over horizon ``h``: by weight and by how scarce metal is for the buyer, leftovers again."""
        left = self.supply[h]
        for edge in self.edges:
            edge.flows[h] = 0.0
        for _ in range(rounds):
            open_edges = [edge for edge in self.edges if edge.flows[h] < edge.caps[h] * NEARLY]
            total = sum(edge.weight * edge.buyer.scarcity_pull for edge in open_edges)
            share = left / total if total > 0.0 else 0.0
            for edge in open_edges:
                add = min(edge.weight * edge.buyer.scarcity_pull * share, edge.caps[h] - edge.flows[h])
                edge.flows[h] += add
                left -= add
            left = max(left, 0.0)


@dataclass(slots=True, eq=False)
class Buyer:
    """Somebody who buys.

    Attributes:
        order: wanted this month, t.
        own, wanted: stock with arrivals, and use with normal stock, over each horizon, t.
        exponent: theta/eta.
        expected: ln A on the expected path, by horizon.
        memory: ln(A / A expected) as last month left it, by horizon.
        log_a, got: ln A and what sellers allocate, t, by horizon.
        scarcity_pull: how hard scarcity makes the buyer pull in the sweep under way.
        need: still wanted in the round under way, t.
    """

    order: float = 0.0
    own: Sequence[float] = ()
    wanted: Sequence[float] = ()
    exponent: float = 0.0
    expected: Sequence[float] = ()
    memory: list[float] = field(default_factory=list)
    log_a: list[float] = field(default_factory=list)
    got: list[float] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    scarcity_pull: float = 1.0
    need: float = 0.0

    def accept(self) -> None:
        """Take what is offered; when it is more than still wanted, the same share of every offer."""
        coming = 0.0
        for edge in self.edges:
            coming += edge.add
        share = self.need / coming if coming > self.need else 1.0
        for edge in self.edges:
            if edge.add > 0.0:
                edge.add *= share
                edge.flow += edge.add
                edge.seller.left -= edge.add
                self.need -= edge.add
        self.need = max(self.need, 0.0)

    def set_pull(self, h: int) -> None:
        """Buyers for whom metal is scarce pull harder: ``(A / A expected)^-(theta/eta)``."""
        self.scarcity_pull = exp(-self.exponent * min(max(self.memory[h], -4.0), 4.0))

    def count(self, h: int, learn: bool) -> None:
        """Sum what is allocated over horizon ``h``; between sweeps, move the memory a damped step towards it."""
        self.got[h] = sum(edge.flows[h] for edge in self.edges)
        self.log_a[h] = log(max((self.own[h] + self.got[h]) / self.wanted[h], LEAST_AVAILABLE))
        if learn:
            step = self.log_a[h] - self.expected[h] - self.memory[h]
            self.memory[h] += step / (1.0 + self.exponent)


def connect(edge: Edge) -> Edge:
    """Hang an edge on its two ends and return it."""
    edge.seller.edges.append(edge)
    edge.buyer.edges.append(edge)
    return edge


def clear(sellers: Sequence[Seller], buyers: Sequence[Buyer], rounds: int) -> None:
    """Trades of one month: the flow on every edge. Never more than offers, orders and caps."""
    for buyer in buyers:
        buyer.need = buyer.order
    for seller in sellers:
        seller.left = seller.offer
        for edge in seller.edges:
            edge.flow = 0.0
    for _ in range(rounds):
        for seller in sellers:
            seller.split_offer()
        for buyer in buyers:
            buyer.accept()
        for seller in sellers:
            seller.left = max(seller.left, 0.0)


def forward(sellers: Sequence[Seller], buyers: Sequence[Buyer], horizons: int, sweeps: int, rounds: int) -> None:
    """What every buyer can count on over each horizon: ``log_a``, ``got``, and the flows on the edges."""
    for seller in sellers:
        for edge in seller.edges:
            edge.flows = [0.0] * horizons
    for buyer in buyers:
        buyer.log_a, buyer.got = [0.0] * horizons, [0.0] * horizons
    for h in range(horizons):
        for sweep in range(sweeps):
            for buyer in buyers:
                buyer.set_pull(h)
            for seller in sellers:
                seller.allocate(h, rounds)
            for buyer in buyers:
                buyer.count(h, learn=sweep < sweeps - 1)


@dataclass(slots=True, eq=False)
class Ingredient:
    """One metal of a product: what the factory holds and wants to use, t; what is there and what it uses follow."""

    stock: float = 0.0
    desired: float = 0.0
    available: float = 1.0
    use: float = 0.0


def make(ingredients: Iterable[Ingredient]) -> float:
    """Make one product. Pass 1 finds the share that its scarcest metal allows, pass 2 uses every metal at that share.

    Returns:
        Share of the wanted output that is made.
    """
    ingredients = list(ingredients)
    for each in ingredients:
        each.available = min(each.stock / max(each.desired, 1e-300), 1.0)
    feasible = min(each.available for each in ingredients)
    for each in ingredients:
        each.use = min(each.desired * feasible, each.stock)
        each.stock -= each.use
    return feasible


def others_available(ingredients: Sequence[Ingredient], which: int) -> float:
    """Availability of the scarcest OTHER metal of the product; 1 when there is no other."""
    return min((each.available for i, each in enumerate(ingredients) if i != which), default=1.0)
