"""The commands for the long view: paths and urban-mine. Heavy packages are imported inside the commands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lodeflow.cli.errors import reporting
from lodeflow.cli.inputs import rates_in
from lodeflow.cli.options import Debug, NoCharts, Overwrite, Quiet, out_folder

if TYPE_CHECKING:
    from lodeflow.experiments.analysis.paths.report import Paths
    from lodeflow.experiments.analysis.urban.report import Urban

commands = typer.Typer()

Demand = Annotated[str, typer.Option("--demand", help="IEA demand scenario to 2050: STEPS, APS or NZE.")]


@commands.command("paths")
def paths_command(
    metals: Annotated[list[str], typer.Argument(metavar="METAL...", help="Metals, e.g. lithium cobalt.")],
    recycling: Annotated[
        str, typer.Option("--recycling", metavar="RATES", help="Rates at end of life: 40%, 0,50,90% or 0..100%.")
    ] = "0..100%",
    by: Annotated[
        int | None,
        typer.Option("--by", metavar="YEAR", help="Year in which the rates are reached; at once if left out."),
    ] = None,
    chemistry: Annotated[
        str, typer.Option("--chemistry", help="Nickel-based vehicle batteries: present, NCA or cobalt-free.")
    ] = "present",
    demand: Demand = "STEPS",
    to: Annotated[int, typer.Option("--to", metavar="YEAR", help="Last year.")] = 2100,
    out: Annotated[Path | None, out_folder("Folder of the results; runs/paths-METALS-CHEMISTRY if left out.")] = None,
    no_charts: NoCharts = False,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Say how far primary and secondary supply carry: gross, recovered and net demand to 2100 under rates of recycling."""
    with reporting(debug, quiet) as screen:
        from lodeflow import data
        from lodeflow.experiments.analysis.paths.long_run import check
        from lodeflow.experiments.analysis.paths.report import Asked, entries, paths
        from lodeflow.experiments.run.results import check_target
        from lodeflow.print.paths import print_paths
        from lodeflow.print.terminal import say

        asked = Asked(tuple(dict.fromkeys(metals)), rates_in(recycling), by, demand, chemistry, to)
        tables = data.shared()
        check(tables, list(asked.metals), demand, chemistry, to)
        target = Path("runs", f"paths-{'-'.join(asked.metals)}-{chemistry}") if out is None else out
        check_target(target, entries(asked.metals))
        found = paths(tables, asked, None if quiet else lambda metal: say(f"{metal}: run to {to} ...", err=True))
        found.write(target, overwrite, None if no_charts else _charts(found))
        print_paths(found)
        screen.result(target)


@commands.command("urban-mine")
def urban_mine_command(
    metal: Annotated[str, typer.Argument(help="Metal, e.g. copper.")],
    out: Annotated[Path | None, out_folder("Folder of the results; runs/urban-mine-METAL if left out.")] = None,
    no_charts: NoCharts = False,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Say what lies above the ground: in use, in drawers, discarded, in waste; graded, and beside the primary reserve."""
    with reporting(debug, quiet) as screen:
        from lodeflow import data
        from lodeflow.experiments.analysis.paths.long_run import check
        from lodeflow.experiments.analysis.urban.report import ENTRIES, urban
        from lodeflow.experiments.run.results import check_target
        from lodeflow.print.urban import print_urban

        tables = data.shared()
        check(tables, [metal], "STEPS", "present", 2100)
        target = Path("runs", f"urban-mine-{metal}") if out is None else out
        check_target(target, ENTRIES)
        found = urban(tables, metal)
        found.write(target, overwrite, None if no_charts else _urban_chart(found))
        print_urban(found)
        screen.result(target)


def _urban_chart(found: Urban) -> Callable[[Path], None]:
    """Return what draws the chart into a folder."""

    def draw(place: Path) -> None:
        from lodeflow import data
        from lodeflow.experiments.analysis.urban.report import CHART
        from lodeflow.viz import Labels, style
        from lodeflow.viz.charts.urban import urban_chart

        tables = data.shared()
        labels = Labels.of(tables.countries, tables.metals, tables.products)
        (place / CHART).write_bytes(style.png(urban_chart(found, labels)))

    return draw


def _charts(found: Paths) -> Callable[[Path], None]:
    """Return what draws one chart a metal into a folder."""

    def draw(place: Path) -> None:
        from lodeflow import data
        from lodeflow.experiments.analysis.paths.report import CHART
        from lodeflow.viz import Labels, style
        from lodeflow.viz.charts.paths import path_chart

        tables = data.shared()
        labels = Labels.of(tables.countries, tables.metals, tables.products)
        for metal in found.asked.metals:
            (place / CHART.format(metal=metal)).write_bytes(style.png(path_chart(found, metal, labels)))

    return draw
