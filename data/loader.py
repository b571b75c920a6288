"""Reads tables (CSV with a TOML sidecar) and reports everything that is wrong with all of them in one go."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

from lodeflow.data import cache
from lodeflow.data.own import MERGED, Places, check_parameters, check_sidecar, merge, own_places
from lodeflow.data.problems import DataError, Problem, did_you_mean
from lodeflow.data.schema import TableSchema, file_problem, read_schema
from lodeflow.data.store import Tables, contents_hash

if TYPE_CHECKING:
    import pandas as pd

SHIPPED = Path(__file__).parent / "tables"


def table_names(folder: Path = SHIPPED) -> list[str]:
    """The names of the tables in a folder, sorted."""
    return sorted(path.stem for path in folder.glob("*.csv"))


def labels(name: str, key: str, label: str) -> dict[str, str]:
    """Two columns of a shipped table as text, the second by the first: what a list needs, without pandas and checks."""
    with (SHIPPED / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row[key].strip(): row[label].strip() for row in csv.DictReader(file)}


def load(folder: Path | str | None = None) -> Tables:
    """The shipped tables; those in `folder` (`<table>.csv`, if need be `<table>.toml`) replace their namesakes.

    Of `parameters` an own file need hold the changed rows only. Tables that were read and checked before are taken from the
    cache (`cache.py`). Raises DataError with every problem of every table.
    """
    problems: list[Problem] = []
    places, shipped = _places(folder, problems)
    used = _used(places, shipped)
    key = None if problems else cache.key_of(used)
    known = cache.recall(key)
    if known is None:
        known = _read_all(places, shipped, problems)
        if cache.key_of(used) == key:  # else a file was changed while it was read
            cache.keep(key, known)
    return known


def _places(folder: Path | str | None, problems: list[Problem]) -> tuple[Places, Places]:
    """Where each table and its sidecar are read from, and where the shipped ones lie."""
    shipped = {name: (SHIPPED / f"{name}.csv", SHIPPED / f"{name}.toml") for name in _shipped_names()}
    return (shipped if folder is None else own_places(Path(folder), shipped, problems)), shipped


def shared(folder: Path | str | None = None) -> Tables:
    """The same tables as long as their files stay as they are: for callers that change nothing and hand them to nobody.

    What was made from them (`Tables.remember`) is then there the next time. Only the last are kept.
    """
    problems: list[Problem] = []
    key = cache.key_of(_used(*_places(folder, problems)))
    key = None if problems else key
    known = None if key is None else _last.get(key)
    if known is None:
        known = load(folder)
        _last.clear()
        if key is not None:
            _last[key] = known
    return known


_last: dict[str, Tables] = {}


def _used(places: Places, shipped: Places) -> Places:
    """Every file that is read: those of the user, and the shipped ones beneath them."""
    return {f"own {name}" if both != shipped.get(name) else name: both for name, both in places.items()} | {
        f"shipped {name}": both for name, both in shipped.items() if both != places[name]
    }


def _read_all(places: Places, shipped: Places, problems: list[Problem]) -> Tables:
    """Read and check every table. Raises DataError."""
    schemas: dict[str, TableSchema] = {}
    frames: dict[str, pd.DataFrame] = {}
    for name, (table_path, sidecar_path) in places.items():
        schema = read_schema(sidecar_path, problems)
        if schema is not None and name in shipped and sidecar_path != shipped[name][1]:
            standard = read_schema(shipped[name][1], problems)
            if standard is not None:
                check_sidecar(schema, standard, problems)
        frame = None if schema is None else read_table(table_path, schema, problems)
        if schema is not None and frame is not None:
            schemas[name], frames[name] = schema, frame
    from lodeflow.data.checks import check

    for name, frame in frames.items():
        frames[name] = check(frame, schemas[name], frames, problems)
    own = [name for name in MERGED if name in frames and places[name][0] != shipped[name][0]]
    notes = [_merged(name, frames, schemas, problems) for name in own]
    if problems:
        order = {f"{name}.csv": number for number, name in enumerate(places)}
        problems.sort(key=lambda p: (order.get(p.file, -1), p.row if isinstance(p.row, int) else 0))
        raise DataError(problems)
    whole = {name: frame.reset_index(drop=True) for name, frame in frames.items()}
    return Tables(whole, schemas, tuple(note for note in notes if note))


def _merged(
    name: str, frames: dict[str, pd.DataFrame], schemas: dict[str, TableSchema], problems: list[Problem]
) -> str:
    """Put the shipped rows beneath an own table that holds the changed ones; returns the line that says so."""
    from lodeflow.data.checks import check

    wrong = {problem.file for problem in problems}
    standard, found = read_schema(SHIPPED / f"{name}.toml", problems), list[Problem]()
    text = None if standard is None else read_table(SHIPPED / f"{name}.csv", standard, problems)
    if standard is None or text is None or "metals" not in frames or wrong & {f"{name}.csv", "metals.csv"}:
        return ""
    shipped = check(text, standard, frames, found)
    check_parameters(frames[name], shipped, frames["metals"], problems)
    frames[name], note = merge(frames[name], shipped, standard)
    return note


def _shipped_names() -> list[str]:
    """Tables that are shipped: everything that has a sidecar or a CSV, so that a missing partner is noticed."""
    return sorted({path.stem for path in SHIPPED.glob("*.csv")} | {path.stem for path in SHIPPED.glob("*.toml")})


def read_table(path: Path, schema: TableSchema, problems: list[Problem]) -> pd.DataFrame | None:
    """The cells of a CSV as text, indexed by the line of the file; None when the file cannot be read as a table."""
    text = _read_text(path, problems)
    if text is None:
        return None
    header, lines, rows, fault = _cells(path.name, text)
    right = f"Give a header line ({', '.join(schema.columns)}) and at least one row"
    if not header:
        problems.append(fault or Problem(path.name, None, "", "the file is empty", right))
        return None
    if not _header_fits(path.name, header, schema, problems):
        return None
    if not fault and not rows and not schema.empty:
        fault = Problem(path.name, None, "", "has no rows", right)
    if fault:
        problems.append(fault)
        return None
    ragged = [(line, row) for line, row in zip(lines, rows, strict=True) if len(row) != len(header)]
    for line, row in ragged:
        wrong = f"has {len(row)} cells, the header has {len(header)}"
        problems.append(Problem(path.name, line, "", wrong, 'Put quotes (") around cells that contain a comma'))
    if ragged:
        return None
    import pandas as pd

    return pd.DataFrame(rows, columns=header, index=lines, dtype="object")


def _cells(file: str, text: str) -> tuple[list[str], list[int], list[list[str]], Problem | None]:
    """Header, line numbers and cells of the rows of a CSV, without blank lines, up to what cannot be read, which is named."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] = []
    lines: list[int] = []
    rows: list[list[str]] = []
    before = 0
    try:
        for number, cells in enumerate(reader):
            if reader.line_num > before + 1:
                return header, lines, rows, _unclosed(file, before + 1)
            before = reader.line_num
            if number == 0:
                header = [name.strip() for name in cells if any(cells)]
            elif any(cell.strip() for cell in cells):
                lines.append(reader.line_num)
                rows.append([cell.strip() for cell in cells])
    except csv.Error as error:
        if reader.line_num > before + 1 or "unexpected end" in str(error):
            return header, lines, rows, _unclosed(file, before + 1)
        wrong = f"cannot be read as CSV ({error})"
        return header, lines, rows, Problem(file, before + 1, "", wrong, "Mend this row")
    return header, lines, rows, None


