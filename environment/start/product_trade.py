"""Drawing up a world: who buys the products of whom, in the past and in the run, and in which unit they are counted."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lodeflow.agents.population import Population
from lodeflow.data import Tables
from lodeflow.environment.market.graph import blend_known, gravity_prior, ras
from lodeflow.environment.market.in_use import InUse
from lodeflow.environment.market.product_trade import ProductTrade
from lodeflow.environment.start.base_year import POOL
from lodeflow.environment.start.buying import Buyers, buyers
from lodeflow.environment.start.draft import Draft

KG_PER_TONNE = 1000.0
IN_METAL = "t of metals"
"""Unit of products whose composition is not known, or whose counting metal the world lacks."""


def past_buying(draft: Draft) -> tuple[int, np.ndarray]:
    """Where products came into use up to the base year: the first year, and shares by year, shape (years, products, countries).

    Outside mode 'historical' the past is endless, and the base year holds throughout.
    """
    base = draft.base
    if draft.settings.mode != "historical":
        return base.year, base.buying[None]
    known = draft.tables.remember(buyers, tuple(base.products))
    years = range(min(known.first_year, base.year), base.year + 1)
    return years.start, np.stack([_pooled(draft, known, year) for year in years])


def run_buying(draft: Draft) -> tuple[int, np.ndarray]:
    """Where products come into use during the run, by year as in :func:`past_buying`; after the last year with data the last.

    Makers keep the shares of the base year, and so do buyers of products that are not observed by year.
    """
    base, settings = draft.base, draft.settings
    if settings.mode != "historical":
        return base.year, base.buying[None]
    known = draft.tables.remember(buyers, tuple(base.products))
    first, last = int(settings.start[:4]), min(int(settings.end[:4]), known.first_year + len(known.income) - 1)
    years = range(min(first, base.year), max(last, base.year) + 1)
    seen = ~np.isnan(known.observed).all(axis=(0, 2))[:, None]
    return years.start, np.stack([np.where(seen, _pooled(draft, known, year), base.buying) for year in years])


def _pooled(draft: Draft, known: Buyers, year: int) -> np.ndarray:
    """Buying shares of a year; who is not kept apart in the base year is in the pool, shape (products, countries)."""
    base = draft.base
    if year == base.year:
        return base.buying
    shares = known.shares(year, draft.parameters["product_home_share"])
    own = shares[:, [known.places.index(name) for name in base.countries]]
    own = np.where(base.buying > 0.0, own, 0.0)
    own[:, base.countries.index(POOL)] += shares.sum(axis=1) - own.sum(axis=1)
    return own


def build_product_trade(draft: Draft, inputs: Population, in_use: InUse) -> ProductTrade:
    """Edges of product trade, fitted by RAS to what each country makes and what it uses, year by year."""
    base = draft.base
    first, buying = run_buying(draft)
    km = draft.km
    flows = [_flows(draft, p, base.making[p], buying[:, p], first, km) for p in range(len(base.products))]
    product, maker, user = np.nonzero(np.stack([flow.any(axis=0) for flow in flows]))
    share = np.stack([flows[p][:, i, j] for p, i, j in zip(product, maker, user, strict=True)], axis=1)
    place = pd.MultiIndex.from_arrays([inputs.product, inputs.country])
    edges = pd.Series(np.arange(len(product)), pd.MultiIndex.from_arrays([product, maker])).groupby(level=[0, 1])
    by_maker = {key: rows.to_numpy() for key, rows in edges}
    lists = [by_maker[key] for key in place]
    edge = np.concatenate(lists)
    of_input = np.repeat(np.arange(len(inputs)), [len(rows) for rows in lists])
    rows = {key: v for v, key in enumerate(zip(in_use.country, in_use.product, in_use.metal, strict=True))}
    wanted = zip(user[edge], product[edge], inputs.metal[of_input], strict=True)
    row = np.array([rows.get(key, len(in_use)) for key in wanted], np.int64)
    metal_share = share[:, edge]
    for k, p in enumerate(draft.pair_product):
        if np.array_equal(draft.using[k], base.making[p]):
            continue
        own = (product[edge] == p) & (inputs.metal[of_input] == draft.pair_metal[k])
        flow = _flows(draft, int(p), draft.using[k], buying[:, p], first, km)
        metal_share[:, own] = flow[:, maker[edge[own]], user[edge[own]]]
    return ProductTrade(product, maker, user, share, edge, metal_share, of_input, row, first)


def _flows(draft: Draft, product: int, made: np.ndarray, buying: np.ndarray, first: int, km: np.ndarray) -> np.ndarray:
    """Share of each maker's sales of a product that goes to each user, by year, shape (years, countries, countries).

    ``made``: share of each country in what is made of the product, or in the use of one metal for it, shape (countries,).
    """
    parameters = draft.parameters
    makers, users = np.flatnonzero(made), np.flatnonzero(buying.any(axis=0))
    domestic = makers[:, None] == users[None, :]
    affinity = gravity_prior(
        km[np.ix_(makers, users)], domestic, parameters["home_bias"], parameters["distance_elasticity"]
    )
    result = np.zeros((len(buying), len(made), len(made)))
    known = [_known(draft, product, first + y)[np.ix_(makers, users)] for y in range(len(buying))]
    for y, used in enumerate(buying[:, users]):
        if y and np.array_equal(buying[y], buying[y - 1]) and np.array_equal(known[y], known[y - 1], equal_nan=True):
            result[y] = result[y - 1]
            continue
        prior = affinity * made[makers][:, None] * used[None, :]
        prior = blend_known(prior.T, known[y].T, domestic.T).T
        flow = ras(made[makers], used, prior, parameters["network_trace"])
        result[y][np.ix_(makers, users)] = flow / flow.sum(axis=1, keepdims=True)
    return result


def _known(draft: Draft, product: int, year: int) -> np.ndarray:
    """Known share of each user in the exports of each maker, NaN where unknown, shape (countries, countries).

    Destinations that are not kept apart are left to the rest.
    """
    index, count = draft.layout.country_index, len(draft.base.countries)
    known = np.full((count, count), np.nan)
    for (maker, user), share in draft.tables.remember(_published, draft.base.products[product], year).items():
        if maker in index and user in index:
            known[index[maker], index[user]] = share
    return known


def _published(tables: Tables, product: str, year: int) -> dict[tuple[str, str], float]:
    """Shares of the nearest year of ``product_trade``, by exporter and importer."""
    rows = tables.product_trade[tables.product_trade["product"] == product]
    rows = rows[(rows["year"] - year).abs() == (rows["year"] - year).abs().min()]
    return dict(zip(zip(rows["exporter"], rows["importer"], strict=True), rows["share"], strict=True))


def units(draft: Draft, use: np.ndarray) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """How products are counted: units made in the first month by the world, the pair that counts them, the name of the unit.

    ``units = use of the counting metal x (1 - new scrap) / kg per unit``; products without a known composition are counted in
    tonnes of all metals they hold, and follow their first metal. ODD 7.11.

    Args:
        draft: the figures.
        use: use in the first month by pair, t/month, shape (pairs,).

    Returns:
        units per month, shape (products,); pair index, shape (products,); unit by product.
    """
    base = draft.base
    rows = draft.tables.composition
    kg = rows[rows["counts"].astype(bool)].set_index(["product", "metal"])["kg_per_unit"]
    goods = use * (1.0 - draft.of_pair("new_scrap_rate"))
    number, counting, names = np.zeros(len(base.products)), np.zeros(len(base.products), np.int64), []
    for p, product in enumerate(base.products):
        pairs = np.flatnonzero(draft.pair_product == p)
        found = [k for k in pairs if (product, base.metals[draft.pair_metal[k]]) in kg.index]
        counting[p] = found[0] if found else pairs[0]
        per_unit = kg[product, base.metals[draft.pair_metal[counting[p]]]] if found else KG_PER_TONNE
        number[p] = KG_PER_TONNE * goods[found[:1] or pairs].sum() / per_unit
        names.append(_unit(draft, product) if found else IN_METAL)
    return number, counting, names


def _unit(draft: Draft, product: str) -> str:
    return str(draft.product_rows["unit"][product])
