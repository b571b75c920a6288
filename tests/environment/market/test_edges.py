"""Markets: the graph and the table are one; what is sent arrives; contracts drift."""

from __future__ import annotations

import copy
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeflow.environment.market.edges import EDGE_COLUMNS, Market


def small_market() -> Market:
    edges = pd.DataFrame(
        [  # seller, buyer, metal, seller_country, buyer_country, base, distance, lead
            (1, 1, 0, 1, 1, 4.0, 0.0, 0),
            (0, 0, 0, 0, 0, 10.0, 0.0, 0),
            (0, 1, 0, 0, 1, 5.0, 9000.0, 2),
            (1, 0, 0, 1, 0, 2.0, 30000.0, 3),
        ],
        columns=["seller", "buyer", "metal", "seller_country", "buyer_country", "base", "distance", "lead"],
    )
    return Market("feed", ["A-mines", "B-mines"], ["A-refining", "B-refining"], edges)


def edge(market: Market, seller: str, buyer: str) -> int:
    return int(
        np.flatnonzero((market.seller == market.sellers.index(seller)) & (market.buyer == market.buyers.index(buyer)))[
            0
        ]
    )


def test_edges_are_sorted_by_buyer() -> None:
    market = small_market()
    assert market.buyer.tolist() == [0, 0, 1, 1]
    assert market.base.tolist() == [10.0, 2.0, 5.0, 4.0]
    assert "4 edges" in repr(market)


def test_sums_by_seller_and_buyer() -> None:
    market = small_market()
    assert market.by_seller(market.base).tolist() == [15.0, 6.0]
    assert market.by_buyer(market.base).tolist() == [12.0, 9.0]


def test_what_is_written_through_the_graph_stands_in_the_table() -> None:
    market = small_market()
    graph = market.graph()
    graph.edges["A-mines", "B-refining", 0]["tax"] = 0.1
    assert market.tax[edge(market, "A-mines", "B-refining")] == 0.1
    assert market.tax.sum() == 0.1


def test_what_changes_in_the_table_is_seen_in_the_graph() -> None:
    market = small_market()
    graph = market.graph()
    market.weight[edge(market, "B-mines", "A-refining")] = 7.0
    market.weight *= 2.0
    assert graph.edges["B-mines", "A-refining", 0]["weight"] == 14.0


def test_the_graph_shows_every_edge_with_its_attributes() -> None:
    market = small_market()
    graph = market.graph()
    assert isinstance(graph, nx.MultiDiGraph)
    assert graph.number_of_edges() == len(market)
    for seller, buyer, attributes in graph.edges(data=True):
        row = edge(market, seller, buyer)
        assert dict(attributes) == {name: getattr(market, name)[row] for name in EDGE_COLUMNS}
    assert graph.nodes["A-mines"]["role"] == "seller"


def test_an_edge_has_only_the_columns_of_the_table_and_sets_only_what_acts() -> None:
    attributes = small_market().graph().edges["A-mines", "A-refining", 0]
    with pytest.raises(KeyError, match="colour"):
        attributes["colour"] = 1.0
    with pytest.raises(TypeError, match="flow of an edge can be read, not set; weight, tax can be set"):
        attributes["flow"] = 1.0
    with pytest.raises(TypeError):
        del attributes["tax"]


def test_who_trades_with_whom_is_fixed() -> None:
    graph = small_market().graph()
    for change in (lambda: graph.add_edge("A-mines", "C"), lambda: graph.remove_node("A-mines")):
        with pytest.raises(nx.NetworkXError, match="Frozen graph"):
            change()


def test_a_copy_is_plain_and_leads_nowhere() -> None:
    market = small_market()
    for plain in (market.graph().copy(), copy.deepcopy(market.graph()), nx.MultiDiGraph(market.graph())):
        told = plain.edges["A-mines", "B-refining", 0]
        assert told == {name: getattr(market, name)[edge(market, "A-mines", "B-refining")] for name in EDGE_COLUMNS}
    plain = market.graph().copy()
    plain.edges["A-mines", "B-refining", 0]["tax"] = 0.5
    plain.add_edge("A-mines", "C", weight=1.0)
    assert market.tax.sum() == 0.0


