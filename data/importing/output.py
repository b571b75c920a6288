"""Importers of output: USGS Mineral Commodity Summaries, BGS World Mineral Statistics, IEA Critical Minerals Data."""

from __future__ import annotations

import re

from lodeflow.data.importing import layout
from lodeflow.data.importing.cells import Grid, number
from lodeflow.data.importing.rows import Taken
from lodeflow.data.names import plain_name
from lodeflow.data.problems import Problem

_USGS = re.compile(r"^(PROD|RESERVES)[_ ]*([A-Za-z]*?)[_ ]*(EST)?[_ ]*((?:19|20)\d\d)?$", re.IGNORECASE)
_SHORT = {"t": "t", "kt": "kt", "mt": "Mt", "kg": "kg", "mct": "million carats"}
"""Units in the names of columns of older USGS releases."""
IEA_NAMES = {"korea": "KOR", "chinese taipei": "TWN", "rest of world": "ROW", "democratic republic of congo": "COD"}
"""Spellings of the IEA that are doubtful elsewhere."""
REMAINDERS = ("top 3 share", "top 3", "share of top 3", "total", "world", "base case", "high case")


def usgs(grid: Grid, taken: Taken, asked: str = "") -> None:
    """Output and reserves from a table of the USGS: a data release (columns COUNTRY, PROD_2023 ...) or a chapter (years across).

    asked: the metal, where the file does not name it.
    """
    header = layout.find_header(grid, {"country"}, {"type", "unit_meas", "unit meas", "source"})
    if header < 0:
        wide(grid, taken, asked)
        return
    places = layout.columns_of(grid[header])
    country, kind = layout.first_of(places, "country"), layout.first_of(places, "type")
    measure = layout.first_of(places, "unit_meas", "unit meas", "unit")
    commodity = layout.first_of(places, "commodity")
    amounts = [(n, match) for n, cell in enumerate(grid[header]) if (match := _USGS.match(cell.strip()))]
    newest = max((int(match[4]) for _, match in amounts if match[4]), default=0)
    for line, row in enumerate(grid[header + 1 :], header + 2):
        where, title = layout.cell_at(row, country), layout.cell_at(row, kind)
        if not where:
            continue
        metal = layout.metal_of(f"{layout.cell_at(row, commodity)} {title} {taken.file}", taken, asked)
        if not metal:
            taken.problems.append(_no_metal(taken, line, title))
            return
        iso3 = taken.place(where, line)
        if not iso3:
            continue
        for place, match in amounts:
            unit = layout.cell_at(row, measure) or _SHORT.get(match[2].lower(), match[2])
            gross = "gross" in title.lower() or ("ore" in title.lower().split() and "content" not in title.lower())
            value = taken.value(layout.cell_at(row, place))
            tonnes = (
                None if value is None else taken.tonnes(value, f"{unit} gross weight" if gross else unit, metal, line)
            )
            if tonnes is None:
                continue
            year = int(match[4] or newest)
            reason = "estimate of the source" if match[3] else ""
            if match[1].upper() == "PROD":
                _made(taken, metal, layout.stage_of(title) or "mine", iso3, year, tonnes, reason)
            else:
                taken.add(
                    "reserves",
                    metal=metal,
                    iso3=iso3,
                    year=year,
                    unit="t content",
                    observed_t=tonnes,
                    **_told(taken, reason),
                )


def wide(grid: Grid, taken: Taken, asked: str = "", unit: str = "", stage: str = "") -> None:
    """Output by country with years across, under a title that names metal, stage and unit; several such blocks may follow.

    asked, unit, stage: what the titles leave out.
    """
    years: dict[int, int] = {}
    metal, now, measure, titles = "", "", "", ""
    for line, row in enumerate(grid, 1):
        found = layout.year_columns(row)
        text = " ; ".join(dict.fromkeys(cell for cell in row if cell))
        values = [number(row[place]) for place in years if place < len(row)]
        if len(found) >= 1 and number(row[0]).value is None:
            titles = f"{titles} ; {text}"
            named = layout.metal_of(titles, taken, asked)
            metal, measure = named or metal, unit or layout.unit_in(titles) or measure
            now = stage or layout.stage_of(titles) or now or "mine"
            years, titles = found, ""
            if not metal:
                taken.problems.append(_no_metal(taken, line, text))
                return
            if not measure:
                right = "Name it with --unit, e.g. --unit 't'"
                taken.problems.append(Problem(taken.file, line, "", "no title names the unit", right))
                return
        elif not years or not any(v.value is not None or v.why in ("nil", "withheld", "not available") for v in values):
            titles = f"{titles} ; {text}" if text else titles
        else:
            titles = ""
            _line(row, line, years, (metal, now, measure), taken)