def _unclosed(file: str, line: int) -> Problem:
    """A cell that goes on over the end of its line: almost always a quote that is not closed."""
    right = 'Close the quote ("), and write each row on one line'
    return Problem(file, line, "", "a quoted cell does not end in its line", right)


def _read_text(path: Path, problems: list[Problem]) -> str | None:
    """The text of a file, or None with a problem noted."""
    problem = file_problem(path)
    if problem is not None:
        problems.append(problem)
        return None
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        right = "Save the file as UTF-8"
        problems.append(Problem(path.name, None, "", f"is not UTF-8 text (byte {error.start})", right))
    except OSError as error:
        problems.append(Problem(path.name, None, "", f"cannot be read ({error.strerror})", "Check its permissions"))
    return None


def _header_fits(file: str, header: list[str], schema: TableSchema, problems: list[Problem]) -> bool:
    """Whether the header names exactly the columns of the sidecar, each once (their order is free)."""
    before = len(problems)
    other = next((mark for mark in (";", "\t") if len(header) == 1 and mark in header[0]), "")
    if other:
        wrong = f"cells are separated by {'semicolons' if other == ';' else 'tabs'}"
        problems.append(Problem(file, 1, "", wrong, "Save the file with commas, and numbers with a decimal point"))
        return False
    missing = [name for name in schema.columns if name not in header]
    for name in missing:
        wrong, right = "the column is missing", f"Add it: {schema.columns[name].description or name}"
        problems.append(Problem(file, 1, name, wrong, right))
    for name in dict.fromkeys(header):
        if header.count(name) > 1:
            problems.append(Problem(file, 1, name, "the column stands there twice", "Keep one"))
        if name not in schema.columns:
            right = did_you_mean(name, missing or schema.columns)
            problems.append(Problem(file, 1, name, "the column is unknown", right))
    return len(problems) == before


def fingerprint(source: Tables | Path | str | None = None) -> str:
    """sha256 (hex) of the tables, or of what `load(source)` reads: equal contents give equal fingerprints."""
    if not isinstance(source, Tables):
        source = load(source)
    return source.remember(contents_hash)
