"""What is lost when one country delivers nothing (N-1), and how far that reaches down the chain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lodeflow.experiments.analysis.network.graph import MAKING, MINING, REFINING, SCRAP

if TYPE_CHECKING:
    import networkx as nx
    import numpy as np

FELT = 0.1
"""Share of its metal that a country must lose to be counted as hit: an assumption."""


def without_each(chain: nx.MultiDiGraph) -> list[dict[str, Any]]:
    """Return what others lose when one country mines, refines and recycles nothing: for every country of one metal's chain.

    Nobody has stocks, nobody delivers more instead: ``loss = sum (flow x loss of the seller) / sum flow`` of what comes in,
    from stage to stage in the order of the chain, and 1 for the stages of the country itself. So this is the exposure of the first
    moment, an upper bound; what stocks and other suppliers change is what a run with an `outage` shows.

    country; supply: what it mines and refines for others, t/month, as it is sent; lost: use lost by makers elsewhere, t/month;
    lost_share: of the use elsewhere; refiners_hit, makers_hit: other countries that lose more than FELT; reach: stages down
    the chain at which somebody is hit, 0 to 2; hit_hardest: the country whose makers lose the largest share, hit_share.
    """
    import networkx as nx

    countries = sorted({str(told["country"]) for _, told in chain.nodes(data=True)})
    flows: nx.DiGraph = nx.DiGraph()
    flows.add_nodes_from(chain.nodes(data=True))
    for source, target, told in chain.edges(data=True):
        if chain.nodes[target]["stage"] == SCRAP:
            continue  # what is collected comes out of stocks in use, not out of today's supply
        before = flows.get_edge_data(source, target, {"flow": 0.0})["flow"]
        flows.add_edge(source, target, flow=told["flow"] + before)
    loss = _spread(flows, countries)
    makers = [place for place, told in flows.nodes(data=True) if told["stage"] == MAKING]
    use = {place: float(flows.in_degree(place, "flow")) for place in makers}
    return [_of_one(flows, loss, use, number, country) for number, country in enumerate(countries)]


def _spread(flows: nx.DiGraph, countries: list[str]) -> dict[str, np.ndarray]:
    """Share that every place loses, by the country that delivers nothing, shape (countries,)."""
    import networkx as nx
    import numpy as np

    loss: dict[str, np.ndarray] = {}
    for places in nx.topological_generations(flows):
        for place in places:
            coming = [(told["flow"], loss[source]) for source, _, told in flows.in_edges(place, data=True)]
            total = sum(flow for flow, _ in coming)
            lost = sum((flow * share for flow, share in coming), np.zeros(len(countries)))
            loss[place] = lost / total if total > 0.0 else lost
            if flows.nodes[place]["stage"] != MAKING:
                loss[place][countries.index(flows.nodes[place]["country"])] = 1.0
    return loss


def _of_one(
    flows: nx.DiGraph, loss: dict[str, np.ndarray], use: dict[str, float], number: int, country: str
) -> dict[str, Any]:
    others = {
        place: tonnes for place, tonnes in use.items() if flows.nodes[place]["country"] != country and tonnes > 0.0
    }
    lost = sum(tonnes * loss[place][number] for place, tonnes in others.items())
    refiners, makers = (
        [place for place, told in flows.nodes(data=True) if told["stage"] == stage and told["country"] != country]
        for stage in (REFINING, MAKING)
    )
    hit = {stage: sum(bool(loss[p][number] > FELT) for p in places) for stage, places in ((1, refiners), (2, makers))}
    worst = max(others, key=lambda place: (loss[place][number], place), default="")
    supply = sum(
        told["flow"]
        for source, target, told in flows.edges(data=True)
        if source in (f"{country} {MINING}", f"{country} {REFINING}") and flows.nodes[target]["country"] != country
    )
    return {
        "country": country,
        "supply": float(supply),
        "lost": float(lost),
        "lost_share": float(lost / sum(others.values())) if others else 0.0,
        "refiners_hit": hit[1],
        "makers_hit": hit[2],
        "reach": max((stage for stage, count in hit.items() if count), default=0),
        "hit_hardest": flows.nodes[worst]["country"] if worst else "",
        "hit_share": float(loss[worst][number]) if worst else 0.0,
    }
