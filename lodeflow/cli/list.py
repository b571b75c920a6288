"""The command that lists what there is. Heavy packages are imported inside the command."""

from __future__ import annotations

import typer

from lodeflow.cli.errors import reporting
from lodeflow.cli.options import Debug, Plugins

commands = typer.Typer()


@commands.command("list")
def list_command(plugins: Plugins = None, debug: Debug = False) -> None:
    """List the scenarios, metals, shock and policy kinds."""
    with reporting(debug):
        from lodeflow.print.list import print_overview

        print_overview()
