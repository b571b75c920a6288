"""The writing side of a batch folder: made whole, locked while it is written, compared before it is resumed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeflow.data.problems import DataError, Problem, did_you_mean
from lodeflow.experiments.batch import layout, store
from lodeflow.experiments.batch.make.design import Sampling, factors_of
from lodeflow.experiments.batch.make.engine import usable_cores
from lodeflow.experiments.batch.make.identity import differences, identity
from lodeflow.experiments.batch.make.series import columns_of
from lodeflow.experiments.batch.sound import damaged
from lodeflow.experiments.kpis import KPIS, kpis_of
from lodeflow.experiments.plugins import loaded
from lodeflow.experiments.run.results import RUN_ENTRIES, write_folder, write_json

if TYPE_CHECKING:
    from lodeflow.data import Tables
    from lodeflow.environment.shocks.kinds import Shock
    from lodeflow.experiments.scenario.model import Scenario

PART_SIZE = 100
"""Runs in one part."""
MOST_RUNS = 1_000_000
"""Runs of a batch at most, an assumption: their series take some hundred gigabytes, and days on a large cluster."""
MOST_PER_CORE, LEAST_BOUND = 4, 16
"""Worker processes at most: so many for each processor of the machine, and so many anyway; assumptions, beyond them memory goes."""
LOCK = ".lock"
ENTRIES = RUN_ENTRIES | {
    layout.PARTS,
    layout.CHUNKS,
    layout.DATA,
    layout.PLUGINS,
    LOCK,
    *(f"{name}.parquet" for name in (layout.RUNS, layout.KPI)),
}


@dataclass
class Folder:
    """A batch folder that this process may write to.

    path: the folder; manifest: see lodeflow.experiments.batch.layout.
    """

    path: Path
    manifest: dict[str, Any]

    @property
    def stamp(self) -> str:
        """Tells this batch from any other, also from one that lay in the same folder before."""
        return f"{self.manifest['created']} {self.manifest['runs']}"

    def finished(self, main: str) -> Iterator[tuple[int, int, int, list[float]]]:
        """Yield what earlier calls finished: first run, last run + 1, failed runs, main indicator of the others."""
        import pyarrow.parquet as pq

        for place in layout.places_in(self.path, self.manifest):
            first, last = layout.runs_in(place, self.manifest)
            status = pq.read_table(place / f"{layout.RUNS}.parquet", columns=["status"]).column(0).to_pylist()
            yield first, last, status.count("failed"), self._values(place / f"{layout.KPI}.parquet", main)

    def parts(self, main: str) -> Iterator[tuple[int, list[float]]]:
        """Yield the number of every finished part and the main indicator of its runs, in the order of runs."""
        for kpi in sorted((self.path / layout.PARTS).glob(f"[0-9]*/{layout.KPI}.parquet")):
            yield int(kpi.parent.name), self._values(kpi, main)

    @staticmethod
    def _values(path: Path, main: str) -> list[float]:
        import pyarrow.parquet as pq

        return [float(value) for value in pq.read_table(path, columns=[main]).column(0).to_numpy()]

    def close(self, state: str, seconds: float, keep: int | None = None) -> store.Batch:
        """Write the tables of the whole batch and how far it came.

        state: "finished" or "stopped"; seconds: of this call; keep: number of parts to keep, all if left out.
        """
        self.tidy()
        if keep is not None:
            self._drop_parts(keep)
        batch = store.Batch(self.path, self.manifest)
        done = failed = 0
        for kind in (layout.KPI, layout.RUNS):
            done, failed = _stack(batch.files(kind), self.path / f"{kind}.parquet")
        spent = round(float(self.manifest["wall_seconds"]) + seconds, 3)
        self.manifest |= {"state": state, "done": done, "failed": failed, "wall_seconds": spent}
        self.write_manifest()
        return store.Batch(self.path, self.manifest)

    def write_manifest(self) -> None:
        """Write the manifest in one go."""
        temporary = self.path / f".{layout.MANIFEST}.tmp"
        write_json(temporary, self.manifest)
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(temporary, self.path / layout.MANIFEST)

    def _drop_parts(self, keep: int) -> None:
        """Remove what was made beyond the parts that are kept, so that the batch does not depend on who was fastest."""
        for part in sorted((self.path / layout.PARTS).glob("[0-9]*"), reverse=True):
            if int(part.name) >= keep:
                layout.remove(part)
        shutil.rmtree(self.path / layout.CHUNKS, ignore_errors=True)

    def tidy(self) -> None:
        """Remove what a killed call left half-written, and chunks whose part is there."""
        size = int(self.manifest["part_size"])
        for place in (layout.PARTS, layout.CHUNKS):
            for rest in (self.path / place).glob(".*.tmp-*"):
                shutil.rmtree(rest, ignore_errors=True)
        for chunk in (self.path / layout.CHUNKS).glob("[0-9]*"):
            if (self.path / layout.PARTS / f"{layout.chunk_runs(chunk)[0] // size:05d}").is_dir():
                layout.remove(chunk)

    def drop_damaged(self) -> None:
        """Remove parts and chunks that are not whole, so that their runs are made again, and note that in the manifest."""
        while found := list(damaged(self.path, self.manifest)):  # chunks may lie under a damaged part
            for place, wrong in found:
                name = place.relative_to(self.path).as_posix()
                self.manifest.setdefault("made_again", []).append(f"{name}: {wrong}")
                layout.remove(place)
        if not (self.path / layout.SCENARIO).is_file():
            (self.path / layout.SCENARIO).write_text(self.manifest["scenario_text"], encoding="utf-8")

    def extend(self, runs: int) -> None:
        """Ask for more runs; a last part that was not full becomes a chunk again."""
        size, before = int(self.manifest["part_size"]), int(self.manifest["runs"])
        short = self.path / layout.PARTS / f"{before // size:05d}"
        if before % size and short.is_dir():
            first = before // size * size
            (self.path / layout.CHUNKS).mkdir(exist_ok=True)
            os.replace(short, self.path / layout.CHUNKS / f"{first:08d}-{before - 1:08d}")
        self.manifest["runs"] = runs


def _stack(files: list[Path], target: Path) -> tuple[int, int]:
    """Write the rows of many small tables into one, one after the other; returns rows, and rows with status "failed"."""
    import pyarrow.parquet as pq

    temporary, writer, rows, failed = target.with_name(f".{target.name}.tmp"), None, 0, 0
    try:
        for path in files:
            table = pq.read_table(path)
            writer = writer or pq.ParquetWriter(temporary, table.schema, compression="zstd")
            writer.write_table(table)
            rows += len(table)
            failed += table["status"].to_pylist().count("failed") if "status" in table.column_names else 0
    finally:
        if writer is not None:
            writer.close()
    if writer is None:
        target.unlink(missing_ok=True)
    else:
        os.replace(temporary, target)
    return rows, failed


def check_runs(runs: int, option: str = "--runs") -> None:
    """Raise DataError for a number of runs that no batch can have."""
    if not 1 <= runs <= MOST_RUNS:
        right = f"Ask for 1 to {MOST_RUNS:,}"
        raise DataError([Problem(option, None, "", "a batch cannot have that many runs", right)])


def check_workers(workers: int | None) -> None:
    """Raise DataError for a number of processes that would only wait for one another."""
    most = max(MOST_PER_CORE * usable_cores(), LEAST_BOUND)
    if workers is not None and not 1 <= workers <= most:
        wrong = f"{workers:,} is no number of processes for {usable_cores()} processors: more only wait for one another"
        raise DataError([Problem("--workers", None, "", wrong, f"Ask for 1 to {most}, or leave it out")])


def new_manifest(
    scenario: Scenario, tables: Tables, runs: int, sampling: Sampling, kpi: str | None, part_size: int
) -> dict[str, Any]:
    """Return the manifest of a batch that has not begun. Raises DataError for an unknown indicator or number of runs."""
    from lodeflow.environment.start.base_year import choose_metals

    check_runs(runs)
    metals = choose_metals(tables, scenario.world)
    kpis = kpis_of(scenario, metals)
    return {
        "layout": layout.LAYOUT_VERSION,
        "scenario": scenario.name,
        "title": scenario.title,
        "start": scenario.world.start,
        "end": scenario.world.end,
        "first_month": scenario.first_month,
        "metals": metals,
        "events": [_event(shock) for shock in scenario.shocks],
        "seed": scenario.world.seed,
        "runs": runs,
        "sampling": sampling,
        "part_size": part_size,
        "main_kpi": _main_kpi(kpi, scenario, metals, [item["name"] for item in kpis]),
        "state": layout.RUNNING,
        "done": 0,
        "failed": 0,
        "created": datetime.now(UTC).isoformat(timespec="microseconds"),
        "wall_seconds": 0.0,
        **identity(tables),
        "factors": [factor.describe() for factor in factors_of(scenario, tables)],
        "columns": [column.describe() for column in columns_of(scenario, tables)],
        "kpis": kpis,
        "scenario_text": scenario.to_toml(),
    }


def _event(shock: Shock) -> dict[str, Any]:
    """One shock as charts want it; dates are those without drawing."""
    what = {"label": shock.words, "actor": shock.acting_place, "metals": shock.touched_metals}
    dates = {"announced": shock.announce or shock.start, "start": shock.start, "end": shock.end}
    return {"kind": shock.kind, **what, **dates}


def _main_kpi(asked: str | None, scenario: Scenario, metals: list[str], known: list[str]) -> str:
    """Return the indicator that is watched: the one asked for, else the price peak of the first metal that a shock names."""
    named = [metal for shock in scenario.shocks for metal in shock.touched_metals if metal in metals]
    metal = (named or metals)[0]
    name = "price_peak" if asked is None else asked
    full = f"{name}.{metal}" if name in KPIS else name
    if full not in known:
        right = did_you_mean(name, [*known, *KPIS])
        raise DataError([Problem("--kpi", None, "", f"there is no indicator {name!r}", right)])
    return full


def create(path: Path, manifest: dict[str, Any], scenario: Scenario, data_folder: Path | None) -> Folder:
    """Make the folder of a new batch. Raises DataError if there is something already, or it cannot be written."""
    if (path / layout.MANIFEST).is_file() and (path / layout.SCENARIO).is_file():
        wrong = "holds results already; nothing was touched"
        right = "Continue a batch with --resume, or name a new folder with --out"
        raise DataError([Problem(str(path), None, "", wrong, right)])

    def fill(temporary: Path) -> None:
        (temporary / layout.SCENARIO).write_text(scenario.to_toml(), encoding="utf-8")
        for place in (layout.PARTS, layout.CHUNKS):
            (temporary / place).mkdir()
        if data_folder is not None:
            (temporary / layout.DATA).mkdir()
            for file in (*data_folder.glob("*.csv"), *data_folder.glob("*.toml")):
                shutil.copy2(file, temporary / layout.DATA)
        files = [plugin.file for plugin in loaded() if not plugin.package]
        if files:
            (temporary / layout.PLUGINS).mkdir()
            for file in files:
                shutil.copy2(file, temporary / layout.PLUGINS)

    write_folder(path, fill, manifest, ENTRIES)
    return Folder(path.absolute(), manifest)


def resume(path: Path, manifest: dict[str, Any]) -> Folder:
    """Open a batch to go on with it.

    manifest: what this call asks for. A batch of Sobol' points may be asked for more runs than before. Raises DataError with
    every difference if the batch was begun with something else.
    """
    stored = store.open_batch(path).manifest
    longer = stored["sampling"] == "sobol" and manifest["runs"] > stored["runs"]
    asked = {key: manifest[key] for key in COMPARED if key != "runs" or not longer}
    found = list(differences(stored, asked))
    if found:
        right = "Resume with what the batch was begun with, or name a new folder with --out"
        raise DataError([Problem(str(path), None, key, wrong, right) for key, wrong in found])
    folder = Folder(path.absolute(), stored)
    folder.drop_damaged()
    folder.tidy()
    if longer:
        folder.extend(manifest["runs"])
    again = "made_again" in folder.manifest
    if longer or again or stored["main_kpi"] != manifest["main_kpi"] or stored["state"] != layout.RUNNING:
        folder.manifest |= {"main_kpi": manifest["main_kpi"], "state": layout.RUNNING}
        folder.write_manifest()
    return folder


COMPARED = ("layout", "versions", "code_hash", "plugins", "tables", "scenario_text", "runs", "sampling", "part_size")
"""Keys of a manifest that must be the same in a batch and in the call that resumes it."""


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep other processes from writing the batch; the lock goes with the process. Raises DataError if it is taken."""
    try:
        import fcntl
    except ImportError:  # no such locks on this system
        yield
        return
    with (path / LOCK).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            wrong = "another process is writing this batch"
            raise DataError([Problem(str(path), None, "", wrong, "Wait for it, or name a new folder")]) from None
        try:
            yield
        finally:
            with suppress(OSError):
                (path / LOCK).unlink()
