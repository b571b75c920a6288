"""Reads tables (CSV with a TOML sidecar) and reports everything that is wrong with all of them in one go."""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path
from typing import TYPE_CHECKING

from lodeflow.data.problems import DataError, Problem, did_you_mean
from lodeflow.data.schema import TableSchema, read_schema
from lodeflow.data.store import Tables

if TYPE_CHECKING:
    import pandas as pd

SHIPPED = Path(__file__).parent / "tables"


def table_names(folder: Path = SHIPPED) -> list[str]:
    """The names of the tables in a folder, sorted."""
    return sorted(path.stem for path in folder.glob("*.csv"))


def load(folder: Path | str | None = None) -> Tables:
    """The shipped tables; those in `folder` (`<table>.csv`, if need be `<table>.toml`) replace their namesakes.

    Raises DataError with every problem of every table.
    """
    problems: list[Problem] = []
    places = _places(None if folder is None else Path(folder), problems)
    schemas: dict[str, TableSchema] = {}
    frames: dict[str, pd.DataFrame] = {}
    for name, (table_path, sidecar_path) in places.items():
        schema = read_schema(sidecar_path, problems)
        frame = None if schema is None else read_table(table_path, schema, problems)
        if schema is not None and frame is not None:
            schemas[name], frames[name] = schema, frame
    from lodeflow.data.checks import check

    for name, frame in frames.items():
        frames[name] = check(frame, schemas[name], frames, problems)
    if problems:
        order = {f"{name}.csv": number for number, name in enumerate(places)}
        problems.sort(key=lambda p: (order.get(p.file, -1), p.row if isinstance(p.row, int) else 0))
        raise DataError(problems)
    return Tables({name: frame.reset_index(drop=True) for name, frame in frames.items()}, schemas)


def _places(folder: Path | None, problems: list[Problem]) -> dict[str, tuple[Path, Path]]:
    """Where each table and its sidecar are read from: the user's folder first, the shipped ones otherwise."""
    places = {name: (SHIPPED / f"{name}.csv", SHIPPED / f"{name}.toml") for name in _shipped_names()}
    if folder is None:
        return places
    if not folder.exists():
        problems.append(Problem(str(folder), None, "", "there is no such folder", "Give a folder that holds tables"))
        return places
    if not folder.is_dir():
        problems.append(Problem(str(folder), None, "", "is a file, not a folder", "Give the folder that holds it"))
        return places
    own = {path.stem for path in folder.glob("*.csv")} | {path.stem for path in folder.glob("*.toml")}
    if not own:
        problems.append(
            Problem(str(folder), None, "", "holds no table", f"Put in at least one of: {', '.join(places)}")
        )
    for name in sorted(own):
        sidecar = folder / f"{name}.toml"
        if name not in places and not sidecar.exists():
            right = f"{did_you_mean(name, places)} A new table needs its sidecar {name}.toml"
            problems.append(Problem(f"{name}.csv", None, "", "is not a known table", right))
            continue
        table = folder / f"{name}.csv"
        shipped_table, shipped_sidecar = places.get(name, (table, sidecar))
        places[name] = (
            table if table.exists() else shipped_table,
            sidecar if sidecar.exists() else shipped_sidecar,
        )
    return places


def _shipped_names() -> list[str]:
    """Tables that are shipped: everything that has a sidecar or a CSV, so that a missing partner is noticed."""
    return sorted({path.stem for path in SHIPPED.glob("*.csv")} | {path.stem for path in SHIPPED.glob("*.toml")})


def read_table(path: Path, schema: TableSchema, problems: list[Problem]) -> pd.DataFrame | None:
    """The cells of a CSV as text, indexed by the line of the file; None when the file cannot be read as a table."""
    text = _read_text(path, problems)
    if text is None:
        return None
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        header = [name.strip() for name in next(reader, [])]
        lines, rows = [], []
        for row in reader:
            if any(cell.strip() for cell in row):
                lines.append(reader.line_num)
                rows.append([cell.strip() for cell in row])
    except csv.Error as error:
        problems.append(Problem(path.name, reader.line_num, "", f"cannot be read as CSV ({error})", "Mend this row"))
        return None
    if not header or not rows:
        right = f"Give a header line ({', '.join(schema.columns)}) and at least one row"
        problems.append(Problem(path.name, None, "", "the file is empty" if not header else "has no rows", right))
        return None
    if not _header_fits(path.name, header, schema, problems):
        return None
    ragged = [(line, row) for line, row in zip(lines, rows, strict=True) if len(row) != len(header)]
    for line, row in ragged:
        wrong = f"has {len(row)} cells, the header has {len(header)}"
        problems.append(Problem(path.name, line, "", wrong, 'Put quotes (") around cells that contain a comma'))
    if ragged:
        return None
    import pandas as pd

    return pd.DataFrame(rows, columns=header, index=lines, dtype="object")


def _read_text(path: Path, problems: list[Problem]) -> str | None:
    """The text of a file, or None with a problem noted."""
    if path.is_dir():
        problems.append(Problem(path.name, None, "", "is a folder, not a file", "Put a CSV file in its place"))
        return None
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        problems.append(Problem(path.name, None, "", "the file is missing", "Add it, or remove its sidecar"))
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
    return source.remember(_fingerprint)


def _fingerprint(tables: Tables) -> str:
    digest = hashlib.sha256()
    for name in sorted(tables):
        digest.update(f"{name}\n".encode())
        digest.update(tables[name].to_csv(index=False, lineterminator="\n").encode())
    return digest.hexdigest()
