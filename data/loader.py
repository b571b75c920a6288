"""Reads tables (CSV with a TOML sidecar) and reports everything that is wrong with all of them in one go."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from lodeflow.data import cache
from lodeflow.data.own import Places, check_parameters, check_sidecar, own_places
from lodeflow.data.pack import DELETE, PACK_FILE, Pack, laid_over, located, read_pack, told_once
from lodeflow.data.pack_words import GRADE, UNIT, in_other_units, readable
from lodeflow.data.problems import DataError, Problem, did_you_mean
from lodeflow.data.schema import TableSchema, file_problem, read_schema
from lodeflow.data.store import Tables, contents_hash

if TYPE_CHECKING:
    import pandas as pd

KEYED = {"metals", "countries", "products"}
"""Tables whose rows others name; where none of them goes, the shipped tables need no check again."""
SHIPPED = Path(__file__).parent / "tables"


def table_names(folder: Path = SHIPPED) -> list[str]:
    """The names of the tables in a folder, sorted."""
    return sorted(path.stem for path in folder.glob("*.csv"))


def labels(name: str, key: str, label: str) -> dict[str, str]:
    """Two columns of a shipped table as text, the second by the first: what a list needs, without pandas and checks."""
    with (SHIPPED / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row[key].strip(): row[label].strip() for row in csv.DictReader(file)}


def load(folder: Path | str | None = None) -> Tables:
    """The shipped tables with the rows of the tables in `folder` (`<table>.csv`) on top of them (`pack.py`).

    Tables that were read and checked before are taken from the cache (`cache.py`). Raises DataError with every problem of
    every table.
    """
    return _known(folder, _sought(folder))


class Sought(NamedTuple):
    """What is to be read: every table's files, those that are shipped, all files that are read, and their name in the cache."""

    places: Places
    shipped: Places
    used: Places
    key: str | None
    problems: list[Problem]


def _sought(folder: Path | str | None) -> Sought:
    problems: list[Problem] = []
    places, shipped = _places(folder, problems)
    used = _used(places, shipped, folder)
    return Sought(places, shipped, used, None if problems else cache.key_of(used), problems)


def _known(folder: Path | str | None, sought: Sought) -> Tables:
    """Tables from the cache, or read and checked anew and kept there."""
    known = cache.recall(sought.key)
    if known is None:
        known = _read_all(sought.places, sought.shipped, sought.problems, folder)
        if cache.key_of(sought.used) == sought.key:  # else a file was changed while it was read
            cache.keep(sought.key, known)
    return known


def _places(folder: Path | str | None, problems: list[Problem]) -> tuple[Places, Places]:
    """Where each table and its sidecar are read from, and where the shipped ones lie."""
    shipped = {name: (SHIPPED / f"{name}.csv", SHIPPED / f"{name}.toml") for name in _shipped_names()}
    return (shipped if folder is None else own_places(Path(folder), shipped, problems)), shipped


def shared(folder: Path | str | None = None) -> Tables:
    """The same tables as long as their files stay as they are: for callers that change nothing and hand them to nobody.

    What was made from them (`Tables.remember`) is then there the next time. Only the last are kept.
    """
    sought = _sought(folder)
    key = sought.key
    known = None if key is None else _last.get(key)
    if known is None:
        known = _known(folder, sought)
        _last.clear()
        if key is not None:
            _last[key] = known
    return known


_last: dict[str, Tables] = {}


def _used(places: Places, shipped: Places, folder: Path | str | None) -> Places:
    """Every file that is read: those of the user, and the shipped ones beneath them."""
    used = {f"own {name}" if both != shipped.get(name) else name: both for name, both in places.items()} | {
        f"shipped {name}": both for name, both in shipped.items() if both != places[name]
    }
    about = None if folder is None else Path(folder) / PACK_FILE
    return used | ({PACK_FILE: (about, about)} if about is not None and about.exists() else {})


def _read_all(places: Places, shipped: Places, problems: list[Problem], folder: Path | str | None) -> Tables:
    """Read and check every table. Raises DataError."""
    schemas, texts, pack = _read_texts(places, shipped, problems, folder)
    from lodeflow.data.checks import check

    frames = dict(texts)
    alike = {name for name, both in places.items() if both == shipped.get(name) and name not in pack.own}
    kept = load() if alike and folder is not None and not {*pack.whole, *pack.deleted} & KEYED else None
    for name, text in texts.items():
        if kept is not None and name in alike:
            frames[name] = kept[name]
        else:
            frames[name] = check(text, schemas[name], frames, problems)
    if "parameters" in pack.own and not {p.file for p in problems} & {"parameters.csv", "metals.csv"}:
        own = frames["parameters"].loc[pack.own["parameters"]]
        beneath = frames["parameters"].drop(index=pack.own["parameters"])
        standard = _standard("parameters", frames)
        check_parameters(own, beneath if standard is None else standard, frames["metals"], problems)
    if problems:
        order = {f"{name}.csv": number for number, name in enumerate(places)}
        problems.sort(key=lambda p: (order.get(p.file, -1), p.row if isinstance(p.row, int) else 0))
        raise DataError([located(problem) for problem in told_once(problems)])
    if folder is not None:
        from lodeflow.data.completed import completed

        pack.usual_prices = _standard("base_prices", frames) if "base_prices" in pack.own else None
        frames = completed(frames, schemas, pack, problems)
    whole = {name: frame.reset_index(drop=True) for name, frame in frames.items()}
    return Tables(whole, schemas, tuple(pack.notes))


