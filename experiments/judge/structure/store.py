"""The folder of a judgement of structure: its tables, the whole as JSON, and what the caller draws into it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from lodeflow.experiments.judge.structure.baseline import FRAMES, to_json
from lodeflow.experiments.run.results import check_target, write_folder
from lodeflow.experiments.run.written import INPUTS

if TYPE_CHECKING:
    from lodeflow.experiments.judge.structure.board import StructureBoard

TABLES = (*FRAMES, "shares")
WHOLE = "structure.json"
ENTRIES = frozenset({"manifest.json", WHOLE, "charts", "page.html"} | {f"{name}.csv" for name in TABLES})
"""Everything that such a folder may hold."""


def check_folder(folder: Path, quick: bool, overwrite: bool = False) -> None:
    """Raise DataError if a judgement may not be written to a folder, before anything is run.

    quick: whether it is a quick one; overwrite: whether one of the other kind may be replaced.
    """
    check_target(folder, ENTRIES, {"quick": quick}, overwrite)


def write_board(
    board: StructureBoard, folder: Path, finish: Callable[[Path], None] | None = None, overwrite: bool = False
) -> Path:
    """Write the folder and return its path. finish(path): adds charts and page; overwrite: as in check_folder."""

    def fill(path: Path) -> None:
        for name in TABLES:
            getattr(board, name).to_csv(path / f"{name}.csv", index=False, float_format="%.6g")
        (path / WHOLE).write_text(to_json(board), encoding="utf-8")
        if finish is not None:
            finish(path)

    made = board.manifest | {INPUTS: {"quick": bool(board.manifest.get("quick"))}}
    return write_folder(folder, fill, made, ENTRIES, overwrite)
