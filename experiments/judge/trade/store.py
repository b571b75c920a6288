"""The folder of a judgement of trade: its tables as CSV."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lodeflow.experiments.judge.trade.marks import FRAMES
from lodeflow.experiments.run.results import PROGRAM, check_target, write_folder
from lodeflow.experiments.run.written import INPUTS, program_version

if TYPE_CHECKING:
    from lodeflow.experiments.judge.trade.board import TradeBoard

ENTRIES = frozenset({"manifest.json"} | {f"{name}.csv" for name in FRAMES})
"""Everything that such a folder may hold."""
QUESTION = {"judged": "trade"}


def check_folder(folder: Path, overwrite: bool = False) -> None:
    """Raise DataError if a judgement may not be written to a folder, before anything is made."""
    check_target(folder, ENTRIES, QUESTION, overwrite)


def write_board(board: TradeBoard, folder: Path, overwrite: bool = False) -> Path:
    """Write the folder and return its path."""

    def fill(path: Path) -> None:
        for name in FRAMES:
            getattr(board, name).to_csv(path / f"{name}.csv", index=False, float_format="%.6g")

    made = {"scenario": "trade", "versions": {PROGRAM: program_version()}, INPUTS: QUESTION}
    return write_folder(folder, fill, made, ENTRIES, overwrite)