def _standard(name: str, frames: dict[str, pd.DataFrame]) -> pd.DataFrame | None:
    """A shipped table, typed."""
    from lodeflow.data.checks import check

    schema = read_schema(SHIPPED / f"{name}.toml", [])
    text = None if schema is None else read_table(SHIPPED / f"{name}.csv", schema, [])
    return None if schema is None or text is None else check(text, schema, frames, [])


def _read_texts(
    places: Places, shipped: Places, problems: list[Problem], folder: Path | str | None
) -> tuple[dict[str, TableSchema], dict[str, pd.DataFrame], Pack]:
    """Sidecars, cells as text, and what was made of the user's folder."""
    schemas: dict[str, TableSchema] = {}
    texts: dict[str, pd.DataFrame] = {}
    own: dict[str, pd.DataFrame] = {}
    pack = Pack(Path()) if folder is None else read_pack(Path(folder), shipped, problems)
    for name, (table_path, sidecar_path) in places.items():
        schema = read_schema(sidecar_path, problems)
        standard = shipped.get(name, (None, None))
        if schema is not None and standard[1] not in (None, sidecar_path):
            beneath = read_schema(standard[1], problems)
            if beneath is not None:
                check_sidecar(schema, beneath, problems)
        over = (
            standard == (SHIPPED / f"{name}.csv", sidecar_path) and table_path != standard[0] and name not in pack.whole
        )
        frame = None if schema is None else read_table(table_path, schema, problems, over)
        if schema is None or frame is None:
            continue
        schemas[name] = schema
        if over and len(frame):
            own[name] = frame
            frame = read_table(SHIPPED / f"{name}.csv", schema, problems)
        if frame is not None:
            texts[name] = frame
    if own:
        _lay_over(own, schemas, texts, pack, problems)
    return schemas, texts, pack


def _lay_over(
    own: dict[str, pd.DataFrame],
    schemas: dict[str, TableSchema],
    texts: dict[str, pd.DataFrame],
    pack: Pack,
    problems: list[Problem],
) -> None:
    """Put the own rows over the shipped ones, in `texts`; metals and products that only the folder knows get their rows."""
    from lodeflow.data.new_names import with_new_names

    read = readable(own, texts)
    own = with_new_names(own, texts, read, pack)
    read = readable(own, texts)
    for name, frame in own.items():
        if name in texts:
            texts[name] = laid_over(frame, texts[name], schemas[name], read, pack, problems)


def _shipped_names() -> list[str]:
    """Tables that are shipped: everything that has a sidecar or a CSV, so that a missing partner is noticed."""
    return sorted({path.stem for path in SHIPPED.glob("*.csv")} | {path.stem for path in SHIPPED.glob("*.toml")})


def read_table(path: Path, schema: TableSchema, problems: list[Problem], over: bool = False) -> pd.DataFrame | None:
    """The cells of a CSV as text, indexed by the line of the file; None when the file cannot be read as a table.

    over: whether its rows lie over those of another table, so that columns may be left out, and rows marked.
    """
    text = _read_text(path, problems)
    if text is None:
        return None
    header, lines, rows, fault = _cells(path.name, text)
    right = f"Give a header line ({', '.join(schema.columns)}) and at least one row"
    if not header:
        problems.append(fault or Problem(path.name, None, "", "the file is empty", right))
        return None
    if not _header_fits(path.name, header, schema, problems, over):
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


def _header_fits(file: str, header: list[str], schema: TableSchema, problems: list[Problem], over: bool) -> bool:
    """Whether the header names exactly the columns of the sidecar, each once (their order is free).

    Of an own table over a shipped one it need hold the key only; it may also mark rows and say units.
    """
    before = len(problems)
    other = next((mark for mark in (";", "\t") if len(header) == 1 and mark in header[0]), "")
    if other:
        wrong = f"cells are separated by {'semicolons' if other == ';' else 'tabs'}"
        problems.append(Problem(file, 1, "", wrong, "Save the file with commas, and numbers with a decimal point"))
        return False
    missing = [name for name in schema.columns if name not in header]
    more = {DELETE, UNIT, GRADE, *in_other_units(header, schema)} if over else set()
    for name in [name for name in missing if not over or name in schema.key]:
        wrong, right = "the column is missing", f"Add it: {schema.columns[name].description or name}"
        problems.append(Problem(file, 1, name, wrong, right))
    for name in dict.fromkeys(header):
        if header.count(name) > 1:
            problems.append(Problem(file, 1, name, "the column stands there twice", "Keep one"))
        if name not in schema.columns and name not in more:
            right = did_you_mean(name, missing or schema.columns)
            problems.append(Problem(file, 1, name, "the column is unknown", right))
    return len(problems) == before


def fingerprint(source: Tables | Path | str | None = None) -> str:
    """sha256 (hex) of the tables, or of what `load(source)` reads: equal contents give equal fingerprints."""
    if not isinstance(source, Tables):
        source = load(source)
    return source.remember(contents_hash)
