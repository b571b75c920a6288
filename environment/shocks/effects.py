"""What shocks do this month and what is expected of them: written by shocks, read by the phases of the month."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from lodeflow.agents.arrays import bounded
from lodeflow.environment.shocks.beliefs import Belief

if TYPE_CHECKING:
    from lodeflow.environment.world import World

TRADE_MARKETS = ("feed", "refined")


@dataclass
class Effects:
    """Effects of all shocks in one month. Without shocks every array is exactly neutral.

    Attributes:
        horizons: months, shape (H,).
        cap_now: allowed share of an edge's largest flow this month, by market, shape (E,); 1 neutral.
        cap_ahead: the same as expected over each horizon, shape (H, E).
        exposed: share of an edge's flow under a restriction that is believed, shape (E,).
        held: edges under a restriction that is known, boolean, shape (E,).
        output_kept, output_kept_ahead: share of mine output kept now, shape (I,), and as expected, shape (H, I).
        host_kept: the same for hosts outside the metals' own mines, shape (X,).
        demand_now, demand_ahead: demand relative to the expected path now, shape (L,), and over horizons, shape (H, L).
        purchases, purchases_ahead: metal bought to be kept off the market, t, shape (B,), and within each horizon, (H, B).
        collection, recovery, content: what policies ask for: (rows, target, progress) each.
        had_effect: numbers of the shocks that changed anything.
        news: True if something new became known that matters.
    """

    world: World
    horizons: np.ndarray
    shock: int = -1
    cap_now: dict[str, np.ndarray] = field(default_factory=dict)
    cap_ahead: dict[str, np.ndarray] = field(default_factory=dict)
    exposed: dict[str, np.ndarray] = field(default_factory=dict)
    held: dict[str, np.ndarray] = field(default_factory=dict)
    collection: list[tuple[np.ndarray, float, float]] = field(default_factory=list)
    recovery: list[tuple[np.ndarray, str, float, float]] = field(default_factory=list)
    content: list[tuple[np.ndarray, float, float]] = field(default_factory=list)
    had_effect: set[int] = field(default_factory=set)
    restricts: bool = False
    buys: bool = False
    news: bool = False

    def __post_init__(self) -> None:
        world, ahead = self.world, len(self.horizons)
        for name in TRADE_MARKETS:
            edges = len(world.markets[name])
            self.cap_now[name] = np.ones(edges)
            self.cap_ahead[name] = np.ones((ahead, edges))
            self.exposed[name] = np.zeros(edges)
            self.held[name] = np.zeros(edges, bool)
            world.markets[name].extra_lead[:] = 0
        self.output_kept = np.ones(len(world.miners))
        self.output_kept_ahead = np.ones((ahead, len(world.miners)))
        self.host_kept = np.ones(len(world.hosts))
        self.host_kept_ahead = np.ones((ahead, len(world.hosts)))
        self.demand_now = np.ones(len(world.inputs))
        self.demand_ahead = np.ones((ahead, len(world.inputs)))
        self.purchases = np.zeros(len(world.desks))
        self.purchases_ahead = np.zeros((ahead, len(world.desks)))

    def _mark(self) -> None:
        self.had_effect.add(self.shock)

    def restrict(
        self,
        market: str,
        mask: np.ndarray,
        in_force: float,
        allowed_now: float,
        allowed_prior: float,
        belief: Belief,
        memory_key: tuple[Any, ...],
        of_largest: bool = False,
    ) -> None:
        """Let only a fraction of the flow through some edges.

        The expected fraction starts at the prior of the instrument and learns from what is let through
        (``a += learning (realised - a)``). Leakage through third countries gives a floor that rises with the price gap.

        Args:
            market: ``feed`` or ``refined``.
            mask: the edges, shape (E,).
            in_force: share of full strength this month, 0 before the start.
            allowed_now: fraction of normal flow let through this month at full strength.
            allowed_prior: fraction expected before anything was seen.
            belief: about the duration.
            memory_key: what distinguishes this restriction from others of the same shock.
            of_largest: whether fractions are of the largest flow of an edge in a month (quotas), not of its normal flow.
        """
        free = allowed_now >= 1.0 and allowed_prior >= 1.0
        if free or not (self.world.markets[market].weight[mask] > 0).any():
            return
        table, parameters = self.world.markets[market], self.world.parameters
        most = 0.0 if of_largest else parameters["leakage"]
        leak = most * -np.expm1(-parameters["leakage_slope"] * self.world.price_gap(market, mask))
        now = np.maximum(allowed_now, leak)
        expected = np.full(len(now), allowed_prior)
        if in_force > 0:
            key = (self.shock, *memory_key)
            learned = self.world.learned.get(key, expected)
            expected = learned + parameters["learning"] * (now - learned)
            self.world.learned[key] = expected
            now = 1.0 - in_force * (1.0 - now)
            expected = 1.0 - in_force * (1.0 - expected)
        expected = np.maximum(expected, leak)
        normal, room = table.normal[mask], parameters["restriction_room"]
        month, ahead = (self.world.largest_flow(market, ahead)[mask] for ahead in (False, True))

        def carried(fraction: np.ndarray, largest: np.ndarray, cap: np.ndarray) -> np.ndarray:
            left = np.maximum(largest * cap, 1e-300)
            usual = np.where(cap < 1.0, np.minimum(normal, left), normal)
            flow = fraction * month * cap if of_largest else allowed_flow(fraction, usual, left, room)
            ratio: np.ndarray = np.minimum(flow / left, 1.0)
            return ratio

        share = belief.restricted_months(self.horizons) / self.horizons
        if in_force > 0:
            self.cap_now[market][mask] *= carried(now, month, self.cap_now[market][mask])
        later = self.cap_ahead[market][:, mask]
        self.cap_ahead[market][:, mask] = later * (1.0 + share[:, None] * (carried(expected, ahead, later) - 1.0))
        self.held[market] |= mask
        exposed = self.exposed[market]
        lost = 1.0 - np.minimum(expected * month / np.maximum(normal, 1e-300), 1.0) if of_largest else 1.0 - expected
        exposed[mask] = np.maximum(exposed[mask], belief.credibility * bounded(lost, 0.0, 1.0))
        self.restricts = True
        self._mark()

    def delay(self, market: str, mask: np.ndarray, months: int) -> None:
        """Lengthen the way of what is sent this month."""
        if months > 0:
            self.world.markets[market].extra_lead[mask] += months
            self._mark()

    def lose_output(self, rows: np.ndarray, lost_now: float, lost: float, belief: Belief) -> None:
        """Lose a share of mine output now and as far ahead as believed.

        Args:
            rows: the mines, boolean, shape (I,).
            lost_now: share lost this month.
            lost: share lost while in force.
            belief: about the duration.
        """
        self._lose(rows, lost_now, lost, belief, self.output_kept, self.output_kept_ahead)

    def lose_host(self, rows: np.ndarray, lost_now: float, lost: float, belief: Belief) -> None:
        """The same for hosts that are not metals of the world, such as zinc smelters."""
        self._lose(rows, lost_now, lost, belief, self.host_kept, self.host_kept_ahead)

    def _lose(
        self, rows: np.ndarray, lost_now: float, lost: float, belief: Belief, kept: np.ndarray, ahead: np.ndarray
    ) -> None:
        if not rows.any() or (lost_now == 0.0 and lost == 0.0):
            return
        share = belief.restricted_months(self.horizons) / self.horizons
        kept[rows] *= 1.0 - lost_now
        ahead[:, rows] *= 1.0 - lost * share[:, None]
        self.restricts = True
        self._mark()

    def change_demand(self, rows: np.ndarray, now: float, ahead: np.ndarray) -> None:
        """Change the demand of some inputs: ``now`` relative change this month, ``ahead`` its mean over each horizon."""
        if not rows.any() or (now == 0.0 and not ahead.any()):
            return
        self.demand_now[rows] *= 1.0 + now
        self.demand_ahead[:, rows] *= 1.0 + ahead[:, None]
        self._mark()

    def buy(self, desks: np.ndarray, now: float, ahead: np.ndarray) -> None:
        """Buy metal to keep it: ``now`` t this month and ``ahead`` t within each horizon, over desks by use in the first month."""
        if not desks.any() or (now == 0.0 and not ahead.any()):
            return
        inputs = self.world.inputs
        share = np.where(desks, np.bincount(inputs.desk, inputs.base, len(desks)), 0.0)
        share = share / share.sum()
        self.purchases += now * share
        self.purchases_ahead += ahead[:, None] * share
        self.buys = True
        self._mark()

    def require_collection(self, rows: np.ndarray, step: tuple[float, float]) -> None:
        """Ask for a collection rate: rows of products in use, (target, progress) from :func:`lodeflow.environment.shocks.kinds.ramp`."""
        if (step[0] > self.world.in_use.collection[rows]).any():
            self.collection.append((rows, *step))
            self._mark()

    def require_recovery(self, rows: np.ndarray, metal: str, step: tuple[float, float]) -> None:
        """Ask recyclers for a recovery yield of one metal."""
        if rows.any() and step[0] > 0.0 and metal in self.world.layout.metal_index:
            self.recovery.append((rows, metal, *step))
            self._mark()

    def require_content(self, rows: np.ndarray, step: tuple[float, float]) -> None:
        """Ask manufacturers for a least share of recycled metal."""
        if rows.any() and step[0] > 0.0:
            self.content.append((rows, *step))
            self._mark()


def allowed_flow(fraction: np.ndarray, normal: np.ndarray, largest: np.ndarray, room: float) -> np.ndarray:
    """Largest flow of a restricted edge, t/month.

    ``a`` times the normal flow; the room above normal that an open edge has vanishes as the restriction passes ``room``,
    so that a restriction of strength zero is no restriction at all.

    Args:
        fraction: allowed fraction a of the normal flow, shape (E,).
        normal: normal flow, shape (E,).
        largest: largest flow of the open edge, shape (E,).
        room: restriction at which the room above normal has vanished.
    """
    above = (largest - normal) * np.maximum(0.0, 1.0 - (1.0 - fraction) / room)
    return np.where(fraction >= 1.0, largest, fraction * normal + above)
