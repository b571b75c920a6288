"""The command that explains a name. Heavy packages are imported inside the command."""

from __future__ import annotations

from typing import Annotated

import typer

from lodeflow.cli.errors import reporting
from lodeflow.cli.options import Debug, Plugins

commands = typer.Typer()


@commands.command()
def describe(
    name: Annotated[
        str,
        typer.Argument(
            help="Scenario, metal, shock kind, country, group, product, parameter, agent kind, variable, KPI or 'world'."
        ),
    ],
    plugins: Plugins = None,
    debug: Debug = False,
) -> None:
    """Explain one name: what it is, its fields with units and ranges, its data with sources."""
    with reporting(debug):
        from lodeflow.print.describe import print_description

        print_description(name)
