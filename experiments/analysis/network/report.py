"""The network of a run in tables, and the folder they are written to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeflow.experiments.analysis.network.cascade import cascades
from lodeflow.experiments.analysis.network.graph import Choice, chain, choose, rows_of, traders, write_graph
from lodeflow.experiments.analysis.network.losses import without_each
from lodeflow.experiments.analysis.network.metrics import of_places, of_whole

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

    from lodeflow.experiments.run.results import Outcome

TABLES = ("networks", "places", "losses", "cascades")
ENTRIES = frozenset({"manifest.json", "graphs", *(f"{name}.csv" for name in TABLES)})


@dataclass(frozen=True)
class Network:
    """The trade network of a run, year by year.

    networks: metal, form, year and the columns of ``metrics.of_whole``; places: metal, form, year, country and those of
    ``metrics.of_places``; losses: metal, year and those of ``losses.without_each``; cascades: the last year and those of
    ``cascade.cascades``, empty for folders of older versions; graphs: by name (metal-form-year), with what
    was measured of every country at its node.
    """

    scenario: str
    choice: Choice
    networks: pd.DataFrame
    places: pd.DataFrame
    losses: pd.DataFrame
    cascades: pd.DataFrame
    graphs: dict[str, nx.DiGraph]
    made_from: dict[str, Any]

    def write(self, folder: str | Path, overwrite: bool = False) -> Path:
        """Write the tables as CSV and every graph as GraphML and GEXF. Raises DataError if the folder may not be written."""
        from lodeflow.experiments.run.results import write_folder

        def fill(place: Path) -> None:
            for name in TABLES:
                getattr(self, name).to_csv(place / f"{name}.csv", index=False, float_format="%.6g")
            for name, graph in self.graphs.items():
                for kind in ("graphml", "gexf"):
                    write_graph(graph, place / "graphs" / f"{name}.{kind}")

        return write_folder(Path(folder), fill, self.made_from, ENTRIES, overwrite)


def network(outcome: Outcome, metals: Iterable[str] = (), years: Iterable[int] = (), run: str | None = None) -> Network:
    """Measure the trade network of a run for every metal, form (ore, intermediates, metal) and year; all of them if left out.

    Raises DataError with every name and year that the run does not have.
    """
    import pandas as pd

    from lodeflow.environment.records.columns import ore_and_metal

    choice = choose(outcome, metals, years, run)
    trade = rows_of(ore_and_metal(outcome.trade), choice)
    networks: list[dict[str, Any]] = []
    places: list[dict[str, Any]] = []
    losses: list[dict[str, Any]] = []
    graphs: dict[str, nx.DiGraph] = {}
    for (metal, form, year), rows in trade.groupby(["metal", "form", trade["date"].dt.year], observed=True):
        graph, key = traders(rows), {"metal": metal, "form": form, "year": year}
        measured = of_places(graph)
        networks.append(key | of_whole(graph))
        places += [key | {"country": place} | told for place, told in measured.items()]
        for place, told in measured.items():
            graph.nodes[place].update(told)
        graphs[f"{metal}-{form}-{year}"] = graph
    for metal in choice.metals:
        for year in sorted(trade.loc[trade["metal"] == metal, "date"].dt.year.unique()):
            one = chain(outcome, Choice((metal,), (int(year),), choice.run))
            losses += [{"metal": metal, "year": year} | told for told in without_each(one)]
    whole, each, lost = (pd.DataFrame(rows) for rows in (networks, places, losses))
    year = int(whole["year"].max())
    return Network(
        outcome.scenario.name,
        choice,
        whole,
        each,
        lost,
        _cascades(outcome, choice, year),
        graphs,
        _manifest(outcome, choice),
    )


def _cascades(outcome: Outcome, choice: Choice, year: int) -> pd.DataFrame:
    """What follows, with stocks, if a country delivers nothing: the metals that were chosen, with all others moving along."""
    import pandas as pd

    from lodeflow.experiments.analysis.flows.account import account_of

    if outcome.movements is None:
        return pd.DataFrame(columns=["year", "country", "metal"])
    rows = outcome.movements[outcome.movements["date"].dt.year.isin([year - 1, year])]
    account = account_of(rows, run=choice.run).part(years=[year])
    months = int((outcome.products["date"].drop_duplicates().dt.year == year).sum())
    found = cascades(account, months)
    found = found[found["metal"].isin(choice.metals)] if len(found) else found
    return found.assign(year=year)[["year", *found.columns]]


def _manifest(outcome: Outcome, choice: Choice) -> dict[str, Any]:
    kept = {name: outcome.manifest[name] for name in ("scenario", "seed", "start", "end", "versions", "data_hash")}
    inputs = {"run": outcome.manifest["inputs"], **asdict(choice)}
    inputs = {name: list(value) if isinstance(value, tuple) else value for name, value in inputs.items()}
    return kept | {"inputs": inputs, "created": datetime.now(UTC).isoformat(timespec="seconds")}
