"""Quantities of an episode beside published ones: production by year, exports and imports by month, shares of trade."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lodeflow.environment.calendar import format_month, parse_month

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables
    from lodeflow.environment.world import World
    from lodeflow.experiments.judge.hindcast.episodes import Episode

#: what: quantity; place: who (ISO alpha-3, WLD); partner: from or to whom; start, end: months; simulated and observed in
#: `unit`; ratio: simulated / observed (nan where nothing was observed); given: the realised ones are inputs.
COLUMNS = ["episode", "metal", "what", "place", "partner", "start", "end", "simulated", "observed", "unit", "ratio"]
COLUMNS += ["given", "source"]
TOP = 3
"""Largest producers of a year that are compared, beside the world and who acted."""
STAGES = {"mine": "mine production", "refine": "refined production"}
PRODUCED = (*STAGES.values(), "mine production (estimate)")


@dataclass(frozen=True)
class Flow:
    """How a kind of row of the table event_quantities is read from a run.

    Attributes:
        variable: of the recorder's series. form: "feed" or "refined". place: column that names the country.
    """

    variable: str
    form: str
    place: str


FLOWS = {
    "exports": Flow("exports", "refined", "exporter"),
    "metal exports": Flow("exports", "refined", "exporter"),
    "metal imports": Flow("imports", "refined", "importer"),
    "refined imports": Flow("imports", "refined", "importer"),
    "mine production": Flow("production", "feed", "exporter"),
    "mine production (estimate)": Flow("production", "feed", "exporter"),
}
"""Flows that mean the same in the data and in the model; quotas, stocks and gross scrap do not."""
CONTENT = {"t", "t Co", "t Ni"}
"""Units that are tonnes of metal content where a row names one metal (oxides of several metals are gross)."""


def compare(world: World, episode: Episode, tables: Tables) -> pd.DataFrame:
    """Return what was produced and traded from the event's year on, simulated and observed; see COLUMNS.

    world: the episode's world after its run. Only periods that lie wholly inside the run are compared; places that the
    world pools into the rest of the world are left out.
    """
    import pandas as pd

    series = world.recorder.series()
    series["month"] = series["date"].dt.year * 12 + series["date"].dt.month - 1
    reader = _Reader(series, _feed_forms(tables))
    rows = [*_production(reader, episode, tables), *_quantities(reader, episode, tables)]
    rows += _trade_shares(world, episode, tables)
    frame = pd.DataFrame(rows, columns=[name for name in COLUMNS if name not in ("episode", "ratio", "given")])
    frame = frame.astype({"simulated": float, "observed": float})
    frame["ratio"] = (frame["simulated"] / frame["observed"]).where(frame["observed"] > 0)
    output, trade = given(episode)
    return frame.assign(episode=episode.name, given=[output if what in PRODUCED else trade for what in frame["what"]])[
        COLUMNS
    ]


def given(episode: Episode) -> tuple[bool, bool]:
    """Whether realised output, and realised exports, of the time after the event's start are inputs of an episode."""
    return episode.scenario.world.supply == "realised", any(getattr(s, "realised", []) for s in episode.scenario.shocks)


def summary(volumes: pd.DataFrame) -> pd.DataFrame:
    """Return one row per episode, metal and kind of quantity: how many were compared, and how near they are.

    volumes: see COLUMNS. The result holds episode, metal, what, given, rows (with something observed), mean_error (mean
    |ln(simulated / observed)|, nan if a simulated one is zero) and median_ratio (simulated / observed).
    """
    import numpy as np

    counted = volumes[volumes["ratio"].notna()]
    errors = np.abs(np.log(counted["ratio"].astype(float).where(counted["ratio"] > 0)))
    groups = counted.assign(error=errors).groupby(["episode", "metal", "what", "given"], sort=False)
    return groups.agg(
        rows=("ratio", "size"),
        mean_error=("error", lambda own: own.mean(skipna=False)),
        median_ratio=("ratio", "median"),
    ).reset_index()


def span(text: str) -> tuple[int, int]:
    """Return first and last month number of "2014", "2014-05", "2014-Q2", "2014-H1" or "2014-01/2014-09".

    Raises ValueError for anything else.
    """
    first, _, last = text.partition("/")
    if last:
        return span(first)[0], span(last)[1]
    found = re.fullmatch(r"(\d{4})(?:-(\d{2})|-Q([1-4])|-H([12]))?", text)
    if found is None:
        raise ValueError(f"{text!r} is no year, month, quarter, half-year or span")
    year, month, quarter, half = found.groups()
    if month:
        return parse_month(text), parse_month(text)
    length, number = (3, int(quarter)) if quarter else (6, int(half)) if half else (12, 1)
    start = int(year) * 12 + length * (number - 1)
    return start, start + length - 1


