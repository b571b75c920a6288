"""Drawing up a world: what came into use before it begins."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lodeflow.data import Tables
from lodeflow.environment.calendar import parse_month
from lodeflow.environment.start.base_year import POOL
from lodeflow.environment.start.demand import primary_refined, use_share_table
from lodeflow.environment.start.draft import Draft
from lodeflow.environment.start.history import Fate, Past, recorded_past, steady_past
from lodeflow.environment.start.product_trade import past_buying


def world_fate(draft: Draft) -> Fate:
    """World means of what becomes of each pair, weighted by where products are made, and where they were used one life ago."""
    metal = draft.pair_metal
    first, bought = past_buying(draft)
    row = draft.base.year - np.rint(draft.of_pair("lifetime_mean_years")).astype(int) - first
    buying = bought[np.clip(row, 0, len(bought) - 1), draft.pair_product]
    formal, informal = draft.separation["formal"], draft.workshops()
    workshops = draft.group_informal()[:, draft.layout.product_group[draft.pair_product]].T
    by_country = formal[:, None] + (informal - formal)[:, None] * workshops
    hibernating, exported = (draft.of_pair(name) for name in ("hibernating_share", "export_used_share"))
    pool = draft.base.countries.index(POOL)
    at_hand = buying * (1.0 - exported)[:, None]
    at_hand[:, pool] += exported
    collection = draft.country_collection
    collected = (at_hand * collection).sum(axis=1)
    recovered = (at_hand * collection * by_country).sum(axis=1)
    return Fate(
        metal=metal,
        new_scrap=draft.of_pair("new_scrap_rate"),
        dissipated=draft.of_pair("dissipative_share"),
        hibernating=hibernating,
        collection=collected,
        separation=np.divide(recovered, collected, out=np.zeros_like(collected), where=collected > 0),
        new_separation=(draft.using * by_country).sum(axis=1),
    )


def _past_totals(tables: Tables, metals: Sequence[str]) -> pd.DataFrame:
    """World primary refined metal by year, without gaps, t/year; index year, one column per metal."""
    return primary_refined(tables.production, list(metals)).interpolate().bfill()


def _past_shares(tables: Tables, names: Sequence[tuple[str, str]]) -> pd.DataFrame:
    """Share of each pair (product, metal) in the world use of its metal by year; index year, one column per pair."""
    pairs = pd.DataFrame(list(names), columns=["product_name", "metal_name"])
    return use_share_table(tables.use_shares, pairs)


def build_past(draft: Draft, index: np.ndarray) -> Past:
    """The past of the world: endless and steady, or from production data, as the mode asks.

    Args:
        draft: the figures.
        index: expected use relative to the first month, shape (T, pairs).
    """
    fate = world_fate(draft)
    settings, hibernation = draft.settings, draft.parameters["hibernation_months"]
    by_pair = [draft.lifetimes[product] for product in draft.pair_product]
    annual = draft.base.refined.sum(axis=1)
    if settings.mode != "historical":
        growth = settings.growth if settings.mode == "growth" else 0.0
        share = draft.base.pairs["share"].to_numpy(float)
        return steady_past(annual / 12.0, share, fate, by_pair, growth, draft.stocking(), hibernation)
    totals = draft.tables.remember(_past_totals, tuple(draft.base.metals))
    totals = totals.loc[: settings.data_year]
    totals = totals * (annual / totals.loc[settings.data_year].to_numpy(float))[None, :]
    pairs = draft.base.pairs
    names = tuple(zip(pairs["product_name"], pairs["metal_name"], strict=True))
    shares = draft.tables.remember(_past_shares, names).loc[: settings.data_year]
    first = draft.first_primary()
    return recorded_past(
        dict(zip(totals.index.astype(int), totals.to_numpy(float), strict=True)),
        dict(zip(shares.index.astype(int), shares.to_numpy(float), strict=True)),
        fate,
        by_pair,
        parse_month(settings.start),
        (first - draft.surplus / 12.0, draft.first_shares()),
        draft.parameters.by_metal("backcast_growth"),
        draft.stocking(),
        draft.first_growth(index),
        hibernation,
    )
