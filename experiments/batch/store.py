"""A batch on disk, as it is read: its tables when they are asked for, and whether it is whole."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeflow.data.problems import DataError, Problem, did_you_mean
from lodeflow.experiments.batch import sound
from lodeflow.experiments.batch.layout import (
    KEYS,
    KPI,
    LAYOUT_VERSION,
    MANIFEST,
    PARTS,
    PATHS,
    RUNNING,
    RUNS,
    places_in,
)
from lodeflow.experiments.shown import Shown

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


@dataclass(frozen=True)
class Batch(Shown):
    """A batch on disk; tables are read when they are asked for.

    folder: where it lies; manifest: see lodeflow.experiments.batch.layout.
    """

    folder: Path
    manifest: dict[str, Any]

    def runs(self) -> pd.DataFrame:
        """One row per run that was done, index ``run``: seed, status, error, seconds, ..., and the drawn inputs."""
        return self._table(RUNS).set_index("run")

    def kpi(self) -> pd.DataFrame:
        """One row per successful run, index ``run``, one column ``<kpi>.<metal>``; units in :attr:`kpis`."""
        return self._table(KPI).set_index("run")

    def inputs(self) -> pd.DataFrame:
        """The drawn inputs of the successful runs, index ``run``, one column per key of :attr:`factors`."""
        runs = self.runs()
        return runs.loc[runs["status"] == "ok", [str(factor["key"]) for factor in self.manifest["factors"]]]

    def paths(self, columns: Iterable[str] | None = None, runs: Sequence[int] | None = None) -> pd.DataFrame:
        """Monthly series: ``run``, ``date`` and the wide columns asked for, sorted by run and date.

        columns: names as in :attr:`columns` (all if left out); runs: numbers of runs (all if left out).
        Raises DataError, naming the nearest one, for a column that the batch does not hold.
        """
        import pyarrow.dataset as ds

        known = [str(column["name"]) for column in self.manifest["columns"]]
        wanted = known if columns is None else list(columns)
        self._check_columns(wanted, known)
        files = self.path_files()
        if not files:
            return self._no_paths(wanted)
        mask = None if runs is None else ds.field("run").isin(list(runs))
        with reading(self.folder / PARTS):
            table = ds.dataset(files, format="parquet").to_table(columns=["run", "date", *wanted], filter=mask)
        return table.to_pandas().sort_values(["run", "date"], ignore_index=True)

    def to_xarray(self, columns: Iterable[str] | None = None) -> xr.Dataset:
        """:meth:`paths` as an xarray Dataset with dimensions ``run`` and ``date`` (needs the package xarray)."""
        return self.paths(columns).set_index(["run", "date"]).to_xarray()

    def path_files(self) -> list[str]:
        """The Parquet files of the series, for DuckDB: ``read_parquet([...])``; each holds whole runs."""
        self.check()
        return [str(path) for path in self.files(PATHS)]

    @cached_property
    def factors(self) -> pd.DataFrame:
        """The drawn inputs: key, distribution, low, high, mode, choices, unit, nominal, what."""
        return self._list("factors")

    @cached_property
    def columns(self) -> pd.DataFrame:
        """The columns of :meth:`paths`: name, case, variable, form, metal, region, unit."""
        return self._list("columns")

    @cached_property
    def kpis(self) -> pd.DataFrame:
        """The columns of :meth:`kpi`: name, kpi, metal, unit, what."""
        return self._list("kpis")

    def __repr__(self) -> str:
        """Say what is inside, in one line."""
        about = self.manifest
        return (
            f"Batch({about['scenario']}: {about['done']:,} of {about['runs']:,} runs, {about['state']}; {self.folder})"
        )

    # ---- files ------------------------------------------------------------------------------------------------------
    def places(self) -> list[Path]:
        """Parts, and chunks whose part is not there yet, in the order of runs."""
        return places_in(self.folder, self.manifest)

    def files(self, kind: str) -> list[Path]:
        """Files of one kind ("runs", "kpi", "paths") in parts and chunks, in the order of runs."""
        return [place / f"{kind}.parquet" for place in self.places()]

    def check(self) -> None:
        """Raise DataError, with every damaged or missing part, if the batch is not whole; one Batch looks once."""
        if "_sound" not in self.__dict__:
            sound.check(self.folder, self.manifest)
            self.__dict__["_sound"] = True

    def _table(self, kind: str) -> pd.DataFrame:
        import pandas as pd

        self.check()
        whole = self.folder / f"{kind}.parquet"
        if self.manifest["state"] != RUNNING and whole.is_file():
            with reading(whole):
                return pd.read_parquet(whole)
        try:
            parts = [pd.read_parquet(path) for path in self.files(kind)]
        except FileNotFoundError:  # chunks were joined to a part since they were listed
            with reading(self.folder / PARTS):
                parts = [pd.read_parquet(path) for path in self.files(kind)]
        if not parts:
            return pd.DataFrame(
                {"run": pd.Series(dtype="int64"), **dict.fromkeys(("status", "error"), pd.Series(dtype=str))}
            )
        rows = pd.concat(parts, ignore_index=True)
        return rows.drop_duplicates("run").sort_values("run", ignore_index=True)

    def _list(self, key: str) -> pd.DataFrame:
        import pandas as pd

        return pd.DataFrame(self.manifest[key])

    def _check_columns(self, wanted: list[str], known: list[str]) -> None:
        problems = [
            Problem(str(self.folder), None, name, "the batch holds no such column", did_you_mean(name, known))
            for name in wanted
            if name not in known
        ]
        if problems:
            raise DataError(problems)

    @staticmethod
    def _no_paths(wanted: list[str]) -> pd.DataFrame:
        import pandas as pd

        dtypes = {"run": "int64", "date": "datetime64[ms]", **dict.fromkeys(wanted, "float32")}
        return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in dtypes.items()})


@contextmanager
def reading(path: Path, errors: tuple[type[Exception], ...] = (OSError, ValueError)) -> Iterator[None]:
    """Turn an error of reading into one line that names what is damaged. errors: those that the reader raises."""
    try:
        yield
    except errors as error:
        reason = " ".join(str(error).split())[:160]
        right = "Delete the damaged file, and call the command that made the batch once more, with --resume"
        raise DataError([Problem(str(path), None, "", f"cannot be read ({reason})", right)]) from None


def open_batch(folder: str | Path) -> Batch:
    """Open the folder of a batch, also one that is still running or was killed. Raises DataError if it is none."""
    path = Path(folder)
    try:
        manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
        layout = manifest["layout"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        right = "Name a folder that `lodeflow monte-carlo` wrote"
        raise DataError([Problem(str(path), None, "", "is not a batch of Lodeflow", right)]) from None
    if layout != LAYOUT_VERSION:
        wrong = f"the batch has layout {layout}, this version reads {LAYOUT_VERSION}"
        raise DataError([Problem(str(path), None, "", wrong, "Run the batch again")])
    lost = [key for key in KEYS if key not in manifest]
    if lost:
        wrong, right = f"the manifest is damaged: it lacks {', '.join(lost[:5])}", "Run the batch again"
        raise DataError([Problem(str(path / MANIFEST), None, "", wrong, right)])
    return Batch(path, manifest)
