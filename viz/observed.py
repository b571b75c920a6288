"""Observed prices and output beside the model: what may be drawn, from when on it may not, and against what it is measured."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from lodeflow.viz import words

if TYPE_CHECKING:
    from lodeflow.data import Tables

MONTHLY, YEARLY = "monthly_avg", "yearly"
WORLD = "WLD"
MINE, REFINE = "mine", "refine"
MIDDLE = 7
"""Month in which the mean of a year is drawn."""


def _empty() -> pd.Series:
    return pd.Series(dtype=float, index=pd.DatetimeIndex([]))


@dataclass(frozen=True)
class Observed:
    """Observed prices and output by metal, and the months from which on they are kept back for tests of the model.

    Attributes:
        monthly: metal -> USD/t by month (tables `prices`).
        yearly: metal -> USD/t by month, each year's mean in all its months (table `base_prices`).
        points: event, actor, metal, region, month0, date, ratio (price over its mean in the three months before month0).
        kept_back: metal -> first month of an event whose prices are kept back; from it on nothing is drawn.
        output: (metal, "mine" or "refine", country or WLD) -> year -> t/month, the year's mean (:func:`published_output`).
    """

    monthly: dict[str, pd.Series] = field(default_factory=dict)
    yearly: dict[str, pd.Series] = field(default_factory=dict)
    points: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(
            columns=["event", "actor", "metal", "region", "month0", "date", "ratio", "fitted"]
        )
    )
    kept_back: dict[str, pd.Timestamp] = field(default_factory=dict)
    output: dict[tuple[str, str, str], dict[int, float]] = field(default_factory=dict)

    @classmethod
    def of(cls, tables: Tables) -> Observed:
        """From the tables of prices (`prices`, `base_prices`), `production`, `events`, and what was seen after them."""
        quotes = tables.prices[tables.prices["freq"] == MONTHLY]
        monthly = {
            str(metal): rows.groupby(pd.to_datetime(rows["date"]))["price_usd_per_t"].mean().sort_index()
            for metal, rows in quotes.groupby("metal")
        }
        yearly = {str(metal): _stepped(rows) for metal, rows in tables.base_prices.groupby("metal")}
        actors = tables.events.set_index("id")["actor"].astype(str)
        targets = [tables.hindcast_targets.assign(fitted=True), tables.unseen_targets.assign(fitted=False)]
        points = pd.concat(targets, ignore_index=True)
        month0 = pd.to_datetime(points["month0"])
        dates = [start + pd.DateOffset(months=int(after)) for start, after in zip(month0, points["month"], strict=True)]
        points = points.assign(actor=points["event"].map(actors), month0=month0, date=pd.DatetimeIndex(dates))
        points = points.rename(columns={"observed_ratio": "ratio"})
        names = ["event", "actor", "metal", "region", "month0", "date", "ratio", "fitted"]
        return cls(monthly, yearly, points[names], kept_back(tables.events), published_output(tables))

    def prices(self, metal: str) -> tuple[pd.Series, str]:
        """Prices of `metal` in USD/t by month as far as they may be drawn, and whether they are monthly or yearly means.

        A yearly mean goes if one of its months is kept back.
        """
        kind = MONTHLY if metal in self.monthly else YEARLY
        line = self.monthly.get(metal, self.yearly.get(metal, _empty()))
        limit = self.kept_back.get(metal)
        if limit is not None:
            line = line[line.index < (limit if kind == MONTHLY else pd.Timestamp(limit.year, 1, 1))]
        return line, kind

    def produced(self, metal: str, stage: str, place: str = WORLD) -> dict[int, float]:
        """Output by year, t/month (mean of the year), as far as it may be drawn: no year in which a month is kept back, none after.

        stage: "mine" or "refine"; place: ISO alpha-3, or the world.
        """
        found, limit = self.output.get((metal, stage, place), {}), self.kept_back.get(metal)
        return found if limit is None else {year: tonnes for year, tonnes in found.items() if year < limit.year}

    def output_left_out(self, metal: str, stage: str, first: int, last: int) -> int | None:
        """The year from which on output that is known between two years is not drawn; None if all is."""
        known = {year for key, found in self.output.items() if key[:2] == (metal, stage) for year in found}
        limit = self.kept_back.get(metal)
        hidden = limit is not None and any(first <= year <= last and year >= limit.year for year in known)
        return limit.year if limit is not None and hidden else None

    def left_out(self, metal: str, start: pd.Timestamp, end: pd.Timestamp) -> pd.Timestamp | None:
        """The month from which on prices that are known between `start` and `end` are not drawn; None if all are."""
        known = self.monthly.get(metal, self.yearly.get(metal, _empty()))[start:end]
        shown = self.prices(metal)[0][start:end]
        return self.kept_back[metal] if len(known) > len(shown) else None

    def after(self, metal: str, actors: set[str], news: set[pd.Timestamp]) -> pd.DataFrame:
        """Points observed after an event of the past that a run plays again: its metal, its actor, its first month.

        actors, news: of the run's events on `metal` (ISO alpha-3 or "", months of announcement and start).
        Index date, columns ratio (1 = mean of the three months before), month0, event, fitted; outside the actor's country.
        """
        rows = self.points
        places = {WORLD, *(f"outside {actor}" for actor in actors)}
        same = (rows["metal"] == metal) & rows["actor"].isin(actors) & rows["month0"].isin(news)
        rows = rows[same & rows["region"].isin(places)].set_index("date").sort_index()
        limit = self.kept_back.get(metal)
        return rows if limit is None else rows[rows.index < limit]


def published_output(tables: Tables) -> dict[tuple[str, str, str], dict[int, float]]:
    """Published output by metal, stage and place (countries and the world), then by year, t/month.

    Of a country only what was published of it; of the world the sum of all countries in years in which no tonne of it is an
    assumption. Refined output that is published together with metal from scrap is left out: the model tells the two apart.
    """
    rows = tables.production
    mixed = (rows["stage"] == REFINE) & rows["metal"].isin(set(tables.secondary_refined["metal"]))
    rows = rows[rows["stage"].isin([MINE, REFINE]) & ~mixed]
    rows = rows.assign(sure=rows["status"] != "assumed", tonnes=rows["observed_t"].fillna(rows["assumed_t"]))
    sums = rows.groupby(["metal", "stage", "year"], as_index=False).agg(tonnes=("tonnes", "sum"), sure=("sure", "min"))
    both = pd.concat([rows[rows["observed_t"].notna()], sums[sums["sure"]].assign(iso3=WORLD)], ignore_index=True)
    found: dict[tuple[str, str, str], dict[int, float]] = {}
    columns = (both[name] for name in ("metal", "stage", "iso3", "year", "tonnes"))
    for metal, stage, place, year, tonnes in zip(*columns, strict=True):
        found.setdefault((metal, stage, place), {})[int(year)] = float(tonnes) / 12.0
    return found


def kept_back(events: pd.DataFrame) -> dict[str, pd.Timestamp]:
    """First month per metal of the events in the table whose prices are kept back, from their announcement on."""
    first: dict[str, pd.Timestamp] = {}
    for row in events[events["prices_kept_back"]].to_dict("records"):
        known = pd.Timestamp(str(row["announce_date"] or row["date_start"])).to_period("M").to_timestamp()
        for metal in str(row["metal"]).split(";"):
            first[metal] = min(known, first.get(metal, known))
    return first


def _stepped(rows: pd.DataFrame) -> pd.Series:
    """Yearly means as a series by month."""
    by_year = rows.set_index("year")["price_usd_per_t"].sort_index()
    months = pd.DatetimeIndex(
        [pd.Timestamp(int(str(year)), month, 1) for year in by_year.index for month in range(1, 13)]
    )
    return pd.Series(by_year.repeat(12).to_numpy(), index=months)


def reference(line: pd.Series, kind: str, before: pd.Timestamp, reacts: bool = False) -> tuple[float, str]:
    """Price (USD/t) that counts as 1, and its month or year as text.

    That of month `before`, or the last observed in the twelve months up to then; nan and "" where there is none. Of
    yearly means that of its year, or of the last year that ends by it if the observed price `reacts` to what comes then.
    """
    ended = kind == YEARLY and reacts
    last = pd.Timestamp((before + pd.DateOffset(months=1)).year - 1, 12, 1) if ended else before
    near = line[last - pd.DateOffset(months=11) : last]
    if near.empty:
        return float("nan"), ""
    return float(near.iloc[-1]), words.month(near.index[-1]) if kind == MONTHLY else f"{near.index[-1]:%Y}"
