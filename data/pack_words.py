"""Names and units in the cells of a user's own rows, turned into those of the tables; what is not understood is a problem."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lodeflow.data import names, units
from lodeflow.data.problems import Problem
from lodeflow.data.schema import TableSchema
from lodeflow.data.units import UnitError

if TYPE_CHECKING:
    import pandas as pd

TONNES, PRICE = ("t/year", "t", "t metal content"), "USD/t"
"""Units of columns whose cells may stand in another unit."""
HOSTS = ("zinc", "alumina")
"""Commodities that carry by-products and are no metals of the tables."""
UNIT, GRADE = "unit", "grade"
"""Columns that say in which unit a row stands, and how much metal a gross weight holds."""


@dataclass(frozen=True)
class Reader:
    """Reads own rows.

    Attributes:
        metals: symbol of each metal of the tables, shipped or own.
        countries: name of each country of the tables.
    """

    metals: dict[str, str]
    countries: dict[str, str]

    def read(
        self, own: pd.DataFrame, schema: TableSchema, shipped: pd.DataFrame, notes: list[str], problems: list[Problem]
    ) -> pd.DataFrame:
        """The rows with names and units of the tables; what was converted is noted with its factor."""
        own = own.copy()
        seen: Counter[str] = Counter()
        for name, column in schema.columns.items():
            if name in own and column.allowed_from == "countries.iso3" and schema.name != "countries":
                own[name] = [self._place(cell, column.allowed, seen) for cell in own[name]]
            if name in own and column.allowed_from == "metals.metal" and schema.name != "metals":
                own[name] = [self._metal(cell, column.allowed, seen) for cell in own[name]]
        own = self._units(own, schema, shipped, seen, problems)
        notes += [
            f"{schema.name}.csv: {words} ({count} row{'s' if count > 1 else ''})." for words, count in seen.items()
        ]
        return own

    def _place(self, cell: str, allowed: tuple[str, ...], seen: Counter[str]) -> str:
        """The code of a country; a cell that means none of the tables stays as it is."""
        if not cell or cell in self.countries or cell in allowed:
            return cell
        found = names.place(cell)
        if found.kind == "country" and found.code in self.countries:
            seen[f"{cell!r} is read as {found.code} ({self.countries[found.code]})"] += 1
            return found.code
        return cell

    def _metal(self, cell: str, allowed: tuple[str, ...], seen: Counter[str]) -> str:
        """The name of a metal; a cell that means none of the tables stays as it is."""
        if not cell or cell in self.metals or cell in allowed:
            return cell
        found, _ = names.metal(cell, self.metals)
        if found:
            seen[f"{cell!r} is read as {found}"] += 1
        return found or cell

    def knows_metal(self, cell: str) -> bool:
        """Whether a cell means a metal of the tables, or a host commodity."""
        return cell in HOSTS or names.metal(cell, self.metals) != ("", "")

    # ---- units ------------------------------------------------------------------------------------------------------
    def _units(
        self,
        own: pd.DataFrame,
        schema: TableSchema,
        shipped: pd.DataFrame,
        seen: Counter[str],
        problems: list[Problem],
    ) -> pd.DataFrame:
        """Tonnages and prices in the unit of the tables, from the column `unit` or the end of a column's name."""
        amounts = {name: c.unit for name, c in schema.columns.items() if c.unit in (*TONNES, PRICE)}
        if not amounts:
            return own
        for name, unit in amounts.items():
            own = _renamed(own, name, unit, seen)
        own_unit = UNIT in own
        usual = _usual_units(shipped) if UNIT in schema.columns else {}
        if own_unit or GRADE in own:
            for position, line in enumerate(own.index):
                self._convert(own, position, line, amounts, usual, schema, seen, problems)
        elif usual:
            shipped_keys = set(shipped["metal"]) if "metal" in shipped else set()
            own[UNIT] = [usual.get(metal) or f"t {self.metals.get(metal, metal)}" for metal in own.get("metal", [])]
            if set(own.get("metal", [])) - shipped_keys:
                seen["no column unit: tonnages are read as t of metal content"] += 1
        extra = [name for name in (UNIT, GRADE) if name in own and name not in schema.columns]
        return own.drop(columns=extra)

    def _convert(
        self,
        own: pd.DataFrame,
        position: int,
        line: object,
        amounts: dict[str, str],
        usual: dict[str, str],
        schema: TableSchema,
        seen: Counter[str],
        problems: list[Problem],
    ) -> None:
        """Turn the amounts of one row into the unit of the table, or note why they cannot be."""
        file, row = f"{schema.name}.csv", own.iloc[position]
        metal = str(row.get("metal", ""))
        wanted = usual.get(metal) or (f"t {self.metals.get(metal, metal)}" if UNIT in schema.columns else "")
        given = str(row.get(UNIT, "")) or (wanted if GRADE in own else "")
        symbol = self.metals.get(metal) or wanted.removeprefix("t ")
        where = int(str(line))
        if not given or (given == wanted and not str(row.get(GRADE, ""))):
            if not given and UNIT not in schema.columns:
                right = f"Give {wanted or next(iter(amounts.values()))!r}, or kt, Mt, kg, lb, t LCE ..."
                problems.append(Problem(file, where, UNIT, "the cell is empty", right))
            return
        for name, unit in amounts.items():
            if name not in own or not str(row[name]):
                continue
            try:
                grade = _grade(str(row.get(GRADE, "")))
                read = (
                    units.usd_per_tonne(given, metal, symbol)
                    if unit == PRICE
                    else units.tonnes(given, metal, symbol, grade)
                )
                value = float(str(row[name]))
            except UnitError as error:
                problems.append(Problem(file, where, UNIT, error.wrong, error.right))
                return
            except ValueError:  # no number: the check of the table says so
                continue
            if read.value != 1.0:
                own.at[where, name] = repr(value * read.value)
                seen[read.words] += 1
        if UNIT in schema.columns and wanted:
            own.at[where, UNIT] = wanted


