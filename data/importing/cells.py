"""The cells of a .csv or .xlsx file as text, and numbers as the trade writes them."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

from lodeflow.data.guard import no_file
from lodeflow.data.problems import DataError, Problem

Grid = list[list[str]]
NOTHING = {"": "blank", "-": "nil", "--": "nil", "—": "nil", "–": "nil", "...": "not available", "..": "not available"}
"""Cells that hold no number, and what they mean; a nil counts as zero and is left out."""
WORDS = {
    "w": "withheld",
    "na": "not available",
    "n.a.": "not available",
    "n/a": "not available",
    "nan": "not available",
    "xx": "not applicable",
    "s": "withheld",
    "nil": "nil",
    "zero": "nil",
    "e": "blank",
    "(1)": "less than half a unit",
    "less than half a unit": "less than half a unit",
    "less than ½ unit": "less than half a unit",
    "less than 1/2 unit": "less than half a unit",
}
_MARKED = re.compile(
    r"^[~≈*]?\s*(?P<before>[er]\s*)?(?P<number>-?[\d.,' \u00a0\u202f]*\d\.?\d*(?:[eE][+-]?\d+)?)"
    r"\s*\(?(?P<marks>[a-z*†‡,\d]{0,4})\)?$"
)
_LESS = re.compile(r"^[<>≤≥]\s*[\d.,]+$|^less than\b|^more than\b", re.IGNORECASE)
MOST_CELLS = 20_000_000
"""Largest file, cells."""


@dataclass(frozen=True)
class Number:
    """A cell that should hold a number: its value, or None and what the cell says; `marks` are its footnotes."""

    value: float | None
    why: str = ""
    marks: str = ""


def grid_of(path: Path, sheet: str = "") -> Grid:
    """The cells of a file as text, ragged rows filled; rows that are all blank stay.

    sheet: of a workbook; the first if left out. Raises DataError for what cannot be read.
    """
    wrong = no_file(path) or ("" if path.exists() else "there is no such file")
    if wrong:
        raise DataError([Problem(str(path), None, "", wrong, "Name a .csv or .xlsx file")])
    ending = path.suffix.lower()
    if ending == ".xlsx":
        rows = _workbook(path, sheet)
    elif ending in (".csv", ".txt", ".tsv"):
        rows = _text(path)
    else:
        right = "Save it as .xlsx or .csv"
        raise DataError([Problem(path.name, None, "", f"{ending or 'no ending'} is not read", right)])
    width = max((len(row) for row in rows), default=0)
    if not any(any(row) for row in rows):
        raise DataError([Problem(path.name, None, "", "the file is empty", "Give the file as it was downloaded")])
    return [row + [""] * (width - len(row)) for row in rows]


def _text(path: Path) -> Grid:
    """A text file in UTF-8 or the code page of Windows, with commas, semicolons or tabs."""
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    lines = text.splitlines()[:50]
    marks = {mark: sum(line.count(mark) for line in lines) for mark in (",", ";", "\t")}
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(marks, key=lambda mark: marks[mark]))
        return [[" ".join(cell.split()) for cell in row] for row in reader]
    except csv.Error as error:
        raise DataError([Problem(path.name, None, "", f"cannot be read as CSV ({error})", "Save it again")]) from None


def _workbook(path: Path, sheet: str) -> Grid:
    """A sheet of a workbook; numbers with all their digits."""
    try:
        import openpyxl
    except ImportError:
        right = "pip install 'lodeflow[exchange]', or save the sheet as .csv"
        raise DataError([Problem(path.name, None, "", "workbooks need the package openpyxl", right)]) from None
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # a zip that is none, or damaged inside
        reason = " ".join(str(error).split())[:100]
        raise DataError(
            [Problem(path.name, None, "", f"cannot be read as a workbook ({reason})", "Save it again")]
        ) from None
    if sheet and sheet not in book.sheetnames:
        right = f"Use one of: {', '.join(book.sheetnames)}"
        raise DataError([Problem(path.name, None, "", f"there is no sheet {sheet!r}", right)])
    chosen = book[sheet] if sheet else book[book.sheetnames[0]]
    return [[_cell(value) for value in row] for row in chosen.iter_rows(values_only=True)]


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return " ".join(str(value).split())


def number(cell: str) -> Number:
    """A number as the trade writes it: "1,200", "e 1 200", "3,400r,4", "W", "NA", "less than half a unit", "<1"."""
    text = cell.strip()
    if text.casefold() in WORDS:
        return Number(None, WORDS[text.casefold()])
    if text in NOTHING:
        return Number(None, NOTHING[text])
    if _LESS.match(text):
        return Number(None, f"a bound ({text})")
    found = _MARKED.match(text)
    if not found:
        return Number(None, f"no number ({text[:30]})")
    digits = re.sub(r"[' \u00a0\u202f]", "", found["number"])
    groups = digits.split(",")
    if len(groups) > 1 and not (
        all(len(part.split(".")[0]) == 3 for part in groups[1:]) and len(groups[0].lstrip("-")) <= 3
    ):
        return Number(None, f"doubtful separators ({text})")
    try:
        return Number(float(digits.replace(",", "")), "", f"{found['before'] or ''}{found['marks'] or ''}".strip(", "))
    except ValueError:
        return Number(None, f"no number ({text[:30]})")
