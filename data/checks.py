"""Turns the text of a table into numbers and checks it against its sidecar with pandera, all problems at once."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from lodeflow.data.problems import Problem, did_you_mean
from lodeflow.data.schema import Column, TableSchema

LARGEST_WHOLE = 2**53
"""Largest whole number that a cell may hold: beyond it floats are no longer exact."""
ENDS = (("low", "high"), ("year_from", "year_to"), ("first_year", "last_year"))
"""Columns of which the first is at most the second; `x_low` and `x_high` too."""
TRUTH = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def check(
    text: pd.DataFrame, schema: TableSchema, frames: dict[str, pd.DataFrame], problems: list[Problem]
) -> pd.DataFrame:
    """The typed table (same index: lines of the file); problems are appended.

    `frames` holds the other tables, for foreign keys; a table that could not be read is not in it and not checked.
    """
    file = f"{schema.name}.csv"
    before = len(problems)
    typed = pd.DataFrame({name: _typed(text[name], column, file, problems) for name, column in schema.columns.items()})
    choices = {name: _choices(column, frames) for name, column in schema.columns.items()}
    rules = pa.DataFrameSchema({name: _rule(column, choices[name]) for name, column in schema.columns.items()})
    try:
        rules.validate(typed, lazy=True)
    except pa.errors.SchemaErrors as errors:
        told = {(problem.row, problem.column) for problem in problems[before:]}
        for case in errors.failure_cases.itertuples():
            column = schema.columns[str(case.column)]
            if (case.index, column.name) in told:
                continue
            told.add((case.index, column.name))
            problems.append(_explain(file, case.index, column, case.check, case.failure_case, choices[column.name]))
    _check_key(typed, schema, problems)
    _check_ends(typed, schema, problems)
    if len(problems) == before:
        _check_sums(typed, schema, problems)
    return typed


def _typed(text: pd.Series, column: Column, file: str, problems: list[Problem]) -> pd.Series:
    """One column as its type; empty cells become NaN (numbers) or "" (text)."""
    if column.type == "str":
        return text.astype(str)
    empty = text == ""
    if column.type == "bool":
        values = text.str.lower().map(TRUTH)
        wanted = "true or false"
    else:
        values = pd.to_numeric(text.where(~empty), errors="coerce")
        wanted = "a whole number" if column.type == "int" else "a number with a decimal point"
    bad = values.isna() & ~empty
    if column.type == "int":
        bad |= values.notna() & ~(values.abs() <= LARGEST_WHOLE) | values.notna() & (values % 1 != 0)
    for line, cell in text[bad].items():
        unit = f" ({column.unit})" if column.unit not in ("", "1") else ""
        problems.append(Problem(file, int(str(line)), column.name, f"{cell!r} is not {wanted}", f"Give {wanted}{unit}"))
    values = values.where(~bad)
    if column.type == "float":
        return values.astype(float)
    if column.type == "int" and not values.isna().any():
        return values.astype("int64")
    return values.astype(float) if column.type == "int" else values


def _choices(column: Column, frames: dict[str, pd.DataFrame]) -> dict[str, str]:
    """Values that a column may hold, each with its plain name; empty when anything goes."""
    found = dict.fromkeys(column.allowed, "")
    if column.allowed_from:
        table, _, key = column.allowed_from.partition(".")
        if table not in frames or key not in frames[table]:
            return {}
        frame = frames[table]
        names = next((word for word in ("name", "label") if word in frame), key)
        found |= dict(zip(frame[key].astype(str), frame[names].astype(str), strict=True))
    return found


def _rule(column: Column, choices: dict[str, str]) -> pa.Column:
    """The pandera rule of one column."""
    checks = []
    if column.min is not None:
        checks.append(pa.Check.ge(column.min))
    if column.max is not None:
        checks.append(pa.Check.le(column.max))
    if column.type == "float":
        checks.append(pa.Check(lambda values: values.abs() != float("inf"), name="finite"))
    if choices:
        checks.append(pa.Check.isin([*choices] if column.required else ["", *choices]))
    if column.pattern:
        checks.append(
            pa.Check.str_matches(f"^(?:{column.pattern})$" if column.required else f"^(?:{column.pattern})?$")
        )
    if column.required and column.type == "str":
        checks.append(pa.Check(lambda values: values != "", name="filled"))
    return pa.Column(None, checks, nullable=not (column.required and column.type != "str"))


def _explain(file: str, line: object, column: Column, check: object, cell: object, choices: dict[str, str]) -> Problem:
    """A failed pandera check in plain words."""
    row = int(str(line)) if str(line).isdigit() else None
    unit = f" {column.unit}" if column.unit not in ("", "1") else ""
    name = str(check)
    if name == "not_nullable" or name == "filled" or cell == "":
        return Problem(file, row, column.name, "the cell is empty", f"Give {column.description or 'a value'}{unit}")
    if name.startswith("greater_than"):
        return Problem(file, row, column.name, f"{cell:g}{unit} is too small", f"Give {column.min:g}{unit} or more")
    if name.startswith("less_than"):
        return Problem(file, row, column.name, f"{cell:g}{unit} is too large", f"Give {column.max:g}{unit} or less")
    if name.startswith("isin"):
        return Problem(file, row, column.name, f"{cell!r} is not known", did_you_mean(str(cell), choices, choices))
    if name.startswith("str_matches"):
        return Problem(file, row, column.name, f"{cell!r} has the wrong form", f"Give {column.description}")
    return Problem(file, row, column.name, f"{cell!r} is not a finite number", "Give a finite number")


def _check_key(typed: pd.DataFrame, schema: TableSchema, problems: list[Problem]) -> None:
    """Notes rows whose key stands in an earlier row."""
    if not schema.key:
        return
    repeated = typed.duplicated(list(schema.key), keep="first")
    if not repeated.any():
        return
    first = {tuple(row): line for line, row in reversed(list(typed[list(schema.key)].T.items()))}
    for line, row in typed.loc[repeated, list(schema.key)].T.items():
        words = ", ".join(str(value) for value in row)
        wrong = f"{words} stands already in row {first[tuple(row)]}"
        problems.append(
            Problem(f"{schema.name}.csv", int(str(line)), ", ".join(schema.key), wrong, "Keep one of the two")
        )


def _check_ends(typed: pd.DataFrame, schema: TableSchema, problems: list[Problem]) -> None:
    """Notes rows whose range ends before it begins."""
    pairs = [*ENDS, *((name, f"{name[:-4]}_high") for name in schema.columns if name.endswith("_low"))]
    for low, high in pairs:
        if low in typed and high in typed:
            for line, row in typed.loc[typed[low] > typed[high], [low, high]].iterrows():
                wrong = f"{row[low]:g} is above {high} {row[high]:g}"
                problems.append(Problem(f"{schema.name}.csv", int(str(line)), low, wrong, "Put the smaller one first"))


def _check_sums(typed: pd.DataFrame, schema: TableSchema, problems: list[Problem]) -> None:
    """Notes groups of rows whose column does not add up."""
    for rule in schema.sums:
        totals = typed.groupby(list(rule.by), sort=False)[rule.column].sum()
        excess = totals - rule.total if rule.at_most else (totals - rule.total).abs()
        for key, total in totals[excess > rule.tolerance].items():
            keys = key if isinstance(key, tuple) else (key,)
            mask = (typed[list(rule.by)] == list(keys)).all(axis=1)
            where = ", ".join(f"{name} {value}" for name, value in zip(rule.by, keys, strict=True))
            want = f"{'At most' if rule.at_most else 'Make them add up to'} {rule.total:g}"
            line = int(str(typed.index[mask][0]))
            problems.append(Problem(f"{schema.name}.csv", line, rule.column, f"{where}: the sum is {total:.6g}", want))
