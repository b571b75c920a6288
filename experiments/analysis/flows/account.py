"""The account: every tonne of a metal in a year, from which stage of which country to which, so that every stage closes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from lodeflow.data.problems import DataError, Problem, did_you_mean
from lodeflow.environment.records.stages import CLOSING, GAINED, LOSSES, MOVEMENTS, OPENING, STAGES

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables

WORLD = "WLD"
INTO_STOCK, OUT_OF_STOCK = "into stock", "out of stock"
"""Where a stage puts what it takes in and does not pass on, and where it takes what it passes on beyond that."""
KEYS = ("metal", "year", "movement", "from_stage", "to_stage", "from_region", "to_region", "product")
COLUMNS = (*KEYS, "tonnes")
STOCK_COLUMNS = ("metal", "year", "stage", "region", "product", "opening", "closing")
TOLERANCE = 1e-9
"""Largest gap of a stage of a country in a year over what it takes in, passes on and holds: sums in double precision."""


@dataclass(frozen=True)
class Account:
    """What moved and what lay where.

    Attributes:
        flows: columns COLUMNS; t in the year; one row per movement, and one per change of a stock. Both regions are the same where
            nothing crosses a border. Scrap has a product group as its product.
        stocks: columns STOCK_COLUMNS; t at the start and at the end of the year.
        gained: of what is recovered the part of added processes: metal, year, region, product (group: process), tonnes; None: none.
    """

    flows: pd.DataFrame
    stocks: pd.DataFrame
    gained: pd.DataFrame | None = None

    @cached_property
    def regions(self) -> list[str]:
        """Countries that appear in it."""
        return sorted({*self.flows["from_region"].unique(), *self.flows["to_region"].unique()})

    @cached_property
    def metals(self) -> list[str]:
        """Metals of the account."""
        return [str(name) for name in self.flows["metal"].unique()]

    @cached_property
    def years(self) -> list[int]:
        """Calendar years of the account."""
        return sorted(int(year) for year in self.flows["year"].unique())

    def of(self, *movements: str) -> pd.DataFrame:
        """Rows of some movements."""
        return self.flows[self.flows["movement"].isin(movements)]

    def part(self, metals: Iterable[str] = (), years: Iterable[int] = ()) -> Account:
        """The account of some metals and years; all of them where none are named."""
        tables = []
        for table in (self.flows, self.stocks):
            for column, wanted in (("metal", list(metals)), ("year", list(years))):
                table = table[table[column].isin(wanted)] if wanted else table
            tables.append(table)
        flows, stocks = tables
        return Account(flows, stocks, self.gained)

    def summed(self) -> Account:
        """The years as one, named after the last: movements added up, stocks from the first opening to the last closing."""
        if len(self.years) < 2:
            return self
        last = self.years[-1]
        keys = [name for name in KEYS if name != "year"]
        moved = self.flows[self.flows["movement"].isin([*MOVEMENTS])]
        moved = moved.groupby(keys, observed=True, sort=False)["tonnes"].sum().reset_index()
        places = ["metal", "stage", "region", "product"]
        stocks = self.stocks.sort_values("year", kind="stable").groupby(places, observed=True, sort=False)
        edges = stocks.agg(opening=("opening", "first"), closing=("closing", "last")).reset_index()
        # a stock that is there in some of the years only begins or ends with nothing
        first, ends = (self.stocks["year"] == year for year in (self.years[0], last))
        for column, there in (("opening", self.stocks[first]), ("closing", self.stocks[ends])):
            known = there.set_index(places)[column]
            edges[column] = known.reindex(edges.set_index(places).index).fillna(0.0).to_numpy()
        return _whole(moved.assign(year=last), edges.assign(year=last))


def account_of(movements: pd.DataFrame, metals: Sequence[str] = (), run: str | None = None) -> Account:
    """Make the account from the movements of a run (`movements.parquet`).

    Args:
        movements: date, run, movement, metal, exporter, importer, product, tonnes.
        metals: those that are wanted; all of them where none are named.
        run: "shock" or "baseline"; the run with its shocks if there is one.

    Raises:
        DataError: naming every metal, and the run, that the movements do not hold.
    """
    runs = sorted((str(name) for name in movements["run"].unique()), reverse=True)
    there = sorted(str(name) for name in movements["metal"].unique())
    problems = [
        Problem(kind, None, "", f"{name!r} is not in this run", did_you_mean(name, known))
        for kind, names, known in (("metal", metals, there), ("case", [run] if run else [], runs))
        for name in names
        if name not in known
    ]
    if problems:
        raise DataError(problems)
    rows = movements[movements["run"] == (run or runs[0])]
    rows = rows[rows["metal"].isin(list(metals))] if metals else rows
    rows = rows.assign(year=rows["date"].dt.year)
    kind = rows["movement"].astype(str)
    moved = rows[kind.isin([*MOVEMENTS])].rename(columns={"exporter": "from_region", "importer": "to_region"})
    whole = _whole(moved, _stocks(rows.assign(movement=kind)))
    gained = rows[kind == GAINED].rename(columns={"exporter": "region"})
    gained = gained[["metal", "year", "region", "product", "tonnes"]].reset_index(drop=True)
    return whole if gained.empty else Account(whole.flows, whole.stocks, gained)


def _stocks(rows: pd.DataFrame) -> pd.DataFrame:
    """Opening and closing stock of every year: a year opens with what the year before it closed with."""
    import pandas as pd

    places = ["metal", "stage", "region", "product"]
    parts = []
    for prefix, later in ((OPENING, 0), (CLOSING, 1)):
        own = rows[rows["movement"].str.startswith(prefix)]
        own = own.assign(stage=own["movement"].str.removeprefix(prefix), region=own["exporter"])
        parts.append(own[["year", *places, "tonnes"]].assign(year=own["year"] + later))
    at_start = pd.concat(parts)  # stock at the start of a year, that after the last year included
    kept = at_start.astype(dict.fromkeys(places, str)).set_index(["year", *places])["tonnes"]
    years = sorted(rows["year"].unique())
    opening = kept.rename("opening").reset_index()
    closing = kept.rename("closing").reset_index().assign(year=lambda table: table["year"] - 1)
    both = opening.merge(closing, on=["year", *places], how="outer").fillna({"opening": 0.0, "closing": 0.0})
    return both[both["year"].isin(years)]


def _whole(moved: pd.DataFrame, stocks: pd.DataFrame) -> Account:
    """An account from its movements and stocks: stages are named, and changes of stocks become rows."""
    import pandas as pd

    names = moved["movement"].astype(str)
    ends = {
        f"{end}_stage": names.map({name: getattr(move, own) for name, move in MOVEMENTS.items()})
        for end, own in (("from", "origin"), ("to", "target"))
    }
    change = (stocks["closing"] - stocks["opening"]).to_numpy()
    grows = change > 0.0
    stage, region = (stocks[name].to_numpy(object) for name in ("stage", "region"))
    kept = pd.DataFrame(
        {
            "metal": stocks["metal"].to_numpy(object),
            "year": stocks["year"].to_numpy(),
            "movement": np.where(grows, INTO_STOCK, OUT_OF_STOCK),
            "from_stage": np.where(grows, stage, OUT_OF_STOCK),
            "to_stage": np.where(grows, INTO_STOCK, stage),
            "from_region": region,
            "to_region": region,
            "product": stocks["product"].to_numpy(object),
            "tonnes": np.abs(change),
        }
    )
    texts = dict.fromkeys((name for name in KEYS if name != "year"), object)
    flows = pd.concat([moved.assign(**ends)[[*COLUMNS]].astype(texts), kept[change != 0.0]], ignore_index=True)
    return Account(flows, stocks[[*STOCK_COLUMNS]].reset_index(drop=True))


def closure(account: Account) -> pd.DataFrame:
    """Return how far every stage of every country closes: metal, year, stage, region, taken, passed, held, gap.

    taken: t that came in, out of its stock included; passed: t that went on, was lost or went into its stock; held: its stock at
    the start, t; gap: taken less passed over all three, 1. The account closes where no gap is above TOLERANCE.
    """
    import pandas as pd

    flows = account.flows
    sides = []
    for end, name in (("to", "taken"), ("from", "passed")):
        own = flows[flows[f"{end}_stage"].isin(STAGES)]
        sums = own.groupby(["metal", "year", f"{end}_stage", f"{end}_region"], observed=True)["tonnes"].sum()
        sides.append(sums.rename(name).rename_axis(["metal", "year", "stage", "region"]))
    held = account.stocks.groupby(["metal", "year", "stage", "region"], observed=True)["opening"].sum().rename("held")
    table = pd.concat([*sides, held], axis=1).fillna(0.0)
    size = table.sum(axis=1)
    table["gap"] = (table["taken"] - table["passed"]).abs() / size.where(size > 0.0, 1.0)
    return table.reset_index()


def losses(account: Account) -> pd.DataFrame:
    """Return releases and solid waste: metal, year, stage, kind (of `stages.LOSSES`), region, product, tonnes."""
    rows = account.flows[account.flows["to_stage"].isin(LOSSES)]
    names = {"from_stage": "stage", "to_stage": "kind", "from_region": "region"}
    keys = ["metal", "year", *names, "product"]
    return rows.groupby(keys, observed=True, sort=False)["tonnes"].sum().reset_index().rename(columns=names)


def members_of(region: str, account: Account, tables: Tables) -> list[str]:
    """Return the countries of a region: of a group, one country, or all for the world.

    Raises:
        DataError: for a name that is none of these, and for a country that the run does not show by itself.
    """
    if region == WORLD:
        return account.regions
    groups = tables.groups
    if region in set(groups["group"]):
        return sorted(set(groups.loc[groups["group"] == region, "iso3"]) & set(account.regions))
    if region in account.regions:
        return [region]
    names = dict(zip(tables.countries["iso3"], tables.countries["name"], strict=True))
    if region in names:
        wrong = f"{region} has no flows of its own in this run; it is part of the rest of the world"
        raise DataError([Problem("country", None, "", wrong, "Take another country, or ROW")])
    known = [*account.regions, WORLD, *sorted(set(groups["group"]))]
    right = did_you_mean(region, known, {name: names.get(name, name) for name in known})
    raise DataError([Problem("country", None, "", f"there is no country or group {region!r}", right)])


def at_border(rows: pd.DataFrame, members: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Split rows of trade by what they are to a region: ``home``, ``imports`` and ``exports``."""
    inside, outside = (rows[name].isin(members) for name in ("from_region", "to_region"))
    return {"home": rows[inside & outside], "imports": rows[~inside & outside], "exports": rows[inside & ~outside]}
