"""Drawing up a world: what customs saw, by metal, in the countries of the world; and where refined metal is used."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

import numpy as np
import pandas as pd

from lodeflow.data import Tables
from lodeflow.environment.market.graph import ras
from lodeflow.environment.start.base_year import POOL, BaseYear

FEED = ("ore", "intermediate")
NO_FLOWS = ("", "")
"""Where the rows stand of a metal and form that customs do not know."""


class Customs(NamedTuple):
    """Trade of one metal between the countries of a world, t/year, shape (countries, countries): exporter, importer.

    feed, refined: None where customs have no record of the base year or before. intermediate: whether feed leaves as an
    intermediate (matte, blister, hydroxide, salts) and not as ore, shape (countries, countries): what records hold more of; on
    ways without a record ore, where records hold more than half of what a country mines beyond its refiners' need as ore, else an
    intermediate. integrated: countries whose mines deliver to their own refiners first, because no ore leaves them, shape
    (countries,). mixed: whether feed and refined metal were split from one basket.
    """

    feed: np.ndarray | None
    refined: np.ndarray | None
    intermediate: np.ndarray
    integrated: np.ndarray
    mixed: bool


def _latest(tables: Tables, metal: str, form: str, year: int) -> pd.DataFrame:
    """Flows of a metal and form in the year, or in the last before it: exporter, importer, content_t."""
    by_form = tables.remember(_by_form)
    rows = by_form.get((metal, form), by_form[NO_FLOWS])
    known = rows["year"].to_numpy()
    return rows.loc[known == known[known <= year].max(initial=0), ["exporter", "importer", "content_t"]]


def _by_form(tables: Tables) -> dict[Hashable, pd.DataFrame]:
    """Flows of all years by metal and form: exporter, importer, content_t, year; and an empty table for those without any."""
    rows = tables.trade_flows[["metal", "form", "year", "exporter", "importer", "content_t"]]
    return {
        NO_FLOWS: rows.iloc[:0],
        **{(str(m), str(f)): part for (m, f), part in rows.groupby(["metal", "form"], sort=False)},
    }


def _bound_form(tables: Tables, metal: str, year: int) -> dict[str, str]:
    """Form in which feed leaves a country in a year, by country, where it leaves in one form only (table feed_forms)."""
    table = tables.feed_forms
    rows = table[(table["metal"] == metal) & (table["year_from"] <= year) & (table["year_to"] >= year)]
    return dict(zip(rows["iso3"], rows["form"], strict=True))


def _matrix(rows: pd.DataFrame, countries: list[str]) -> np.ndarray | None:
    """Flows as a matrix; countries that are not kept apart are pooled, and trade within the pool is none."""
    if rows.empty:
        return None
    index, pool = {name: i for i, name in enumerate(countries)}, countries.index(POOL)
    flow = np.zeros((len(countries), len(countries)))
    i, j = ([index.get(name, pool) for name in rows[side]] for side in ("exporter", "importer"))
    np.add.at(flow, (i, j), rows["content_t"].to_numpy(float))
    np.fill_diagonal(flow, 0.0)
    return flow


def customs(tables: Tables, base: BaseYear, m: int, refining: float, default_form: str) -> Customs:
    """What customs saw of metal ``m`` in the base year, or in the last year before it.

    Flows of countries that mine (feed) or refine (refined) nothing in this world go to the pool's account. Ore from a
    country that lets none out (table feed_forms) is left out.

    Args:
        tables: the loaded tables.
        base: figures of the base year.
        m: row of the metal.
        refining: refined metal per metal in feed.
        default_form: form of the metal's feed where neither customs nor the table feed_forms say another.
    """
    metal, countries = base.metals[m], base.countries
    found = {
        form: _matrix(tables.remember(_latest, metal, form, base.year), countries)
        for form in (*FEED, "refined", "mixed")
    }
    bound = _bound_form(tables, metal, base.year)
    forms = np.array([bound.get(name, "") for name in countries])[:, None]
    if found["ore"] is not None:
        found["ore"] = np.where(forms == "intermediate", 0.0, found["ore"])
    if found["mixed"] is not None:
        found["intermediate"], found["refined"] = split(found["mixed"], base.mined[m], base.refined[m] / refining)
    known = [flow for flow in (found["ore"], found["intermediate"]) if flow is not None]
    feed = pooled_where(np.sum(known, axis=0), base.mined[m] > 0, base.refined[m] > 0) if known else None
    refined = found["refined"]
    if refined is not None:
        refined = pooled_where(refined, base.refined[m] > 0, np.ones(len(countries), bool))
    ore = found["ore"]
    rest = np.full((len(countries), len(countries)), default_form == "intermediate")
    if ore is not None:
        other = found["intermediate"] if found["intermediate"] is not None else np.zeros_like(ore)
        spare = np.maximum(base.mined[m] - base.refined[m] / refining, 0.0)
        of_ore = 2.0 * ore.sum(axis=1) > spare
        rest = np.where(ore + other > 0.0, other >= ore, ~of_ore[:, None])
    own = forms[:, 0] == "intermediate"
    return Customs(feed, refined, np.where(forms == "", rest, own[:, None]), own, found["mixed"] is not None)


def split(mixed: np.ndarray, mined: np.ndarray, needed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Feed and refined metal in flows of a basket that mixes both, t/year, shape (countries, countries) each.

    What a country mines beyond what its own refiners need leaves as feed, to those whose refiners need more than they mine;
    the rest of the basket is refined metal.

    Args:
        mixed: flows, t/year, exporter by importer.
        mined: mine output, t/year, shape (countries,).
        needed: feed that refiners need, t/year, shape (countries,).
    """
    wanted = mixed * (needed > mined)[None, :]
    offered, spare = wanted.sum(axis=1), np.maximum(mined - needed, 0.0)
    part = np.divide(np.minimum(spare, offered), offered, out=np.zeros_like(spare), where=offered > 0)
    feed: np.ndarray = wanted * part[:, None]
    return feed, mixed - feed