def _line(row: list[str], line: int, years: dict[int, int], about: tuple[str, str, str], taken: Taken) -> None:
    """A country's output by year."""
    metal, stage, unit = about
    label = next((cell for cell in row if cell and number(cell).value is None), "")
    if plain_name(label) in REMAINDERS:
        taken.dropped[f"totals of {label}"] += 1
        return
    iso3 = taken.place(label, line) if label else ""
    if not iso3:
        return
    for place, year in years.items():
        value = taken.value(row[place])
        tonnes = None if value is None else taken.tonnes(value, unit, metal, line)
        if tonnes is not None:
            marks = number(row[place]).marks
            _made(taken, metal, stage, iso3, year, tonnes, "estimate of the source" if "e" in marks else "")


def bgs(grid: Grid, taken: Taken, asked: str = "") -> None:
    """Output from the BGS: the long table of its data service, or countries with years across."""
    header = layout.find_header(grid, {"year"}, {"quantity"})
    if header < 0:
        wide(grid, taken, asked)
        return
    places = layout.columns_of(grid[header])
    columns = {
        "kind": layout.first_of(places, "bgs_statistic_type_trans", "statistic type"),
        "what": layout.first_of(places, "bgs_commodity_trans", "commodity"),
        "sub": layout.first_of(places, "bgs_sub_commodity_trans", "sub commodity", "sub-commodity"),
        "iso3": layout.first_of(places, "country_iso3_code", "iso3"),
        "country": layout.first_of(places, "country_trans", "country"),
        "year": layout.first_of(places, "year"),
        "value": layout.first_of(places, "quantity"),
        "unit": layout.first_of(places, "units", "unit"),
        "note": layout.first_of(places, "concat_figure_notes_text", "concat_table_notes_text", "notes"),
    }
    for line, row in enumerate(grid[header + 1 :], header + 2):
        cells = {name: layout.cell_at(row, place) for name, place in columns.items()}
        if cells["kind"] and "production" not in cells["kind"].lower():
            taken.dropped[f"{cells['kind'].lower()} (only production is read)"] += 1
            continue
        if not cells["country"] and not cells["iso3"]:
            continue
        title = f"{cells['what']} {cells['sub']}"
        metal = layout.metal_of(title, taken, asked)
        year = layout.YEAR.match(cells["year"])
        if not metal or not year:
            taken.dropped[f"rows of {cells['what'] or 'no metal'}" if not metal else "rows without a year"] += 1
            continue
        iso3 = taken.place(cells["iso3"] or cells["country"], line)
        value = taken.value(cells["value"]) if iso3 else None
        tonnes = None if value is None else taken.tonnes(value, cells["unit"] or "t", metal, line)
        if tonnes is not None:
            reason = "estimate of the source" if "estimat" in cells["note"].lower() else ""
            _made(taken, metal, layout.stage_of(title) or "mine", iso3, int(year[1]), tonnes, reason)


def iea(grid: Grid, taken: Taken, asked: str = "") -> None:
    """Output by country from the IEA's workbook: blocks of a metal and stage in kt; years to come are left out."""
    taken.extra |= IEA_NAMES
    wide(grid, taken, asked, unit="" if any("kt" in " ".join(row) for row in grid) else "kt")
    for table, rows in taken.rows.items():
        ahead = [row for row in rows if row["year"] > _last(taken)]
        if ahead:
            taken.dropped[f"years ahead of the data, from {min(row['year'] for row in ahead)} on"] += len(ahead)
            taken.rows[table] = [row for row in rows if row["year"] <= _last(taken)]


def _last(taken: Taken) -> int:
    """Last year of data in the shipped tables, and the year after it."""
    return int(taken.tables["production"]["year"].max()) + 1


def _made(taken: Taken, metal: str, stage: str, iso3: str, year: int, tonnes: float, reason: str) -> None:
    unit = f"t {taken.symbols.get(metal, metal)}".replace("Nd-Pr", "Nd+Pr").replace("Dy-Tb", "Dy+Tb")
    taken.add(
        "production",
        metal=metal,
        stage=stage,
        iso3=iso3,
        year=year,
        unit=unit,
        observed_t=tonnes,
        **_told(taken, reason),
    )


def _told(taken: Taken, reason: str) -> dict[str, str]:
    return {"status": "observed", "reason": reason, "source": taken.source}


def _no_metal(taken: Taken, line: int, title: str) -> Problem:
    right = f"Name it with --metal, one of: {', '.join(taken.symbols)}, or a new one"
    return Problem(taken.file, line, "", f"no metal is named here ({title[:60]})", right)
