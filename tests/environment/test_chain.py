"""The whole chain as a networkx graph: every flow is that of the ledger, and nothing in it can be changed without effect."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest

from lodeflow.data import Tables
from lodeflow.environment import World
from lodeflow.environment.accounts import FLOWS
from lodeflow.environment.chain import Chain
from tests.environment.helpers import ban, different, world_of

STAGES = {
    "feed sent": ("ore desk", "refiner"),
    "refined sent": (("refiner", "secondary seller"), "desk"),
    "use": ("desk", "manufacturer"),
    "new scrap": ("manufacturer", "scrap pool"),
    "into use": ("product market", "in use"),
    "exported used": ("in use", "in use"),
    "collected": ("in use", "scrap pool"),
    "scrap to recyclers": ("scrap pool", "recycler"),
    "secondary supply": ("recycler", "secondary seller"),
}
"""Flows of the ledger, and the kinds between which they run."""


@pytest.fixture(scope="module")
def world(tables: Tables) -> World:
    """Cobalt and nickel in the eighth month of a ban."""
    shocks = [ban(start="2024-03")]
    world = world_of(tables, ["cobalt", "nickel"], shocks, end="2024-08", noise=1.0, mode="historical")
    return world.run()


@pytest.fixture(scope="module")
def graph(world: World) -> nx.MultiDiGraph:
    """Its graph."""
    return world.graph()


def flow_between(graph: nx.MultiDiGraph, source: Any, target: str, metal: str) -> float:
    """Sum of the flow of a metal between two kinds of nodes, t."""
    sources = (source,) if isinstance(source, str) else source
    kind = nx.get_node_attributes(graph, "kind")
    return float(
        sum(
            flow
            for seller, buyer, key, flow in graph.edges(keys=True, data="flow")
            if kind[seller] in sources and kind[buyer] == target and key == metal
        )
    )


@pytest.mark.parametrize("name", STAGES)
def test_flows_are_those_of_the_ledger(world: World, graph: nx.MultiDiGraph, name: str) -> None:
    booked = world.ledger.flows[-1, list(FLOWS).index(name)]
    assert (booked > 0.0).all()
    found = [flow_between(graph, *STAGES[name], metal) for metal in world.layout.metals]
    np.testing.assert_allclose(found, booked, rtol=1e-12)


def test_mines_bring_what_they_make_to_their_desk(world: World, graph: nx.MultiDiGraph) -> None:
    assert graph.edges["COD-cobalt-1", "COD-cobalt-mines", "cobalt"]["flow"] == world.miners["COD-cobalt-1"].output
    assert graph.out_degree("COD-cobalt-1") == 1


def test_what_passes_through_a_place_without_stock_comes_out_of_it(world: World, graph: nx.MultiDiGraph) -> None:
    for node, kind in graph.nodes(data="kind"):
        into, out = graph.in_degree(node, "flow"), graph.out_degree(node, "flow")
        if kind == "product market":
            assert out == pytest.approx(into, rel=1e-12)
        elif kind == "manufacturer":  # the rest is dissipated
            assert out <= into * (1.0 + 1e-12)


def test_trade_carries_its_contract(world: World, graph: nx.MultiDiGraph) -> None:
    market = world.markets["refined"]
    live = market.graph()
    for seller, buyer, key, told in live.edges(keys=True, data=True):
        found = graph.edges[seller, buyer, world.layout.metals[key]]
        assert {name: found[name] for name in told} == dict(told)


def test_names_are_unique_and_nodes_say_what_they_are(world: World, graph: nx.MultiDiGraph) -> None:
    chain = Chain(world)
    distinct = {name: set(names) for name, names in chain.names.items()}
    assert sum(map(len, distinct.values())) == len(graph) == len(set().union(*distinct.values()))
    assert graph.number_of_edges() == len(list(chain.links()))
    mine = graph.nodes["COD-cobalt-1"]
    assert (mine["kind"], mine["country"], mine["metal"]) == ("miner", "COD", "cobalt")
    assert nx.is_weakly_connected(graph)


def test_metal_finds_its_way_from_a_mine_to_a_recycler_and_back(graph: nx.MultiDiGraph) -> None:
    carrying = nx.DiGraph((u, v) for u, v, flow in graph.edges(data="flow") if flow > 0.0)
    ways = nx.descendants(carrying, "COD-cobalt-1")
    assert {"CHN-battery-formal", "CHN-cobalt-makers"} <= ways
    assert "CHN-cobalt-makers" in nx.descendants(carrying, "CHN-battery-formal")


@pytest.mark.parametrize(
    "change",
    [
        lambda graph: graph.add_edge("a", "b"),
        lambda graph: graph.add_node("a"),
        lambda graph: graph.remove_node("COD-cobalt-1"),
        lambda graph: graph.remove_edges_from(list(graph.edges)),
        lambda graph: graph.nodes["COD-cobalt-1"].update(kind="none"),
        lambda graph: nx.set_edge_attributes(graph, 0.0, "flow"),
        lambda graph: graph.edges["COD-cobalt-1", "COD-cobalt-mines", "cobalt"].pop("flow"),
        lambda graph: graph.edges["COD-cobalt-1", "COD-cobalt-mines", "cobalt"].__ior__({"flow": 1.0}),
    ],
)
def test_a_change_raises(graph: nx.MultiDiGraph, change: Any) -> None:
    with pytest.raises((nx.NetworkXError, TypeError), match=r"Frozen graph|picture of one month"):
        change(graph)


@pytest.mark.parametrize(
    "copied", [nx.MultiDiGraph.copy, copy.deepcopy, lambda graph: pickle.loads(pickle.dumps(graph)), nx.MultiDiGraph]
)
def test_copies_hold_the_same_and_their_attributes_can_be_changed(graph: nx.MultiDiGraph, copied: Any) -> None:
    other = copied(graph)
    assert dict(other.nodes(data=True)) == dict(graph.nodes(data=True))
    assert sorted(other.edges(keys=True, data="flow")) == sorted(graph.edges(keys=True, data="flow"))
    if copied is nx.MultiDiGraph.copy:
        other.edges["COD-cobalt-1", "COD-cobalt-mines", "cobalt"]["flow"] = 0.0
        other.remove_node("CHN-cobalt-makers")
        assert graph.edges["COD-cobalt-1", "COD-cobalt-mines", "cobalt"]["flow"] > 0.0


@pytest.mark.parametrize("form", ["graphml", "gexf"])
def test_files_can_be_read_back(graph: nx.MultiDiGraph, tmp_path: Path, form: str) -> None:
    path = tmp_path / f"chain.{form}"
    getattr(nx, f"write_{form}")(graph, path)
    back = getattr(nx, f"read_{form}")(path)
    assert back.number_of_edges() == graph.number_of_edges()
    assert dict(back.nodes(data="kind")) == dict(graph.nodes(data="kind"))
    flows = {(u, v, told["metal"]): told["flow"] for u, v, told in back.edges(data=True)}
    assert flows == {(u, v, key): flow for u, v, key, flow in graph.edges(keys=True, data="flow")}


def test_algorithms_of_networkx_work_on_it(graph: nx.MultiDiGraph) -> None:
    pairs = nx.DiGraph()
    for u, v, flow in graph.edges(data="flow"):
        if flow > 0.0:
            pairs.add_edge(u, v, flow=flow + (pairs[u][v]["flow"] if pairs.has_edge(u, v) else 0.0))
    rank = nx.pagerank(pairs, weight="flow")
    assert sum(rank.values()) == pytest.approx(1.0)
    assert nx.shortest_path_length(graph, "COD-cobalt-1", "COD-cobalt-mines") == 1
    assert len(graph.reverse()) == len(graph.to_undirected()) == len(graph)


def test_a_graph_changes_no_number_of_a_run(tables: Tables) -> None:
    world = world_of(tables, ["cobalt"], end="2024-03")
    other = world.twin()
    other.graph()
    other.step()
    other.graph()
    assert different(world.run(), other.run()) == []


def test_what_is_set_through_the_graph_of_a_market_acts(tables: Tables) -> None:
    world = world_of(tables, ["cobalt"], end="2024-03")
    for name, value in (("tax", 0.5), ("weight", 1.0)):
        other = world.twin()
        edges = other.markets["feed"].graph().edges
        for seller, buyer, key in edges:
            if seller == "COD-cobalt-mines":
                edges[seller, buyer, key][name] = value
        assert different(world.twin().run(), other.run()) != [], name
