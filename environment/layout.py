"""Who stands where: names and row numbers of metals, countries, products and product groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from lodeflow.agents.population import Population
    from lodeflow.environment.market.in_use import InUse


WORLD = "WLD"
"""Name of all countries together."""


@dataclass
class Layout:
    """Names and indices of a world.

    Attributes:
        metals, countries, products, groups: names in order of their index; groups are product groups.
        classes: price class of each metal.
        feed_forms: form of the feed of each metal ("ore" or "intermediate").
        product_group: product group of each product, shape (products,).
        members: country indices by name of a country group.
        units: unit in which each product is counted, by product index.
        host_names: (host, country index) of each host row.
    """

    metals: list[str]
    countries: list[str]
    products: list[str]
    groups: list[str]
    classes: list[str]
    feed_forms: list[str]
    product_group: np.ndarray
    members: dict[str, np.ndarray] = field(default_factory=dict)
    units: list[str] = field(default_factory=list)
    host_names: list[tuple[str, int]] = field(default_factory=list)
    inputs: Population | None = None
    recyclers: Population | None = None
    in_use: InUse | None = None

    def __post_init__(self) -> None:
        self.metal_index = {name: i for i, name in enumerate(self.metals)}
        self.country_index = {name: i for i, name in enumerate(self.countries)}
        self.product_index = {name: i for i, name in enumerate(self.products)}
        self.group_index = {name: i for i, name in enumerate(self.groups)}

    def country_indices(self, name: str | None) -> np.ndarray:
        """Indices of a country, of the members of a group, or of all countries (``WLD``); empty for None and unknown names."""
        if name is None:
            return np.zeros(0, np.int64)
        if name in self.country_index:
            return np.array([self.country_index[name]])
        if name == WORLD:
            return np.arange(len(self.countries))
        return self.members.get(name, np.zeros(0, np.int64))

    def marked(self, indices: np.ndarray) -> np.ndarray:
        """Whether each country is among those of the indices, boolean, shape (countries,)."""
        mask = np.zeros(len(self.countries), bool)
        mask[indices] = True
        return mask

    def _named(self, index: dict[str, int], names: Sequence[str]) -> np.ndarray:
        return np.array([index[name] for name in names if name in index], np.int64)

    def line_rows(
        self, products: Sequence[str], metals: Sequence[str], countries: np.ndarray | None = None
    ) -> np.ndarray:
        """Boolean mask of the manufacturers' inputs of some products and metals; an empty list means all."""
        assert self.inputs is not None
        mask = np.ones(len(self.inputs), bool)
        if products:
            mask &= np.isin(self.inputs.product, self._named(self.product_index, products))
        if metals:
            mask &= np.isin(self.inputs.metal, self._named(self.metal_index, metals))
        if countries is not None:
            mask &= np.isin(self.inputs.country, countries)
        return mask

    def in_use_rows(self, countries: np.ndarray, products: Sequence[str]) -> np.ndarray:
        """Boolean mask of the stocks in use of some products in some countries."""
        assert self.in_use is not None
        wanted = self._named(self.product_index, products)
        return np.isin(self.in_use.country, countries) & np.isin(self.in_use.product, wanted)

    def recycler_rows(self, countries: np.ndarray, products: Sequence[str]) -> np.ndarray:
        """Boolean mask of the formal recyclers in some countries that take the scrap of some products."""
        assert self.recyclers is not None
        wanted = self.product_group[self._named(self.product_index, products)]
        return (
            np.isin(self.recyclers.country, countries)
            & np.isin(self.recyclers.group, wanted)
            & (self.recyclers.formal == 1)
        )

    def host_rows(self, host: str, countries: np.ndarray) -> np.ndarray:
        """Boolean mask of the host rows of one host industry in some countries."""
        return np.array([name == host and country in countries for name, country in self.host_names], bool)
