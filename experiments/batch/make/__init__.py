"""Many runs of one scenario: draws, the batch that runs them, and the store that keeps them.

``batch.layout`` describes the folder and ``batch.store`` reads it; ``folder`` makes and resumes it, ``design`` draws the inputs,
``pair`` makes one run, ``series`` and ``kpi`` say what is kept of it, ``work`` is what a worker does, ``engine`` where workers
are, ``batcher`` hands out the tasks, and ``monte_carlo`` here is the way in.
"""

from __future__ import annotations

import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from lodeflow.experiments.batch.layout import FINISHED, STOPPED
from lodeflow.experiments.batch.store import Batch, open_batch

if TYPE_CHECKING:
    from lodeflow.data import Tables
    from lodeflow.experiments.batch.make.batcher import Watch
    from lodeflow.experiments.batch.make.design import Sampling
    from lodeflow.experiments.batch.make.engine import Engine
    from lodeflow.experiments.batch.make.folder import Folder
    from lodeflow.experiments.scenario.model import Scenario

__all__ = ["monte_carlo"]


def monte_carlo(
    scenario: Scenario,
    tables: Tables,
    out: Path,
    runs: int = 1000,
    workers: int | None = None,
    cluster: str | None = None,
    resume: bool = False,
    sampling: Sampling = "lhs",
    kpi: str | None = None,
    until_ci: float | None = None,
    data_folder: Path | None = None,
    watch: Watch | None = None,
    part_size: int = 100,
) -> Batch:
    """Run a scenario many times with drawn inputs and write the batch folder.

    scenario, tables: checked and loaded; out: the folder; runs: number of runs; workers: processes, all cores if left out;
    cluster: address of a Dask scheduler, or "local"; resume: go on with the batch in `out`; sampling: "sobol" or "lhs"; kpi: main
    indicator, "price_peak" or "price_peak.cobalt"; until_ci: stop when half the 95 % confidence interval of its mean is below
    this share of the mean, looked at after every part; data_folder: where own tables came from; watch: called with a Status;
    part_size: runs in a part.
    Raises DataError for what cannot be used, or if the disk is full; KeyboardInterrupt on Ctrl-C. What was finished stays.
    """
    from lodeflow.experiments.batch.make import folder as folders

    began = time.perf_counter()
    folders.check_workers(workers)
    manifest = folders.new_manifest(scenario, tables, runs, sampling, kpi, part_size)
    if resume:
        open_batch(out)
    else:
        folders.create(out, manifest, scenario, data_folder)
    with folders.locked(out):
        folder = folders.resume(out, manifest)
        return _run(folder, _engine(cluster, workers), watch, until_ci, began)


def _engine(cluster: str | None, workers: int | None) -> Engine:
    from lodeflow.experiments.batch.make.engine import Dask, Pool

    return Pool(workers) if cluster is None else Dask(cluster, workers)


def _run(folder: Folder, engine: Engine, watch: Watch | None, until: float | None, began: float) -> Batch:
    """Run the batch and close its folder, whatever stops it."""
    from lodeflow.data.problems import DataError, Problem
    from lodeflow.environment.shocks.plugged import PluginError
    from lodeflow.experiments.batch.make.batcher import Batcher
    from lodeflow.experiments.plugins import at_home

    batcher = Batcher(folder, engine, watch, until)
    try:
        narrow = batcher.run()
        return folder.close(FINISHED, time.perf_counter() - began, batcher.judged if narrow else None)
    except KeyboardInterrupt:
        folder.close(STOPPED, time.perf_counter() - began)
        raise
    except PluginError as error:
        closed = folder.close(STOPPED, time.perf_counter() - began)
        if not closed.manifest["done"]:  # a folder without a run would only be in the way
            shutil.rmtree(folder.path, ignore_errors=True)
        raise at_home(error) from error
    except OSError as error:
        with suppress(OSError):
            folder.close(STOPPED, time.perf_counter() - began)
        wrong = f"could not be written: {error.strerror or error}; {int(batcher.done.sum()):,} finished runs are kept"
        right = "Make room, then continue with --resume"
        raise DataError([Problem(str(folder.path), None, "", wrong, right)]) from error
