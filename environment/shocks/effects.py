"""The pen of the shocks: what they may do to a month, and what is expected of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from lodeflow.agents import guards, seller
from lodeflow.agents.arrays import bounded
from lodeflow.agents.belief import Belief, learned
from lodeflow.environment.expectation import HORIZONS
from lodeflow.environment.market.contracts import largest_flow, price_gap
from lodeflow.environment.shocks.pen import Pen
from lodeflow.environment.shocks.written import TRADE_MARKETS, Written
from lodeflow.environment.state import State


def nothing(world: State) -> Written:
    """Effects of a month in which nothing happens."""
    edges = {name: len(world.markets[name]) for name in TRADE_MARKETS}
    kinds = ("miners", "hosts", "inputs", "desks", "ore_desks", "refiners", "secondary", "recyclers")
    sizes = {name: len(getattr(world, name)) for name in kinds} | {"scrap": len(world.markets["scrap"])}
    return Written.neutral(len(HORIZONS), edges, sizes)


class Effects(Pen):
    """Writes the effects of shocks in one month; it changes nothing else of the world.

    Args:
        world: the world, read only.

    Attributes:
        written: what has been written.
        horizons: months of the look ahead, shape (H,).
        shock: number of the shock that writes.
    """

    horizons = HORIZONS

    def __init__(self, world: State) -> None:
        self.world, self.written, self.shock = world, nothing(world), -1

    def _mark(self) -> None:
        self.written.had_effect.add(self.shock)

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
        elsewhere: float = 0.0,
        months: int = 0,
        beside: bool = False,
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
            elsewhere: share of the exports that goes to buyers whom the measure leaves free.
            months: in force so far.
            beside: whether the edges are not forbidden but cannot take up what is: they keep their normal flow, without the
                room above it.
        """
        free = allowed_now >= 1.0 and allowed_prior >= 1.0
        mask = np.flatnonzero(mask)  # a measure touches few of many edges
        if free or not (self.world.markets[market].weight[mask] > 0).any():
            return
        table, parameters = self.world.markets[market], self.world.parameters
        usual, diverted, memory = (parameters[name] for name in ("leakage", "diversion", "diversion_months"))
        most = 0.0 if of_largest else seller.most_leakage(usual, diverted, elsewhere, months, memory)
        leak = seller.leakage(price_gap(self.world, market, mask), most, parameters["leakage_slope"])
        now = np.maximum(allowed_now, leak)
        expected = np.full(len(now), allowed_prior)
        if in_force > 0:
            key = (self.shock, *memory_key)
            remembered = self.world.minds.learned.get(key, expected)
            expected = learned(remembered, now, parameters["learning"])
            self.written.learned[key] = expected
            now = 1.0 - in_force * (1.0 - now)
            expected = 1.0 - in_force * (1.0 - expected)
        expected = np.maximum(expected, leak)
        normal, room = table.normal[mask], parameters["restriction_room"]
        month, ahead = (largest_flow(self.world, market, ahead)[mask] for ahead in (False, True))

        def carried(fraction: np.ndarray, largest: np.ndarray, cap: np.ndarray) -> np.ndarray:
            left = np.maximum(largest * cap, guards.LEAST)
            usual = np.where(cap < 1.0, np.minimum(normal, left), normal)
            flow = fraction * month * cap if of_largest else allowed_flow(fraction, usual, left, room)
            flow = np.maximum(flow, usual) if beside else flow
            ratio: np.ndarray = np.minimum(flow / left, 1.0)
            return ratio

        share = belief.restricted_months(self.horizons) / self.horizons
        if in_force > 0:
            cap_now = self.written.cap_now[market]
            cap_now[mask] *= carried(now, month, cap_now[mask])
        later = self.written.cap_ahead[market][:, mask]
        coming = later * (1.0 + share[:, None] * (carried(expected, ahead, later) - 1.0))
        self.written.cap_ahead[market][:, mask] = coming
        self.written.held[market][mask] = True
        self.written.restricts = True
        self._mark()
        if beside:
            return
        exposed = self.written.exposed[market]
        lost = (
            1.0 - np.minimum(expected * month / np.maximum(normal, guards.LEAST), 1.0) if of_largest else 1.0 - expected
        )
        exposed[mask] = np.maximum(exposed[mask], belief.credibility * bounded(lost, 0.0, 1.0))

    def delay(self, market: str, mask: np.ndarray, months: int) -> None:
        """Lengthen the way of what is sent this month."""
        if months > 0:
            self.written.delay_months[market][mask] += months
            self._mark()

    def lose_output(self, rows: np.ndarray, lost_now: float, lost: float, belief: Belief) -> None:
        """Lose a share of mine output now and as far ahead as believed.

        Args:
            rows: the mines, boolean, shape (I,).
            lost_now: share lost this month.
            lost: share lost while in force.
            belief: about the duration.
        """
        self._lose(rows, lost_now, lost, belief, self.written.output_kept, self.written.output_kept_ahead)

    def lose_host(self, rows: np.ndarray, lost_now: float, lost: float, belief: Belief) -> None:
        """The same for hosts that are not metals of the world, such as zinc smelters."""
        self._lose(rows, lost_now, lost, belief, self.written.host_kept, self.written.host_kept_ahead)

    def _lose(
        self, rows: np.ndarray, lost_now: float, lost: float, belief: Belief, kept: np.ndarray, ahead: np.ndarray
    ) -> None:
        if not rows.any() or (lost_now == 0.0 and lost == 0.0):
            return
        share = belief.restricted_months(self.horizons) / self.horizons
        kept[rows] *= 1.0 - lost_now
        ahead[:, rows] *= 1.0 - lost * share[:, None]
        self.written.restricts = True
        self._mark()

    def change_demand(self, rows: np.ndarray, now: float, ahead: np.ndarray) -> None:
        """Change the demand of some inputs: ``now`` relative change this month, ``ahead`` its mean over each horizon."""
        if not rows.any() or (now == 0.0 and not ahead.any()):
            return
        self.written.demand_now[rows] *= 1.0 + now
        self.written.demand_ahead[:, rows] *= 1.0 + ahead[:, None]
        self._mark()

    def buy(self, desks: np.ndarray, now: float, ahead: np.ndarray) -> None:
        """Buy metal to keep it: ``now`` t this month and ``ahead`` t within each horizon, over desks by use in the first month."""
        if not desks.any() or (now == 0.0 and not ahead.any()):
            return
        inputs = self.world.inputs
        share = np.where(desks, np.bincount(inputs.desk, inputs.base, len(desks)), 0.0)
        share = share / share.sum()
        self.written.purchases += now * share
        self.written.purchases_ahead += ahead[:, None] * share
        self.written.buys = True
        self._mark()

    def require_collection(self, rows: np.ndarray, step: tuple[float, float]) -> None:
        """Ask for a collection rate: rows of products in use, (target, progress) of ``recycling_rules.ramp``."""
        if (step[0] > self.world.in_use.collection[rows]).any():
            self.written.collection.append((rows, *step))
            self._mark()

    def require_recovery(self, rows: np.ndarray, metal: str, step: tuple[float, float]) -> None:
        """Ask recyclers for a recovery yield of one metal."""
        if rows.any() and step[0] > 0.0 and metal in self.world.layout.metal_index:
            self.written.recovery.append((rows, metal, *step))
            self._mark()

    def require_content(self, rows: np.ndarray, step: tuple[float, float]) -> None:
        """Ask manufacturers for a least share of recycled metal."""
        if rows.any() and step[0] > 0.0:
            self.written.content.append((rows, *step))
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
