"""What `lodeflow validate --structure` does: judge, print the tables, write the folder, compare with the shipped judgement."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from lodeflow import data
from lodeflow.data.problems import DataError, Problem
from lodeflow.experiments.judge.structure import baseline
from lodeflow.experiments.judge.structure.board import run_board
from lodeflow.experiments.judge.structure.store import check_folder, write_board
from lodeflow.print.terminal import console, say
from lodeflow.print.validate import LINE, progress_bar
from lodeflow.viz import Labels
from lodeflow.viz.report import structure_words as told

if TYPE_CHECKING:
    from lodeflow.experiments.judge.structure.board import StructureBoard

FOLDER = Path("runs") / "structure"


def refuse(names: list[str], structure: bool, quick: bool, check: bool, refresh: bool) -> None:
    """Raise DataError for options that do not go together with --structure or --quick."""
    wrong = []
    if quick and not structure:
        wrong.append(("--quick", "shortens --structure only", "Add --structure, or name single rows instead"))
    if structure and names:
        wrong.append(("--structure", "judges no single rows", "Leave out the names, or leave out --structure"))
    for name, value in (("--check", check), ("--refresh", refresh)):
        if quick and structure and value:
            wrong.append((name, "needs all metals", "Leave out --quick"))
    if structure and check and refresh:
        wrong.append(("--refresh", "does not go with --check", "Check first, and refresh if what got worse is to stay"))
    if wrong:
        raise DataError([Problem(LINE, name, "", what, right) for name, what, right in wrong])


def judge(folder: Path | None, quick: bool, check: bool, refresh: bool, no_charts: bool, overwrite: bool) -> bool:
    """Judge structure and print it; return whether nothing got worse than shipped (always without `check`).

    folder: where results are written, None for nowhere; overwrite: whether those of another question may be replaced.
    """
    shipped = baseline.read() if check else None
    if folder is not None:
        check_folder(folder, quick, overwrite)
    tables = data.shared()
    labels = Labels.of(tables.countries, tables.metals)
    with progress_bar() as progress:
        board = run_board(tables, quick, progress, with_variants=not check)
    print_board(board, labels)
    if folder is not None:
        _write(board, labels, folder, no_charts, overwrite)
    if refresh:
        baseline.write(board)
        say(f"\nShipped judgement rewritten: {baseline.SHIPPED}")
    return shipped is None or print_check(baseline.worse(board.marks, shipped.marks))


def print_board(board: StructureBoard, labels: Labels) -> None:
    """Print every table, and the judgement in one sentence at the end."""
    out = console()
    for cells in told.tables(board, labels):
        table = Table(title=cells.title, title_justify="left", caption=cells.note, caption_justify="left")
        for number, heading in enumerate(cells.head):
            table.add_column(heading, no_wrap=number == 0)
        for row in cells.rows:
            table.add_row(*row)
        out.print(table)
        out.print()
    out.print(told.headline(board))


def _write(board: StructureBoard, labels: Labels, folder: Path, no_charts: bool, overwrite: bool) -> None:
    def draw(path: Path) -> None:
        from lodeflow.viz.report.structure import write_page

        write_page(board, labels, path)

    write_board(board, folder, None if no_charts else draw, overwrite)


def print_check(lines: list[str]) -> bool:
    """Print one line per field that got worse than shipped; return whether none did."""
    if not lines:
        say(f"\nNo mark is worse than in {baseline.SHIPPED.name}.")
        return True
    say(f"\n{len(lines)} mark{'s' if len(lines) > 1 else ''} worse than in {baseline.SHIPPED.name}:", err=True)
    for line in lines:
        say(f"  {line}", err=True)
    return False
