"""Who makes which part of planned output: shares of the base year, data to their last year, and plans of record after it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lodeflow.agents import country
from lodeflow.agents.population import Population
from lodeflow.data import Tables
from lodeflow.environment.blueprint import Producers
from lodeflow.environment.calendar import parse_month
from lodeflow.environment.settings import LAST_BASE_YEAR, WorldSettings
from lodeflow.environment.start.base_year import POOL, BaseYear

if TYPE_CHECKING:
    from lodeflow.environment.start.draft import Draft

STAGES = ("mine", "refine")
MIDDLE = 6.5
"""A year's share is that of its middle: the 1st of July, in months from its first."""


def listed(tables: Tables, base: BaseYear, stage: str, settings: WorldSettings) -> np.ndarray:
    """Whether a source that the settings ask for names a country for a metal, shape (metals, countries)."""
    places = {name: i for i, name in enumerate(base.countries)}
    found = np.zeros((len(base.metals), len(base.countries)), bool)
    for m, metal in enumerate(base.metals):
        for shares in _sources(tables, metal, stage, settings).values():
            for iso3, tonnes in shares.items():
                if tonnes > 0.0 and iso3 in places and iso3 != POOL:
                    found[m, places[iso3]] = True
    return found


def producers(draft: Draft, miners: Population, refiners: Population) -> Producers | None:
    """Planned output over what the shares of the base year would give, by month and firm; None where those shares stay. ODD 7.3.

    Between the middles of the years with data, and from the end of the base year to the first of them, shares move in a straight
    line; after the last they stay. Countries that a source does not name keep their parts of its rest; who stops keeps a trace.
    """
    settings = draft.settings
    asked = (_sources(draft.tables, metal, stage, settings) for metal in draft.base.metals for stage in STAGES)
    if not any(asked):
        return None
    made = {"mine": draft.base.mined, "refine": draft.base.refined}
    moved = {
        stage: np.stack([_moved(draft, m, stage, made[stage][m]) for m in range(len(draft.base.metals))])
        for stage in STAGES
    }
    for m, h in _followers(draft).items():
        moved["mine"][m] = _with_host(moved["mine"][h], draft.base.mined[m])
    of_hosts = draft.host_only[miners.metal][None, :]
    mines = np.where(
        of_hosts, moved["refine"][miners.metal, :, miners.country].T, moved["mine"][miners.metal, :, miners.country].T
    )
    plants = np.ascontiguousarray(moved["refine"][refiners.metal, :, refiners.country].T)
    return Producers(mines, plants, _told(draft), begin=_begin(draft, refiners))


def _begin(draft: Draft, refiners: Population) -> np.ndarray:
    """Refineries that the base year has only a trace of, and a source names, boolean, shape (R,).

    Mines begin from a trace too, but none that a source of today names does: no plan multiplies what they have built.
    """
    named = listed(draft.tables, draft.base, "refine", draft.settings)[refiners.metal, refiners.country]
    world = draft.base.refined.sum(axis=1)[refiners.metal]
    new: np.ndarray = named & country.new_to_it(refiners.base, world, draft.parameters["entrant_trace"])
    return new


def _told(draft: Draft) -> np.ndarray:
    """How far mines' shares follow a source, by month, shape (T + 1,)."""
    settings = draft.settings
    found = [_sources(draft.tables, metal, "mine", settings) for metal in draft.base.metals]
    first = min(min(years) for years in found if years) if any(found) else LAST_BASE_YEAR + 1
    at = [_last_known(settings, first) * 12.0 + 12.0, first * 12.0 + MIDDLE]
    told: np.ndarray = np.interp(parse_month(settings.start) + np.arange(settings.months + 1), at, [0.0, 1.0])
    return told


def _last_known(settings: WorldSettings, first: int) -> int:
    """Year at whose end shares begin to move to those of the first year with a source."""
    return LAST_BASE_YEAR if first > LAST_BASE_YEAR else settings.data_year


def _followers(draft: Draft) -> dict[int, int]:
    """Metals that no source names and that come with another metal of the world, and that metal."""
    base, table = draft.base, draft.tables.hosts
    everywhere = table[(table["iso3"] == "*") & (table["share"] >= 1.0)].set_index("metal")["host"]
    names = {
        metal: str(everywhere[metal])
        for metal in base.metals
        if metal in everywhere.index and not _sources(draft.tables, metal, "mine", draft.settings)
    }
    return {base.metals.index(m): base.metals.index(h) for m, h in names.items() if h in base.metals}