def test_networkx_algorithms_see_the_weights() -> None:
    graph = small_market().graph()
    assert graph.in_degree("A-refining", weight="weight") == 12.0


@pytest.mark.parametrize("form", ["graphml", "gexf"])
def test_files_can_be_read_back(tmp_path: Path, form: str) -> None:
    market = small_market()
    path = tmp_path / f"feed.{form}"
    getattr(nx, f"write_{form}")(market.graph(), path)
    graph = getattr(nx, f"read_{form}")(path)
    assert graph.number_of_edges() == len(market)
    weights = {(u, v): attributes["weight"] for u, v, attributes in graph.edges(data=True)}
    assert weights["A-mines", "B-refining"] == 5.0


@given(st.lists(st.lists(st.floats(0, 100), min_size=4, max_size=4), min_size=1, max_size=20), st.integers(0, 30))
def test_shipping_conserves_metal(flows: list[list[float]], delay: int) -> None:
    market = small_market()
    market.fill_pipeline()
    sent, arrived, before = 0.0, 0.0, market.in_transit().sum()
    for flow in flows:
        sent += sum(flow)
        arrived += market.ship(np.array(flow), delay).sum()
    assert before + sent == pytest.approx(arrived + market.in_transit().sum(), rel=1e-12, abs=1e-9)


def test_shipments_arrive_after_their_lead_time() -> None:
    market = small_market()
    flow = np.zeros(4)
    flow[edge(market, "A-mines", "B-refining")] = 1.0
    arrivals = [market.ship(flow)[1], *(market.ship(np.zeros(4))[1] for _ in range(4))]
    assert arrivals == [0.0, 0.0, 1.0, 0.0, 0.0]


def test_home_trade_arrives_at_once() -> None:
    market = small_market()
    flow = np.zeros(4)
    flow[edge(market, "B-mines", "B-refining")] = 3.0
    assert market.ship(flow).tolist() == [0.0, 3.0]


def test_a_delay_lengthens_the_way() -> None:
    market = small_market()
    flow = np.zeros(4)
    flow[edge(market, "A-mines", "B-refining")] = 1.0
    arrivals = [market.ship(flow, 1)[1], *(market.ship(np.zeros(4))[1] for _ in range(4))]
    assert arrivals == [0.0, 0.0, 0.0, 1.0, 0.0]


def test_a_full_pipeline_is_a_fixed_point() -> None:
    market = small_market()
    market.fill_pipeline()
    before = market.pipeline.copy()
    assert market.ship(market.base) == pytest.approx(market.by_buyer(market.base))
    assert market.pipeline == pytest.approx(before)


def test_contracts_stay_when_everybody_delivers() -> None:
    market = small_market()
    market.flow = market.base.copy()
    market.drift(0.05, 0.0, np.ones(2))
    assert market.weight.tolist() == market.base.tolist()


def test_contracts_drift_slowly_to_who_delivered_and_keep_a_trace() -> None:
    market = small_market()
    lost = edge(market, "A-mines", "B-refining")
    market.flow = market.base.copy()
    market.flow[lost] = 0.0
    market.drift(0.05, 0.001, np.ones(2))
    assert market.weight[lost] == pytest.approx(0.95 * 5.0 + 0.05 * 0.005)
    for _ in range(2000):
        market.drift(0.05, 0.001, np.ones(2))
    assert market.weight[lost] == pytest.approx(0.005)


def test_contracts_grow_with_expected_use() -> None:
    market = small_market()
    market.flow = market.base.copy()
    market.drift(0.05, 0.0, np.array([1.1, 1.0]))
    assert market.by_buyer(market.weight) == pytest.approx([13.2, 9.0])
