"""The account of steel or aluminium in tables, and the folder they are written to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeflow.experiments.analysis.footprint import materials
from lodeflow.experiments.analysis.footprint.levers import PLACE, levers

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables

TABLES = ("stages", "countries", "avoided", "levers", "history")
ENTRIES = frozenset({"manifest.json", "footprint.png", *(f"{name}.csv" for name in TABLES)})


@dataclass(frozen=True)
class MaterialReport:
    """Steel or aluminium.

    Attributes:
        material: its name.
        place: whose levers they are: WLD or a country.
        tables: by name of TABLES; history is empty for aluminium.
        made_from: the manifest.
    """

    material: str
    place: str
    tables: dict[str, pd.DataFrame]
    made_from: dict[str, Any]

    def write(self, folder: str | Path, overwrite: bool = False, finish: Callable[[Path], None] | None = None) -> Path:
        """Write the tables as CSV; finish(path) may add the chart. Raises DataError if the folder may not be written."""
        from lodeflow.experiments.run.results import write_folder

        def fill(place: Path) -> None:
            for name in TABLES:
                self.tables[name].to_csv(place / f"{name}.csv", index=False, float_format="%.10g")
            if finish is not None:
                finish(place)

        return write_folder(Path(folder), fill, self.made_from, ENTRIES, overwrite)


def material_report(tables: Tables, material: str) -> MaterialReport:
    """Return the account of a material of `materials.MATERIALS`."""
    import pandas as pd

    from lodeflow.data import fingerprint
    from lodeflow.experiments.run.results import PROGRAM
    from lodeflow.experiments.run.written import program_version

    found = {
        "stages": materials.stages(tables, material),
        "countries": materials.countries(tables, material),
        "avoided": materials.avoided(tables, material),
        "levers": levers(tables, material),
        "history": materials.history(tables) if material == "steel" else pd.DataFrame(),
    }
    manifest = {
        "scenario": f"{material}, data of the tables",
        "seed": "none (no run)",
        "inputs": {"material": material},
        "versions": {PROGRAM: program_version()},
        "data_hash": fingerprint(tables),
    }
    return MaterialReport(material, PLACE[material], found, manifest)
