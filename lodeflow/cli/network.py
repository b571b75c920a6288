"""The commands for who trades with whom: graph and network. Heavy packages are imported inside the commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lodeflow.cli.errors import reporting
from lodeflow.cli.inputs import names_in
from lodeflow.cli.options import (
    Case,
    Debug,
    Overwrite,
    Quiet,
    RunFolder,
    SomeMetals,
    out_file,
    out_folder,
    replacing,
    year_of,
)

commands = typer.Typer()

Years = Annotated[list[int] | None, year_of("A calendar year, may be repeated; all if left out.")]


@commands.command()
def graph(
    folder: RunFolder,
    out: Annotated[Path, out_file("File of the graph, .graphml or .gexf.")],
    metals: SomeMetals = None,
    years: Years = None,
    case: Case = None,
    overwrite: Annotated[bool, replacing("Replace the file if there is one.")] = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Write the chain of a run, countries by stage and what flows between them, as a graph for Gephi, igraph or networkx."""
    with reporting(debug, quiet) as screen:
        from lodeflow.experiments.analysis.network.graph import chain, check_file, choose, write_graph
        from lodeflow.experiments.run.read import read_run

        check_file(out, overwrite)
        outcome = read_run(folder)
        found = chain(outcome, choose(outcome, names_in(metals) or (), years or (), case))
        write_graph(found, out)
        screen.result(out, f"Graph with {len(found):,} places and {found.number_of_edges():,} flows")


@commands.command("network")
def network_command(
    folder: RunFolder,
    out: Annotated[Path | None, out_folder("Folder of the results; RUN-network if left out.")] = None,
    metals: SomeMetals = None,
    years: Years = None,
    case: Case = None,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Measure who trades with whom: concentration, centrality, communities, and what is lost when a country delivers nothing."""
    with reporting(debug, quiet) as screen:
        from lodeflow.experiments.analysis.network.report import ENTRIES, network
        from lodeflow.experiments.run.read import read_run
        from lodeflow.experiments.run.results import check_target
        from lodeflow.print.network import print_network

        target = folder.with_name(f"{folder.resolve().name}-network") if out is None else out
        check_target(target, ENTRIES)
        found = network(read_run(folder), names_in(metals) or (), years or (), case)
        found.write(target, overwrite)
        print_network(found)
        screen.result(target)