@dataclass
class _Reader:
    """Sums of the recorded series over months.

    Attributes:
        series: the recorder's tidy table with the month number in `month`. feed_forms: form of the feed, by metal.
    """

    series: pd.DataFrame
    feed_forms: dict[str, str]

    def __post_init__(self) -> None:
        wanted = self.series[self.series["variable"].isin(["production", "exports", "imports"])]
        keys = ["variable", "metal", "form", "region"]
        self._by_key = {key: own.set_index("month")["value"] for key, own in wanted.groupby(keys, observed=True)}
        self.first, self.last = int(self.series["month"].min()), int(self.series["month"].max())

    def total(self, variable: str, metal: str, form: str, region: str, start: int, end: int) -> float | None:
        """Sum over the months start..end (t), None if the run does not hold them all or has no such series."""
        name = self.feed_forms[metal] if form == "feed" else form
        own = self._by_key.get((variable, metal, name, region))
        if own is None or start < self.first or end > self.last:
            return None
        return float(own.loc[start:end].sum())


def _feed_forms(tables: Tables) -> dict[str, str]:
    forms = tables.metals["feed_form"].fillna("").astype(str)
    return dict(zip(tables.metals["metal"].astype(str), forms, strict=True))


def _row(metal: str, what: str, place: str, partner: str, months: tuple[int, int], **values: Any) -> dict[str, Any]:
    start, end = (format_month(month) for month in months)
    return {"metal": metal, "what": what, "place": place, "partner": partner, "start": start, "end": end, **values}


def actors(episode: Episode, tables: Tables) -> list[str]:
    """Return the countries (ISO alpha-3) that act in an episode, members of groups included."""
    groups = tables.groups.groupby("group")["iso3"].apply(list).to_dict()
    named = [shock.acting_place for shock in episode.scenario.shocks if shock.acting_place]
    return list(dict.fromkeys(country for name in named for country in groups.get(name, [name])))


def _production(reader: _Reader, episode: Episode, tables: Tables) -> Iterator[dict[str, Any]]:
    """Yearly production of the world, of who acts and of the largest producers, from the year of the event on."""
    table = tables.production
    first_year = parse_month(episode.facts.month0) // 12
    chosen = table[table["metal"].isin(episode.facts.metals) & table["stage"].isin(STAGES)]
    chosen = chosen[(chosen["year"] >= first_year) & chosen["reconciled_t"].notna()]
    for key, own in chosen.groupby(["metal", "stage", "year"], sort=True):
        metal, stage, year = str(key[0]), str(key[1]), int(str(key[2]))
        by_place = own.set_index("iso3")["reconciled_t"]
        places = dict.fromkeys([*actors(episode, tables), *by_place.nlargest(TOP).index])
        observed = {"WLD": float(by_place.sum()), **{p: float(by_place[p]) for p in places if p in by_place.index}}
        for place, tonnes in observed.items():
            months = (12 * year, 12 * year + 11)
            form = "feed" if stage == "mine" else "refined"
            simulated = reader.total("production", metal, form, place, *months)
            if simulated is not None:
                source = "table production, reconciled"
                values = {"simulated": simulated, "observed": tonnes, "unit": "t", "source": source}
                yield _row(metal, STAGES[stage], place, "", months, **values)


def _quantities(reader: _Reader, episode: Episode, tables: Tables) -> Iterator[dict[str, Any]]:
    """Published quantities around the episode's events that mean the same in the model."""
    table = tables.event_quantities
    chosen = table[table["event"].isin(episode.facts.events) & table["flow"].isin(list(FLOWS))]
    chosen = chosen[chosen["unit"].isin(CONTENT) & chosen["metal"].isin(episode.facts.metals)]
    for row in chosen.to_dict("records"):
        flow, months = FLOWS[row["flow"]], span(str(row["date"]))
        place = str(row[flow.place])
        simulated = reader.total(flow.variable, str(row["metal"]), flow.form, place, *months)
        if simulated is not None:
            values = {"simulated": simulated, "observed": float(row["value"]), "unit": "t", "source": row["source"]}
            yield _row(str(row["metal"]), str(row["flow"]), place, "", months, **values)


def _trade_shares(world: World, episode: Episode, tables: Tables) -> Iterator[dict[str, Any]]:
    """Shares of who acts in the imports of others, by year from the event's on; baskets that mix forms are left out."""
    trade = world.recorder.trade()
    trade = trade[trade["exporter"] != trade["importer"]]
    trade = trade.assign(year=trade["date"].dt.year)
    months_in = trade.groupby("year")["date"].nunique()
    whole_years = set(months_in[months_in == 12].index)
    keys = ["year", "metal", "form", "importer"]
    sums = trade.groupby([*keys, "exporter"], observed=True)["tonnes"].sum()
    totals = trade.groupby(keys, observed=True)["tonnes"].sum()
    table = tables.trade_shares
    chosen = table[(table["share_of"] == "importer") & (table["year_from"] == table["year_to"])]
    chosen = chosen[chosen["metal"].isin(episode.facts.metals) & chosen["exporter"].isin(actors(episode, tables))]
    chosen = chosen[chosen["year_from"] >= parse_month(episode.facts.month0) // 12]
    for row in chosen.to_dict("records"):
        year = int(row["year_from"])
        key = (year, row["metal"], row["form"], row["importer"])
        if year in whole_years and totals.get(key, 0.0) > 0.0:
            share = float(sums.get((*key, row["exporter"]), 0.0)) / float(totals[key])
            months = (12 * year, 12 * year + 11)
            what = f"share of {row['form']} imports"
            values = {"simulated": share, "observed": float(row["share"]), "unit": "1", "source": row["source"]}
            yield _row(str(row["metal"]), what, str(row["importer"]), str(row["exporter"]), months, **values)
