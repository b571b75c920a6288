"""What `lodeflow risk`, `lists` and `warning` write: tables as CSV, with a chart where there is one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables

CHART = "risk.png"
ENTRIES = frozenset(
    {
        "manifest.json",
        CHART,
        *(
            f"{name}.csv"
            for name in (
                "risk",
                "index",
                "review",
                "list",
                "changes",
                "scores",
                "cost",
                "draws",
                "reserves",
                "channels",
            )
        ),
    }
)


@dataclass(frozen=True)
class Found:
    """Tables by name, and what they were made from."""

    what: str
    tables: dict[str, pd.DataFrame]
    made_from: dict[str, Any]

    def write(self, folder: Path, overwrite: bool = False, finish: Callable[[Path], None] | None = None) -> Path:
        """Write the tables as CSV. Raises DataError if the folder may not be written.

        finish(path) may add a chart to the folder before it takes its name.
        """
        from lodeflow.experiments.run.results import write_folder

        def fill(place: Path) -> None:
            for name, table in self.tables.items():
                table.to_csv(place / f"{name}.csv", index=False, float_format="%.8g")
            if finish is not None:
                finish(place)

        return write_folder(folder, fill, self.made_from, ENTRIES, overwrite)


def found(what: str, tables: Tables, inputs: dict[str, Any], **made: pd.DataFrame) -> Found:
    """Return tables with their manifest; what: in words; inputs: what was asked."""
    from lodeflow.data import fingerprint
    from lodeflow.experiments.run.results import PROGRAM
    from lodeflow.experiments.run.written import program_version

    manifest = {
        "scenario": what,
        "seed": "none (no noise)",
        "inputs": inputs,
        "versions": {PROGRAM: program_version()},
        "data_hash": fingerprint(tables),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    return Found(what, dict(made), manifest)
