"""The urban mine of a metal in tables, and the folder they are written to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeflow.experiments.analysis.urban.mine import SPAN, beside_reserves, urban_mine

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables

CHART = "urban-mine.png"
ENTRIES = frozenset({"manifest.json", "urban_mine.csv", "beside_reserves.csv", CHART})


@dataclass(frozen=True)
class Urban:
    """What came out: the metal, the urban mine by place, product and region, the same by region beside reserves; manifest."""

    metal: str
    table: pd.DataFrame
    regions: pd.DataFrame
    made_from: dict[str, Any]

    def write(self, folder: Path, overwrite: bool = False, finish: Callable[[Path], None] | None = None) -> Path:
        """Write both tables as CSV. Raises DataError if the folder may not be written.

        finish(path) may add the chart to the folder before it takes its name.
        """
        from lodeflow.experiments.run.results import write_folder

        def fill(place: Path) -> None:
            self.table.to_csv(place / "urban_mine.csv", index=False, float_format="%.8g")
            self.regions.to_csv(place / "beside_reserves.csv", index=False, float_format="%.8g")
            if finish is not None:
                finish(place)

        return write_folder(folder, fill, self.made_from, ENTRIES, overwrite)


def urban(tables: Tables, metal: str) -> Urban:
    """Return the urban mine of a metal; arguments and errors as :func:`lodeflow.experiments.analysis.urban.mine.urban_mine`."""
    from lodeflow.data import fingerprint
    from lodeflow.experiments.run.results import PROGRAM
    from lodeflow.experiments.run.written import program_version

    table = urban_mine(tables, metal)
    manifest = {
        "scenario": f"urban mine of {metal}, end of 2024",
        "seed": "none (no noise)",
        "inputs": {"metal": metal, **SPAN},
        "versions": {PROGRAM: program_version()},
        "data_hash": fingerprint(tables),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    return Urban(metal, table, beside_reserves(table, tables), manifest)
