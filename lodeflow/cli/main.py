"""The command line: `lodeflow --help` lists the commands. This file only puts them together, in the order of the help."""

from __future__ import annotations

import atexit
import gc
import os
import sys
import threading
from typing import Annotated

import typer

from lodeflow.cli import app as cli_app
from lodeflow.cli import (
    check,
    compare,
    describe,
    discover,
    exposure,
    flows,
    footprint,
    history,
    imports,
    monte_carlo,
    network,
    paths,
    risk,
    run,
    sensitivity,
    summarize,
    technology,
)
from lodeflow.cli import data as cli_data
from lodeflow.cli import export as cli_export
from lodeflow.cli import list as cli_list
from lodeflow.print.screen import any_encoding
from lodeflow.print.terminal import say

app = typer.Typer(
    help="Lodeflow simulates the supply chains of critical metals, month by month: who mines, refines, makes and "
    "recycles, and what shocks and policies do to prices, shortages and recycling.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for file in (
    cli_list,
    describe,
    check,
    cli_data,
    imports,
    run,
    compare,
    flows,
    footprint,
    exposure,
    network,
    paths,
    risk,
    cli_export,
    history,
    monte_carlo,
    summarize,
    technology,
    sensitivity,
    discover,
    cli_app,
):
    app.add_typer(file.commands)


def _print_version(asked: bool) -> None:
    if asked:
        import lodeflow

        say(f"lodeflow {lodeflow.__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Take the options of the program itself; the text of `--help` is that of `app`."""


COLLECT = (20_000, 20, 20)
"""When Python looks for objects that hold each other: a command makes many small ones and ends soon, so seldom."""


def main() -> None:
    """Run the command line."""
    gc.set_threshold(*COLLECT)
    any_encoding()
    try:
        app()
    except SystemExit as end:
        if not end.code:
            _end()
        raise


def _end() -> None:
    """End well and at once: taking apart what was loaded takes as long as a dozen months of the model.

    Returns where somebody else has work left: a thread, a profiler, or Python with output that nobody takes.
    """
    others = [thread for thread in threading.enumerate() if thread is not threading.main_thread()]
    if sys.gettrace() or sys.getprofile() or not all(thread.daemon for thread in others):
        return
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (AttributeError, OSError, ValueError):  # none is there, nobody reads it, or it is closed
        return
    os._exit(0)