def _usual_units(shipped: pd.DataFrame) -> dict[str, str]:
    """The unit in which the shipped rows of each metal stand."""
    return {str(metal): str(rows.iloc[0]) for metal, rows in shipped.groupby("metal")[UNIT]}


def _grade(cell: str) -> float | None:
    """A grade as share: "1.2 %" or 0.012; None where the cell is empty."""
    text = cell.strip()
    if not text:
        return None
    try:
        return float(text.rstrip("% ")) / (100.0 if text.endswith("%") else 1.0)
    except ValueError:
        raise UnitError(f"the grade {cell!r} is not a number", "Give metal per gross weight, e.g. 1.2 %") from None


def _renamed(own: pd.DataFrame, name: str, unit: str, seen: Counter[str]) -> pd.DataFrame:
    """A column such as observed_kt or price_usd_per_lb under the name of the table, converted."""
    stem = name[: name.rfind("_") + 1]
    others = [str(column) for column in own if column != name and stem and str(column).startswith(stem)]
    if name in own or len(others) != 1 or not name.endswith("_t"):
        return own
    try:
        factor = units.tonnes(others[0].removeprefix(stem).replace("_", " "), "", "").value
    except UnitError:
        return own
    factor = 1.0 / factor if unit == PRICE else factor
    cells = []
    for cell in own[others[0]]:
        try:
            cells.append(repr(float(cell) * factor))
        except ValueError:
            cells.append(cell)
    seen[f"column {others[0]} is read as {name}, times {factor:g}"] += len(cells)
    return own.drop(columns=others[0]).assign(**{name: cells})


def in_other_units(header: list[str], schema: TableSchema) -> set[str]:
    """Columns of a header that are one of the table in another unit, such as observed_kt."""
    found = set()
    for name, column in schema.columns.items():
        if column.unit in (*TONNES, PRICE) and name.endswith("_t") and name not in header:
            stem = name[: name.rfind("_") + 1]
            found |= {other for other in header if other.startswith(stem) and _is_mass(other.removeprefix(stem))}
    return found


def _is_mass(words: str) -> bool:
    """Whether the end of a column's name is a mass."""
    try:
        units.tonnes(words.replace("_", " "), "", "")
    except UnitError:
        return False
    return True


def readable(own: dict[str, pd.DataFrame], shipped: dict[str, pd.DataFrame]) -> Reader:
    """What reads own rows: it knows the metals and countries of the shipped and of the own tables."""
    metals: dict[str, str] = {}
    countries: dict[str, str] = {}
    for tables in (shipped, own):
        if "metals" in tables and "metal" in tables["metals"]:
            frame = tables["metals"]
            symbols = frame["symbol"] if "symbol" in frame else frame["metal"]
            metals |= dict(zip(frame["metal"], symbols, strict=True))
        if "countries" in tables and "iso3" in tables["countries"]:
            frame = tables["countries"]
            countries |= dict(zip(frame["iso3"], frame["name"] if "name" in frame else frame["iso3"], strict=True))
    return Reader(metals, countries)
