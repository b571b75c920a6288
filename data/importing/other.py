"""Importers of prices (World Bank) and of any other file by a mapping."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from typing import Any

from lodeflow.data import units
from lodeflow.data.guard import parse_toml, read_file
from lodeflow.data.importing import layout
from lodeflow.data.importing.cells import Grid
from lodeflow.data.importing.rows import AMOUNTS, COLUMNS, KEYS, Taken
from lodeflow.data.names import metal as metal_named
from lodeflow.data.problems import DataError, Problem, did_you_mean

_MONTH = re.compile(r"^((?:19|20)\d\d)M(0[1-9]|1[0-2])$")
_YEAR = re.compile(r"^((?:19|20)\d\d)$")
WHOLE_YEAR = 12
PLACES, STAGES = ("iso3", "exporter", "importer"), ("mine", "refine", "host")
WORDS = ("table", "header_row", "sheet", "source", "columns", "values", "years", "unit", "grade")


def worldbank(grid: Grid, taken: Taken, asked: str = "") -> None:
    """Prices from the World Bank's Pink Sheet: names, units and months down; a year counts where all of its months are there."""
    first = next((n for n, row in enumerate(grid) if _MONTH.match(row[0]) or _YEAR.match(row[0])), -1)
    if first < 2:
        wrong, right = "is not in the layout of the Pink Sheet", "Name the sheet: --sheet 'Monthly Prices'"
        taken.problems.append(Problem(taken.file, None, "", wrong, right))
        return
    above = grid[:first]
    wanted: dict[int, tuple[str, float]] = {}
    for place in range(1, len(grid[first])):
        cells = [row[place] for row in above if row[place]]
        metal = next((name for cell in cells if (name := metal_named(cell.strip(" *,"), taken.symbols)[0])), "")
        if not metal or (asked and metal != layout.metal_of("", taken, asked)):
            taken.dropped[f"column {cells[0] if cells else place}"] += 1
            continue
        unit = next((cell.strip("() ") for cell in cells if "$" in cell), "").replace(
            "mt", "t"
        )  # metric tons, the sheet says
        try:
            factor = units.usd_per_tonne(unit, metal, taken.symbols[metal])
        except units.UnitError as error:
            taken.problems.append(Problem(taken.file, first, "", error.wrong, error.right))
            continue
        wanted[place] = metal, factor.value
        if factor.words:
            taken.converted[factor.words] += 1
    months: dict[tuple[str, int], list[float]] = defaultdict(list)
    yearly = bool(_YEAR.match(grid[first][0]))
    for row in grid[first:]:
        found = _MONTH.match(row[0]) or _YEAR.match(row[0])
        for place, (metal, times) in wanted.items():
            value = taken.value(row[place]) if found else None
            if found and value is not None and value > 0:
                months[metal, int(found[1])].append(value * times)
    earliest = int(taken.tables["base_prices"]["year"].min())
    for (metal, year), values in months.items():
        if year < earliest:
            taken.dropped[f"years before {earliest}"] += 1
        elif not yearly and len(values) < WHOLE_YEAR:
            taken.dropped[f"{year}: {len(values)} months of {metal} only"] += 1
        else:
            price = sum(values) / len(values)
            told = {"status": "observed", "reason": "" if yearly else "mean of twelve months", "source": taken.source}
            taken.add("base_prices", metal=metal, year=year, price_usd_per_t=price, **told)


def generic(grid: Grid, taken: Taken, mapping: dict[str, Any], asked: str = "") -> None:
    """Rows of any file by a mapping; see docs/data/importing.md.

    mapping: `table`, `columns` (column of the table to column of the file), `values` (column of the table to one value for all
    rows), `unit`, `years` ("across" where years are columns), `header_row`.
    """
    table = str(mapping["table"])
    start = int(mapping.get("header_row", 1)) - 1
    columns = {str(name): str(word) for name, word in mapping.get("columns", {}).items()}
    values = {str(name): str(word) for name, word in mapping.get("values", {}).items()}
    places = layout.columns_of(grid[start]) if 0 <= start < len(grid) else {}
    at = {name: layout.first_of(places, word) for name, word in columns.items()}
    for name, place in at.items():
        if place < 0:
            near = did_you_mean(columns[name], [cell for cell in grid[start] if cell] if start < len(grid) else [])
            taken.problems.append(Problem(taken.file, start + 1, columns[name], "there is no such column", near))
    across = layout.year_columns(grid[start]) if mapping.get("years") == "across" and not taken.problems else {}
    if taken.problems:
        return
    for line, row in enumerate(grid[start + 1 :], start + 2):
        if not any(row):
            continue
        cells = values | {name: layout.cell_at(row, place) for name, place in at.items()}
        if asked:
            cells["metal"] = asked
        if across:
            for place, year in across.items():
                _one(table, cells | {"year": str(year), "value": row[place]}, mapping, line, taken)
        else:
            _one(table, cells, mapping, line, taken)


