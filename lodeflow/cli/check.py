"""The command that checks a scenario file or a folder of tables. Heavy packages are imported inside the command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lodeflow.cli.errors import reporting
from lodeflow.cli.inputs import load_tables
from lodeflow.cli.options import Debug, Plugins, own_tables
from lodeflow.print.terminal import say, warn

commands = typer.Typer()


@commands.command()
def check(
    path: Annotated[str, typer.Argument(help="A scenario file (or shipped name), or a folder of data tables.")],
    data_folder: Annotated[
        Path | None,
        own_tables("Folder of own tables that the scenario is checked against."),
    ] = None,
    plugins: Plugins = None,
    debug: Debug = False,
) -> None:
    """Check a scenario file or a folder of data tables, and report everything for which a run would refuse it."""
    with reporting(debug):
        from lodeflow.experiments.run.what_if import build_world
        from lodeflow.experiments.scenario.model import Scenario, load_scenario
        from lodeflow.viz.words import count

        folder = bool(path) and Path(path).is_dir()
        tables = load_tables(Path(path) if folder else data_folder)
        scenario = Scenario(name="check") if folder else load_scenario(path, tables=tables)
        for line in build_world(scenario, tables).unreached():
            warn(line)
        rows = sum(len(table) for table in tables.values())
        what = f"{len(tables)} tables with {rows:,} rows" if folder else f"scenario {scenario.name!r}"
        with_shocks = "" if folder else f" with {count(len(scenario.shocks), 'shock', 'shocks')}"
        say(f"{path}: {what}{with_shocks}, nothing wrong.")
