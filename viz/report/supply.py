"""Whom the largest users depend on, by which routes, and where their metal was mined: the tables of the report of a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeflow.experiments.analysis.flows import origin, supply
from lodeflow.experiments.analysis.flows.account import Account, account_of
from lodeflow.viz import words
from lodeflow.viz.frames import AGGREGATES, Labels
from lodeflow.viz.language import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

FILE = "movements.parquet"
USERS, NAMED = 4, 3
"""Users of each metal that are shown, and origins that are named."""
MOVED = 0.005
"""Least change of a share that is told, 1: half a percentage point."""
HEADER = [
    "Metal",
    "Country",
    "Net dependence",
    *(route.capitalize() for route in supply.ROUTES),
    "Mined in (or scrap of)",
]


def movements_of(folder: Path, frames: Mapping[str, Any] | None) -> pd.DataFrame | None:
    """Return the movements of a run folder, from memory where they are there; None in folders of older versions."""
    if frames is not None and frames.get("movements") is not None:
        found: pd.DataFrame = frames["movements"]
        return found
    if not (folder / FILE).is_file():
        return None
    from lodeflow.experiments.run.results import read_table

    return read_table(folder / FILE)


def supply_table(
    movements: pd.DataFrame | None, labels: Labels, metals: Sequence[str]
) -> tuple[list[str], list[list[str]]]:
    """Header and rows of dependence, routes and origin: the largest users of each metal in the last year of the run.

    Behind every number stands what it is more or less than in the world without the shock, in percentage points.
    """
    header = [say(name) for name in HEADER]
    if movements is None or movements.empty:
        return header, []
    there = set(movements["metal"].unique())
    wanted = [metal for metal in metals if metal in there]
    runs = {str(name) for name in movements["run"].unique()}
    main = "shock" if "shock" in runs else "baseline"
    year = movements["date"].max().year  # with the year before it, whose closing stocks are the opening ones
    last = movements[(movements["date"].dt.year >= year - 1) & movements["metal"].isin(wanted)]
    accounts = {name: _last(account_of(last, wanted, name)) for name in runs} if wanted else {}
    body = []
    for metal in wanted:
        one = {name: account.part([metal]) for name, account in accounts.items()}
        came = {name: origin.origins(account) for name, account in one.items()}
        for region in users(one[main]):
            told = {name: _numbers(account, came[name], region) for name, account in one.items()}
            cells = _cells(told[main], told["baseline"] if main == "shock" else None, labels)
            body.append([labels.metal(metal), labels.region(region), *cells])
    return header, body


def _last(account: Account) -> Account:
    return account.part(years=account.years[-1:])


def users(account: Account) -> list[str]:
    """Return the countries whose makers use most of a metal, the largest first."""
    used = account.of("new scrap", "dissipated", "products").groupby("from_region")["tonnes"].sum()
    used = used.drop([*AGGREGATES, "ROW"], errors="ignore")
    return [str(region) for region in used[used > 0.0].nlargest(USERS).index]


Numbers = tuple[list[float], "pd.DataFrame"]
"""Net dependence and the shares of the routes; origins of what makers use."""


def _cells(now: Numbers, before: Numbers | None, labels: Labels) -> list[str]:
    """Dependence, routes and origins in words."""
    cells = [_cell(value, before and before[0][place]) for place, value in enumerate(now[0])]
    known = {} if before is None else dict(_shares(before[1]))
    named = []
    for (kind, name), share in _shares(now[1].head(NAMED)):
        place = labels.region(name)
        place = place if kind == origin.MINED else say("{place} (scrap)", place=place)
        named.append(f"{place} {_cell(share, known.get((kind, name), 0.0) if before else None)}")
    return [*cells, words.series(named) or "–"]


def _shares(table: pd.DataFrame) -> list[tuple[tuple[str, str], float]]:
    return [
        ((str(kind), str(name)), float(share)) for kind, name, share in table[["kind", "origin", "share"]].to_numpy()
    ]


def _numbers(account: Account, came: pd.DataFrame, region: str) -> Numbers:
    """Net dependence in ore and metal and the shares of the four routes, and the origins of what makers use."""
    flows = account.flows
    account = Account(flows[(flows["from_region"] == region) | (flows["to_region"] == region)], account.stocks)
    depends = supply.dependence(account, [region], [supply.CHAIN]).set_index("stage")["net"]
    routes = supply.routes(account, [region]).set_index("route")["share"].reindex(list(supply.ROUTES)).fillna(0.0)
    here = origin.of_region(came[came["stage"] == "making"], [region])
    return [float(depends[supply.CHAIN]), *(float(share) for share in routes)], here


def _cell(value: float, before: float | None) -> str:
    """A share, and what it is more or less than before in percentage points."""
    text = words.percent(value)
    if before is None or abs(value - before) < MOVED:
        return text
    points = f"{100.0 * (value - before):+.1f}".replace("-", "−")
    return say("{cause} ({change})", cause=text, change=points)
