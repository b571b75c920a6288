"""The world and its month."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np
import pandas as pd

from environment import availability, govern, making, output, prices, trade
from environment.calendar import format_month, parse_month
from environment.expectation import HORIZONS, Expectation, demand_growth, empty_expectation
from environment.handles import add_handles
from environment.ledger import Ledger
from environment.randomness import monthly_noise
from environment.recorder import Recorder

if TYPE_CHECKING:
    from environment.blueprint import Blueprint
    from environment.shocks import Shock

NOISE = {"miner": "noise_mine", "refiner": "noise_refiner", "demand": "noise_demand"}


class World(mesa.Model):
    """Countries, miners, refiners, manufacturers and recyclers that trade month by month.

    Args:
        blueprint: where everything stands at the start; copied.
        shocks: shocks and policies.
        expectation: the expected path; left out only for the rehearsal that makes it.
        handles: whether to make a Mesa agent for every row.
        watched: shocks whose prices inside and outside are recorded; left out: ``shocks``.

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
    ) -> None:
        settings = blueprint.settings
        super().__init__(rng=settings.seed)
        self.blueprint, self.settings, self.parameters = blueprint, settings, blueprint.parameters
        self.layout, self.price, self.cover = blueprint.layout, blueprint.price, blueprint.cover
        self.shocks = tuple(shocks)
        self.watched = tuple(watched) if watched is not None else self.shocks
        self.first_month = parse_month(settings.start)
        self.month, self.t, self.phase = self.first_month, 0, 0
        self.rehearsing = expectation is None
        for name in ("countries", "miners", "refiners", "manufacturers", "inputs", "recyclers", "desks", "markets", "in_use"):
            setattr(self, name, copy.deepcopy(getattr(blueprint, name)))
        self.secondary_country, self.secondary_metal = blueprint.secondary_country, blueprint.secondary_metal
        self._rates()
        self._indices()
        self._start()
        self.expectation = expectation if expectation is not None else self._blank_expectation()
        self._draw_noise()
        self.ledger = Ledger(self)
        self.recorder = Recorder(self)
        if handles and not self.rehearsing:
            add_handles(self)

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
        """The shocks of the run: kind, label, actor, metals, dates, and whether they changed nothing."""
        rows = []
        for number, shock in enumerate(self.shocks):
            actor = getattr(shock, "actor", None)
            end = shock.final_end
            rows.append(
                {
                    "kind": shock.kind,
                    "label": shock.label or " ".join(str(part) for part in (actor, shock.kind.replace("_", " ")) if part),
                    "actor": actor,
                    "metals": list(getattr(shock, "metals", []) or sorted(getattr(shock, "recovery", {}))),
                    "form": getattr(shock, "form", None),
                    "announced": format_month(shock.announced_at),
                    "start": shock.start,
                    "end": None if end is None else format_month(end),
                    "no_effect": number not in self.had_effect,
                }
            )
        return rows

    # ---- setting up ----------------------------------------------------------------------------------------------------
    def _rates(self) -> None:
        parameters = self.parameters
        self.eta = parameters.by_metal("eta")
        self.short_run = parameters["short_run_share"] * self.eta
        self.long_run = np.minimum(self.eta, parameters["long_run_elasticity_max"])
        self.supply_elasticity = parameters.by_metal("supply_elasticity")
        self.treatment_charge = parameters.by_metal("treatment_charge")
        miners = self.miners
        self.mine_ceiling = np.where(miners.host >= 0, miners.recovery_limit, 1.0 / parameters["mine_utilisation"])

    def _indices(self) -> None:
        layout, metals = self.layout, len(self.layout.metals)
        self.hosts = layout.host_names
        place = {name: i for i, name in enumerate(self.hosts)}
        names = [(layout.metals[m], int(c)) for m, c in zip(self.miners.metal, self.miners.country, strict=True)]
        self.host_of_miner = np.array([place.get(name, -1) for name in names], np.int64)
        owners = np.searchsorted(self.inputs.manufacturer, np.arange(len(self.manufacturers) + 1))
        self.first_input = owners
        pools = {
            (int(c), int(g)): q
            for q, (c, g) in enumerate(zip(self.blueprint.pool_country, self.blueprint.pool_group, strict=True))
        }
        group = layout.product_group
        self.pool_of_input = np.array(
            [pools[int(c), int(group[p])] for c, p in zip(self.inputs.country, self.inputs.product, strict=True)]
        )
        self.pool_of_in_use = np.array(
            [pools[int(c), int(group[p])] for c, p in zip(self.in_use.country, self.in_use.product, strict=True)]
        )
        sellers = {
            (int(c), int(m)): z for z, (c, m) in enumerate(zip(self.secondary_country, self.secondary_metal, strict=True))
        }
        self.secondary_of = np.array(
            [[sellers.get((int(c), m), len(sellers)) for m in range(metals)] for c in self.recyclers.country]
        )

    def _start(self) -> None:
        """State that is not held by agents, as after an endless past without news."""
        blueprint, metals = self.blueprint, len(self.layout.metals)
        self.markets = {name: copy.deepcopy(market) for name, market in blueprint.markets.items()}
        self.pool = blueprint.pool_start.copy()
        self.pool_rate = blueprint.pool_start[:, :metals] @ self.price / self.parameters["scrap_cover"]
        self.new_scrap_pool = self.to_pools(
            self.pool_of_input, self.inputs.metal, self.inputs.base * blueprint.new_scrap[self.inputs.product], blueprint.separation_of_input
        )
        self.yard = np.zeros((len(self.recyclers), 3 * metals))
        self.secondary_rate = blueprint.secondary_base.copy()
        self.secondary_stock = self.cover["refined"][self.secondary_metal] * self.secondary_rate
        self.value_weight = self._value_weights()
        sizes = {"feed": len(self.markets["feed"].sellers), "refined": len(self.markets["refined"].sellers)}
        self.feed_ask, self.refined_ask = np.ones(sizes["feed"]), np.ones(sizes["refined"])
        self.scrap_ask = np.ones(len(self.pool))
        self.anchor = np.zeros(metals)
        self.idle_share = self.refiners.base / self.by_metal(self.refiners.base, self.refiners.metal)[self.refiners.metal]
        self.first_reserve = self.by_metal(self.miners.reserve, self.miners.metal)
        ahead = len(HORIZONS)
        buyers = {"feed": len(self.refiners), "refined": len(self.desks)}
        self.memory = {name: np.zeros((ahead, count)) for name, count in buyers.items()}
        self.calm_memory = {name: np.zeros((ahead, count)) for name, count in buyers.items()}
        self.last_news = np.zeros(len(self.desks))
        self.why = np.zeros((len(self.desks), len(prices.COMPONENTS)))
        self.building = {
            "mine": np.zeros((govern.STAGES, len(self.miners))),
            "refinery": np.zeros((govern.STAGES, len(self.refiners))),
            "recycler": np.zeros((govern.STAGES, len(self.recyclers))),
        }
        self.ones_ahead = np.ones((ahead, len(self.desks)))
        self.ones_miners_ahead = np.ones((ahead, len(self.miners)))
        self.learned: dict[tuple[Any, ...], np.ndarray] = {}
        self.news_keys: dict[int, tuple[Any, ...]] = {}
        self.had_effect: set[int] = set()
        self.flows: dict[str, np.ndarray] = {}
        self._largest: dict[str, np.ndarray] = {}

    def _value_weights(self) -> np.ndarray:
        """Share of each metal in the value of what each recycler recovers in the first month, shape (Y, metals)."""
        metals, scrap = len(self.price), self.markets["scrap"]
        value = self.pool[:, :metals] @ self.price
        content = (self.pool / np.maximum(value, 1e-300)[:, None])[scrap.seller] * scrap.base[:, None]
        bought = np.stack([np.bincount(scrap.buyer, content[:, k], len(self.recyclers)) for k in range(3 * metals)], axis=1)
        formal = self.recyclers.formal[:, None] == 1
        worth = np.where(formal, bought[:, metals : 2 * metals], bought[:, 2 * metals :]) * self.price
        return worth / np.maximum(worth.sum(axis=1, keepdims=True), 1e-300)

    def _blank_expectation(self) -> Expectation:
        months, metals = self.settings.months, len(self.layout.metals)
        growth = demand_growth(self.blueprint.demand, self.inputs.base, self.inputs.metal, metals, months)
        sizes = {"metals": metals, "refiners": len(self.refiners), "recyclers": len(self.recyclers), "desks": len(self.desks)}
        sizes |= {name: len(self.markets[name].sellers) for name in ("feed", "refined")}
        return empty_expectation(months, sizes, growth)

    def _draw_noise(self) -> None:
        names = {"miner": self.miners.ids, "refiner": self.refiners.ids, "demand": self.manufacturers.ids}
        size = 0.0 if self.rehearsing else self.settings.noise
        self._noise = {
            kind: monthly_noise(
                self.settings.seed, kind, names[kind], size * self.parameters[parameter], self.first_month, self.settings.months
            )
            for kind, parameter in NOISE.items()
        }

    # ---- sums and norms that several phases need -------------------------------------------------------------------------
    def by_metal(self, values: np.ndarray, metal: np.ndarray) -> np.ndarray:
        """Sum of a column by metal, shape (metals,)."""
        return np.bincount(metal, values, len(self.layout.metals))

    def noise(self, kind: str) -> np.ndarray:
        """This month's noise of ``miner``, ``refiner`` or ``demand``, mean 1, one entry per agent."""
        row: np.ndarray = self._noise[kind][self.t]
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
        self._largest = {}
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
        inflow: np.ndarray = HORIZONS[:, None] * self.use_desk * growth + self.share_of_sellers("refined", self.normal_refined)
        return np.maximum(inflow, 1e-12)

    def share_of_sellers(self, name: str, stock: np.ndarray) -> np.ndarray:
        """Sellers' stock shared out over their buyers by contract weight, t, shape (B,)."""
        market = self.markets[name]
        share = stock / np.maximum(market.by_seller(market.weight), 1e-300)
        return market.by_buyer(market.weight * share[market.seller])

    def normal_transit(self, name: str, inflow: np.ndarray) -> np.ndarray:
        """What is under way to each buyer when it takes in ``inflow`` t/month, t, shape (B,)."""
        market = self.markets[name]
        total = np.maximum(market.by_buyer(market.weight), 1e-300)
        return market.by_buyer(market.weight * market.lead) / total * inflow

    def largest_flow(self, name: str) -> np.ndarray:
        """Largest flow of each open edge, t/month, shape (E,): a surge on the contract, and room for new trade."""
        if name not in self._largest:
            market, parameters = self.markets[name], self.parameters
            seller, buyer = market.by_seller(market.weight), market.by_buyer(market.weight)
            room = parameters["opening"] * np.minimum(seller[market.seller], buyer[market.buyer])
            self._largest[name] = parameters["surge"] * market.weight + room
        return self._largest[name]

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
        cheap = np.clip(desks.price, 0.2, 1.0) ** -parameters["bargain"]
        extra = parameters["precaution"] * desks.missing + parameters["exposure"] * desks.exposed
        months = parameters["order_months"] / (1.0 + parameters["threat_speed"] * desks.exposed)
        target = inputs.structural * (self.cover["manufacturer"][inputs.metal] * cheap[inputs.desk] + extra[inputs.desk])
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
                self.by_metal(self.desks.reserve, self.desks.metal),
                self.by_metal(self.in_use.stock, self.in_use.metal),
                self.by_metal(self.in_use.hibernating, self.in_use.metal),
                scrap,
            ]
        )


def build(
    tables: pd.DataFrame,
    settings: Any,
    shocks: Sequence[Shock] = (),
    parameters: dict[str, float] | None = None,
    handles: bool = True,
) -> World:
    """Build a world from the tables: draw it up, rehearse the expected path, and stand at the start.

    Args:
        tables: the loaded tables (:func:`data.load`).
        settings: :class:`environment.settings.WorldSettings`.
        shocks: shocks and policies.
        parameters: values on top of the tables', ``{"eta.cobalt": 0.4}``.
        handles: whether to make a Mesa agent for every row (a batch does not need them).

    Returns:
        The world before its first month. ``world.twin(shocks)`` gives a second one without building again.

    Raises:
        data.DataError: when the tables lack what the settings ask for, or a parameter is unknown.
    """
    from environment.blueprint import draw_up, table_parameters

    named = {name for shock in shocks for name in (getattr(shock, "actor", None), *getattr(shock, "partners", ())) if name}
    blueprint = draw_up(tables, settings, table_parameters(tables, settings, parameters), keep=named)
    rehearsal = World(blueprint)
    rehearsal.run()
    return World(blueprint, shocks, rehearsal.expectation, handles)
