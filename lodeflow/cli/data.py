"""The command that reports on the data. Heavy packages are imported inside the command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lodeflow.cli.errors import reporting
from lodeflow.cli.options import Debug, out_folder, replacing
from lodeflow.print.terminal import say

commands = typer.Typer()


@commands.command("data")
def data_command(
    out: Annotated[Path | None, out_folder("Write the report to this new file.")] = None,
    overwrite: Annotated[bool, replacing("Replace the file if there is one.")] = False,
    debug: Debug = False,
) -> None:
    """Report on the data: every adjustment above 2 %, and the share of each metal's tonnage that is observed."""
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
