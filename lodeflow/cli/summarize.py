"""The command that draws and tabulates a batch. Heavy packages are imported inside the command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lodeflow.cli.errors import reporting
from lodeflow.cli.inputs import names_in, target_in
from lodeflow.cli.options import (
    BatchFolder,
    Debug,
    Language,
    NoCharts,
    Overwrite,
    Quiet,
    ReportLanguage,
    SomeMetals,
    out_folder,
)

commands = typer.Typer()


@commands.command("summarize")
def summarize_command(
    folder: BatchFolder,
    out: Annotated[Path | None, out_folder("Folder of the summary; DIR/summary if left out.")] = None,
    metals: SomeMetals = None,
    variables: Annotated[
        str | None,
        typer.Option("--variable", metavar="NAMES", help="Series, e.g. price,shortage; all if left out."),
    ] = None,
    no_charts: NoCharts = False,
    language: ReportLanguage = Language.EN,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Draw and tabulate a batch: fans, chances, times to recover, metals and countries; also of an unfinished one."""
    with reporting(debug, quiet) as screen:
        from lodeflow.experiments.batch.read.summary import summarize
        from lodeflow.experiments.batch.store import open_batch
        from lodeflow.print.summarize import print_summary

        target = target_in(folder, "summary", out)
        summary = summarize(open_batch(folder), names_in(metals), names_in(variables))

        def finish(place: Path) -> None:
            from lodeflow.print.terminal import warn
            from lodeflow.viz import writing
            from lodeflow.viz.report.summarize import write_summary

            with writing(language, warn):
                write_summary(place, summary)

        summary.write(target, None if no_charts else finish, overwrite)
        print_summary(summary)
        screen.report(target, no_charts)
