"""A data folder on top of the shipped tables: its rows replace shipped ones by key, come on top, or delete them.

Everything here works on the text of cells, before types and rules are checked. Rows of the shipped table keep their line plus
SHIPPED_LINES as index, so that a report says in which of the two files a row stands.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from lodeflow.data.guard import parse_toml, read_file
from lodeflow.data.pack_words import Reader
from lodeflow.data.problems import DataError, Problem, did_you_mean
from lodeflow.data.schema import Column, TableSchema

if TYPE_CHECKING:
    import pandas as pd

PACK_FILE = "pack.toml"
DELETE = "delete"
"""Column that marks a row whose shipped namesake is deleted."""
WHOLE = "whole"
"""Entry of pack.toml: tables of which the own file is the whole table."""
MISSING = "the column is missing"
SHIPPED_LINES = 10_000_000
"""Added to the line of a shipped row; assumption: no table has as many lines."""
RECONCILED, PUBLISHED = "reconciled_t", ("observed_t", "assumed_t")
"""Column of production that is computed from the two others where a folder gives these alone."""
ENDS = ("low", "high")
"""Ends of the range of the column before them."""
OWN_WORDS = ("status", "reason", "source")
"""Columns in which a row of a folder never speaks for the shipped row that it replaces."""
YES = ("true", "1", "yes", "delete", "x")
DEFAULTS = {"status": "assumed", "source": "own data", "reason": ""}
"""What a new row holds in a column that the own table leaves out."""


@dataclass
class Pack:
    """What was made of a folder.

    Attributes:
        folder: the folder.
        whole: tables that its files replace whole.
        notes: lines that say what was read how.
        own: rows of each table that the folder gave, as their index.
        computed: rows of production whose `reconciled_t` is to be computed, because what was published is new in them.
        given: rows of production whose `reconciled_t` the folder gives itself.
        deleted: tables of which shipped rows are deleted.
        usual_prices: the shipped base prices, where the folder gives some.
    """

    folder: Path
    whole: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)
    own: dict[str, list[int]] = field(default_factory=dict)
    computed: list[int] = field(default_factory=list)
    given: list[int] = field(default_factory=list)
    deleted: set[str] = field(default_factory=set)
    usual_prices: pd.DataFrame | None = None


def read_pack(folder: Path, tables: Iterable[str], problems: list[Problem]) -> Pack:
    """What `pack.toml` of a folder says, if there is one; problems are noted."""
    path = folder / PACK_FILE
    if not path.exists():
        return Pack(folder)
    try:
        raw = parse_toml(read_file(path), path.name)
    except DataError as error:
        problems += error.problems
        return Pack(folder)
    known = list(tables)
    for word in raw:
        if word not in (WHOLE, "title"):
            problems.append(Problem(PACK_FILE, None, word, "unknown entry", did_you_mean(word, [WHOLE, "title"])))
    names = raw.get(WHOLE, [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        problems.append(Problem(PACK_FILE, None, WHOLE, "is no list of names", 'Write whole = ["hosts"]'))
        names = []
    for name in names:
        if name not in known:
            problems.append(Problem(PACK_FILE, None, WHOLE, f"there is no table {name!r}", did_you_mean(name, known)))
    return Pack(folder, tuple(names))


def laid_over(
    own: pd.DataFrame,
    shipped: pd.DataFrame,
    schema: TableSchema,
    reader: Reader,
    pack: Pack,
    problems: list[Problem],
) -> pd.DataFrame:
    """The shipped rows with those of the folder in their place, new ones at the end; all as text.

    Where a sidecar has a rule that rows add up, the own rows of a group replace all shipped rows of that group.

    Args:
        own: text of the own table, index the lines of its file; the columns of the key, others as far as they differ.
        shipped: text of the shipped table, index its lines.
        schema: the shipped sidecar.
        reader: reads names and units.
        pack: notes are added to it.
        problems: what is wrong is added.
    """
    import pandas as pd

    file = f"{schema.name}.csv"
    own = reader.read(own, schema, shipped, pack.notes, problems)
    beneath = shipped.set_axis(shipped.index + SHIPPED_LINES, axis=0)
    theirs, mine = _keys(beneath, schema), _keys(own, schema)
    place = {key: number for number, key in enumerate(theirs)}
    gone: set[Hashable] = set()
    if DELETE in own:
        marked = own[DELETE].str.lower().isin(YES)
        for line, key in zip(own.index[marked], [k for k, m in zip(mine, marked, strict=True) if m], strict=True):
            if key not in place:
                wrong = f"marks {', '.join(map(str, key))} for deletion, and there is no such row"
                right = "Leave the row out, or give the key of a shipped row"
                problems.append(Problem(file, int(str(line)), DELETE, wrong, right))
            gone.add(key)
            pack.deleted.add(schema.name)
        own, mine = own[~marked].drop(columns=DELETE), [k for k, m in zip(mine, marked, strict=True) if not m]
    own = _filled(own, mine, beneath, place, schema, pack, problems)
    if RECONCILED in schema.columns:
        own = _with_reconciled(own, [place.get(key, -1) for key in mine], beneath, pack, problems)
    groups = _groups(schema)
    replaced = {tuple(key) for key in _keys(own, schema, groups)} if groups else set()
    of_group = _keys(beneath, schema, groups) if groups else [()] * len(beneath)
    taken = set(mine) | gone
    left = [key not in taken and (group not in replaced) for key, group in zip(theirs, of_group, strict=True)]
    first = {group: number for number, group in reversed(list(enumerate(of_group)))} if groups else {}
    mine_group = _keys(own, schema, groups) if groups else [()] * len(own)
    end = len(place)
    order = [number for number, stays in enumerate(left) if stays]
    order += [place.get(key, first.get(group, end)) for key, group in zip(mine, mine_group, strict=True)]
    merged = pd.concat([beneath[left], own[list(beneath.columns)]])
    merged = merged.iloc[sorted(range(len(order)), key=order.__getitem__)]
    pack.own[schema.name] = [int(str(line)) for line in own.index]
    rest = sum(left)
    if rest:
        parts = [f"own rows: {len(own)}", f"deleted: {len(gone)}" if gone else ""]
        said = "; ".join([*filter(None, parts), f"rows left out, which are the shipped ones: {rest}"])
        pack.notes.append(f"{file}: {said}.")
    return merged


def _groups(schema: TableSchema) -> tuple[str, ...]:
    """Columns by which rows belong together, because they add up to a total."""
    return schema.sums[0].by if schema.sums else ()


def _keys(frame: pd.DataFrame, schema: TableSchema, columns: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The key of every row as text; whole numbers without a decimal point."""
    cells = [
        [_whole(cell) for cell in frame[name]] if schema.columns[name].type == "int" else list(frame[name])
        for name in columns or schema.key
    ]
    return list(zip(*cells, strict=True))


