"""The commands for technology: cells. Heavy packages are imported inside the commands."""

from __future__ import annotations

import typer

from lodeflow.cli.errors import reporting
from lodeflow.cli.options import DataFolder, Debug, Quiet

commands = typer.Typer()


@commands.command("cells")
def cells_command(data_folder: DataFolder = None, quiet: Quiet = False, debug: Debug = False) -> None:
    """Say how well cost alone tells which battery cells are built: fitted to shares up to 2020, beside those that came."""
    with reporting(debug, quiet):
        from lodeflow import data
        from lodeflow.experiments.judge.cells.cells import judge
        from lodeflow.print.technology import print_cells

        print_cells(judge(data.shared(data_folder)))
