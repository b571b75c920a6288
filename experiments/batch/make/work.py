"""What a worker does: run a few runs and write them as a chunk, or join the chunks of a part.

The functions take only the folder and numbers, so that they work the same in a process of a pool and in a Dask worker that
sees the same folder. A worker keeps tables and scenario from one task to the next.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lodeflow.data.problems import DataError, Problem
from lodeflow.environment.governments.decision import COLUMNS
from lodeflow.environment.shocks.plugged import PluginError
from lodeflow.experiments import plugins
from lodeflow.experiments.batch import layout, store
from lodeflow.experiments.batch.make.design import Design, factors_of
from lodeflow.experiments.batch.make.engine import one_line
from lodeflow.experiments.batch.make.identity import differences, identity
from lodeflow.experiments.batch.make.pair import Bench, PairResult
from lodeflow.experiments.batch.make.series import columns_of
from lodeflow.experiments.run.written import flush, flush_names
from lodeflow.experiments.scenario.drawn import drawn
from lodeflow.experiments.scenario.uncertainty import Value

if TYPE_CHECKING:
    import pyarrow as pa

    from lodeflow.data import Tables
    from lodeflow.experiments.scenario.model import Scenario


@dataclass(frozen=True)
class Done:
    """What the parent learns of one run: its number, whether it failed, its seconds, and its main indicator."""

    run: int
    failed: bool
    seconds: float
    main: float


@dataclass
class Job:
    """A batch as a worker sees it."""

    folder: Path
    manifest: dict[str, Any]
    scenario: Scenario
    design: Design
    bench: Bench

    def run(self, run: int) -> tuple[dict[str, Any], PairResult | None]:
        """Make one run; returns its row of the table of runs, and its results unless it failed."""
        began = time.perf_counter()
        values = self.design.values(run, run + 1)[0]
        seed = self.design.run_seed(run)
        result, error = None, ""
        try:
            result = self.bench.run(drawn(self.scenario, values, seed))
        except PluginError:
            raise
        except Exception as caught:
            error = one_line(caught)
        return self.row(run, values, seed, error, time.perf_counter() - began), result

    def row(self, run: int, values: dict[str, Value], seed: int, error: str, seconds: float) -> dict[str, Any]:
        """Return the row of a run in the table of runs."""
        return {
            "run": run,
            "seed": seed,
            "status": "failed" if error else "ok",
            "error": error,
            "seconds": seconds,
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            "lodeflow": self.manifest["versions"]["lodeflow"],
            **values,
        }


@lru_cache(maxsize=1)
def open_job(folder: str, stamp: str) -> Job:
    """Open a batch in a worker. ``stamp`` tells batches in the same folder apart.

    Raises DataError if program or data of this worker are not those of the batch.
    """
    from lodeflow.experiments.scenario.model import load_scenario

    path = Path(folder)
    manifest = store.open_batch(path).manifest
    tables = _tables(path, manifest)
    plugins.use(sorted((path / layout.PLUGINS).glob("*.py")), alone=True)
    scenario = load_scenario(path / layout.SCENARIO, tables=tables)
    found = list(differences(manifest, identity(tables)))
    if found:
        right = "Give every worker the same program and data, and resume"
        raise DataError([Problem(folder, "worker", key, wrong, right) for key, wrong in found])
    design = Design(tuple(factors_of(scenario, tables)), manifest["runs"], manifest["sampling"], manifest["seed"])
    return Job(path, manifest, scenario, design, Bench(tables, columns_of(scenario, tables)))


def _tables(folder: Path, manifest: dict[str, Any]) -> Tables:
    """The tables of a batch: its own, or the shipped ones, read again if they have changed since this process began."""
    from lodeflow import data

    own = folder / layout.DATA
    if own.is_dir():
        return data.load(own)
    from lodeflow.experiments.batch.make.shipped import TABLES

    return TABLES if data.fingerprint(TABLES) == manifest["data_hash"] else data.load()


def run_chunk(folder: str, stamp: str, first: int, last: int) -> list[Done]:
    """Run the runs `first` to `last` - 1 and write them as a chunk, whole or not at all."""
    job = open_job(folder, stamp)
    outcomes = [job.run(run) for run in range(first, last)]
    _write_chunk(job, first, last, outcomes)
    main = job.manifest["main_kpi"]
    return [
        Done(row["run"], result is None, row["seconds"], np.nan if result is None else result.kpi[main])
        for row, result in outcomes
    ]


def give_up(folder: str, stamp: str, run: int, reason: str) -> list[Done]:
    """Write a run as failed without running it: it took its worker down every time."""
    job = open_job(folder, stamp)
    row = job.row(run, job.design.values(run, run + 1)[0], job.design.run_seed(run), reason, 0.0)
    _write_chunk(job, run, run + 1, [(row, None)])
    return [Done(run, True, 0.0, np.nan)]


def merge_part(folder: str, part: int, size: int) -> list[float]:
    """Join the chunks of a part and remove them; returns the main indicator of its successful runs, in the order of runs."""
    import pyarrow.parquet as pq

    root = Path(folder)
    manifest = store.open_batch(root).manifest
    chunks = sorted(
        path for path in (root / layout.CHUNKS).glob("[0-9]*") if layout.chunk_runs(path)[0] // size == part
    )
    target = root / layout.PARTS / f"{part:05d}"
    if not target.is_dir():
        with _whole(target) as temporary:
            for kind in _kinds(chunks[0]):
                _write(_joined([chunk / f"{kind}.parquet" for chunk in chunks]), temporary / f"{kind}.parquet", kind)
    for chunk in chunks:
        layout.remove(chunk)
    column = pq.read_table(target / f"{layout.KPI}.parquet", columns=[manifest["main_kpi"]]).column(0)
    return [float(value) for value in column.to_numpy()]


def _joined(files: list[Path]) -> pa.Table:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    tables, last = [], -1
    for path in files:  # sorted by run; a run that two calls made stands there once
        table = pq.read_table(path)
        table = table.filter(pc.field("run") > last)
        last = max([last, *table["run"].to_pylist()[-1:]])
        tables.append(table)
    return pa.concat_tables(tables).combine_chunks()


def _write_chunk(job: Job, first: int, last: int, outcomes: list[tuple[dict[str, Any], PairResult | None]]) -> None:
    target = job.folder / layout.CHUNKS / f"{first:08d}-{last - 1:08d}"
    good = [(row["run"], result) for row, result in outcomes if result is not None]
    tables = {
        layout.PATHS: _paths_table(job, good),
        layout.KPI: _kpi_table(job, good),
        layout.RUNS: _runs_table(job, [row for row, _ in outcomes]),
    }
    if job.scenario.governments.on:
        tables[layout.DECISIONS] = _decisions_table(good)
    with _whole(target) as temporary:
        for kind, table in tables.items():
            _write(table, temporary / f"{kind}.parquet", kind)


@contextmanager
def _whole(target: Path) -> Iterator[Path]:
    """Yield a temporary folder that takes the name `target` when all of it is on the disk; one that is there already wins."""
    temporary = target.with_name(f".{target.name}.tmp-{os.getpid()}")
    temporary.mkdir(parents=True, exist_ok=True)
    try:
        yield temporary
        flush(temporary)
        try:
            os.replace(temporary, target)
            flush_names(target.parent)
        except OSError:
            if not target.is_dir():
                raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _write(table: pa.Table, path: Path, kind: str) -> None:
    """Write a table: zstd, and numbers split by byte, which makes series small."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = [column.name for column in table.schema if pa.types.is_floating(column.type)]
    pq.write_table(
        table,
        path,
        compression="zstd",
        use_dictionary=False,
        use_byte_stream_split=names if kind != layout.RUNS and names else False,
        write_statistics=["run"],
    )


