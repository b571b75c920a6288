"""The command that says where every tonne goes. Heavy packages are imported inside the command."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lodeflow.cli.errors import reporting
from lodeflow.cli.options import Case, Debug, Overwrite, Quiet, country_of, out_folder, run_of, year_of

if TYPE_CHECKING:
    from lodeflow.data import Tables
    from lodeflow.experiments.analysis.flows.report import Flows
    from lodeflow.experiments.analysis.flows.source import Source

commands = typer.Typer()

Place = Annotated[str, country_of("Country, a group such as EU27, or WLD for the world.")]
Span = Annotated[str | None, year_of("A year, or the sum of some, as 2010-2020; the last one.")]
SomeRun = Annotated[
    Path | None,
    run_of("Folder that `lodeflow run` wrote; the baseline, or the past, if left out."),
]


@commands.command("flows")
def flows_command(
    metal: Annotated[str, typer.Argument(help="Metal, e.g. cobalt.")],
    country: Place = "WLD",
    year: Span = None,
    folder: SomeRun = None,
    diagram: Annotated[bool, typer.Option("--diagram", help="Also draw the flow diagram.")] = False,
    out: Annotated[Path | None, out_folder("Folder of the results; RUN-flows-METAL-COUNTRY-YEAR if left out.")] = None,
    case: Case = None,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Say where every tonne of a metal goes in a country: supply routes, dependence, origin, recycling, stocks, waste."""
    with reporting(debug, quiet) as screen:
        from lodeflow import data
        from lodeflow.experiments.analysis.flows.report import ENTRIES, flows
        from lodeflow.experiments.analysis.flows.source import read_source
        from lodeflow.experiments.analysis.flows.years import years_in
        from lodeflow.experiments.run.results import check_target
        from lodeflow.print.flows import print_flows

        years, tables = years_in(year), data.shared()
        if folder is None:
            source = _made(years, tables, metal)
        else:
            source = read_source(folder, [metal])
        found = flows(source, metal, country, tables, years, case)
        name = f"{source.folder.resolve().name}-flows-{metal}-{country}-{found.span}"
        target = source.folder.with_name(name) if out is None else out
        check_target(target, ENTRIES)
        found.write(target, overwrite, _diagram(found, tables) if diagram else None)
        print_flows(found)
        screen.result(target)


def _made(years: tuple[int, ...], tables: Tables, metal: str) -> Source:
    """Return the baseline or the past; it is made where it is not there yet. Raises DataError for a metal that is not known."""
    from lodeflow.data.problems import DataError, Problem, did_you_mean
    from lodeflow.experiments.analysis.flows.source import find_source
    from lodeflow.print.run import month_progress

    known = [*tables.metals["metal"]]
    if metal not in known:
        raise DataError([Problem("metal", None, "", f"there is no metal {metal!r}", did_you_mean(metal, known))])
    with month_progress("flows") as progress:
        return find_source(years, tables, [metal], progress=progress)


def _diagram(found: Flows, tables: Tables) -> Callable[[Path], None]:
    """Return what draws the diagram into a folder."""

    def draw(place: Path) -> None:
        from lodeflow.experiments.analysis.flows.report import DIAGRAM
        from lodeflow.viz import Labels, style
        from lodeflow.viz.charts.account import flow_diagram

        labels = Labels.of(tables.countries, tables.metals, tables.products)
        (place / DIAGRAM).write_bytes(style.png(flow_diagram(found, labels)))

    return draw
