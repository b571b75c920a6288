"""Tables as people damage them: each is refused with file and row, or gives a world that conserves metal."""

from __future__ import annotations

import csv
import io
import math
import tempfile
from collections.abc import Callable
from pathlib import Path

import hypothesis.strategies as st
import pandas as pd
from hypothesis import HealthCheck, given, settings

from lodeflow import data
from lodeflow.data import DataError, Tables
from lodeflow.data.checks import check
from lodeflow.data.loader import SHIPPED, read_table
from lodeflow.data.schema import read_schema
from lodeflow.environment import WorldSettings, build

NAMES = sorted(data.table_names())
PHYSICAL = ["cover", "yields", "hosts", "cost_curve", "recycling", "reserves", "strategic_reserves"]
"""Small tables that reach a world of cobalt."""
ODD = [
    "",
    "nan",
    "inf",
    "-inf",
    "1e308",
    "-1",
    "0",
    "1e-320",
    "true",
    "0.5.1",
    '"',
    "x" * 300,
    "9" * 400,
    "cobalt",
    "COD",
]
ONE_METAL = WorldSettings(metals=["cobalt"], start="2024-01", end="2024-03", noise=0.0)
Rows = list[list[str]]


def rows_of(name: str) -> Rows:
    return list(csv.reader(io.StringIO((SHIPPED / f"{name}.csv").read_text(encoding="utf-8"))))


def text_of(rows: Rows) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()


@st.composite
def changed_rows(draw: st.DrawFn, names: list[str]) -> tuple[str, Rows]:
    """A shipped table with one to three rows doubled, missing, swapped or with odd cells."""
    name = draw(st.sampled_from([name for name in names if len(rows_of(name)) > 1]))
    rows = rows_of(name)
    for _ in range(draw(st.integers(1, 3))):
        line = draw(st.integers(1, len(rows) - 1))
        change = draw(st.sampled_from(["cell", "cell", "cell", "double", "drop", "cut", "column"]))
        if change == "cell":
            rows[line][draw(st.integers(0, len(rows[line]) - 1))] = draw(st.sampled_from(ODD))
        elif change == "double":
            rows.insert(line, list(rows[line]))
        elif change == "column":
            first, second = draw(st.integers(0, len(rows[0]) - 1)), draw(st.integers(0, len(rows[0]) - 1))
            rows = [[row[second] if place == first else cell for place, cell in enumerate(row)] for row in rows]
        elif len(rows) > 3:
            del rows[line : line + (1 if change == "drop" else len(rows))]
            if len(rows) == 1:
                break
    return name, rows


DAMAGE: list[Callable[[bytes, int], bytes]] = [
    lambda content, place: content[:place],
    lambda content, place: content[:place] + b'"' + content[place:],
    lambda content, place: content[:place] + b"\n" + content[place:],
    lambda content, place: content[:place] + b"\xff" + content[place:],
    lambda content, place: b"\xef\xbb\xbf" + content,
    lambda content, place: content.decode().encode("utf-16"),
    lambda content, place: content.replace(b",", b";"),
    lambda content, place: content.replace(b"\n", b"\r\n"),
    lambda content, place: content[:place] + b"\x00" + content[place:],
]


def told(error: DataError, name: str) -> None:
    """Each problem is one line that begins with the file."""
    assert error.problems
    for problem in error.problems:
        assert "\n" not in str(problem)
        assert str(problem).startswith((f"{name}.", *(f"{other}.csv" for other in NAMES))), problem


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(NAMES), st.sampled_from(DAMAGE), st.integers(0, 10**6))
def test_damaged_text_is_refused_or_read_whole(
    tables: Tables, name: str, damage: Callable[[bytes, int], bytes], place: int
) -> None:
    content = (SHIPPED / f"{name}.csv").read_bytes()
    damaged = damage(content, place % len(content))
    problems: list[data.Problem] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.csv"
        path.write_bytes(damaged)
        schema = tables.schema(name)
        frame = read_table(path, schema, problems)
    if problems:
        told(DataError(problems), name)
    else:
        assert frame is not None
        lines = damaged.decode("utf-8-sig").splitlines()
        assert len(frame) == sum(bool(line.strip(", ")) for line in lines) - 1


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(changed_rows(NAMES))
def test_changed_cells_are_refused_or_numbers(tables: Tables, changed: tuple[str, Rows]) -> None:
    name, rows = changed
    found = checked(tables, name, rows)
    if isinstance(found, DataError):
        told(found, name)
        return
    for column in found.select_dtypes("float"):
        assert not found[column].map(math.isinf).any(), column
    assert not found.duplicated(list(tables.schema(name).key)).any()


def checked(tables: Tables, name: str, rows: Rows) -> DataError | pd.DataFrame:
    """A changed table, checked against the other shipped ones as the loader does; or what is wrong with it."""
    problems: list[data.Problem] = []
    schema = read_schema(SHIPPED / f"{name}.toml", problems)
    assert schema is not None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.csv"
        path.write_bytes(text_of(rows))
        frame = read_table(path, schema, problems)
    typed = None if frame is None else check(frame, schema, dict(tables), problems)
    return DataError(problems) if problems else typed


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(changed_rows(PHYSICAL))
def test_a_changed_table_is_refused_or_gives_a_sound_world(tables: Tables, changed: tuple[str, Rows]) -> None:
    name, rows = changed
    found = checked(tables, name, rows)
    if isinstance(found, DataError):
        return
    try:
        world = build(tables.replace(**{name: found.reset_index(drop=True)}), ONE_METAL)
    except DataError as error:
        told(error, name)
        return
    world.run()  # raises where metal is not conserved
    assert all(map(math.isfinite, world.recorder.block("use").ravel()))