def _paths_table(job: Job, good: list[tuple[int, PairResult]]) -> pa.Table:
    import pyarrow as pa

    start = np.datetime64(job.scenario.world.start, "M")
    dates = (start + np.arange(job.scenario.world.months)).astype("datetime64[ms]")
    columns: dict[str, Any] = {
        "run": np.repeat(np.array([run for run, _ in good], np.int64), len(dates)),
        "date": np.tile(dates, len(good)),
    }
    for column in job.bench.columns:
        parts = [result.paths[column.name] for _, result in good]
        columns[column.name] = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    return pa.table(columns)


def _kpi_table(job: Job, good: list[tuple[int, PairResult]]) -> pa.Table:
    import pyarrow as pa

    columns: dict[str, Any] = {"run": np.array([run for run, _ in good], np.int64)}
    for item in job.manifest["kpis"]:
        columns[item["name"]] = np.array([result.kpi[item["name"]] for _, result in good], np.float64)
    return pa.table(columns)


def _decisions_table(good: list[tuple[int, PairResult]]) -> pa.Table:
    import pandas as pd
    import pyarrow as pa

    frames = [result.decisions.assign(run=run) for run, result in good if result.decisions is not None]
    whole = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=[*COLUMNS, "run"])
    texts = {name: whole[name].astype(str) for name in COLUMNS if name != "size"}
    schema = pa.schema(
        [("run", pa.int64()), *((name, pa.float64() if name == "size" else pa.string()) for name in COLUMNS)]
    )
    return pa.Table.from_pandas(whole.assign(**texts), schema, preserve_index=False)


def _kinds(chunk: Path) -> list[str]:
    """Tables of a chunk."""
    own = (layout.DECISIONS,) if (chunk / f"{layout.DECISIONS}.parquet").is_file() else ()
    return [layout.PATHS, layout.KPI, layout.RUNS, *own]


def _runs_table(job: Job, rows: list[dict[str, Any]]) -> pa.Table:
    import pyarrow as pa

    types = {"run": pa.int64(), "seed": pa.int64(), "seconds": pa.float64()}
    arrays = {name: pa.array([row[name] for row in rows], types.get(name, pa.string())) for name in layout.RUN_COLUMNS}
    for factor in job.design.factors:
        values = [row[factor.key] for row in rows]
        number = factor.vary.is_number
        arrays[factor.key] = pa.array(
            [float(value) if number else str(value) for value in values], pa.float64() if number else pa.string()
        )
    return pa.table(arrays)
