"""Names of what lies in the folder of a batch, and which runs a part or chunk of it holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

PARTS, CHUNKS = "parts", "chunks"
RUNS, KPI, PATHS = "runs", "kpi", "paths"
RUNNING, FINISHED, STOPPED = "running", "finished", "stopped"


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