def _with_host(moved: np.ndarray, made: np.ndarray) -> np.ndarray:
    """Shares of a by-product over those of the base year, as its hosts move, shape (T + 1, countries)."""
    weighed: np.ndarray = moved / (moved @ (made / made.sum()))[:, None]
    return weighed


def _moved(draft: Draft, m: int, stage: str, made: np.ndarray) -> np.ndarray:
    """Share of each country over that of the base year, by month, shape (T + 1, countries)."""
    base, settings = draft.base, draft.settings
    months = parse_month(settings.start) + np.arange(settings.months + 1)
    sources = _sources(draft.tables, base.metals[m], stage, settings)
    first = made / made.sum()
    begins = _last_known(settings, min(sources, default=settings.data_year))
    at, shares = [begins * 12.0 + 12.0], [first]
    for year, tonnes in sorted(sources.items()):
        at.append(year * 12.0 + MIDDLE)
        shares.append(spread(base.countries, tonnes, first))
    path = np.stack([np.interp(months, at, column) for column in np.array(shares).T], axis=1)
    stops = (path[:-1] <= 0.0).any(axis=0) & (first > 0.0)
    path[:, stops] = np.maximum(path[:, stops], draft.parameters["entrant_trace"])
    moved: np.ndarray = np.divide(path, first, out=np.ones_like(path), where=first > 0.0)
    return moved


def spread(countries: list[str], tonnes: Mapping[str, float], first: np.ndarray) -> np.ndarray:
    """Shares of the countries of a world after a source, shape (countries,).

    Args:
        countries: names; the last is the pool.
        tonnes: by country and ``ROW``, t/year: what no country of the world with a place of its own makes counts to the rest.
        first: shares of the base year, 0 where nobody could make anything, shape (countries,).
    """
    places = {name: i for i, name in enumerate(countries) if name != POOL and first[i] > 0.0}
    named = np.zeros(len(first))
    for iso3, amount in tonnes.items():
        if iso3 in places:
            named[places[iso3]] = amount
    others = np.where(named > 0.0, 0.0, first)
    others[[places[iso3] for iso3 in tonnes if iso3 in places]] = 0.0
    rest = sum(tonnes.values()) - named.sum()
    if others.sum() > 0.0:
        named = named + rest * others / others.sum()
    shares: np.ndarray = named / named.sum()
    return shares


def _sources(tables: Tables, metal: str, stage: str, settings: WorldSettings) -> dict[int, dict[str, float]]:
    """Output by country, t/year, by year after the base year, as far as the settings ask to know it."""
    if settings.producers == "base" or settings.mode != "historical":
        return {}
    found = dict(tables.remember(_outlook).get((metal, stage), {}))
    if settings.producers == "known":
        found |= tables.remember(_known).get((metal, stage), {})
    begins = LAST_BASE_YEAR if settings.producers == "outlook" else settings.data_year
    if int(settings.end[:4]) <= begins:
        return {}
    return {year: shares for year, shares in found.items() if year > settings.data_year}


def _outlook(tables: Tables) -> dict[tuple[str, str], dict[int, dict[str, float]]]:
    """The table supply_outlook, t/year, by metal and stage, year and country."""
    return _by_year(tables.supply_outlook, "tonnes")


def _known(tables: Tables) -> dict[tuple[str, str], dict[int, dict[str, float]]]:
    """Published output, t/year, by metal and stage, year and country."""
    table = tables.production
    used = table["reconciled_t"].fillna(table["observed_t"]).fillna(table["assumed_t"])
    return _by_year(table.assign(used=used), "used")


def _by_year(table: pd.DataFrame, column: str) -> dict[tuple[str, str], dict[int, dict[str, float]]]:
    found: dict[tuple[str, str], dict[int, dict[str, float]]] = {}
    rows = table[["metal", "stage", "year", "iso3", column]].dropna()
    for metal, stage, year, iso3, tonnes in rows.itertuples(index=False):
        own = found.setdefault((metal, stage), {}).setdefault(int(year), {})
        own[iso3] = own.get(iso3, 0.0) + float(tonnes)
    return found
