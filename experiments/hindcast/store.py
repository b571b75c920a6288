"""The folder of a scoreboard: tables, scores as JSON, and what the caller draws into it; whole, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.hindcast import baseline
from experiments.results import write_folder, write_parquet
from experiments.written import INPUTS

if TYPE_CHECKING:
    from experiments.hindcast.scoreboard import Scoreboard

TABLES = ("points", "lines", "peaks", "episodes", "totals", "volumes")
SCORES, PAGE = "scores.json", "page.html"
ENTRIES = frozenset({"manifest.json", SCORES, PAGE, "charts", "points.parquet"} | {f"{name}.csv" for name in TABLES})
"""Everything that such a folder may hold."""


def write_scoreboard(
    board: Scoreboard,
    folder: Path,
    finish: Callable[[Path], None] | None = None,
    inputs: Mapping[str, Any] | None = None,
    overwrite: bool = False,
) -> Path:
    """Write the folder of a scoreboard and return its path; an older one of that name is replaced.

    finish(path): adds charts and page; inputs: what was judged; overwrite: whether scores of anything else may be replaced.
    Raises DataError if the folder may not be written or replaced.
    """

    def fill(path: Path) -> None:
        for name in TABLES:
            getattr(board, name).to_csv(path / f"{name}.csv", index=False, float_format="%.6g")
        write_parquet(board.points, path / "points.parquet")
        (path / SCORES).write_text(baseline.to_json(board), encoding="utf-8")
        if finish is not None:
            finish(path)

    return write_folder(folder, fill, board.manifest | {INPUTS: dict(inputs or {})}, ENTRIES, overwrite)
