"""The commands on data: the report, and what checks, begins and reconciles a folder of own tables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lodeflow.cli.errors import reporting
from lodeflow.cli.options import Debug, out_folder, replacing
from lodeflow.print.terminal import say

commands = typer.Typer()
group = typer.Typer(invoke_without_command=True)
commands.add_typer(group, name="data")
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of own tables.")]


@group.callback()
def data_command(
    context: typer.Context,
    out: Annotated[Path | None, out_folder("Write the report to this new file.")] = None,
    overwrite: Annotated[bool, replacing("Replace the file if there is one.")] = False,
    debug: Debug = False,
) -> None:
    """Report on the data, or work on a folder of own tables.

    Without a command: every adjustment above 2 %, and the share of each metal's tonnage that is observed.
    """
    if context.invoked_subcommand is not None:
        return
    with reporting(debug):
        from lodeflow import data
        from lodeflow.data.problems import DataError, Problem
        from lodeflow.data.report import report

        if out is not None and out.is_file() and not overwrite:
            right = "Name a new file, or replace this one with --overwrite"
            raise DataError([Problem(str(out), None, "", "the file is there already; nothing was touched", right)])

        text = str(report(data.load()))
        if out is None:
            say(text)
        else:
            out.write_text(text, encoding="utf-8")
            say(f"Data report written to {out}.")


@group.command("check")
def check_command(folder: Folder, debug: Debug = False) -> None:
    """Check a folder of own tables: all problems at once, what defaults fill, what was converted, and what is odd."""
    with reporting(debug):
        from lodeflow import data
        from lodeflow.data.findings import findings
        from lodeflow.data.span import last_year

        tables = data.load(folder)
        odd = findings(tables, data.load())
        for line in (*tables.notes, *odd):
            say(line)
        metals = [str(name) for name in tables["metals"]["metal"]]
        last = last_year(tables, metals)
        rows = sum(len(table) for table in tables.values())
        say(
            f"{folder}: {len(tables)} tables with {rows:,} rows and {len(metals)} metals; data of all metals to {last}."
        )
        say(f"Nothing is wrong{f'; {len(odd)} things are odd, see above' if odd else ''}.")


@group.command("new")
def new_command(
    metal: Annotated[str, typer.Argument(metavar="METAL", help="Name of the metal, such as tellurium.")],
    out: Annotated[Path, out_folder("Folder for the tables; made if it is not there.")],
    debug: Debug = False,
) -> None:
    """Write a commented folder of tables for a metal that has none."""
    with reporting(debug):
        from lodeflow import data
        from lodeflow.data.template import write_template

        for path in write_template(metal, out, data.load()):
            say(str(path))
        say(f"Fill in the tables, then: lodeflow data check {out}")


@group.command("reconcile")
def reconcile_command(folder: Folder, debug: Debug = False) -> None:
    """Compute what production of a folder is used as: mine and refined totals agree. The shipped tables are never touched."""
    with reporting(debug):
        from lodeflow.data import FOLDER
        from lodeflow.data.problems import DataError, Problem
        from lodeflow.data.reconcile import rewrite

        if folder.resolve() == (FOLDER / "tables").resolve():
            right = "Name a folder of own tables"
            raise DataError([Problem(str(folder), None, "", "these are the shipped tables", right)])
        say(f"{rewrite(folder)} rewritten.")


@group.command("licences")
def licences_command(debug: Debug = False) -> None:
    """Print the licence of every source, whether its rows may be passed on, who must be named, and what would be lost."""
    with reporting(debug):
        from lodeflow import data
        from lodeflow.data.licences import report

        say(report(data.load()))
