"""The command that writes a run for other tools. Heavy packages are imported inside the command."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from lodeflow.cli.errors import reporting
from lodeflow.cli.options import DataFolder, Debug, Quiet, RunFolder, out_folder, replacing

commands = typer.Typer()


class Form(StrEnum):
    """Forms of other tools."""

    iamc = "iamc"
    netcdf = "netcdf"
    parquet = "parquet"
    csv = "csv"
    flodym = "flodym"
    odym = "odym"
    sankey = "sankey"


@commands.command("export")
def export_command(
    folder: RunFolder,
    form: Annotated[Form, typer.Option("--format", help="iamc: pyam; netcdf: xarray; flodym, odym: flow arrays.")],
    out: Annotated[Path | None, out_folder("File or folder to write; RUN-FORMAT if left out.")] = None,
    data_folder: DataFolder = None,
    overwrite: Annotated[bool, replacing("Replace what is there.")] = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Write the results of a run for other tools: IAMC, NetCDF, Parquet, CSV, flow arrays, tables of flows for Sankey tools."""
    with reporting(debug, quiet) as screen:
        from lodeflow import data
        from lodeflow.experiments.exchange.write import FORMATS, export
        from lodeflow.experiments.run.read import read_run

        target = folder.with_name(f"{folder.name}-{form.value}{FORMATS[form.value][1]}") if out is None else out
        outcome = read_run(folder, data.shared(data_folder) if data_folder else None)
        screen.result(export(outcome, form.value, target, overwrite), f"Run as {form.value}")
