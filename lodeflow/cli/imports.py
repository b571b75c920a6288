"""The command that turns files of the trade into own tables. Heavy packages are imported inside the command."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from lodeflow.cli.errors import reporting
from lodeflow.cli.options import Debug, metal_of
from lodeflow.print.terminal import say

commands = typer.Typer()


class Kind(StrEnum):
    """Layouts that are read."""

    usgs = "usgs"
    bgs = "bgs"
    comtrade = "comtrade"
    baci = "baci"
    iea = "iea"
    worldbank = "worldbank"
    generic = "generic"


@commands.command("import")
def import_command(
    kind: Annotated[Kind, typer.Argument(help="Layout of the file.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A .csv or .xlsx file as it was downloaded.")],
    into: Annotated[Path, typer.Option("--into", metavar="DIR", help="Folder of own tables; made if it is not there.")],
    metal: Annotated[str, metal_of("Metal, where the file does not name it.")] = "",
    sheet: Annotated[str, typer.Option("--sheet", help="Sheet of a workbook; the first if left out.")] = "",
    unit: Annotated[str, typer.Option("--unit", help="Unit, where no title names it, e.g. 't'.")] = "",
    mapping: Annotated[
        Path | None,
        typer.Option("--mapping", metavar="FILE", help="Mapping of a generic file (docs/data/importing.md)."),
    ] = None,
    debug: Debug = False,
) -> None:
    """Turn a file of the trade into own tables, and say what was kept, converted and dropped, and which sources contradict."""
    with reporting(debug):
        from lodeflow.data.importing.run import import_file

        for line in import_file(kind.value, file, into, metal=metal, sheet=sheet, unit=unit, mapping=mapping):
            say(line)
        say(f"Check it with: lodeflow data check {into}")
