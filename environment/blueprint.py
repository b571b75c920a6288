"""Everything a world begins with, before anything has happened."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lodeflow.agents import guards
from lodeflow.agents.population import Population
from lodeflow.data.footprint import Factors
from lodeflow.environment.layout import Layout
from lodeflow.environment.market.cells import Cells
from lodeflow.environment.market.edges import Market
from lodeflow.environment.market.in_use import InUse
from lodeflow.environment.market.nexus import Nexus
from lodeflow.environment.market.processes import Processes
from lodeflow.environment.market.product_trade import ProductTrade
from lodeflow.environment.market.ways import Ways
from lodeflow.environment.parameters import Parameters
from lodeflow.environment.places import Places
from lodeflow.environment.quotes import Alert
from lodeflow.environment.rates import Rates
from lodeflow.environment.settings import WorldSettings


@dataclass(frozen=True)
class Realised:
    """World output relative to that of the first month, shape (T, metals) each."""

    mines: np.ndarray
    refiners: np.ndarray


@dataclass(frozen=True)
class Producers:
    """Who makes which part of planned output after the base year: input, not a decision.

    Attributes:
        mines, refiners: planned output of firms over what the shares of the base year would give, shape (T + 1, n) each.
        told: how far shares follow a source, 0 (base year) to 1, shape (T + 1,).
        begin: refineries that the base year has a trace of and a source names, shape (R,).
    """

    mines: np.ndarray
    refiners: np.ndarray
    told: np.ndarray
    begin: np.ndarray


@dataclass
class Blueprint:
    """Everything a world begins with. Worlds copy its agents, markets and stocks, so one blueprint serves many runs.

    Attributes:
        settings, parameters, layout, rates: what it was made with.
        agents: populations by their name in the world (:data:`POPULATIONS`).
        markets: ``feed``, ``refined``, ``scrap``.
        in_use: stocks in use.
        separation_of_input, separation_of_in_use: recoverable share of the scrap of each input, shape (channels, L), and
            of each row in use, shape (channels, V), by channel (:data:`lodeflow.agents.scrap_pool.CHANNELS`).
        demand: expected use of each input relative to the first month, shape (T, L).
        surprise: what comes over what was expected, shape (T, L); None where what is expected comes.
        realised: output that the data give; None where firms plan it.
        producers: who makes which part of planned output; None where shares of the base year stay.
        hosts: output of hosts that are no metals of the world over that of the base year, shape (T, X).
        trade: which share of what is made of a product is used in which country.
        processes: what recyclers could do with scrap.
        cells: chemistries of batteries that makers choose from; None where they do not.
        content: metal in a unit of each factory's product, of the metal that counts it, over that of the table `composition`,
            shape (T, M); None where it stays.
        nexus: factories of energy technologies; None where energy and metal do not act on each other.
        ways: how goods travel between countries, freight and duties.
        new_scrap, dissipated: of each product, shape (products,).
        take_back: part of formal collection that comes through makers, by product group, shape (groups,).
        surplus: refined metal that the base year made and did not use, t, shape (metals,).
        above_ground: the same of the years before it, t, shape (metals,).
        factors: energy and greenhouse gases of a tonne by metal, stage, country and year.
        alert: rules of the early warning, and prices before the first month.
    """

    settings: WorldSettings
    parameters: Parameters
    layout: Layout
    rates: Rates
    agents: dict[str, Population]
    markets: dict[str, Market]
    in_use: InUse
    separation_of_input: np.ndarray
    separation_of_in_use: np.ndarray
    demand: np.ndarray
    surprise: np.ndarray | None
    realised: Realised | None
    producers: Producers | None
    hosts: np.ndarray
    trade: ProductTrade
    processes: Processes
    ways: Ways
    new_scrap: np.ndarray
    dissipated: np.ndarray
    take_back: np.ndarray
    surplus: np.ndarray
    above_ground: np.ndarray
    factors: Factors
    alert: Alert
    cells: Cells | None = None
    nexus: Nexus | None = None
    content: np.ndarray | None = None

    @cached_property
    def worth_of_inputs(self) -> tuple[np.ndarray, np.ndarray]:
        """What each input was worth in the base year, USD/month, shape (L,), and the sum by manufacturer, shape (M,)."""
        inputs = self.agents["inputs"]
        worth = np.maximum(inputs.base * self.rates.price[inputs.metal], guards.NOTHING)
        return worth, np.bincount(inputs.manufacturer, worth, len(self.agents["manufacturers"]))

    @cached_property
    def places(self) -> Places:
        """Rows that never change."""
        return Places(self.layout, self.agents, self.markets, self.in_use, self.new_scrap, self.dissipated)


POPULATIONS = (
    "countries",
    "miners",
    "refiners",
    "manufacturers",
    "inputs",
    "recyclers",
    "desks",
    "ore_desks",
    "secondary",
    "pools",
    "groups",
    "hosts",
)
"""Names of the populations of a world."""
