"""The pen of the shocks beyond trade limits and mines: taxes, floors, scrap, other stages, capacity, ore in the ground."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from lodeflow.agents import guards, miner, refiner, seller
from lodeflow.agents.belief import Belief
from lodeflow.environment.expectation import HORIZONS
from lodeflow.environment.market.contracts import contracted
from lodeflow.environment.shocks.written import BUILDING

if TYPE_CHECKING:
    from lodeflow.environment.shocks.written import Written
    from lodeflow.environment.state import State


class Pen:
    """What shocks may write beside :class:`~lodeflow.environment.shocks.effects.Effects`, which is this pen too.

    Attributes:
        world: the world, read only.
        written: what has been written.
    """

    world: State
    written: Written

    def _mark(self) -> None:
        raise NotImplementedError("the effects of a month mark who writes them")

    def pull(self, lever: str, rows: np.ndarray, value: np.ndarray | float) -> None:
        """Pull a lever, as :class:`~lodeflow.environment.shocks.effects.Effects` does."""
        raise NotImplementedError("the effects of a month pull levers")

    # ---- sales ------------------------------------------------------------------------------------------------------
    def tax(self, market: str, mask: np.ndarray, rate: float, force: float, belief: Belief) -> None:
        """Tax what is sold over some edges now, and as far ahead as believed; taxes of several shocks add up.

        Mines are expected to answer the net price as their utilisation does (:func:`lodeflow.agents.miner.answer_to_tax`).

        Args:
            market: ``feed`` or ``refined``.
            mask: the edges, boolean, shape (E,).
            rate: share of the price while in force.
            force: share of full strength this month, 0 before the start.
            belief: about the duration.
        """
        rows = np.flatnonzero(mask)
        if rate == 0.0 or not rows.size:
            return
        now = rate * force
        coming = rate * belief.restricted_months(HORIZONS) / HORIZONS
        tax, ahead = self.written.own("tax_now", market), self.written.own("tax_ahead", market)
        tax[rows] = seller.both_taxes(tax[rows], now)
        ahead[:, rows] = seller.both_taxes(ahead[:, rows], coming[:, None])
        if market == "feed":
            self._answer(mask, now, coming)
        self.written.restricts = self.written.taxes = True
        self._mark()

    def _answer(self, mask: np.ndarray, now: float, coming: np.ndarray) -> None:
        """What mines are expected to bring out less as a tax on their sales comes."""
        world, miners = self.world, self.world.miners
        market, parameters = world.markets["feed"], world.parameters
        sold = np.maximum(contracted(world, "feed")[0], guards.LEAST)
        share = (market.by_seller(market.weight * mask) / sold)[miners.desk]
        self.written.own("output_kept_ahead")[:] *= miner.answer_to_tax(
            world.ore_desks.ask[miners.desk],
            miners.cost,
            world.rates.supply_elasticity[miners.metal],
            parameters["mine_steepness"],
            miners.ceiling,
            share * now,
            share * coming[:, None],
        )

    def price_floor(self, market: str, sellers: np.ndarray, floor: np.ndarray, force: float, belief: Belief) -> None:
        """Forbid some sellers to sell below a price; buyers who bid less get less. ODD 7.13.

        Args:
            market: ``feed`` or ``refined``.
            sellers: whose sales, boolean, shape (S,).
            floor: least price relative to the anchor, shape (S,).
            force: share of full strength this month, 0 before the start.
            belief: about the duration.
        """
        table, world = self.world.markets[market], self.world
        mask = sellers[table.seller]
        if not mask.any() or not floor.any():
            return
        bid = (world.refiners.bid if market == "feed" else world.desks.price)[table.buyer[mask]]
        sold = seller.sold_above(bid, floor[table.seller[mask]], world.parameters["theta"])
        share = belief.restricted_months(HORIZONS) / HORIZONS
        self.written.own("cap_now", market)[mask] *= 1.0 - force * (1.0 - sold)
        self.written.own("cap_ahead", market)[:, mask] *= 1.0 - share[:, None] * (1.0 - sold)
        if force > 0.0:
            held = self.written.own("floor", market)
            held[sellers] = np.maximum(held[sellers], force * floor[sellers])
        self.written.restricts = True
        self._mark()

    def limit_scrap(self, mask: np.ndarray, allowed: float) -> None:
        """Let only a share of the base month's flow of scrap move over some edges, boolean, shape (E of scrap,)."""
        if allowed < 1.0 and mask.any():
            self.written.own("scrap_open")[mask] *= allowed
            self._mark()

    # ---- output of stages -------------------------------------------------------------------------------------------
    def limit_mines(self, rows: np.ndarray, tonnes: float, force: float, belief: Belief) -> None:
        """Limit what some mines bring out together.

        Args:
            rows: the mines, boolean, shape (I,); each has the same share of the limit as of what could be mined last month.
            tonnes: t/month while in force.
            force: share of full strength this month.
            belief: about the duration.
        """
        miners = self.world.miners
        able = np.where(rows, miners.potential if miners.potential.any() else miners.base, 0.0)
        total = float(able.sum())
        if total <= tonnes:
            return
        kept = tonnes / total
        if force > 0.0:
            limit = able * (1.0 - force * (1.0 - kept))
            most = self.written.own("mine_limit")
            most[rows] = np.minimum(most[rows], limit[rows])
        share = belief.restricted_months(HORIZONS) / HORIZONS
        self.written.own("output_kept_ahead")[:, rows] *= 1.0 - (1.0 - kept) * share[:, None]
        self.written.restricts = True
        self._mark()

    def lose_refining(self, rows: np.ndarray, lost_now: float, lost: float, belief: Belief) -> None:
        """Lose a share of what refineries treat; arguments as of ``lose_output``, rows shape (R,)."""
        if not rows.any() or lost == 0.0:
            return
        share = belief.restricted_months(HORIZONS) / HORIZONS
        self.written.own("stage_kept", "refiners")[rows] *= 1.0 - lost_now
        self.written.own("refining_kept_ahead")[:, rows] *= 1.0 - lost * share[:, None]
        self.written.restricts = True
        self._mark()

    def lose_recycling(self, countries: np.ndarray, lost_now: float, lost: float, belief: Belief) -> None:
        """Lose a share of what the recyclers of some countries (indices) treat, whatever metals are in the scrap."""
        world = self.world
        rows = np.isin(world.recyclers.country, countries)
        if not rows.any() or lost == 0.0:
            return
        sellers = np.isin(world.secondary.country, countries)
        share = belief.restricted_months(HORIZONS) / HORIZONS
        self.written.own("stage_kept", "recyclers")[rows] *= 1.0 - lost_now
        self.written.own("stage_kept", "secondary")[sellers] *= 1.0 - lost_now
        self.written.own("recycled_kept_ahead")[:, sellers] *= 1.0 - lost * share[:, None]
        self.written.restricts = True
        self._mark()

    # ---- unit costs -------------------------------------------------------------------------------------------------
    def add_mine_cost(self, usd: np.ndarray, force: float, belief: Belief) -> None:
        """Make mining dearer now and as far ahead as believed: they bring out less, and less is expected of them.

        Args:
            usd: added cost in force, USD/t metal, at least 0, shape (I,).
            force: share of full strength this month, 0 before the start.
            belief: about the duration.
        """
        world, miners = self.world, self.world.miners
        feed = world.rates.price * np.exp(world.anchor) * (1.0 - world.rates.treatment_charge)

        def answer(now: np.ndarray, coming: np.ndarray) -> np.ndarray:
            return miner.answer_to_tax(
                world.ore_desks.ask[miners.desk],
                miners.cost + now,
                world.rates.supply_elasticity[miners.metal],
                world.parameters["mine_steepness"],
                miners.ceiling,
                now / (miners.cost + now),
                coming / (miners.cost + coming),
            )

        self._dearer("mine_cost", usd / feed[miners.metal], force, belief, "output_kept_ahead", answer)

    def add_refinery_cost(self, usd: np.ndarray, force: float, belief: Belief) -> None:
        """The same for refineries, USD/t metal, shape (R,): they pay less for feed and hold back as their margin falls."""
        world, refiners, parameters = self.world, self.world.refiners, self.world.parameters
        share = usd / (world.rates.price * np.exp(world.anchor))[refiners.metal]

        def answer(now: np.ndarray, coming: np.ndarray) -> np.ndarray:
            response = parameters["margin_response"], parameters["margin_floor"]
            return refiner.answer_to_cost(refiners, now, coming, *response)

        self._dearer("refinery_cost", share, force, belief, "refining_kept_ahead", answer)

    def add_recycling_cost(self, usd: np.ndarray, force: float) -> None:
        """The same for recyclers, USD/t of each metal that they recover, shape (Y, metals): they pay less for scrap."""
        world, recyclers = self.world, self.world.recyclers
        share = (recyclers.value_weight * usd / (world.rates.price * np.exp(world.anchor))).sum(axis=1)
        self.pull("scrap_support", share > 0.0, -force * share[share > 0.0])

    def add_process_cost(self, usd: np.ndarray, force: float) -> None:
        """Make added processes of recyclers dearer, USD per t of each metal in the scrap, shape (n, processes, metals)."""
        if force > 0.0 and usd.any():
            self.written.process_cost.append(force * usd)
            self._mark()

    def _dearer(
        self,
        lever: str,
        share: np.ndarray,
        force: float,
        belief: Belief,
        kept_ahead: str,
        answer: Callable[[np.ndarray, np.ndarray], np.ndarray],
    ) -> None:
        """Pull a lever by a cost (share of the price, shape (n,)), and keep what is expected of those who pay it, (H, n)."""
        if not share.any():
            return
        now = force * share
        coming = (belief.restricted_months(HORIZONS) / HORIZONS)[:, None] * share
        self.pull(lever, now > 0.0, now[now > 0.0])
        self.written.own(kept_ahead)[:] *= answer(now, coming)
        self.written.restricts = True
        self._mark()

    # ---- capacity and ore -------------------------------------------------------------------------------------------
    def stop_building(self, kind: str, rows: np.ndarray, stopped: float) -> None:
        """Keep firms (``miner``, ``refiner``, ``recycler``) from beginning a share of their new capacity; rows boolean."""
        if stopped > 0.0 and rows.any():
            self.written.own("build_kept", kind)[rows] *= 1.0 - stopped
            self._mark()

    def add_capacity(self, kind: str, rows: np.ndarray, now: float, ahead: np.ndarray) -> None:
        """Bring new capacity on stream, or take it away, shared out by output in the base month.

        Args:
            kind: ``miner`` or ``refiner``.
            rows: where, boolean, shape (n,).
            now: t/month that come this month, negative where they leave.
            ahead: t/month that are expected, mean over each horizon, shape (H,), at least 0; counted for mines: more
                refineries bring no more metal than there is feed.
        """
        base = np.where(rows, getattr(self.world, BUILDING[kind]).base, 0.0)
        if base.sum() <= 0.0 or (now == 0.0 and not ahead.any()):
            return
        share = base / base.sum()
        self.written.own("added", kind)[:] += now * share
        if kind == "miner":
            self.written.own("added_ahead")[:] += ahead[:, None] * share
            self.written.restricts = True
        self._mark()

    def revise_reserve(self, rows: np.ndarray, share: float) -> None:
        """Find (positive) or write off (negative) a share of the ore in the ground, boolean, shape (I,)."""
        ore = np.where(rows, share * self.world.miners.reserve, 0.0)
        if ore.any():
            self.written.own("found")[:] += ore
            self._mark()

    def find_ore(self, rows: np.ndarray, tonnes: float) -> None:
        """Add ore to the ground, t in all, by output in the base month; rows boolean, shape (I,)."""
        base = np.where(rows, self.world.miners.base, 0.0)
        if base.sum() > 0.0 and tonnes != 0.0:
            self.written.own("found")[:] += tonnes * base / base.sum()
            self._mark()
