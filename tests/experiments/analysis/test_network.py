"""The trade network of a run: what is measured on graphs whose answer is known, and on a run."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeflow.data import Tables
from lodeflow.data.problems import DataError
from lodeflow.experiments.analysis.network import metrics
from lodeflow.experiments.analysis.network.graph import MAKING, MINING, REFINING, SCRAP, chain, choose
from lodeflow.experiments.analysis.network.losses import without_each
from lodeflow.experiments.analysis.network.report import network
from lodeflow.experiments.run.results import Outcome
from lodeflow.experiments.run.what_if import run_scenario
from lodeflow.experiments.scenario.model import load_scenario

AMOUNTS = st.lists(st.floats(0.1, 1e6), min_size=1, max_size=30)


@pytest.fixture(scope="module")
def outcome(tables: Tables) -> Outcome:
    """Cobalt and nickel in the year of the ban."""
    short = ['world.metals=["cobalt", "nickel"]', "world.start=2024-10", "world.end=2025-12"]
    return run_scenario(load_scenario("drc-cobalt-export-ban", short, tables), tables=tables)


def star(sellers: int, flow: float = 10.0) -> nx.DiGraph:
    """Sellers that sell the same to one buyer."""
    graph = nx.DiGraph()
    graph.add_nodes_from([*(f"S{i}" for i in range(sellers)), "B"], own=0.0)
    graph.add_edges_from((f"S{i}", "B", {"flow": flow}) for i in range(sellers))
    return graph


def stages(*flows: tuple[str, str, float]) -> nx.MultiDiGraph:
    """A chain from flows between places such as "A mining"."""
    graph = nx.MultiDiGraph()
    for source, target, flow in flows:
        for place in (source, target):
            country, stage = place.split(" ")
            graph.add_node(place, country=country, stage=stage)
        graph.add_edge(source, target, "m", flow=flow)
    return graph


TWO_STEPS = stages(
    (f"A {MINING}", f"C {REFINING}", 60.0),
    (f"B {MINING}", f"C {REFINING}", 20.0),
    (f"C {SCRAP}", f"C {REFINING}", 20.0),
    (f"C {REFINING}", f"D {MAKING}", 70.0),
    (f"C {REFINING}", f"E {MAKING}", 30.0),
    (f"F {REFINING}", f"E {MAKING}", 70.0),
    (f"D {MAKING}", f"D {SCRAP}", 5.0),
)
"""A and B mine, C refines their feed and its scrap and F refines its own, D and E make."""


# ---- losses ----------------------------------------------------------------------------------------------------------------------
def test_a_loss_is_passed_on_in_proportion() -> None:
    by_country = {told["country"]: told for told in without_each(TWO_STEPS)}
    without_a = by_country["A"]
    assert without_a["supply"] == 60.0
    assert without_a["lost"] == pytest.approx(0.6 * 70.0 + 0.6 * 30.0)
    assert without_a["lost_share"] == pytest.approx(60.0 / 170.0)
    assert (without_a["hit_hardest"], without_a["hit_share"]) == ("D", pytest.approx(0.6))
    assert (without_a["refiners_hit"], without_a["makers_hit"], without_a["reach"]) == (1, 2, 2)


def test_who_refines_and_recycles_takes_all_of_it_away() -> None:
    without_c = next(told for told in without_each(TWO_STEPS) if told["country"] == "C")
    assert without_c["lost"] == pytest.approx(100.0)
    assert without_c["hit_share"] == pytest.approx(1.0)
    assert (without_c["refiners_hit"], without_c["makers_hit"], without_c["reach"]) == (0, 2, 2)


def test_who_only_uses_takes_nothing_from_others() -> None:
    for told in without_each(TWO_STEPS):
        if told["country"] in ("D", "E"):
            assert (told["supply"], told["lost"], told["reach"]) == (0.0, 0.0, 0)


def test_own_use_is_not_counted_as_lost_elsewhere() -> None:
    home = stages((f"A {MINING}", f"A {REFINING}", 10.0), (f"A {REFINING}", f"A {MAKING}", 9.0))
    (told,) = without_each(home)
    assert (told["lost"], told["lost_share"], told["hit_hardest"]) == (0.0, 0.0, "")


@given(st.lists(st.floats(0.0, 1e5), min_size=12, max_size=12), st.floats(0.01, 100.0))
def test_losses_are_shares_and_do_not_depend_on_the_unit(flows: list[float], unit: float) -> None:
    pairs = [(f"{a} {MINING}", f"{b} {REFINING}") for a in "AB" for b in "CDE"]
    pairs += [(f"{b} {REFINING}", f"{c} {MAKING}") for b in "CDE" for c in "FG"]
    one = without_each(stages(*((u, v, flow) for (u, v), flow in zip(pairs, flows, strict=True))))
    other = without_each(stages(*((u, v, flow * unit) for (u, v), flow in zip(pairs, flows, strict=True))))
    for told, again in zip(one, other, strict=True):
        assert 0.0 <= told["lost_share"] <= told["hit_share"] + 1e-9 <= 1.0 + 2e-9
        assert again["lost"] == pytest.approx(told["lost"] * unit, rel=1e-9, abs=1e-9)
        assert again["lost_share"] == pytest.approx(told["lost_share"], rel=1e-9, abs=1e-12)


# ---- metrics ---------------------------------------------------------------------------------------------------------------------
@given(AMOUNTS)
def test_concentration_lies_between_even_and_one(flows: list[float]) -> None:
    assert 1.0 / len(flows) - 1e-12 <= metrics.hhi(flows) <= 1.0 + 1e-12
    assert metrics.hhi([7.0] * len(flows)) == pytest.approx(1.0 / len(flows))
    assert metrics.hhi([]) == metrics.hhi([0.0]) == 0.0


def test_a_star_is_measured_as_one() -> None:
    whole, places = metrics.of_whole(star(4)), metrics.of_places(star(4))
    assert (whole["countries"], whole["links"], whole["traded"]) == (5, 4, 40.0)
    assert (whole["hhi_exports"], whole["hhi_imports"]) == (pytest.approx(0.25), 1.0)
    assert (places["B"]["suppliers"], places["B"]["imports"], places["B"]["hhi_suppliers"]) == (4, 40.0, 0.25)
    assert (places["S0"]["customers"], places["S0"]["exports"], places["S0"]["suppliers"]) == (1, 10.0, 0)


def test_a_trace_makes_no_partner_but_counts_as_trade() -> None:
    graph = star(3, 1e6)
    graph.edges["S2", "B"]["flow"] = 1.0
    told = metrics.of_places(graph)["B"]
    assert (told["suppliers"], told["imports"]) == (2, 2e6 + 1.0)


def test_who_stands_between_is_central_and_large_flows_are_short_ways() -> None:
    graph = nx.DiGraph()
    graph.add_nodes_from("AMNB", own=0.0)
    graph.add_edges_from(
        (u, v, {"flow": flow}) for u, v, flow in (("A", "M", 9.0), ("M", "B", 9.0), ("A", "N", 1.0), ("N", "B", 1.0))
    )
    told = metrics.of_places(graph)
    assert told["M"]["betweenness"] > 0.0
    assert told["N"]["betweenness"] == 0.0


def test_two_blocs_are_two_communities() -> None:
    graph = nx.DiGraph()
    for bloc in ("ABC", "XYZ"):
        graph.add_edges_from((u, v, {"flow": 10.0}) for u in bloc for v in bloc if u != v)
    graph.add_edge("A", "X", flow=0.1)
    nx.set_node_attributes(graph, 0.0, "own")
    assert sorted(map(sorted, metrics.communities(graph))) == [["A", "B", "C"], ["X", "Y", "Z"]]
    assert metrics.of_whole(graph)["modularity"] > 0.45


# ---- a run -----------------------------------------------------------------------------------------------------------------------
def test_the_chain_of_a_run_carries_its_trade_and_its_recycled_metal(outcome: Outcome) -> None:
    graph = chain(outcome, choose(outcome, ["cobalt"], [2025], "shock"))
    rows = outcome.trade[(outcome.trade.run == "shock") & (outcome.trade.metal == "cobalt")]
    rows = rows[rows.date.dt.year == 2025]
    for form, stage in (("intermediate", MINING), ("refined", REFINING)):
        sent = sum(told["flow"] for u, _, told in graph.edges(data=True) if graph.nodes[u]["stage"] == stage)
        assert sent == pytest.approx(rows[rows.form == form].tonnes.sum() / 12.0)
    recycled = sum(told["flow"] for u, _, told in graph.edges(data=True) if graph.nodes[u]["stage"] == SCRAP)
    series = outcome.series[(outcome.series.run == "shock") & (outcome.series.variable == "secondary_supply")]
    world = series[(series.region == "WLD") & (series.metal == "cobalt") & (series.date.dt.year == 2025)]
    assert recycled == pytest.approx(world.value.sum() / 12.0)
    assert graph.nodes["COD mining"]["country"] == "COD"
    assert graph.edges["COD mining", "CHN refining", "cobalt"]["price"] > 0.0


def test_the_network_of_a_run(outcome: Outcome, tmp_path: Path) -> None:
    found = network(outcome)
    assert set(found.networks["metal"]) == {"cobalt", "nickel"}
    assert set(found.networks["year"]) == {2024, 2025}
    assert len(found.networks) == 2 * 2 * 2
    trade = outcome.trade[(outcome.trade.run == "shock") & (outcome.trade.exporter != outcome.trade.importer)]
    total = trade[(trade.metal == "cobalt") & (trade.form == "refined") & (trade.date.dt.year == 2025)].tonnes.sum()
    row = found.networks.query("metal == 'cobalt' and form == 'refined' and year == 2025").iloc[0]
    places = found.places.query("metal == 'cobalt' and form == 'refined' and year == 2025")
    assert row.traded == pytest.approx(total)
    assert places.imports.sum() == pytest.approx(total)
    assert places.exports.sum() == pytest.approx(total)
    assert places.community.nunique() == row.communities
    losses = found.losses.query("metal == 'cobalt' and year == 2024").set_index("country")
    assert losses.lost.idxmax() == "COD"
    assert network(outcome).networks.equals(found.networks), "asked twice, the same answer"
    folder = found.write(tmp_path / "network")
    back = nx.read_gexf(folder / "graphs" / "cobalt-refined-2025.gexf")
    assert back.nodes["CHN"]["exports"] == pytest.approx(places.set_index("country").exports["CHN"])
    assert (
        nx.read_graphml(folder / "graphs" / "cobalt-refined-2025.graphml").number_of_edges() == back.number_of_edges()
    )


def test_a_ban_is_seen_in_who_supplies(outcome: Outcome) -> None:
    cases = {case: network(outcome, ["cobalt"], [2025], case).places for case in ("shock", "baseline")}
    exports = {
        case: places.query("form == 'intermediate'").set_index("country").exports["COD"]
        for case, places in cases.items()
    }
    assert exports["shock"] < 0.5 * exports["baseline"]


def test_what_a_run_does_not_have_is_named_at_once(outcome: Outcome) -> None:
    with pytest.raises(DataError) as error:
        choose(outcome, ["cobald"], [1999], "nothing")
    said = str(error.value)
    assert "3 problems" in said
    assert "Did you mean 'cobalt'?" in said
    assert np.all([word in said for word in ("1999", "nothing", "shock, baseline")])
