"""Finding one's way in a sheet: the header, years in it, titles above it."""

from __future__ import annotations

import re

from lodeflow.data.importing.cells import Grid
from lodeflow.data.importing.rows import Taken
from lodeflow.data.names import metal, metal_in, plain_name

YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_REFINED = re.compile(
    r"\b(refin\w*|smelter|processing|processed|separat\w*|primary production|metal production)\b", re.IGNORECASE
)
_MINED = re.compile(r"\b(min(?:e|es|ed|ing)|ore|ores|concentrates?|mine production)\b", re.IGNORECASE)
_UNIT = re.compile(
    r"\b(thousand metric tons?|million metric tons?|metric tons?|thousand tonnes|million tonnes|kilotonnes|tonnes|kt|Mt|"
    r"kilograms|kg|troy ounces|carats)\b([^;:]*)"
)


def find_header(grid: Grid, *needed: set[str]) -> int:
    """Row of the first line that holds a word of every set, in any capitals; -1 if there is none."""
    for number, row in enumerate(grid):
        words = {plain_name(cell) for cell in row}
        if all(words & {plain_name(word) for word in group} for group in needed):
            return number
    return -1


def columns_of(row: list[str]) -> dict[str, int]:
    """Place of every column by its plain name; of two of one name the first."""
    places: dict[str, int] = {}
    for number, cell in enumerate(row):
        places.setdefault(plain_name(cell), number)
    return places


def first_of(places: dict[str, int], *words: str) -> int:
    """Place of the first of some columns that is there; -1 if none is."""
    return next((places[plain_name(word)] for word in words if plain_name(word) in places), -1)


def cell_at(row: list[str], place: int) -> str:
    """A cell; "" where there is no such column."""
    return row[place].strip() if 0 <= place < len(row) else ""


def year_columns(row: list[str]) -> dict[int, int]:
    """Year by column of a header such as "2023" or "2024e"."""
    found = {}
    for number, cell in enumerate(row):
        match = re.fullmatch(r"((?:19|20)\d\d)(?:\.0)?\s*\(?[a-z]?\)?[\d,]*", cell.strip())
        if match:
            found[number] = int(match[1])
    return found


def stage_of(text: str) -> str:
    """ "refine" or "mine", as a title says; "" where it says neither."""
    if _REFINED.search(text):
        return "refine"
    return "mine" if _MINED.search(text) else ""


def metal_of(text: str, taken: Taken, asked: str = "") -> str:
    """The metal that was asked for, or that a title names; "" where neither says."""
    if asked:
        return metal(asked, taken.symbols)[0] or plain_name(asked).replace(" ", "-")
    return metal(text, taken.symbols)[0] or metal_in(text, taken.symbols)


def unit_in(text: str) -> str:
    """The unit that a title names, such as "metric tons, cobalt content"; "" where it names none."""
    found = _UNIT.search(text)
    if not found:
        return ""
    return " ".join(
        re.sub(r"[\[\]()]|unless otherwise (?:noted|specified).*|of contained", " ", found[0]).replace(",", " ").split()
    )
