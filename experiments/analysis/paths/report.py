"""Paths of some metals, under all recycling rates that were asked for, and the folder they are written to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeflow.experiments.analysis.paths.cover import beside_forecasts, cover, reserves_of
from lodeflow.experiments.analysis.paths.long_run import FIRST, check, long_run
from lodeflow.experiments.analysis.paths.sweep import MODEL, flows_of, path, summary

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables

TABLES = ("paths", "summary", "cover", "forecasts")
CHART = "paths-{metal}.png"
KEYS = ["metal", "recycling"]


def entries(metals: Sequence[str]) -> frozenset[str]:
    """Return everything that a folder of paths of these metals may hold."""
    charts = (CHART.format(metal=metal) for metal in metals)
    return frozenset({"manifest.json", *(f"{name}.csv" for name in TABLES), *charts})


@dataclass(frozen=True)
class Asked:
    """What was asked for.

    Attributes:
        metals: their names.
        rates: recycling rates beside that of the model, 0 to 1.
        by: year in which they are reached, evenly from that of the model's first year; None: at once.
        demand, chemistry, last: as those of :func:`lodeflow.experiments.analysis.paths.long_run.check`.
    """

    metals: tuple[str, ...]
    rates: tuple[float, ...]
    by: int | None
    demand: str
    chemistry: str
    last: int


@dataclass(frozen=True)
class Paths:
    """What came out.

    Attributes:
        asked: what was asked for.
        tables: by name of TABLES: paths (metal, recycling and the columns of `sweep.path`), summary (of `sweep.summary`),
            cover and forecasts (of `cover`); recycling: MODEL, or a rate as "40 %".
        made_from: the manifest.
    """

    asked: Asked
    tables: dict[str, pd.DataFrame]
    made_from: dict[str, Any]

    def write(self, folder: Path, overwrite: bool = False, finish: Callable[[Path], None] | None = None) -> Path:
        """Write the tables as CSV. Raises DataError if the folder may not be written.

        finish(path) may add charts to the folder before it takes its name.
        """
        from lodeflow.experiments.run.results import write_folder

        def fill(place: Path) -> None:
            for name in TABLES:
                self.tables[name].to_csv(place / f"{name}.csv", index=False, float_format="%.10g")
            if finish is not None:
                finish(place)

        return write_folder(folder, fill, self.made_from, entries(self.asked.metals), overwrite)


def rate_text(rate: float | None) -> str:
    """Return the name of a path: '40 %', or that of the model's own recycling."""
    return MODEL if rate is None else f"{100.0 * rate:g} %"


def paths(tables: Tables, asked: Asked, progress: Callable[[str], None] | None = None) -> Paths:
    """Make one run a metal and read its paths.

    Args:
        tables: the loaded tables.
        asked: what is asked for.
        progress: told the name of every metal before its run.

    Raises:
        DataError: naming everything that there is not.
    """
    import pandas as pd

    from lodeflow.data import fingerprint
    from lodeflow.experiments.run.results import PROGRAM
    from lodeflow.experiments.run.written import program_version

    check(tables, list(asked.metals), asked.demand, asked.chemistry, asked.last)
    parts: dict[str, list[pd.DataFrame]] = {name: [] for name in TABLES}
    for metal in asked.metals:
        if progress is not None:
            progress(metal)
        run = long_run(tables, metal, asked.demand, asked.chemistry, asked.last)
        flows, reserves = flows_of(run, metal), float(reserves_of(tables, metal).sum()) or float("nan")
        for rate in (None, *asked.rates):
            table, keys = path(flows, rate, asked.by), {"metal": metal, "recycling": rate_text(rate)}
            parts["paths"].append(table.assign(**keys)[[*KEYS, *table.columns]])
            parts["summary"].append(pd.DataFrame([keys | {"reserves_t": reserves} | summary(table, reserves)]))
        parts["cover"].append(cover(run, metal, tables))
        parts["forecasts"].append(beside_forecasts(run, metal, tables))
    found = {
        name: pd.concat([rows for rows in some if len(rows)] or some, ignore_index=True) for name, some in parts.items()
    }
    manifest = {
        "scenario": f"paths {FIRST} to {asked.last}, {asked.demand}, {asked.chemistry}",
        "seed": "none (no noise)",
        "inputs": {name: list(value) if isinstance(value, tuple) else value for name, value in vars(asked).items()},
        "versions": {PROGRAM: program_version()},
        "data_hash": fingerprint(tables),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    return Paths(asked, found, manifest)
