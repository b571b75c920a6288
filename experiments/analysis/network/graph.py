"""The trade of a run as networkx graphs: the chain of countries by stage, and who sells one form of a metal to whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeflow.data.problems import DataError, Problem, did_you_mean
from lodeflow.environment.records.indicators.rows import UNION, WORLD

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

    from lodeflow.experiments.run.results import Outcome

MINING, REFINING, MAKING, SCRAP = "mining", "refining", "making", "scrap"
"""Stages of a country, in the order of the chain; scrap comes back to refining as recycled metal."""
REFINED = "refined"
WRITERS = {".graphml": "write_graphml", ".gexf": "write_gexf"}
"""Functions of networkx by the ending of a file."""


@dataclass(frozen=True)
class Choice:
    """Which part of a run is looked at.

    metals: names; years: calendar years, all of them if empty; run: "shock" or "baseline".
    """

    metals: tuple[str, ...]
    years: tuple[int, ...]
    run: str


def choose(outcome: Outcome, metals: Iterable[str] = (), years: Iterable[int] = (), run: str | None = None) -> Choice:
    """Return what is looked at: all metals and years if left out, the run with its shocks if there is one.

    Raises DataError with every name and year that the run does not have.
    """
    known = {
        "metal": [str(name) for name in outcome.summary["metal"]],
        "year": sorted(str(year) for year in outcome.trade["date"].dt.year.unique()),
        "case": sorted((str(name) for name in outcome.trade["run"].cat.categories), reverse=True),
    }
    asked = {"metal": list(metals), "year": [str(year) for year in years], "case": [run] if run else []}
    problems = [
        Problem(kind, None, "", f"{name!r} is not in this run", did_you_mean(name, known[kind]))
        for kind, names in asked.items()
        for name in names
        if name not in known[kind]
    ]
    if problems:
        raise DataError(problems)
    return Choice(
        tuple(asked["metal"] or known["metal"]), tuple(int(y) for y in asked["year"]), run or known["case"][0]
    )


def rows_of(table: pd.DataFrame, choice: Choice) -> pd.DataFrame:
    """Return the rows of a monthly table of a run that were chosen."""
    kept = (table["run"] == choice.run) & table["metal"].isin(choice.metals)
    if choice.years:
        kept &= table["date"].dt.year.isin(choice.years)
    return table[kept]


def chain(outcome: Outcome, choice: Choice) -> nx.MultiDiGraph:
    """Return the chain of a run: countries by stage, and what went from one to the other in a mean month.

    Nodes such as "COD mining", "CHN refining", "KOR making", "KOR scrap", with `country`, `stage`, `latitude` and `longitude`
    (degrees). Edges by metal, with `metal`, `form`, `flow` (t/month), and `price` (USD/t) where it is traded: feed from mining to
    refining and refined metal from refining to making as it was sent, at home as well; old scrap collected at home, from making;
    recycled metal from scrap to refining. Trade in scrap is left out: it stands in the table of trade, and in `World.graph`.
    """
    import networkx as nx

    from lodeflow.environment.records.columns import ore_and_metal

    graph: nx.MultiDiGraph = nx.MultiDiGraph(name=f"{outcome.scenario.name} {choice.run}")
    trade, series = rows_of(ore_and_metal(outcome.trade), choice), rows_of(outcome.series, choice)
    months = max(trade["date"].nunique(), 1)
    for source, target, metal, flow in (*_trade(trade, months), *_recycling(series, months)):
        graph.add_edge(" ".join(source), " ".join(target), metal, metal=metal, **flow)
        for place in (source, target):
            graph.add_node(" ".join(place), country=place[0], stage=place[1])
    places = _places()
    for _, told in graph.nodes(data=True):
        told.update(places.get(told["country"], {}))
    return graph


Place = tuple[str, str]
Flow = tuple[Place, Place, str, dict[str, Any]]


def _trade(trade: pd.DataFrame, months: int) -> Iterator[Flow]:
    """Trade in feed and in refined metal."""
    worth = trade.assign(worth=trade["tonnes"] * trade["price"])
    sums = worth.groupby(["form", "exporter", "importer", "metal"], observed=True)[["tonnes", "worth"]].sum()
    for (form, seller, buyer, metal), (tonnes, value) in zip(sums.index, sums.to_numpy(), strict=True):
        if tonnes > 0.0:
            ends = (REFINING, MAKING) if form == REFINED else (MINING, REFINING)
            told = {"form": form, "flow": float(tonnes / months), "price": float(value / tonnes)}
            yield (seller, ends[0]), (buyer, ends[1]), metal, told


def _recycling(series: pd.DataFrame, months: int) -> Iterator[Flow]:
    """Old scrap that is collected, and recycled metal."""
    here = series[~series["region"].isin([WORLD, UNION])]
    for variable, form, ends in (
        ("collected", "scrap", (MAKING, SCRAP)),
        ("secondary_supply", REFINED, (SCRAP, REFINING)),
    ):
        sums = (
            here[here["variable"] == variable].groupby(["region", "metal"], observed=True)["value"].sum().reset_index()
        )
        for country, metal, tonnes in zip(sums["region"], sums["metal"], sums["value"], strict=True):
            if tonnes > 0.0:
                yield (country, ends[0]), (country, ends[1]), metal, {"form": form, "flow": float(tonnes / months)}


def _places() -> dict[str, dict[str, float]]:
    """Latitude and longitude of countries, degrees."""
    from lodeflow import data

    table = data.shared().countries
    at = zip(table["iso3"], table["lat"], table["lon"], strict=True)
    return {name: {"latitude": float(lat), "longitude": float(lon)} for name, lat, lon in at if lat == lat}


def traders(trade: pd.DataFrame) -> nx.DiGraph:
    """Return who sells to whom, from rows of one metal and form: edges with `flow` (t in all), home trade left out.

    Nodes have `own`, what they bought at home, t.
    """
    import networkx as nx

    sums = trade.groupby(["exporter", "importer"], observed=True)["tonnes"].sum()
    table = sums[sums > 0.0].reset_index()
    graph: nx.DiGraph = nx.DiGraph()
    for seller, buyer, tonnes in zip(table["exporter"], table["importer"], table["tonnes"], strict=True):
        graph.add_nodes_from((seller, buyer))
        if seller == buyer:
            graph.nodes[seller]["own"] = float(tonnes)
        else:
            graph.add_edge(seller, buyer, flow=float(tonnes))
    places = _places()
    for node in graph:
        graph.nodes[node].setdefault("own", 0.0)
        graph.nodes[node].update(places.get(node, {}))
    return graph


def check_file(path: Path, overwrite: bool = False) -> None:
    """Make sure that a graph may be written to a file. Raises DataError for another ending or a file that is there."""
    if path.suffix not in WRITERS:
        right = f"Name a file that ends in {' or '.join(WRITERS)}"
        raise DataError([Problem(str(path), None, "", f"graphs are not written as {path.suffix or 'this'!r}", right)])
    if path.exists() and not overwrite:
        right = "Name a new file, or replace this one with --overwrite"
        raise DataError([Problem(str(path), None, "", "the file is there already; nothing was touched", right)])


def write_graph(graph: nx.Graph, path: Path) -> None:
    """Write a graph as GraphML or GEXF, by the ending of the file; the file is whole or not there."""
    import os

    import networkx as nx

    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp-{os.getpid()}")
    try:
        getattr(nx, WRITERS[path.suffix])(graph, temporary)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
