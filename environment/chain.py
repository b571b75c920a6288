"""The whole chain as one networkx graph: from the mine through trade, making and use to the scrap that comes back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import networkx as nx
import numpy as np

from lodeflow.agents.population import Population
from lodeflow.environment.state import State

Link = tuple[str, str, str, dict[str, Any]]
"""From, to, metal, attributes."""


class Fixed(dict[str, Any]):
    """Attributes that can be read, not set; a copy can."""

    def _refuse(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError(
            "this graph is a picture of one month and cannot be changed: take graph.copy(), or act on the world through "
            "world.markets['refined'].graph(), agents or shocks"
        )

    __setitem__ = __delitem__ = __ior__ = update = pop = popitem = setdefault = clear = _refuse

    def __reduce__(self) -> Any:
        return dict, (dict(self),)

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, Any]:
        return dict(self)


@dataclass
class Chain:
    """Names of the places of a world, and what flows between them.

    Args:
        world: read, never written.
    """

    world: State
    names: dict[str, list[str]] = field(init=False)
    """Names of nodes by population, in the order of its rows; also of products and of rows in use."""

    def __post_init__(self) -> None:
        world, layout = self.world, self.world.layout
        feed, refined = world.markets["feed"], world.markets["refined"]
        in_use = zip(world.in_use.country, world.in_use.product, strict=True)
        self.names = {
            "miners": list(world.miners.ids),
            "ore_desks": list(feed.sellers),
            "refiners": list(feed.buyers),
            "secondary": list(refined.sellers[len(world.refiners) :]),
            "desks": list(refined.buyers),
            "manufacturers": [f"{name}-making" for name in world.manufacturers.ids],
            "products": [f"{name}-market" for name in layout.products],
            "in_use": [f"{layout.countries[c]}-{layout.products[p]}-in-use" for c, p in in_use],
            "pools": [f"{name}-scrap" for name in world.pools.ids],
            "recyclers": list(world.recyclers.ids),
        }

    def graph(self) -> nx.MultiDiGraph:
        """The graph; see :func:`chain`."""
        graph: Any = nx.MultiDiGraph(name="chain")
        graph.add_nodes_from(self.nodes())
        graph.add_edges_from(self.links())
        for node in list(graph):
            graph._node[node] = Fixed(graph._node[node])
            for keys in graph._adj[node].values():
                keys.update({key: Fixed(attributes) for key, attributes in keys.items()})
        frozen: nx.MultiDiGraph = nx.freeze(graph)
        return frozen

    # ---- nodes ------------------------------------------------------------------------------------------------------
    def nodes(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Names and attributes: kind, country, metal, product or product group, degrees of latitude and longitude."""
        world, layout = self.world, self.world.layout
        for rows in ("miners", "ore_desks", "refiners", "secondary", "desks", "manufacturers", "pools", "recyclers"):
            population: Population = getattr(world, rows)
            for row, name in enumerate(self.names[rows]):
                told: dict[str, Any] = {
                    key: population.entry(key, row)
                    for key in ("metal", "product", "group")
                    if key in population.attributes
                }
                yield name, {"kind": population.kind, **told, **self._place(int(population.country[row]))}
        for name, product in zip(self.names["products"], layout.products, strict=True):
            yield name, {"kind": "product market", "product": product}
        for name, country, product in zip(
            self.names["in_use"], world.in_use.country, world.in_use.product, strict=True
        ):
            yield name, {"kind": "in use", "product": layout.products[product], **self._place(int(country))}

    def _place(self, country: int) -> dict[str, Any]:
        countries = self.world.countries
        return {
            "country": countries.ids[country],
            "latitude": float(countries.latitude[country]),
            "longitude": float(countries.longitude[country]),
        }

    # ---- edges ------------------------------------------------------------------------------------------------------
    def links(self) -> Iterator[Link]:
        """What flows, in the order of the chain."""
        yield from self._mined()
        yield from self._traded("feed", self.names["ore_desks"], self.names["refiners"])
        yield from self._traded("refined", self.names["refiners"] + self.names["secondary"], self.names["desks"])
        yield from self._made()
        yield from self._used()
        yield from self._recycled()

    def _some(
        self, form: str, sources: list[str], targets: list[str], ends: tuple[np.ndarray, ...], flow: np.ndarray
    ) -> Iterator[Link]:
        """Edges of one form between rows of two kinds; ``ends``: rows of source and target, and metals, shape (n,) each."""
        metals, feed = self.world.layout.metals, self.world.layout.feed_forms
        for source, target, metal, tonnes in zip(*(end.tolist() for end in ends), flow.tolist(), strict=True):
            told = {"form": feed[metal] if form == "feed" else form, "metal": metals[metal], "flow": tonnes}
            yield sources[source], targets[target], metals[metal], told

    def _mined(self) -> Iterator[Link]:
        miners = self.world.miners
        ends = np.arange(len(miners)), miners.desk, miners.metal
        return self._some("feed", self.names["miners"], self.names["ore_desks"], ends, miners.output)

    def _traded(self, name: str, sellers: list[str], buyers: list[str]) -> Iterator[Link]:
        market = self.world.markets[name]
        plain = self._some(name, sellers, buyers, (market.seller, market.buyer, market.metal), market.flow)
        columns = ("weight", "base", "lead", "distance", "tax")
        more = zip(*(getattr(market, column).tolist() for column in columns), strict=True)
        for (seller, buyer, metal, told), values in zip(plain, more, strict=True):
            yield seller, buyer, metal, told | dict(zip(columns, values, strict=True))

    def _made(self) -> Iterator[Link]:
        """Metal that makers use, what goes into products sold all over the world, and new scrap."""
        inputs, blueprint, names = self.world.inputs, self.world.blueprint, self.names
        maker, metal = inputs.manufacturer, inputs.metal
        scrap = inputs.use * blueprint.new_scrap[inputs.product]
        kept = (inputs.use - scrap) * (1.0 - blueprint.dissipated[inputs.product])
        yield from self._some(
            "refined", names["desks"], names["manufacturers"], (inputs.desk, maker, metal), inputs.use
        )
        yield from self._some(
            "product", names["manufacturers"], names["products"], (maker, inputs.product, metal), kept
        )
        yield from self._some("scrap", names["manufacturers"], names["pools"], (maker, inputs.pool, metal), scrap)

    def _used(self) -> Iterator[Link]:
        """Products that come into use, leave for other countries used, and are collected."""
        world, in_use, names = self.world, self.world.in_use, self.names
        inputs, rows = world.inputs, np.arange(len(in_use))
        kept = (
            inputs.use
            * (1.0 - world.blueprint.new_scrap[inputs.product])
            * (1.0 - world.blueprint.dissipated[inputs.product])
        )
        inflow = world.trade.into_use(kept, world.now.number, len(in_use))
        yield from self._some(
            "product", names["products"], names["in_use"], (in_use.product, rows, in_use.metal), inflow
        )
        abroad = np.flatnonzero(in_use.export_row != rows)
        ends = rows[abroad], in_use.export_row[abroad], in_use.metal[abroad]
        yield from self._some("product", names["in_use"], names["in_use"], ends, in_use.exported[abroad])
        yield from self._some(
            "scrap", names["in_use"], names["pools"], (rows, in_use.pool, in_use.metal), in_use.collected
        )

    def _recycled(self) -> Iterator[Link]:
        """Scrap to recyclers, with all its metals, and recovered metal to those who sell it."""
        world, market, names = self.world, self.world.markets["scrap"], self.names
        moved = market.flow[:, None] * world.pools.mix[market.seller]
        holds = world.pools.scrap[:, : moved.shape[1]][market.seller] > 0.0
        edge, metal = np.nonzero(holds | (moved > 0.0))
        ends = market.seller[edge], market.buyer[edge], metal
        yield from self._some("scrap", names["pools"], names["recyclers"], ends, moved[edge, metal])
        recyclers = world.recyclers
        plant, metal = np.nonzero(recyclers.seller < len(world.secondary))
        ends = plant, recyclers.seller[plant, metal], metal
        yield from self._some(
            "refined", names["recyclers"], names["secondary"], ends, recyclers.recovered[plant, metal]
        )


def chain(world: State) -> nx.MultiDiGraph:
    """The whole chain of a world in its last month as one directed multigraph; its keys are metals.

    Nodes: mines, ore desks (with the ore that lies at the mines), refiners, sellers of recycled metal, metal desks (with the
    stocks of their makers), manufacturers, world markets of products, products in use by country, scrap pools, recyclers; with
    ``kind``, ``country``, ``metal``, ``product`` or ``group``, ``latitude`` and ``longitude`` (degrees).

    Edges: ``form``, ``metal``, ``flow`` (t of metal in the last month; 0 before the first), and those of trade in feed and refined
    metal also ``weight``, ``base`` (t/month), ``lead`` (months), ``distance`` (km) and ``tax`` (share of the price).

    The graph is a picture: structure and attributes cannot be changed, a ``copy()`` can. What sellers hold, what is under way and
    what is lost (tailings, slag, landfill) is not in it; the ledger has it.
    """
    return Chain(world).graph()
