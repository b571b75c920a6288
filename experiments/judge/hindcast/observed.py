"""A user's own observed series, laid over any run: the same scores as for the shipped episodes.

Values are of months or of whole years; a yearly value is compared with the sum of the months where the variable is a flow, with
their mean otherwise. One series may be that of several metals together ("cobalt+nickel"): flows and stocks are added up.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeflow.data.guard import no_file
from lodeflow.data.problems import DataError, Problem, did_you_mean
from lodeflow.environment.calendar import format_month, parse_month
from lodeflow.experiments.judge.hindcast import volumes
from lodeflow.experiments.judge.hindcast.scoreboard import LINE, PRICE, REFINED, Played, Scoreboard, assemble

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables
    from lodeflow.data.schema import TableSchema

BASE_MONTHS = 3
YEAR = 12
TOGETHER = "+"
"""Between the metals of a series that holds several together."""
ZERO = 0.01
"""Part of the base that a flow of nothing counts as, observed and simulated, so that its logarithm exists; an assumption."""
FLOW, A_YEAR = "/month", "/year"
"""Ends of the units of flows: their months are added up to a year."""
INDEX = "index"
"""Unit of a series of which only the course is known."""
OUTSIDE = "outside"
OPTIONAL = {"variable": PRICE, "form": REFINED, "region": "WLD", "unit": ""}
"""Columns that may be left out, and what they then hold."""


def read_observed(path: str | Path, tables: Tables) -> pd.DataFrame:
    """Read a file of observed values.

    path: CSV with columns date (YYYY-MM, or YYYY for a whole year), metal (several: "cobalt+nickel"), value (of prices above
    zero), and variable ("price" if left out), form ("refined"), region ("WLD"), unit (that of the run, or "index"); tables: what
    names are checked against. The index is the line of the file. Raises DataError with every problem of the file.
    """
    from lodeflow.data.checks import check
    from lodeflow.data.loader import read_table

    path = Path(path)
    problems: list[Problem] = []
    schema = _schema(path)
    text = read_table(path, schema, problems)
    if text is None:
        raise DataError(problems)
    frame = check(text, schema, dict(tables), problems)
    for name, filling in OPTIONAL.items():
        frame[name] = frame[name].where(frame[name] != "", filling) if name in frame else filling
    _check_values(path.name, frame, problems)
    _check_names(path.name, frame, tables, problems)
    if problems:
        raise DataError(problems)
    return frame


def _schema(path: Path) -> TableSchema:
    """The columns of the file: the optional ones only where its header has them."""
    from lodeflow.data.schema import Column, TableSchema

    try:
        header = "" if no_file(path) else path.read_text(encoding="utf-8-sig", errors="replace").partition("\n")[0]
    except OSError:
        header = ""
    given = {name.strip().strip('"') for name in header.split(",")}
    columns = {
        "date": Column(
            "date", "str", description="YYYY-MM, or YYYY", required=True, pattern=r"\d{4}(-(0[1-9]|1[0-2]))?"
        ),
        "metal": Column("metal", "str", description="metal", required=True),
        "value": Column("value", "float", description="observed value", required=True, min=0.0),
    }
    notes = {"variable": "what, as in series.parquet", "form": "form", "region": "where", "unit": "unit, or index"}
    columns |= {name: Column(name, "str", description=notes[name]) for name in OPTIONAL if name in given}
    key = tuple(name for name in ("date", "metal", "variable", "form", "region") if name in columns)
    return TableSchema(path.name.removesuffix(".csv"), "observed values", key, columns)


PRICES = ("price", "price_outside", "price_inside", "ask", "refined_ask")
"""Variables of which nothing is no value."""


def _check_values(file: str, frame: pd.DataFrame, problems: list[Problem]) -> None:
    """Prices and shares need values above zero; a flow may be nothing."""
    odd = (frame["value"] <= 0) & frame["variable"].isin(PRICES)
    for line, value in frame.loc[odd, "value"].items():
        wrong = f"{value:g} is not above zero, so it has no relative error"
        problems.append(Problem(file, int(str(line)), "value", wrong, "Give a value above zero, or leave the row out"))


def _check_names(file: str, frame: pd.DataFrame, tables: Tables, problems: list[Problem]) -> None:
    """Names of metals and places are those of the tables, as in a scenario."""
    metals = list(tables["metals"]["metal"])
    countries = tables["countries"]
    places = dict(zip(countries["iso3"], countries["name"], strict=True))
    places |= {group: group for group in tables["groups"]["group"].unique()} | {"WLD": "the world"}
    for line, row in frame.iterrows():
        where, names = int(str(line)), str(row["metal"]).split(TOGETHER)
        for name in names if row["metal"] else ():
            if name not in metals:
                problems.append(Problem(file, where, "metal", f"{name!r} is not known", did_you_mean(name, metals)))
        if len(names) > 1 and row["variable"] in PRICES:
            right = "Give a series for each metal"
            problems.append(Problem(file, where, "metal", "prices of several metals have no sum", right))
        region = str(row["region"]).removeprefix(OUTSIDE).strip()
        if region and region not in places:
            problems.append(
                Problem(file, where, "region", f"{region!r} is not known", did_you_mean(region, places, places))
            )


def overlay(
    series: pd.DataFrame,
    observed: pd.DataFrame,
    month0: str,
    about: dict[str, Any],
    manifest: dict[str, Any],
    file: str,
) -> Scoreboard:
    """Lay observed values over the monthly series of one run and score them, one row of `episodes` per series.

    series: date, metal, form, region, variable, value, unit, as in a run folder, of one of its worlds; observed: as
    read_observed gives it; month0: "YYYY-MM", the event: both are divided by their means over those of the three months
    before it that were observed (if none was, by their first observed month), and months from it on are scored; about:
    title of the run; manifest: what made it; file: name of the observed file in reports.
    Raises DataError for series that the run does not have, other units, or no month to score.
    """
    problems: list[Problem] = []
    played = []
    own = series.assign(number=series["date"].dt.year * 12 + series["date"].dt.month - 1)
    for key, rows in observed.groupby(LINE, sort=False):
        line = dict(zip(LINE, map(str, key), strict=True))
        found = _pair(own, rows, line, month0, problems, file)
        if found is not None:
            played.append(_played(*found, line, about | {"month0": month0}, file))
    if problems:
        raise DataError(problems)
    return assemble(played, manifest)


def _pair(
    series: pd.DataFrame, rows: pd.DataFrame, line: dict[str, str], month0: str, problems: list[Problem], file: str
) -> tuple[pd.Series[float], pd.Series[float]] | None:
    """Simulated and observed ratios by month after the event; None with a problem noted."""
    chosen = _find(series, line, int(str(rows.index[0])), problems, file)
    if chosen is None:
        return None
    unit = str(chosen["unit"].iloc[0])
    yearly = rows["date"].str.len() == len("YYYY")
    right = [unit.replace(FLOW, A_YEAR) if yearly.all() else unit, INDEX, ""]
    for odd in rows.index[~rows["unit"].isin(right)][:1]:
        wrong = f"{rows.loc[odd, 'unit']!r} is not the unit of the run"
        problems.append(Problem(file, int(str(odd)), "unit", wrong, f"Convert to {right[0]!r}, or write 'index'"))
        return None
    event = parse_month(month0)
    simulated = chosen.groupby("number")["value"].sum().rename(lambda month: int(month) - event)
    if yearly.any():
        if not yearly.all():
            wrong = "a series holds months and years"
            problems.append(Problem(file, int(str(rows.index[0])), "date", wrong, "Give one of them"))
            return None
        return _pair_of_years(simulated, rows, unit, event, problems, file)
    observed = rows["value"].set_axis([parse_month(date) - event for date in rows["date"]]).sort_index()
    observed = observed[observed.index.isin(simulated.index)]
    base = [month for month in observed.index if -BASE_MONTHS <= month < 0] or list(observed.index[:1])
    scored = observed[(observed.index >= 0) & ~observed.index.isin(base)]
    if scored.empty:
        last = format_month(int(simulated.index.max()) + event)
        wrong = f"has no month from {month0} to {last}, beside those that serve as base"
        problems.append(
            Problem(file, int(str(rows.index[0])), "date", wrong, "Give months after the event, in the run")
        )
        return None
    return _ratios(simulated, scored, float(simulated[base].mean()), float(observed[base].mean()), rows, problems, file)


def _pair_of_years(
    simulated: pd.Series[float], rows: pd.DataFrame, unit: str, event: int, problems: list[Problem], file: str
) -> tuple[pd.Series[float], pd.Series[float]] | None:
    """Simulated and observed ratios of whole years, at the middle of each; the base is the last year before the event.

    Where that was not observed it is the first year that was. Years that the run does not hold whole are left out.
    """
    import pandas as pd

    calendar = (simulated.index.to_series() + event) // YEAR
    groups = simulated.groupby(calendar.to_numpy())
    whole = (groups.sum() if unit.endswith(FLOW) else groups.mean())[groups.count() == YEAR]
    observed = rows["value"].set_axis([int(date) for date in rows["date"]]).sort_index()
    observed = observed[observed.index.isin(whole.index)]
    before = [year for year in observed.index if year < event // YEAR][-1:] or list(observed.index[:1])
    scored = observed[(observed.index >= event // YEAR) & ~observed.index.isin(before)]
    if scored.empty:
        wrong = "has no year that lies whole in the run and after the event, beside the one that serves as base"
        problems.append(Problem(file, int(str(rows.index[0])), "date", wrong, "Give years of the run after the event"))
        return None
    middle = {year: int(year) * YEAR + YEAR // 2 - event for year in whole.index}
    found = _ratios(
        whole.rename(middle),
        scored.rename(middle),
        float(whole[before].mean()),
        float(observed[before].mean()),
        rows,
        problems,
        file,
    )
    return None if found is None else (pd.Series(found[0]), found[1])


def _ratios(
    simulated: pd.Series[float],
    observed: pd.Series[float],
    own: float,
    seen: float,
    rows: pd.DataFrame,
    problems: list[Problem],
    file: str,
) -> tuple[pd.Series[float], pd.Series[float]] | None:
    """Both over their bases; a flow of nothing counts as ZERO of its base."""
    if not (own > 0.0 and seen > 0.0):
        wrong = "was nothing before the event, so it has no ratio to it"
        problems.append(Problem(file, int(str(rows.index[0])), "value", wrong, "Give a series that begins above zero"))
        return None
    least = None if rows["variable"].isin(PRICES).any() else ZERO
    return (simulated / own).clip(lower=least), (observed / seen).clip(lower=least)


def _find(
    series: pd.DataFrame, line: dict[str, str], row: int, problems: list[Problem], file: str
) -> pd.DataFrame | None:
    """Rows of the run that are the series of a line; None with a problem noted, naming what is nearest."""
    wanted = dict(line)
    if line["variable"] == PRICE and line["region"].startswith(OUTSIDE):
        wanted |= {"variable": "price_outside", "region": "WLD"}
    for column in ("metal", "variable", "form", "region"):
        names = sorted({str(name) for name in series[column].unique()})
        asked = wanted[column].split(TOGETHER) if column == "metal" else [wanted[column]]
        for name in asked:
            if name not in names:
                of = "" if column == "metal" else f" for this {line['metal']} series"
                wrong = f"the run has no {column} {name!r}{of}"
                problems.append(Problem(file, row, column, wrong, did_you_mean(name, names)))
                return None
        series = series[series[column].isin(asked)]
    return series


def _played(
    simulated: pd.Series[float], observed: pd.Series[float], line: dict[str, str], about: dict[str, Any], file: str
) -> Played:
    """One series in the form in which an episode is scored; there is no static multiplier."""
    import pandas as pd

    parts = [line["variable"], line["form"] if line["form"] != REFINED else "", line["region"]]
    name = f"{line['metal']}: {' '.join(part for part in parts if part not in ('', 'WLD'))}"
    lines = pd.DataFrame({"month": simulated.index, "simulated": simulated.to_numpy()})
    lines = lines.assign(episode=name, static=float("nan"), **line)
    lines["date"] = [format_month(parse_month(about["month0"]) + int(month)) for month in lines["month"]]
    points = lines.merge(pd.DataFrame({"month": observed.index, "observed": observed.to_numpy()}), on="month")
    whole = {"episode": name, "events": "", "kind": "", "conditional": False, "given": "", **about}
    return Played(whole, points.assign(source=file), lines, pd.DataFrame(columns=volumes.COLUMNS))
