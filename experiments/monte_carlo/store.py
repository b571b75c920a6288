"""The folder of a batch: its layout, and the reading side.

Layout, fixed by :data:`LAYOUT_VERSION`::

    manifest.json            what was asked and how far it came (keys below)
    scenario.toml            the scenario, every setting written out
    data/                    own tables, where the batch was made with some
    runs.parquet             one row per run that was done, sorted by run
    kpi.parquet              one row per run with status "ok", sorted by run
    parts/00000/             runs 0 to part_size - 1, parts/00001/ the next ones, ...; every part holds
        paths.parquet        one row per run and month, one column per series, sorted by run and date
        kpi.parquet, runs.parquet    its rows of the two tables above
    chunks/00000120-00000123/        runs of a part that is not complete yet, with the same three files

A part or chunk appears under its name only when all of it is written and on the disk; one that is damaged later is named when it
is read, and made again by a resume. ``runs.parquet`` and ``kpi.parquet`` of the whole
batch are written when it ends or is stopped; for a batch that was killed the reader takes the rows of parts and chunks.

Columns:

* ``runs``: ``run`` (number, from 0), ``seed`` (of the noise of the run), ``status`` ("ok" or "failed"), ``error`` (one line,
  empty where there is none), ``seconds``, ``finished`` (UTC, text), ``lodeflow`` (version), and one column per drawn input,
  named by its key: ``parameters.eta.cobalt``, ``shocks.0.strength``. Numbers are float64; dates and choices are text.
* ``kpi``: ``run``, and one float64 column ``<kpi>.<metal>`` per indicator and metal (``experiments.monte_carlo.kpi`` says
  what each one is). Shares are 0..1; nan: not defined, as the time to recover of a price that has not recovered in the run.
* ``paths``: ``run``, ``date`` (first day of the month), and float32 columns ``<case>.<variable>.<metal>.<region>``, case
  "shock" or "baseline" (without shocks only "baseline"). A variable of ore or intermediates begins with ``feed_``.
  nan: the run has no such series, for instance since a small country was pooled into ROW.

Manifest: ``layout``, ``scenario`` (name), ``title``, ``start``, ``end``, ``first_month``, ``metals``, ``events``, ``seed``,
``runs`` (asked for), ``sampling`` ("sobol", "lhs", or "saltelli" and "morris" of a sensitivity analysis), ``part_size``,
``factors`` (drawn inputs: key, distribution, low, high, mode, choices, unit, nominal, what), ``columns`` (of paths: name, case,
variable, form, metal, region, unit), ``kpis`` (name, kpi, metal, unit, what), ``main_kpi``, ``versions``, ``data_hash``,
``code_hash``, ``state`` ("running", "finished", "stopped"), ``done``, ``failed``, ``created``, ``wall_seconds``, and, where
parts were damaged and their runs made again on a resume, ``made_again`` (what was wrong).

``summary/``, ``sensitivity/`` and ``discovery/`` beside these hold what other commands made of the batch.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.problems import DataError, Problem, did_you_mean

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

LAYOUT_VERSION = 1
MANIFEST, SCENARIO, DATA = "manifest.json", "scenario.toml", "data"
PARTS, CHUNKS = "parts", "chunks"
RUNS, KPI, PATHS = "runs", "kpi", "paths"
RUN_COLUMNS = ("run", "seed", "status", "error", "seconds", "finished", "lodeflow")
"""Columns of ``runs`` that are not drawn inputs."""
KEYS = (
    *("scenario", "title", "start", "end", "first_month", "metals", "events", "seed", "runs", "sampling", "part_size"),
    *("factors", "columns", "kpis", "main_kpi", "versions", "data_hash", "code_hash", "tables", "scenario_text"),
    *("state", "done", "failed", "created", "wall_seconds"),
)
"""Keys that every manifest has."""
RUNNING, FINISHED, STOPPED = "running", "finished", "stopped"


@dataclass(frozen=True)
class Batch:
    """A batch on disk; tables are read when they are asked for.

    folder: where it lies; manifest: see the module's docstring.
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
        parts = sorted(path for path in (self.folder / PARTS).glob("[0-9]*") if path.name.isdecimal())
        complete = {int(path.name) for path in parts}
        size = int(self.manifest["part_size"])
        chunks = sorted((self.folder / CHUNKS).glob("[0-9]*-*[0-9]"))
        return parts + [path for path in chunks if chunk_runs(path)[0] // size not in complete]

    def files(self, kind: str) -> list[Path]:
        """Files of one kind ("runs", "kpi", "paths") in parts and chunks, in the order of runs."""
        return [place / f"{kind}.parquet" for place in self.places()]

    def check(self) -> None:
        """Raise DataError, with every damaged or missing part, if the batch is not whole; one Batch looks once."""
        from experiments.monte_carlo.sound import check

        if "_sound" not in self.__dict__:
            check(self)
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


def remove(place: Path) -> None:
    """Remove a part or chunk: its name goes at once, so that nobody reads half of it."""
    leaving = place.with_name(f".{place.name}.tmp-{os.getpid()}")
    with suppress(OSError):
        os.replace(place, leaving)
        shutil.rmtree(leaving, ignore_errors=True)


def chunk_runs(chunk: Path) -> tuple[int, int]:
    """First and last run of a chunk, from its name."""
    first, last = chunk.name.split("-")
    return int(first), int(last)


def runs_in(place: Path, manifest: dict[str, Any]) -> tuple[int, int]:
    """First run, and last run + 1, of a part or chunk."""
    if place.parent.name == CHUNKS:
        first, last = chunk_runs(place)
        return first, last + 1
    size = int(manifest["part_size"])
    first = int(place.name) * size
    return first, min(first + size, int(manifest["runs"]))


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
