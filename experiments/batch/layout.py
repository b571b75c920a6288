"""The layout of the folder of a batch: what lies where, and under which names.

Layout, fixed by :data:`LAYOUT_VERSION`::

    manifest.json            what was asked and how far it came (keys below)
    scenario.toml            the scenario, every setting written out
    data/                    own tables, where the batch was made with some
    plugins/                 plug-in files, where the batch was made with some
    runs.parquet             one row per run that was done, sorted by run
    kpi.parquet              one row per run with status "ok", sorted by run
    parts/00000/             runs 0 to part_size - 1, parts/00001/ the next ones, ...; every part holds
        paths.parquet        one row per run and month, one column per series, sorted by run and date
        kpi.parquet, runs.parquet    its rows of the two tables above
        decisions.parquet    one row per decision, where governments decide
    chunks/00000120-00000123/        runs of a part that is not complete yet, with the same three files

A part or chunk appears under its name only when all of it is written and on the disk; one that is damaged later is named when it
is read, and made again by a resume. ``runs.parquet`` and ``kpi.parquet`` of the whole
batch are written when it ends or is stopped; for a batch that was killed the reader takes the rows of parts and chunks.

Columns:

* ``runs``: ``run`` (number, from 0), ``seed`` (of the noise of the run), ``status`` ("ok" or "failed"), ``error`` (one line,
  empty where there is none), ``seconds``, ``finished`` (UTC, text), ``lodeflow`` (version), and one column per drawn input,
  named by its key: ``parameters.eta.cobalt``, ``shocks.0.strength``. Numbers are float64; dates and choices are text.
* ``kpi``: ``run``, and one float64 column ``<kpi>.<metal>`` per indicator and metal (``lodeflow.experiments.kpis`` says
  what each one is). Shares are 0..1; nan: not defined, as the time to recover of a price that has not recovered in the run.
* ``decisions`` (where governments decide): ``run``, and the columns of :mod:`lodeflow.environment.governments.decision`.
* ``paths``: ``run``, ``date`` (first day of the month), and float32 columns ``<case>.<variable>.<metal>.<region>``, case
  "shock" or "baseline" (without shocks only "baseline"). A variable of ore or intermediates begins with ``feed_``.
  nan: the run has no such series, for instance since a small country was pooled into ROW.

Manifest: ``layout``, ``scenario`` (name), ``title``, ``start``, ``end``, ``first_month``, ``metals``, ``events``, ``seed``,
``runs`` (asked for), ``sampling`` ("sobol", "lhs", or "saltelli" and "morris" of a sensitivity analysis), ``part_size``,
``factors`` (drawn inputs: key, distribution, low, high, mode, choices, unit, nominal, what), ``columns`` (of paths: name, case,
variable, form, metal, region, unit), ``kpis`` (name, kpi, metal, unit, what), ``main_kpi``, ``versions``, ``data_hash``,
``code_hash``, ``plugins`` (sha256 by name of file), ``state`` ("running", "finished", "stopped"), ``done``, ``failed``,
``created``, ``wall_seconds``, and, where parts were damaged and their runs made again on a resume, ``made_again`` (what was
wrong).

``summary/``, ``sensitivity/`` and ``discovery/`` beside these hold what other commands made of the batch.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

LAYOUT_VERSION = 1
MANIFEST, SCENARIO, DATA, PLUGINS = "manifest.json", "scenario.toml", "data", "plugins"
PARTS, CHUNKS = "parts", "chunks"
RUNS, KPI, PATHS, DECISIONS = "runs", "kpi", "paths", "decisions"
RUN_COLUMNS = ("run", "seed", "status", "error", "seconds", "finished", "lodeflow")
"""Columns of ``runs`` that are not drawn inputs."""
KEYS = (
    *("scenario", "title", "start", "end", "first_month", "metals", "events", "seed", "runs", "sampling", "part_size"),
    *("factors", "columns", "kpis", "main_kpi", "versions", "data_hash", "code_hash", "tables", "scenario_text"),
    *("state", "done", "failed", "created", "wall_seconds"),
)
"""Keys that every manifest has."""
RUNNING, FINISHED, STOPPED = "running", "finished", "stopped"


def places_in(folder: Path, manifest: dict[str, Any]) -> list[Path]:
    """Parts, and chunks whose part is not there yet, in the order of runs."""
    parts = sorted(path for path in (folder / PARTS).glob("[0-9]*") if path.name.isdecimal())
    complete = {int(path.name) for path in parts}
    size = int(manifest["part_size"])
    chunks = sorted((folder / CHUNKS).glob("[0-9]*-*[0-9]"))
    return parts + [path for path in chunks if chunk_runs(path)[0] // size not in complete]


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
