"""What networkx says about the trade of a metal in one form and year: of every country, and of the network as a whole."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import networkx as nx

LEAST = 1e-4
"""Share of all trade between countries below which a flow does not make two countries partners: an assumption. Contracts keep a
trace of every flow (parameter ``contract_trace``), so without a limit everybody would be everybody's partner."""
SEED = 1
"""Of the order in which communities are looked for; the same graph has the same communities."""


def partners(graph: nx.DiGraph) -> nx.DiGraph:
    """Return the flows that are at least LEAST of all, with `distance` = 1/flow, so that large flows are short ways."""
    least = LEAST * graph.size("flow")
    kept = graph.edge_subgraph([(u, v) for u, v, told in graph.edges(data=True) if told["flow"] >= least]).copy()
    kept.add_nodes_from(graph.nodes(data=True))
    for *_, told in kept.edges(data=True):
        told["distance"] = 1.0 / told["flow"]
    return kept


def hhi(flows: Iterable[float]) -> float:
    """Return the Herfindahl-Hirschman index of some flows, ``sum (q / sum q)^2``, 0 to 1; 0 where there are none."""
    flows = list(flows)
    total = sum(flows)
    return sum((flow / total) ** 2 for flow in flows) if total > 0.0 else 0.0


def of_places(graph: nx.DiGraph) -> dict[str, dict[str, Any]]:
    """Return what is measured of every country.

    suppliers, customers: partners (see :func:`partners`); imports, exports: t, of all flows; betweenness: share of the shortest
    ways between others (distance 1/flow) that lead through it; community: number, 1 the one that trades most; hhi_suppliers: of
    what it imports, by supplier; own: bought at home, t.
    """
    import networkx as nx

    kept = partners(graph)
    central = nx.betweenness_centrality(kept, weight="distance")
    group = {place: number for number, places in enumerate(communities(graph), 1) for place in places}
    return {
        place: {
            "suppliers": kept.in_degree(place),
            "customers": kept.out_degree(place),
            "imports": float(graph.in_degree(place, "flow")),
            "exports": float(graph.out_degree(place, "flow")),
            "betweenness": float(central[place]),
            "community": group[place],
            "hhi_suppliers": hhi(told["flow"] for *_, told in graph.in_edges(place, data=True)),
            "own": graph.nodes[place]["own"],
        }
        for place in sorted(graph)
    }


def communities(graph: nx.DiGraph) -> list[set[str]]:
    """Return groups of countries that trade more with one another than with others (Louvain), those that trade most first."""
    import networkx as nx

    if not graph.size("flow"):
        return [{place} for place in sorted(graph)]
    found = nx.community.louvain_communities(graph, weight="flow", seed=SEED)
    traded = dict(graph.degree(weight="flow"))
    return sorted(found, key=lambda places: (-sum(traded[place] for place in places), min(places)))


def of_whole(graph: nx.DiGraph) -> dict[str, Any]:
    """Return what is measured of the network.

    countries; links: flows between partners; traded: t between countries; density: links over those possible; hhi_exports,
    hhi_imports: of what countries sell to and buy from others; communities: their number; modularity: of these communities, 0 for
    trade as even as chance would have it.
    """
    import networkx as nx

    kept, groups = partners(graph), communities(graph)
    return {
        "countries": len(graph),
        "links": kept.number_of_edges(),
        "traded": float(graph.size("flow")),
        "density": float(nx.density(kept)),
        "hhi_exports": hhi(flow for _, flow in graph.out_degree(weight="flow")),
        "hhi_imports": hhi(flow for _, flow in graph.in_degree(weight="flow")),
        "communities": len(groups),
        "modularity": float(nx.community.modularity(graph, groups, weight="flow")) if graph.size("flow") else 0.0,
    }