def _whole(cell: str) -> str:
    """A whole number as it is written without a decimal point; other text as it stands."""
    head, point, tail = cell.partition(".")
    return head if point and not tail.strip("0") else cell


def _filled(
    own: pd.DataFrame,
    keys: list[tuple[str, ...]],
    shipped: pd.DataFrame,
    place: dict[tuple[str, ...], int],
    schema: TableSchema,
    pack: Pack,
    problems: list[Problem],
) -> pd.DataFrame:
    """The own rows with the columns that they leave out: from the shipped row of the same key, else a documented default."""
    own = own.copy()
    missing = [name for name in schema.columns if name not in own]
    names = list(schema.columns)
    at = [place.get(key, -1) for key in keys]
    for name in missing:
        column, cells, needed = shipped[name].tolist(), [], False
        for number in at:
            taken = number >= 0 and name not in OWN_WORDS
            cells.append(column[number] if taken else _default(schema.columns[name], pack))
            needed |= not taken and schema.columns[name].required and not cells[-1] and name != RECONCILED
        if name in ENDS:  # a range that is not given is none
            middle = names[names.index(ENDS[0]) - 1]
            cells = list(own[middle]) if middle in own else cells
            needed = False
        own[name] = cells
        if needed:
            right = f"Add it: {schema.columns[name].description or name}"
            problems.append(Problem(f"{schema.name}.csv", 1, name, MISSING, right))
    return own


def _with_reconciled(
    own: pd.DataFrame, at: list[int], shipped: pd.DataFrame, pack: Pack, problems: list[Problem]
) -> pd.DataFrame:
    """Production with a first value of `reconciled_t` in every row; which rows are computed later is noted in the pack."""
    cells, theirs = [], shipped.to_dict("records")
    for line, number, row in zip(own.index, at, own.to_dict("records"), strict=True):
        where, below = int(str(line)), theirs[number] if number >= 0 else None
        published = next((row[name] for name in PUBLISHED if row[name]), "")
        given = row[RECONCILED]
        untold = below is not None and _same(given, below[RECONCILED]) and any(below[name] for name in PUBLISHED)
        if not published and (not given or untold):
            problems.append(Problem("production.csv", where, PUBLISHED[0], "the row has no tonnage", "Give t/year"))
        anew = below is None or any(not _same(row[name], below[name]) for name in PUBLISHED)
        if given and (below is None or not _same(given, below[RECONCILED])):
            pack.given.append(where)
        elif anew:
            pack.computed.append(where)
        cells.append(given or published)
    return own.assign(**{RECONCILED: cells})


def _same(one: str, other: str) -> bool:
    """Whether two cells hold the same number, or are both empty."""
    try:
        return one == other or float(one) == float(other)
    except ValueError:
        return False


def _default(column: Column, pack: Pack) -> str:
    """What a new row holds in a column that was left out; "" where there is no default."""
    if column.name == "source":
        return f"{DEFAULTS['source']} ({pack.folder.name})"
    return DEFAULTS.get(column.name, "")


def told_once(problems: list[Problem]) -> list[Problem]:
    """Problems without those of cells in a column that is missing altogether."""
    missing = {(p.file, p.column) for p in problems if p.wrong == MISSING}
    return [
        p for p in problems if p.wrong == MISSING or not isinstance(p.row, int) or (p.file, p.column) not in missing
    ]


def located(problem: Problem) -> Problem:
    """A problem of a row, with the file in which the row stands."""
    from dataclasses import replace

    if isinstance(problem.row, int) and problem.row >= SHIPPED_LINES:
        return replace(problem, file=f"shipped {problem.file}", row=problem.row - SHIPPED_LINES)
    return problem
