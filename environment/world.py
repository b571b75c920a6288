"""The world and its month."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np

from agents.arrays import bounded
from environment import availability, govern, making, output, prices, trade
from environment.calendar import parse_month
from environment.expectation import HORIZONS, Expectation
from environment.handles import add_handles
from environment.ledger import Ledger
from environment.recorder import Recorder
from environment.start_world import blank_expectation, draw_noise, stand

if TYPE_CHECKING:
    from agents.population import Population
    from environment.availability import Outlook
    from environment.blueprint import Blueprint
    from environment.effects import Effects
    from environment.in_use import InUse
    from environment.market import Market
    from environment.parameters import Parameters
    from environment.shocks import Shock


class World(mesa.Model):
    """Countries, miners, refiners, manufacturers and recyclers that trade month by month.

    Args:
        blueprint: where everything stands at the start; copied.
        shocks: shocks and policies.
        expectation: the expected path; left out only for the rehearsal that makes it.
        handles: whether to make a Mesa agent for every row.
        watched: shocks whose prices inside and outside are recorded; left out: ``shocks``.
        reasons: whether to write down every month why bids stand where they stand (a batch does not need it).

    Attributes:
        month: number of the month being simulated (:mod:`environment.calendar`).
        t: months since the start.
        recorder: what was recorded.
        ledger: the mass balance.
    """

    def __init__(
        self,
        blueprint: Blueprint,
        shocks: Sequence[Shock] = (),
        expectation: Expectation | None = None,
        handles: bool = True,
        watched: Sequence[Shock] | None = None,
        reasons: bool = True,
    ) -> None:
        settings = blueprint.settings
        super().__init__(rng=settings.seed)
        self.blueprint, self.settings, self.parameters = blueprint, settings, blueprint.parameters
        self.layout, self.price, self.cover = blueprint.layout, blueprint.price, blueprint.cover
        self.shocks = tuple(shocks)
        self.watched = tuple(watched) if watched is not None else self.shocks
        self.first_month = parse_month(settings.start)
        self.month, self.t, self.phase = self.first_month, 0, 0
        self.rehearsing, self.reasons = expectation is None, reasons
        self.realised = None if self.rehearsing else blueprint.realised
        stand(self)
        self.expectation = expectation if expectation is not None else blank_expectation(self)
        draw_noise(self)
        self.ledger = Ledger(self)
        self.recorder = Recorder(self)
        if handles and not self.rehearsing:
            add_handles(self)

    rng: np.random.Generator
    blueprint: Blueprint
    parameters: Parameters
    # ---- who is there: filled by environment.start_world ------------------------------------------------------------
    countries: Population
    miners: Population
    refiners: Population
    manufacturers: Population
    inputs: Population
    recyclers: Population
    desks: Population
    markets: dict[str, Market]
    in_use: InUse
    hosts: list[tuple[str, int]]
    # ---- rates by metal, shape (metals,), and ceilings by mine, shape (I,) ---------------------------------------------
    eta: np.ndarray
    short_run: np.ndarray
    long_run: np.ndarray
    supply_elasticity: np.ndarray
    treatment_charge: np.ndarray
    mine_ceiling: np.ndarray
    # ---- who belongs to whom: row numbers ----------------------------------------------------------------------------
    secondary_country: np.ndarray
    secondary_metal: np.ndarray
    secondary_of: np.ndarray
    host_of_miner: np.ndarray
    first_input: np.ndarray
    pool_of_input: np.ndarray
    pool_of_in_use: np.ndarray
    # ---- what lasts from month to month: t unless said ------------------------------------------------------------------
    pool: np.ndarray
    pool_rate: np.ndarray
    new_scrap_pool: np.ndarray
    yard: np.ndarray
    value_weight: np.ndarray
    first_volume: np.ndarray
    volume: np.ndarray
    skill: np.ndarray
    secondary_stock: np.ndarray
    secondary_rate: np.ndarray
    feed_ask: np.ndarray
    refined_ask: np.ndarray
    scrap_ask: np.ndarray
    scrap_memory: np.ndarray
    anchor: np.ndarray
    idle_share: np.ndarray
    first_reserve: np.ndarray
    memory: dict[str, np.ndarray]
    calm_memory: dict[str, np.ndarray]
    last_news: np.ndarray
    building: dict[str, np.ndarray]
    learned: dict[tuple[Any, ...], np.ndarray]
    news_keys: dict[int, tuple[Any, ...]]
    had_effect: set[int]
    draws: dict[str, np.ndarray]
    ones_ahead: np.ndarray
    ones_miners_ahead: np.ndarray
    # ---- what one phase of the month leaves for the next -----------------------------------------------------------------
    effects: Effects
    outlook: Outlook
    calm_outlook: Outlook
    why: np.ndarray
    flows: dict[str, np.ndarray]
    largest: dict[tuple[str, bool], np.ndarray]
    contracts: dict[str, tuple[np.ndarray, np.ndarray]]
    others: np.ndarray
    use_desk: np.ndarray
    substitution_desk: np.ndarray
    demand_ahead_desk: np.ndarray
    desk_stock: np.ndarray
    normal_ore: np.ndarray
    normal_ore_desk: np.ndarray
    normal_feed: np.ndarray
    normal_refined: np.ndarray
    normal_maker_desk: np.ndarray
    potential: np.ndarray
    host_ratio: np.ndarray
    host_kept_ahead: np.ndarray
    arising: np.ndarray
    leaving: np.ndarray
    end_of_life: np.ndarray
    collected: np.ndarray
    old_recoverable: np.ndarray
    secondary_output: np.ndarray
    shortage_desk: np.ndarray
    desired_desk: np.ndarray

    # ---- the month ----------------------------------------------------------------------------------------------------
    MONTH: tuple[tuple[str, Callable[[World], None]], ...] = (
        ("news and beliefs", output.hear_news),
        ("demand", making.demand),
        ("mines plan and produce", output.plan_output),
        ("normal stocks", lambda world: world.set_normals()),
        ("forward availability", availability.look_ahead),
        ("refined bids", prices.bid_refined),
        ("refined asks", prices.ask_refined),
        ("feed and scrap bids", prices.bid_feed),
        ("feed and scrap asks", prices.ask_feed),
        ("feed trade", trade.trade_feed),
        ("refining", trade.refine),
        ("end of life and collection", making.retire),
        ("scrap trade", trade.trade_scrap),
        ("separation", trade.separate),
        ("refined trade", trade.trade_refined),
        ("making and use", making.make),
        ("government", govern.govern),
        ("investment and contracts", govern.invest),
    )
    """The phases of a month, in order. No phase reads what a later one of the same month writes."""

    def step(self) -> None:
        """Simulate one month.

        Raises:
            RuntimeError: when the run is over.
            environment.ledger.MassBalanceError: when metal is not conserved.
        """
        if self.t >= self.settings.months:
            raise RuntimeError(f"the run ended in {self.settings.end}")
        self.largest, self.contracts = {}, {}
        for number, (_, act) in enumerate(self.MONTH):
            assert self.phase == number, "the phases of a month stand in a fixed order"
            act(self)
            self.phase = number + 1
        if not self.rehearsing:
            self.ledger.close(self)
            self.recorder.record(self)
        self.phase = 0
        self.t += 1
        self.month += 1

    def run(self) -> World:
        """Simulate to the end and return the world."""
        while self.t < self.settings.months:
            self.step()
        return self

    def twin(self, shocks: Sequence[Shock] = ()) -> World:
        """A world with the same start, expectations and random draws, and other shocks."""
        return World(self.blueprint, shocks, self.expectation, watched=self.watched)

    def events(self) -> list[dict[str, Any]]:
        """The shocks of the run: kind, label, actor, metals, dates, whether they changed nothing and what they cannot touch."""
        return [
            shock.describe(self) | {"no_effect": number not in self.had_effect}
            for number, shock in enumerate(self.shocks)
        ]

    def unreached(self) -> list[str]:
        """What shocks name but cannot touch in this world, one line each; known before the first month."""
        return [f"shocks[{i}]: {line}" for i, shock in enumerate(self.shocks) for line in shock.unreached(self)]

    # ---- sums and norms that several phases need -------------------------------------------------------------------------
    def by_metal(self, values: np.ndarray, metal: np.ndarray) -> np.ndarray:
        """Sum of a column by metal, shape (metals,)."""
        return np.bincount(metal, values, len(self.layout.metals))

    def noise(self, kind: str) -> np.ndarray:
        """This month's noise of a kind (:data:`environment.start_world.NOISE`), mean 1, one entry per agent or shock."""
        row: np.ndarray = self.draws[kind][self.t]
        return row

    def to_pools(self, pool: np.ndarray, metal: np.ndarray, scrap: np.ndarray, separation: np.ndarray) -> np.ndarray:
        """Scrap by pool: content, formally and informally recoverable metal, t, shape (Q, 3 x metals).

        Args:
            pool, metal: where each flow goes and its metal, shape (n,).
            scrap: t, shape (n,).
            separation: recoverable shares, shape (2, n).
        """
        metals, rows = len(self.price), len(self.blueprint.pool_country)
        cell = pool * 3 * metals + metal
        total = np.bincount(cell, scrap, rows * 3 * metals)
        total += np.bincount(cell + metals, scrap * separation[0], rows * 3 * metals)
        total += np.bincount(cell + 2 * metals, scrap * separation[1], rows * 3 * metals)
        return total.reshape(rows, 3 * metals)

    def set_normals(self) -> None:
        """Normal stocks of this month, and what firms hold at its start."""
        inputs, desks = self.inputs, self.desks
        self.desk_stock = np.bincount(inputs.desk, inputs.stock, len(desks))
        self.normal_maker_desk = np.bincount(
            inputs.desk, self.cover["manufacturer"][inputs.metal] * inputs.structural, len(desks)
        )
        self.normal_feed = self.cover["feed"][self.refiners.metal] * self.normal_throughput()
        self.normal_refined = np.concatenate(
            [
                self.cover["refined"][self.refiners.metal] * self.refiners.planned * self.refiners.expansion
                + self.idle_share * self.idle()[self.refiners.metal],
                self.cover["refined"][self.secondary_metal] * self.secondary_rate,
            ]
        )

    def idle(self) -> np.ndarray:
        """Stock that the base year's market surplus has left above ground so far, t, shape (metals,)."""
        return self.blueprint.surplus * min(self.t + 1, 12) / 12.0

    def normal_throughput(self) -> np.ndarray:
        """Feed that refiners treat in a normal month, t, shape (R,)."""
        refiners = self.refiners
        treat: np.ndarray = refiners.planned * refiners.expansion / refiners.yield_
        return treat

    def normal_inflow(self) -> np.ndarray:
        """What buyers take in over each horizon when all is normal, t, shape (H, B)."""
        growth = self.expectation.growth[self.t][:, self.desks.metal]
        inflow: np.ndarray = HORIZONS[:, None] * self.use_desk * growth + self.share_of_sellers(
            "refined", self.normal_refined
        )
        return np.maximum(inflow, 1e-12)

    def share_of_sellers(self, name: str, stock: np.ndarray) -> np.ndarray:
        """Sellers' stock shared out over their buyers by contract weight, t, shape (B,)."""
        market = self.markets[name]
        share = stock / np.maximum(self.contracted(name)[0], 1e-300)
        return market.by_buyer(market.weight * share[market.seller])

    def normal_transit(self, name: str, inflow: np.ndarray) -> np.ndarray:
        """What is under way to each buyer when it takes in ``inflow`` t/month, t, shape (B,)."""
        market = self.markets[name]
        total = np.maximum(self.contracted(name)[1], 1e-300)
        return market.by_buyer(market.weight * market.lead) / total * inflow

    def contracted(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Contract weights of the month summed per seller, shape (S,), and per buyer, shape (B,), t/month."""
        if name not in self.contracts:
            market = self.markets[name]
            self.contracts[name] = (market.by_seller(market.weight), market.by_buyer(market.weight))
        return self.contracts[name]

    def largest_flow(self, name: str, ahead: bool = False) -> np.ndarray:
        """Largest flow of each open edge, t/month, shape (E,): a surge on what is contracted or built, and room for new trade.

        Args:
            name: market.
            ahead: the flow that can be kept up over months, which agents count on; else the largest of a single month.
        """
        if (name, ahead) not in self.largest:
            market, parameters = self.markets[name], self.parameters
            seller, buyer = self.contracted(name)
            room = parameters["opening"] * np.minimum(seller[market.seller], buyer[market.buyer])
            ready = np.maximum(market.weight, market.built)
            for months, surge in ((False, "surge_month"), (True, "surge")):
                most = np.where(market.domestic, parameters["surge_home"], parameters[surge])
                self.largest[name, months] = most * ready + room
        return self.largest[name, ahead]

    def attraction(self, name: str) -> np.ndarray:
        """What makes an edge more or less attractive than its contract: export tax, and premiums for recycled metal."""
        market, theta = self.markets[name], self.parameters["theta"]
        pull = np.ones(len(market))
        if market.tax.any():
            pull *= (1.0 - np.minimum(market.tax, 0.99)) ** theta
        if name == "refined" and self.desks.green_premium.any():
            recycled = market.seller >= len(self.refiners)
            pull *= np.exp(theta * self.desks.green_premium[market.buyer] * recycled)
        return pull

    def price_gap(self, name: str, mask: np.ndarray) -> np.ndarray:
        """ln of the buyer's price over the seller's ask on some edges, at least 0."""
        market = self.markets[name]
        price = self.refiners.bid if name == "feed" else self.desks.price
        ask = self.feed_ask if name == "feed" else self.refined_ask
        gap: np.ndarray = np.log(price[market.buyer[mask]]) - np.log(ask[market.seller[mask]])
        return np.maximum(gap, 0.0)

    def maker_orders(self) -> np.ndarray:
        """What each input of a manufacturer orders, t, shape (L,): use, and part of the gap to the stock it wants.

        Stocks wanted are larger when inflow is missing or under threat, and when the metal is cheap.
        """
        inputs, desks, parameters = self.inputs, self.desks, self.parameters
        cheap = bounded(desks.price, 0.2, 1.0) ** -parameters["bargain"]
        extra = parameters["precaution"] * desks.missing + parameters["exposure"] * desks.exposed
        months = parameters["order_months"] / (1.0 + parameters["threat_speed"] * desks.exposed)
        target = inputs.structural * (
            self.cover["manufacturer"][inputs.metal] * cheap[inputs.desk] + extra[inputs.desk]
        )
        wanted = inputs.desired * self.others + (target - inputs.stock) / months[inputs.desk]
        return np.maximum(wanted, 0.0)

    def recycler_value(self) -> np.ndarray:
        """Value of what each recycler recovers, relative to base prices, shape (Y,)."""
        ask = np.append(self.refined_ask[len(self.refiners) :], 1.0)
        value: np.ndarray = 1.0 + (self.value_weight * (ask[self.secondary_of] - 1.0)).sum(axis=1)
        return value

    def transit_by_metal(self, name: str) -> np.ndarray:
        """What is under way, t, shape (metals,)."""
        buyers = self.refiners if name == "feed" else self.desks
        return self.by_metal(self.markets[name].in_transit(), buyers.metal)

    def stocks_by_metal(self) -> np.ndarray:
        """Every stock of every metal, t, shape (stocks, metals), in the order of :data:`environment.ledger.STOCKS`."""
        metals = len(self.layout.metals)
        sellers = self.by_metal(self.refiners.stock, self.refiners.metal)
        sellers = sellers + np.bincount(self.secondary_metal, self.secondary_stock, metals)
        scrap = (self.pool + self.new_scrap_pool)[:, :metals].sum(axis=0) + self.yard[:, :metals].sum(axis=0)
        return np.stack(
            [
                self.by_metal(self.miners.stock, self.miners.metal),
                self.transit_by_metal("feed"),
                self.by_metal(self.refiners.feed_stock, self.refiners.metal),
                sellers,
                self.transit_by_metal("refined"),
                self.by_metal(self.inputs.stock, self.inputs.metal),
                self.by_metal(self.desks.reserve + self.desks.investors, self.desks.metal),
                self.by_metal(self.in_use.stock, self.in_use.metal),
                self.by_metal(self.in_use.hibernating, self.in_use.metal),
                scrap,
            ]
        )
