"""What is there while a world runs: agents, markets, stocks, rates, and the month in progress. Rules read and write it."""

from __future__ import annotations

import copy
from typing import TypeVar

import mesa
import numpy as np

from lodeflow.agents import miner
from lodeflow.agents.population import Population
from lodeflow.environment.blueprint import Blueprint
from lodeflow.environment.calendar import parse_month
from lodeflow.environment.expectation import HORIZONS, Expectation
from lodeflow.environment.guarded import Guarded
from lodeflow.environment.layout import Layout
from lodeflow.environment.market.edges import Market
from lodeflow.environment.market.in_use import InUse
from lodeflow.environment.minds import Minds
from lodeflow.environment.month.state import Month
from lodeflow.environment.parameters import Parameters
from lodeflow.environment.places import Places
from lodeflow.environment.rates import Rates
from lodeflow.environment.settings import WorldSettings
from lodeflow.environment.shocks.contract import Acting

MARKETS_WITH_MEMORY = ("feed", "refined")
Part = TypeVar("Part", Market, InUse)


class State(Guarded, mesa.Model):
    """Everything that the rules of a month read and write. Unknown names and arrays of a wrong shape are refused.

    Args:
        blueprint: where everything stands at the start; agents, markets and stocks are copied.
        expectation: the expected path.

    Attributes:
        blueprint: what does not change; ``settings``, ``parameters``, ``layout``, ``rates`` and ``places`` are read from it.
        expectation: the path that is expected without surprises.
        countries, miners, refiners, manufacturers, inputs, recyclers, desks, ore_desks, secondary, pools, groups, hosts:
            populations.
        markets: ``feed``, ``refined``, ``scrap``.
        in_use: stocks in use.
        trade: which share of what is made of a product is used in which country; renewed, never changed in place.
        anchor: ln of the price anchor over the base price, shape (metals,).
        quotes: prices of the world in the last months over those of the base year, oldest first, shape (months, metals).
        minds: what agents remember.
        draws: noise by kind, mean 1, shape (T, n).
        shocks: shocks and policies.
        t: months since the start.
        now: the month in progress, or the last one.
        reasons: whether it is written down why bids stand where they stand.
    """

    countries: Population
    miners: Population
    refiners: Population
    manufacturers: Population
    inputs: Population
    recyclers: Population
    desks: Population
    ore_desks: Population
    secondary: Population
    pools: Population
    groups: Population
    hosts: Population
    shocks: tuple[Acting, ...] = ()
    draws: dict[str, np.ndarray]
    now: Month
    reasons: bool = True
    steps: int
    running: bool

    def __init__(self, blueprint: Blueprint, expectation: Expectation) -> None:
        super().__init__(rng=blueprint.settings.seed)
        self.blueprint, self.expectation = blueprint, expectation
        for name, population in blueprint.agents.items():
            setattr(self, name, population.twin())
        self.markets: dict[str, Market] = {name: _copied(market) for name, market in blueprint.markets.items()}
        self.in_use: InUse = _copied(blueprint.in_use)
        self.trade = blueprint.trade
        self.anchor = self.returned(0)
        self.usual_gap = np.zeros(len(self.layout.metals))
        self.quotes = blueprint.alert.past.copy()
        buyers = {name: len(self.markets[name].buyers) for name in MARKETS_WITH_MEMORY}
        self.minds = Minds.blank(len(HORIZONS), buyers)
        self.t = 0

    def stand_like(self, other: State) -> None:
        """Take over where another world with the same blueprint stands; what its agents know of shocks stays behind."""
        for name in self.blueprint.agents:
            mine, theirs = vars(getattr(self, name)), vars(getattr(other, name))
            mine.update({column: theirs[column].copy() for column in getattr(self, name).shapes})
        self.markets = {name: _copied(market) for name, market in other.markets.items()}
        self.in_use, self.trade = _copied(other.in_use), other.trade
        self.usual_gap = other.usual_gap.copy()
        self.quotes = other.quotes.copy()
        self.anchor, self.t, self.now = other.anchor.copy(), other.t, copy.deepcopy(other.now)
        self.minds = copy.deepcopy(other.minds)
        self.steps, self.running = other.steps, other.running

    def returned(self, months: int) -> np.ndarray:
        """How far anchors are from the prices of the base year after some months, ln points, shape (metals,); 0 in a rehearsal."""
        rates, time = self.rates, self.parameters.unnoted["price_return_months"]
        return miner.returned(rates.usual, rates.year_end, months, self.settings.months_of_data, time)

    @property
    def settings(self) -> WorldSettings:
        """Metals, months and how the world is set up."""
        return self.blueprint.settings

    @property
    def parameters(self) -> Parameters:
        """Values of the parameters."""
        return self.blueprint.parameters

    @property
    def layout(self) -> Layout:
        """Who stands where."""
        return self.blueprint.layout

    @property
    def places(self) -> Places:
        """Rows that never change, found once."""
        return self.blueprint.places

    @property
    def rates(self) -> Rates:
        """Rates by metal that stay what they are."""
        return self.blueprint.rates

    @property
    def first_month(self) -> int:
        """Number of the first month (:mod:`lodeflow.environment.calendar`)."""
        return parse_month(self.settings.start)

    @property
    def month(self) -> int:
        """Number of the month that is simulated next, or being simulated."""
        return self.first_month + self.t

    def by_metal(self, values: np.ndarray, metal: np.ndarray) -> np.ndarray:
        """Sum of a column by metal, shape (metals,)."""
        return np.bincount(metal, values, len(self.rates.price))

    def noise(self, kind: str) -> np.ndarray:
        """This month's noise of a kind (:data:`lodeflow.environment.noise.NOISE`), mean 1, one entry per agent or shock."""
        row: np.ndarray = self.draws[kind][self.t]
        return row


def _copied(part: Part) -> Part:
    """A market or the stocks in use with arrays of its own; names are shared."""
    twin = copy.copy(part)
    for name, value in vars(part).items():
        if isinstance(value, np.ndarray):
            vars(twin)[name] = value.copy()
    return twin
