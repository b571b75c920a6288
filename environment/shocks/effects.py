"""The pen of the shocks: what they may do to a month, and what is expected of it."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from lodeflow.agents import guards, seller
from lodeflow.agents.arrays import bounded
from lodeflow.agents.belief import Belief, learned
from lodeflow.environment.expectation import HORIZONS
from lodeflow.environment.market.contracts import base_prices, bids, largest_flow, price_gap
from lodeflow.environment.shocks.bills import Bill
from lodeflow.environment.shocks.kept import kept
from lodeflow.environment.shocks.levers import LEVERS, folded
from lodeflow.environment.shocks.narrow import narrow
from lodeflow.environment.shocks.pen import Pen
from lodeflow.environment.shocks.written import TRADE_MARKETS, Written
from lodeflow.environment.state import State


def nothing(world: State) -> Written:
    """Effects of a month in which nothing happens."""
    return kept(world, "nothing", lambda: _nothing(world)).anew(shared=True)


def _nothing(world: State) -> Written:
    edges = {name: len(world.markets[name]) for name in TRADE_MARKETS}
    kinds = ("miners", "hosts", "inputs", "desks", "ore_desks", "refiners", "secondary", "recyclers")
    sizes = {name: len(getattr(world, name)) for name in kinds} | {"scrap": len(world.markets["scrap"])}
    return Written.neutral(len(HORIZONS), edges, sizes).sealed()


@lru_cache
def _shipped(kind: type) -> bool:
    """Whether a kind of shock is one of ours, which asks for the arrays that it writes (:meth:`Written.own`)."""
    return kind.__module__.startswith(__package__)


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
        self.world, self.shock = world, -1
        neutral = nothing(world)
        self.written = neutral if all(_shipped(type(shock)) for shock in world.shocks) else neutral.anew(shared=False)

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
        around: np.ndarray | None = None,
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
            around: share of the flow on each of these edges that passes through countries which the measure leaves free,
                shape (edges of the mask,); None: nothing does.
            beside: whether the edges are not forbidden but cannot take up what is: they keep their normal flow, without the
                room above it.
        """
        free = allowed_now >= 1.0 and allowed_prior >= 1.0
        mask = np.flatnonzero(mask)  # a measure touches few of many edges
        if free or not (self.world.markets[market].weight[mask] > 0).any():
            return
        table, parameters = self.world.markets[market], self.world.parameters
        leak = self._leak(market, mask, 0.0 if of_largest else 1.0, elsewhere, months)
        now, expected = np.full(len(mask), float(allowed_now)), np.full(len(mask), float(allowed_prior))
        if around is not None:
            leak, now, expected = (seller.past_measure(part, around) for part in (leak, now, expected))
        now = np.maximum(now, leak)
        if in_force > 0:
            key = (self.shock, *memory_key)
            remembered = self.world.minds.learned.get(key, expected)
            expected = learned(remembered, now, parameters["learning"])
            self.written.learned[key] = expected
            now = 1.0 - in_force * (1.0 - now)
            expected = 1.0 - in_force * (1.0 - expected)
        expected = np.maximum(expected, leak)
        month, ahead = (largest_flow(self.world, market, ahead) for ahead in (False, True))
        narrow(
            mask,
            now,
            expected,
            float(in_force),
            belief.restricted_months(self.horizons) / self.horizons,
            table.normal,
            month,
            ahead,
            self.written.own("cap_now", market),
            self.written.own("cap_ahead", market),
            of_largest,
            beside,
            parameters["restriction_room"],
            guards.LEAST,
        )
        self.written.own("held", market)[mask] = True
        self.written.restricts = True
        self._mark()
        if beside:
            return
        exposed, lost = self.written.own("exposed", market), 1.0 - expected
        if of_largest:
            normal = np.maximum(table.normal[mask], guards.LEAST)
            lost = 1.0 - np.minimum(expected * month[mask] / normal, 1.0)
        exposed[mask] = np.maximum(exposed[mask], belief.credibility * bounded(lost, 0.0, 1.0))

    def _leak(self, market: str, mask: np.ndarray, part: float, elsewhere: float, months: int) -> np.ndarray:
        """Share of normal flow that leaks through third countries, times ``part``; elsewhere, months: see :meth:`restrict`."""
        usual, diverted, memory, slope = (
            self.world.parameters[name] for name in ("leakage", "diversion", "diversion_months", "leakage_slope")
        )
        most = part * seller.most_leakage(usual, diverted, elsewhere, months, memory)
        return seller.leakage(price_gap(self.world, market, mask), most, slope)

    def delay(self, market: str, mask: np.ndarray, months: np.ndarray | float) -> None:
        """Lengthen the way of what is sent this month by months, one number or one for each edge of the mask."""
        if np.any(np.asarray(months) > 0) and np.any(mask):
            self.written.own("delay_months", market)[mask] += months
            self._mark()

    def charge(
        self,
        market: str,
        mask: np.ndarray,
        in_force: float,
        belief: Belief,
        duty: np.ndarray | float = 0.0,
        freight: np.ndarray | float = 0.0,
    ) -> None:
        """Make some edges dearer than usual, this month and as far ahead as believed.

        Args:
            market: ``feed`` or ``refined``.
            mask: the edges, boolean, shape (E,).
            in_force: share of full strength this month, 0 before the start.
            belief: about the duration.
            duty: added import duty at full strength, share of the price, one number or one for each edge of the mask.
            freight: added freight at full strength, USD/t metal, likewise.
        """
        duties, costs = (np.broadcast_to(np.asarray(part, float), mask.sum()) for part in (duty, freight))
        if not (duties.any() or costs.any()):
            return
        self.written.own("duty", market)[mask] += in_force * duties
        self.written.own("freight", market)[mask] += in_force * costs
        table = self.world.markets[market]
        anchor = base_prices(self.world, market)[mask]
        reached = seller.reach(bids(self.world, market)[table.buyer[mask]], duties, costs / anchor)
        share = belief.restricted_months(self.horizons) / self.horizons
        self.written.own("reach_ahead", market)[:, mask] *= 1.0 + share[:, None] * (reached - 1.0)
        self.written.charges = True
        self._mark()

    def lose_output(self, rows: np.ndarray, lost_now: float, lost: float, belief: Belief) -> None:
        """Lose a share of mine output now and as far ahead as believed.

        Args:
            rows: the mines, boolean, shape (I,).
            lost_now: share lost this month.
            lost: share lost while in force.
            belief: about the duration.
        """
        self._lose(rows, lost_now, lost, belief, "output_kept")

    def lose_host(self, rows: np.ndarray, lost_now: float, lost: float, belief: Belief) -> None:
        """The same for hosts that are not metals of the world, such as zinc smelters."""
        self._lose(rows, lost_now, lost, belief, "host_kept")

    def _lose(self, rows: np.ndarray, lost_now: float, lost: float, belief: Belief, kept: str) -> None:
        if not rows.any() or (lost_now == 0.0 and lost == 0.0):
            return
        share = belief.restricted_months(self.horizons) / self.horizons
        self.written.own(kept)[rows] *= 1.0 - lost_now
        self.written.own(f"{kept}_ahead")[:, rows] *= 1.0 - lost * share[:, None]
        self.written.restricts = True
        self._mark()

    def change_demand(self, rows: np.ndarray, now: float, ahead: np.ndarray) -> None:
        """Change the demand of some inputs: ``now`` relative change this month, ``ahead`` its mean over each horizon."""
        if not rows.any() or (now == 0.0 and not ahead.any()):
            return
        self.written.own("demand_now")[rows] *= 1.0 + now
        self.written.own("demand_ahead")[:, rows] *= 1.0 + ahead[:, None]
        self._mark()

    def buy(self, desks: np.ndarray, now: float, ahead: np.ndarray) -> None:
        """Buy metal to keep it: ``now`` t this month and ``ahead`` t within each horizon, over desks by use in the first month."""
        if not desks.any() or (now == 0.0 and not ahead.any()):
            return
        inputs = self.world.inputs
        share = np.where(desks, np.bincount(inputs.desk, inputs.base, len(desks)), 0.0)
        share = share / share.sum()
        self.written.own("purchases")[:] += now * share
        self.written.own("purchases_ahead")[:] += ahead[:, None] * share
        self.written.buys = True
        self._mark()

    def pull(self, lever: str, rows: np.ndarray, value: np.ndarray | float) -> None:
        """Pull a lever of policy; pulling it by 0, or nowhere, is no pull.

        Args:
            lever: a name in :data:`lodeflow.environment.shocks.levers.LEVERS`.
            rows: rows of its place, boolean, shape (n,).
            value: in its unit, one for all or shape of the rows pulled.
        """
        if not rows.any() or not np.any(value):
            return
        before = self.written.levers.get(lever)
        before = np.zeros(len(getattr(self.world, LEVERS[lever].place))) if before is None else before
        self.written.levers[lever] = folded(lever, before, rows, value)
        self._mark()

    def own(self, edges: np.ndarray, part: float) -> None:
        """Let buyers own part of what flows on edges of the market for feed (boolean, shape (E,)), which passes measures."""
        if edges.any() and part > 0.0:
            self.written.owned.append((edges, part))
            self._mark()

    def owned(self, market: str, mask: np.ndarray) -> np.ndarray | None:
        """Share of the flow on some edges, boolean, shape (E,), that buyers own and measures let pass; None: of none."""
        if market != "feed" or not self.written.owned:
            return None
        share = np.zeros(int(mask.sum()))
        for edges, part in self.written.owned:
            share = seller.past_measure(share, part * edges[mask])
        return share if share.any() else None

    def bill(self, bill: Bill) -> None:
        """Make somebody pay by tonnes; nothing to pay, or no row, is no bill."""
        if bill.rows.any() and (bill.usd > 0.0 or np.any(bill.rate)):
            self.written.bills.append(replace(bill, shock=self.shock))

    def reach(self, rows: np.ndarray, share: float) -> None:
        """Bring within reach a share of what is not collected but can be: rows of products in use, and the share."""
        if rows.any() and share > 0.0:
            self.written.collection.append((rows, self.world.in_use.achievable[rows], share))
            self._mark()

    def replace(self, stocks: np.ndarray, lines: np.ndarray) -> None:
        """Say which makers' inputs (boolean, shape (L,)) are bought less for what stays in use longer (boolean, shape (V,))."""
        if stocks.any() and lines.any():
            self.written.replaced.append((stocks, lines))

    def lower_collection(self, rows: np.ndarray, step: tuple[float, float]) -> None:
        """Bring a collection rate down to a target: rows of products in use, (target, progress) of ``recycling_rules.ramp``."""
        if (step[0] < self.world.in_use.collection[rows]).any() and step[1] > 0.0:
            self.written.lowered.append((rows, *step))
            self._mark()

    def require_collection(self, rows: np.ndarray, step: tuple[float, float]) -> None:
        """Ask for a collection rate: rows of products in use, (target, progress) of ``recycling_rules.ramp``."""
        if (step[0] > self.world.in_use.collection[rows]).any():
            self.written.collection.append((rows, *step))
            self._mark()

    def charge_collection(self, rows: np.ndarray, fee: float) -> None:
        """Let producers pay collectors for what is collected: rows of products in use, USD/t metal. It moves money alone."""
        if fee > 0.0 and rows.any():
            self.written.fees.append((rows, fee))
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