def _one(table: str, cells: dict[str, str], mapping: dict[str, Any], line: int, taken: Taken) -> None:
    """One row of a mapped file."""
    row: dict[str, Any] = {}
    for name in KEYS[table]:
        row[name] = _key(name, cells.get(name, "").strip(), line, taken)
        if not row[name] and name in (*PLACES, "year"):
            taken.dropped["rows without a year"] += name == "year"
            return
        if not row[name]:
            taken.problems.append(
                Problem(taken.file, line, name, f"{cells.get(name, '')!r} is not understood", "Mend it")
            )
            return
    value = taken.value(cells.get("value", ""))
    if value is None:
        return
    unit = cells.get("unit") or str(mapping.get("unit", ""))
    amount = _amount(table, value, unit, mapping, row, line, taken)
    if amount is None:
        return
    row |= dict.fromkeys(AMOUNTS[table], amount)
    told = {"status": "observed", "reason": cells.get("reason", ""), "source": cells.get("source") or taken.source}
    if table == "trade_flows":
        told |= {"status": "derived", "basis": "weight"}
    if "unit" in COLUMNS[table]:
        symbol = taken.symbols.get(row["metal"], row["metal"]).replace("Nd-Pr", "Nd+Pr").replace("Dy-Tb", "Dy+Tb")
        told["unit"] = "t content" if table == "reserves" else f"t {symbol}"
    taken.add(table, **row, **{name: word for name, word in told.items() if name in COLUMNS[table]})


def _key(name: str, cell: str, line: int, taken: Taken) -> Any:
    """A part of the key of a row; "" where it is not understood."""
    if name in PLACES:
        return taken.place(cell, line) if cell else ""
    if name == "year":
        year = layout.YEAR.search(cell)
        return int(year[1]) if year else ""
    if name == "metal":
        return layout.metal_of(cell, taken) or cell.lower()
    if name == "stage" and cell not in STAGES:
        return layout.stage_of(cell)
    return cell


def _amount(
    table: str, value: float, unit: str, mapping: dict[str, Any], row: dict[str, Any], line: int, taken: Taken
) -> float | None:
    """A value in the unit of its table; None with a problem where the unit is not read."""
    if table == "use_shares":
        return value / 100.0 if unit.strip() in ("%", "percent") else value
    if table == "base_prices":
        try:
            factor = units.usd_per_tonne(unit, row["metal"], taken.symbols.get(row["metal"], ""))
        except units.UnitError as error:
            taken.problems.append(Problem(taken.file, line, "unit", error.wrong, error.right))
            return None
        if factor.words:
            taken.converted[factor.words] += 1
        return value * factor.value
    grade = mapping.get("grade")
    return taken.tonnes(value, unit, row["metal"], line, float(grade) if isinstance(grade, int | float) else None)


def read_mapping(path: Path) -> dict[str, Any]:
    """A mapping file; raises DataError with everything that is wrong with it."""
    raw = parse_toml(read_file(path), path.name)
    problems = [
        Problem(path.name, None, word, "unknown entry", did_you_mean(word, WORDS)) for word in raw if word not in WORDS
    ]
    table: Any = raw.get("table")
    if table not in KEYS:
        problems.append(
            Problem(path.name, None, "table", f"{table!r} is no table that is read", f"Use one of: {', '.join(KEYS)}")
        )
    for name in ("columns", "values"):
        part = raw.get(name, {})
        if not isinstance(part, dict) or not all(isinstance(word, str | int | float) for word in part.values()):
            problems.append(
                Problem(path.name, None, name, "is no table of names", f'Write [{name}] and iso3 = "Country"')
            )
    if not isinstance(raw.get("header_row", 1), int):
        problems.append(Problem(path.name, None, "header_row", "is no whole number", "Count from 1"))
    if not problems:
        given = {*raw.get("columns", {}), *raw.get("values", {})} | (
            {"year", "value"} if raw.get("years") == "across" else set()
        )
        for name in (*KEYS[table], "value"):
            if name not in given:
                right = f'Write {name} = "its column" under [columns], or its value under [values]'
                problems.append(Problem(path.name, None, "columns", f"nothing says what {name} is", right))
    if problems:
        raise DataError(problems)
    return raw
