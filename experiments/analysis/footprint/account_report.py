"""Accounts without a run in tables, and the folder they are written to: steel, aluminium, the net gain of a technology."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeflow.data.footprint import WORLD
from lodeflow.experiments.analysis.footprint import gains, materials
from lodeflow.experiments.analysis.footprint.levers import PLACE, levers

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables

CHART = "footprint.png"


@dataclass(frozen=True)
class AccountReport:
    """Steel, aluminium or a technology.

    Attributes:
        name: of it.
        place: whose levers or whose power: WLD or a country.
        tables: of a material stages, countries, avoided, levers, history (empty for aluminium); of a technology gain and content.
        made_from: the manifest.
    """

    name: str
    place: str
    tables: dict[str, pd.DataFrame]
    made_from: dict[str, Any]

    def write(self, folder: str | Path, overwrite: bool = False, finish: Callable[[Path], None] | None = None) -> Path:
        """Write the tables as CSV; finish(path) may add the chart. Raises DataError if the folder may not be written."""
        from lodeflow.experiments.run.results import write_folder

        def fill(place: Path) -> None:
            for name, table in self.tables.items():
                table.to_csv(place / f"{name}.csv", index=False, float_format="%.10g")
            if finish is not None:
                finish(place)

        entries = frozenset({"manifest.json", CHART, *(f"{name}.csv" for name in self.tables)})
        return write_folder(Path(folder), fill, self.made_from, entries, overwrite)


def material_report(tables: Tables, material: str) -> AccountReport:
    """Return the account of a material of `materials.MATERIALS`."""
    import pandas as pd

    found = {
        "stages": materials.stages(tables, material),
        "countries": materials.countries(tables, material),
        "avoided": materials.avoided(tables, material),
        "levers": levers(tables, material),
        "history": materials.history(tables) if material == "steel" else pd.DataFrame(),
    }
    return AccountReport(material, PLACE[material], found, _made_from(tables, material, {"material": material}))


def gain_report(
    tables: Tables, technology: str, place: str = WORLD, year: int | None = None, left: float = 1.0
) -> AccountReport:
    """Return the net gain of a technology of `gains.technologies`; arguments and errors as of `gains.gain`."""
    found = {
        "gain": gains.gain(tables, technology, place, year, left),
        "content": gains.content(tables, technology, left),
    }
    asked = {
        "technology": technology,
        "place": place,
        "year": gains.carbon_of_power(tables, place, year).year,
        "left": left,
    }
    return AccountReport(technology, place, found, _made_from(tables, technology, asked))


def _made_from(tables: Tables, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    from lodeflow.data import fingerprint
    from lodeflow.experiments.run.results import PROGRAM
    from lodeflow.experiments.run.written import program_version

    return {
        "scenario": f"{name}, data of the tables",
        "seed": "none (no run)",
        "inputs": inputs,
        "versions": {PROGRAM: program_version()},
        "data_hash": fingerprint(tables),
    }
