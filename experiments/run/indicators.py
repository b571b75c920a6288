"""The indicators of a run as a table, and who replaced whom: read once from its tidy tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lodeflow.data import catalogue
from lodeflow.experiments.effect import UNION, WORLD, YEAR, Effect, settled
from lodeflow.experiments.kpis import asked_of

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import pandas as pd

PLACES = (WORLD, UNION)
FILE = "kpis.csv"
COLUMNS = ("metal", "kpi", "value", "without", "text", "unit", "worse", "what")
"""Columns of the table: `without` is the value of a state in the world without the shocks, `text` that of a name."""


@dataclass(frozen=True)
class Lines:
    """Series of the world and of the European Union: months (first days), and by metal and run what KPIs read."""

    months: pd.DatetimeIndex
    metals: dict[str, dict[str, dict[tuple[str, str, str], np.ndarray]]]

    @classmethod
    def of(cls, table: pd.DataFrame) -> Lines:
        """The lines of a tidy table, in one pass instead of one for each number that is wanted."""
        import pandas as pd

        kept = table[table["region"].isin(PLACES)].sort_values("date", kind="stable")
        months = pd.DatetimeIndex(kept["date"].unique())
        values, metals = kept["value"].to_numpy(), dict[str, Any]()
        keys = ["metal", "run", "variable", "form", "region"]
        found: dict[Any, Any] = kept.groupby(keys, observed=True).indices
        for (metal, run, variable, form, region), rows in found.items():
            own = metals.setdefault(metal, {}).setdefault(run, {})
            own[catalogue.named(variable, form), metal, region] = values[rows]
        return cls(months, metals)


@dataclass(frozen=True)
class RunEffects:
    """The metals of a run, in the order of the alphabet, and its months (first days)."""

    months: pd.DatetimeIndex
    metals: dict[str, Effect]


def effects_of(
    series: pd.DataFrame, trade: pd.DataFrame, first_month: str | None, money: pd.DataFrame | None = None
) -> RunEffects:
    """Return what the indicators of every metal of a run are made from.

    series, trade: tidy tables of lodeflow.experiments.run.results.COLUMNS; first_month: "YYYY-MM" in which the first shock is
    announced or starts, None for a run without shocks; money: the account of money of the run, None where none was made.
    """
    import pandas as pd

    lines = Lines.of(series)
    bought = trade if first_month is None else _first_year(trade, first_month, YEAR)
    first = None
    if first_month is not None:
        start, news = lines.months[0], pd.Timestamp(first_month)
        first = (news.year - start.year) * YEAR + news.month - start.month
    found = {}
    for metal, runs in sorted(lines.metals.items()):
        delivered = None
        if first_month is not None and "shock" in runs:
            change = suppliers_changed(bought[bought["metal"] == metal], first_month)
            delivered = dict(zip(change.index.astype(str), change.tolist(), strict=True))
        baseline = runs["baseline"] if "shock" in runs else None
        paid = None
        if first_month is not None and money is not None:
            paid = money_by_country(money[money["metal"] == metal], first_month)
        found[metal] = Effect.of(metal, runs.get("shock", runs["baseline"]), baseline, first, delivered, paid)
    return RunEffects(lines.months, found)


def kpi_table(run: RunEffects) -> pd.DataFrame:
    """Return every indicator of every metal, one row each; columns: see COLUMNS."""
    import pandas as pd

    rows = []
    for metal, x in run.metals.items():
        shocked = x.shock is not x.baseline
        for one in asked_of(shocked, money=x.money is not None, footprint=x.has_footprint):
            value, without = one.value(x), one.value(x.calm()) if one.level and shocked else None
            text = value if isinstance(value, str) else ""
            number = None if isinstance(value, str) else value
            rows.append((metal, one.name, number, without, text, one.unit, one.worse, one.what))
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"value": float, "without": float})


def read_promised(path: Path) -> pd.DataFrame:
    """Return the table of a run folder. Raises FileNotFoundError where there is none, ValueError if it has other columns."""
    import pandas as pd

    empty = {"value": [""], "without": [""]}
    table = pd.read_csv(path, keep_default_na=False, na_values=empty)
    if list(table.columns) != list(COLUMNS):
        raise ValueError(f"its columns are not {', '.join(COLUMNS)}")
    return table.astype({"value": float, "without": float})


def read_kpis(path: Path) -> pd.DataFrame:
    """Return the table of a run folder; empty where there is none, as in folders of older versions."""
    import pandas as pd

    return read_promised(path) if path.is_file() else pd.DataFrame(columns=list(COLUMNS))


def largest_changes(change: pd.Series[float]) -> tuple[pd.Series[float], pd.Series[float]]:
    """Return the two largest losses and the three largest gains of suppliers_changed, the largest first.

    Changes below 1 % of the largest are left out.
    """
    change = change[change.abs() >= 0.01 * change.abs().max()]
    return change[change < 0].nsmallest(2), change[change > 0].nlargest(3)


def suppliers_changed(trade: pd.DataFrame, first_month: str, months: int = YEAR) -> pd.Series[float]:
    """Return who replaced whom: by exporter, what it delivered abroad with the shock less what it delivered without, t.

    trade: rows of one metal, both runs; ore, intermediates and metal count (a tonne that is traded as ore and again as metal
    counts twice), scrap does not, in the `months` from `first_month` on. Exporters whose deliveries did not change are left out.
    """
    from lodeflow.environment.records.columns import ore_and_metal

    window = ore_and_metal(_first_year(trade, first_month, months))
    ends = window["exporter"], window["importer"]
    if ends[0].dtype != ends[1].dtype:  # categories of other countries cannot be compared
        ends = ends[0].astype(object), ends[1].astype(object)
    abroad = window[ends[0] != ends[1]]
    by_run = (
        abroad.groupby(["exporter", "run"], observed=True)["tonnes"]
        .sum()
        .unstack("run")
        .reindex(columns=["baseline", "shock"])
    )
    by_run.index = by_run.index.astype(str)
    change = by_run["shock"].fillna(0.0) - by_run["baseline"].fillna(0.0)
    return change[change.abs() > 1e-9 * max(float(change.abs().sum()), 1.0)].sort_values()


def money_by_country(money: pd.DataFrame, first_month: str) -> dict[str, float]:
    """Return what each country gets for a metal less what it pays, from a month on, with the shock less without it, USD.

    money: the account of one metal, both runs; its trade and freight count, not products and what runs firms. What is paid inside
    a country changes nothing. Carriers, who belong to no country, stand under "WLD".
    """
    import pandas as pd

    from lodeflow.environment.records.money import balances
    from lodeflow.environment.records.payments import OF_METAL

    later = money[(money["date"] >= pd.Timestamp(first_month)) & money["entry"].isin(OF_METAL)]
    net = balances(later, ("run", "country")).pivot(index="country", columns="run", values="net").fillna(0.0)
    volume = float(later["usd"].sum())
    change = net["shock"] - net["baseline"]
    return {str(place): settled(float(usd), volume) for place, usd in change.items()}


def _first_year(trade: pd.DataFrame, first_month: str, months: int) -> pd.DataFrame:
    """Return the rows of the first `months` from `first_month` on."""
    import pandas as pd

    start = pd.Timestamp(first_month)
    return trade[(trade["date"] >= start) & (trade["date"] < start + pd.DateOffset(months=months))]