def pooled_where(flow: np.ndarray, sells: np.ndarray, buys: np.ndarray) -> np.ndarray:
    """Flows, with those of countries that cannot sell or buy on the account of the pool, which comes last."""
    result = flow.copy()
    result[-1] += result[:-1][~sells[:-1]].sum(axis=0)
    result[:-1][~sells[:-1]] = 0.0
    result[:, -1] += result[:, :-1][:, ~buys[:-1]].sum(axis=1)
    result[:, :-1][:, ~buys[:-1]] = 0.0
    np.fill_diagonal(result, 0.0)
    return result


def makers_of(base: BaseYear, m: int) -> np.ndarray:
    """Share of each country in the use of metal ``m``, as the making of products alone would have it, shape (countries,)."""
    own = base.pairs["metal"].to_numpy() == m
    shares: np.ndarray = base.pairs["share"].to_numpy(float)[own] @ base.making[base.pairs["product"].to_numpy()[own]]
    return shares


def used_shares(
    base: BaseYear, seen: list[Customs], primary: np.ndarray, secondary: np.ndarray, band: float, trace: float = 0.0
) -> np.ndarray:
    """Share of each country in the use of refined metal for each pair of product and metal, shape (pairs, countries).

    Makers' shares are fitted to apparent use, metal by metal: primary and secondary output plus imports less exports. It
    stays within a factor ``band`` of what makers' shares say, because salts and compounds under other codes travel too.

    Args:
        base: figures of the base year.
        seen: what customs saw, one per metal.
        primary, secondary: output of refiners and of recyclers in the first month, t/month, shape (metals, countries).
        band: largest factor between apparent use and use by the makers of products.
        trace: share of the world's use up to which makers may only begin, and keep the share that they were given.
    """
    pair_metal, pair_product = base.pairs["metal"].to_numpy(), base.pairs["product"].to_numpy()
    share = base.pairs["share"].to_numpy(float)
    used = base.making[pair_product]
    for m in range(len(base.metals)):
        refined = seen[m].refined
        if refined is None:
            continue
        own = pair_metal == m
        makers = makers_of(base, m)
        trade = pooled_where(refined, base.refined[m] > 0, makers > trace)
        pace = primary[m].sum() / base.refined[m].sum()
        apparent = primary[m] + secondary[m] + pace * (trade.sum(axis=0) - trade.sum(axis=1))
        fitted = np.clip(apparent / (primary[m] + secondary[m]).sum(), makers / band, makers * band)
        fitted = np.where(makers > trace, fitted, makers)
        flow = ras(share[own], fitted, share[own][:, None] * used[own], 0.0, sweeps=200)
        used[own] = flow / flow.sum(axis=1, keepdims=True)
    return used
