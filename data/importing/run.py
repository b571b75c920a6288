"""Reads a file with the importer of its layout and writes what it holds into a folder of own tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lodeflow.data.importing import other, output, trade
from lodeflow.data.importing.cells import Grid, grid_of
from lodeflow.data.importing.rows import Taken, import_into
from lodeflow.data.problems import DataError, Problem

IMPORTERS: dict[str, tuple[Callable[[Grid, Taken, str], None], str]] = {
    "usgs": (output.usgs, "USGS Mineral Commodity Summaries"),
    "bgs": (output.bgs, "BGS World Mineral Statistics"),
    "iea": (output.iea, "IEA Critical Minerals Data Explorer"),
    "comtrade": (trade.comtrade, "UN Comtrade"),
    "baci": (trade.baci, "CEPII BACI"),
    "worldbank": (other.worldbank, "World Bank Commodity Price Data (Pink Sheet)"),
}
"""Importers by the name of their layout, each with the source that its rows name."""


def import_file(
    kind: str, file: Path, into: Path, metal: str = "", sheet: str = "", unit: str = "", mapping: Path | None = None
) -> list[str]:
    """Import a file and return lines that say what was kept, converted and dropped.

    Args:
        kind: one of IMPORTERS, or "generic".
        file: a .csv or .xlsx file.
        into: folder of own tables.
        metal: where the file does not name it.
        sheet: of a workbook.
        unit: where no title names it (countries with years across).
        mapping: of a generic file.

    Raises:
        DataError: with everything that cannot be used; nothing is written then.
    """
    from lodeflow.data.loader import load

    if kind == "generic":
        if mapping is None:
            right = "Write a mapping file (docs/data/importing.md) and name it with --mapping"
            raise DataError([Problem(file.name, None, "", "a generic file needs a mapping", right)])
        about = other.read_mapping(mapping)
        taken = Taken(load(), str(about.get("source", file.name)), file.name)
        other.generic(grid_of(file, str(about.get("sheet", sheet))), taken, about, metal)
    else:
        read, source = IMPORTERS[kind]
        taken = Taken(load(), f"{source} ({file.name})", file.name)
        grid = grid_of(file, sheet)
        if unit and kind in ("usgs", "bgs", "iea"):
            output.wide(grid, taken, metal, unit)
        else:
            read(grid, taken, metal)
    return import_into(taken, into)
