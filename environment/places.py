"""Rows of a world that never change: who stands where, in which cell of a table; found once, read every month."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lodeflow.agents.population import Population
from lodeflow.environment.layout import Layout
from lodeflow.environment.market.edges import Market
from lodeflow.environment.market.in_use import InUse


@dataclass
class Places:
    """Row numbers that follow from who is there; each is found when it is first asked for, and nobody may change it.

    A cell of countries is country x metals + metal, one of products is product x metals + metal. Attributes: those of
    :class:`lodeflow.environment.blueprint.Blueprint` by the same names.
    """

    layout: Layout
    agents: dict[str, Population]
    markets: dict[str, Market]
    in_use: InUse
    new_scrap: np.ndarray
    dissipated: np.ndarray

    def __post_init__(self) -> None:
        names = self.layout.metals, self.layout.countries, self.layout.products
        self.metals, self.countries, self.products = (len(each) for each in names)

    # ---- hosts ------------------------------------------------------------------------------------------------------
    @cached_property
    def has_host(self) -> np.ndarray:
        """Mines whose output a host decides, boolean, shape (I,)."""
        hosted: np.ndarray = self.agents["miners"].host >= 0
        return hosted

    @cached_property
    def hosted(self) -> np.ndarray:
        """Rows of these mines."""
        return np.flatnonzero(self.has_host)

    @cached_property
    def host_of(self) -> np.ndarray:
        """Their hosts, rows, in the order of :attr:`hosted`."""
        host: np.ndarray = self.agents["miners"].host[self.hosted]
        return host

    @cached_property
    def alone(self) -> np.ndarray:
        """Output of hosts over their plan where they make what is planned: ones, shape (I,)."""
        return np.ones(len(self.agents["miners"]))

    @cached_property
    def free(self) -> np.ndarray:
        """Largest output of mines that come with no host: infinite, shape (I,)."""
        return np.full(len(self.agents["miners"]), np.inf)

    @cached_property
    def within_host(self) -> np.ndarray:
        """Rows of mines that are part of a host."""
        return np.flatnonzero(self.agents["miners"].as_host >= 0)

    @cached_property
    def own_host(self) -> np.ndarray:
        """The hosts that these mines are part of, rows."""
        host: np.ndarray = self.agents["miners"].as_host[self.within_host]
        return host

    # ---- cells ------------------------------------------------------------------------------------------------------
    def _cells(self, name: str) -> np.ndarray:
        rows = self.agents[name]
        cells: np.ndarray = rows.country * self.metals + rows.metal
        return cells

    @cached_property
    def cell_of_desk(self) -> np.ndarray:
        """Cell of countries of each desk, shape (B,)."""
        return self._cells("desks")

    @cached_property
    def cell_of_ore_desk(self) -> np.ndarray:
        """The same of ore desks, shape (D,)."""
        return self._cells("ore_desks")

    @cached_property
    def cell_of_refiner(self) -> np.ndarray:
        """The same of refiners, shape (R,)."""
        return self._cells("refiners")

    @cached_property
    def cell_in_use(self) -> np.ndarray:
        """The same of rows in use, shape (V,)."""
        cells: np.ndarray = self.in_use.country * self.metals + self.in_use.metal
        return cells

    @cached_property
    def good_of_input(self) -> np.ndarray:
        """Cell of products of each input, shape (L,)."""
        inputs = self.agents["inputs"]
        cells: np.ndarray = inputs.product * self.metals + inputs.metal
        return cells

    @cached_property
    def new_scrap_share(self) -> np.ndarray:
        """Share of each input's use that becomes new scrap, shape (L,)."""
        share: np.ndarray = self.new_scrap[self.agents["inputs"].product]
        return share

    @cached_property
    def dissipated_share(self) -> np.ndarray:
        """Share of the goods made from each input that is dissipated, shape (L,)."""
        share: np.ndarray = self.dissipated[self.agents["inputs"].product]
        return share

    # ---- others -----------------------------------------------------------------------------------------------------
    @cached_property
    def group_in_use(self) -> np.ndarray:
        """Product group of each row in use, shape (V,)."""
        return self.layout.product_group[self.in_use.product]

    @cached_property
    def seller_metal(self) -> np.ndarray:
        """Metal of refiners, then of sellers of recycled metal, shape (S,)."""
        return np.append(self.agents["refiners"].metal, self.agents["secondary"].metal)

    @cached_property
    def scrap_unlimited(self) -> np.ndarray:
        """Largest flow of each edge of scrap where nothing limits it: infinite, shape (E,)."""
        return np.full(len(self.markets["scrap"]), np.inf)

    @cached_property
    def scrap_abroad(self) -> np.ndarray:
        """Edges of scrap between two countries, boolean, shape (E,)."""
        scrap = self.markets["scrap"]
        abroad: np.ndarray = scrap.seller_country != scrap.buyer_country
        return abroad

    @cached_property
    def refined_abroad(self) -> np.ndarray:
        """Edges of feed between two countries, shape (E,): 1 where the refinery stands elsewhere than the mine."""
        feed, agents = self.markets["feed"], self.agents
        abroad: np.ndarray = agents["refiners"].country[feed.buyer] != agents["ore_desks"].country[feed.seller]
        return abroad
