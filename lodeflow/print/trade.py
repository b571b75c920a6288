"""What `lodeflow validate --trade` does: judge the base-year network, print it, write its tables, hold it to its marks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from lodeflow import data
from lodeflow.data.problems import DataError, Problem
from lodeflow.experiments.judge.trade.board import run_board
from lodeflow.experiments.judge.trade.marks import FRAMES, failures
from lodeflow.experiments.judge.trade.store import check_folder, write_board
from lodeflow.print.terminal import console, say
from lodeflow.print.validate import LINE
from lodeflow.viz import Labels
from lodeflow.viz.report.trade_words import Cells, headline, tables

if TYPE_CHECKING:
    from lodeflow.experiments.judge.trade.board import TradeBoard

SHOWN = 2
"""Tables printed; the others are long, and stand in the folder and on the page docs/trade.md."""


def refuse(names: list[str], structure: bool, quick: bool, refresh: bool) -> None:
    """Raise DataError for options that do not go together with --trade."""
    given = (("ID", bool(names)), ("--structure", structure), ("--quick", quick), ("--refresh", refresh))
    wrong = [name for name, value in given if value]
    if wrong:
        raise DataError(
            [Problem(LINE, name, "", "does not go with --trade", "Leave one of them out") for name in wrong]
        )


def judge(folder: Path | None, check: bool, overwrite: bool) -> bool:
    """Judge trade and print it; return whether no mark is missed (always without `check`).

    folder: where the tables are written, None for nowhere; overwrite: whether results of another question may be replaced.
    """
    if folder is not None:
        check_folder(folder, overwrite)
    known = data.shared()
    board = run_board(known)
    print_board(board, Labels.of(known.countries, known.metals))
    if folder is not None:
        write_board(board, folder, overwrite)
    missed = failures(board)
    if not check or not missed:
        return True
    say(f"\n{len(missed)} mark{'s' if len(missed) > 1 else ''} missed:", err=True)
    for line in missed:
        say(f"  {line}", err=True)
    return False


def print_board(board: TradeBoard, labels: Labels) -> None:
    """Print the scores and the published suppliers, and the judgement in a sentence."""
    out = console()
    for cells in tables(board, labels)[:SHOWN]:
        out.print(_table(cells))
        out.print()
    out.print(headline(board))
    out.print(f"More with --out: {', '.join(FRAMES)}.")


def _table(cells: Cells) -> Table:
    table = Table(title=cells.title, title_justify="left", caption=cells.note, caption_justify="left")
    for number, heading in enumerate(cells.head):
        table.add_column(heading, no_wrap=number == 0)
    for row in cells.rows:
        table.add_row(*row)
    return table
