"""The command that finds when it goes wrong. Heavy packages are imported inside the command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lodeflow.cli.errors import reporting
from lodeflow.cli.inputs import target_in
from lodeflow.cli.options import BatchFolder, Debug, NoCharts, Overwrite, Quiet, out_folder
from lodeflow.print.terminal import say

commands = typer.Typer()


@commands.command("discover")
def discover_command(
    folder: BatchFolder,
    where: Annotated[
        str,
        typer.Option(
            "--where", metavar="CONDITION", help='What goes wrong, e.g. "shortage.cobalt > 10%"; "and" joins several.'
        ),
    ],
    out: Annotated[Path | None, out_folder("Folder of the result; DIR/discovery if left out.")] = None,
    no_charts: NoCharts = False,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Find the conditions on the drawn inputs under which it goes wrong (PRIM), with coverage and density."""
    with reporting(debug, quiet) as screen:
        from lodeflow.experiments.analysis.discover import discover
        from lodeflow.experiments.batch.store import open_batch

        target = target_in(folder, "discovery", out)
        found = discover(open_batch(folder), where)

        def finish(place: Path) -> None:
            from lodeflow.viz.report.discover import write_discovery

            write_discovery(place, found)

        found.write(target, None if no_charts else finish, overwrite)
        say("\n".join(found.sentences()))
        screen.report(target, no_charts)
