"""Drawing up a world: trade in feed and refined metal in the base month."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lodeflow.agents.population import Population
from lodeflow.data import Tables
from lodeflow.environment.market.edges import Market
from lodeflow.environment.market.graph import blend_known, distances, gravity_prior, ras
from lodeflow.environment.start.draft import Draft
from lodeflow.environment.start.entrants import begins_with_a_trace
from lodeflow.environment.start.ways import lead_months


def _edges(
    draft: Draft,
    seller: tuple[np.ndarray, np.ndarray, np.ndarray],
    buyer: tuple[np.ndarray, np.ndarray, np.ndarray],
    forms: list[str],
) -> pd.DataFrame:
    """Edges of one market, metal by metal, by RAS. ``seller`` and ``buyer``: (country, metal, t/month)."""
    places = draft.tables.countries.set_index("iso3").reindex(draft.base.countries)
    km = distances(places["lat"].fillna(0.0).to_numpy(float), places["lon"].fillna(0.0).to_numpy(float))
    parts = []
    for m, metal in enumerate(draft.base.metals):
        s, b = np.flatnonzero(seller[1] == m), np.flatnonzero(buyer[1] == m)
        domestic = seller[0][s][:, None] == buyer[0][b][None, :]
        distance = km[np.ix_(seller[0][s], buyer[0][b])]
        prior = gravity_prior(
            distance, domestic, draft.parameters["home_bias"], draft.parameters["distance_elasticity"]
        )
        prior = prior * seller[2][s][:, None] * buyer[2][b][None, :]
        prior = blend_known(prior, _known_shares(draft, metal, forms[m], seller[0][s], buyer[0][b]), domestic)
        if forms[m] != "refined" and draft.host_only[m]:
            prior = np.where(domestic, prior, 0.0)
        flow = ras(seller[2][s], buyer[2][b], prior, draft.parameters["network_trace"])
        begins = begins_with_a_trace(draft, seller[2][s])[:, None] | begins_with_a_trace(draft, buyer[2][b])[None, :]
        flow = _main_partners(draft, flow, domestic | begins)
        si, bi = np.nonzero(domestic if forms[m] != "refined" and draft.host_only[m] else flow > 0)
        lead = lead_months(draft, seller[0][s], distance, domestic)
        parts.append(
            pd.DataFrame(
                {
                    "seller": s[si],
                    "buyer": b[bi],
                    "metal": m,
                    "seller_country": seller[0][s[si]],
                    "buyer_country": buyer[0][b[bi]],
                    "base": flow[si, bi],
                    "distance": distance[si, bi],
                    "lead": lead[si, bi],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _main_partners(draft: Draft, flow: np.ndarray, always: np.ndarray) -> np.ndarray:
    """Drop pairs that matter to neither side, and fit the margins again on the rest."""
    least = draft.parameters["partner_below"]
    to_buyer = flow / np.maximum(flow.sum(axis=0, keepdims=True), 1e-300)
    of_seller = flow / np.maximum(flow.sum(axis=1, keepdims=True), 1e-300)
    kept = (to_buyer >= least) | (of_seller >= 10.0 * least) | always
    return ras(flow.sum(axis=1), flow.sum(axis=0), np.where(kept, flow, 0.0), 0.0)


def _published_shares(tables: Tables, metal: str, form: str, year: int) -> dict[str, dict[str, float]]:
    """Share of each exporter in the imports of each importer, from the years nearest to ``year``, by importer."""
    table = tables.trade_shares
    forms = (form, "mixed") if form != "mixed" else ("mixed",)
    rows = table[(table["metal"] == metal) & table["form"].isin(forms) & (table["share_of"] == "importer")]
    age = pd.concat([rows["year_from"] - year, year - rows["year_to"]], axis=1).max(axis=1).clip(0)
    rows = rows[age == age.groupby(rows["importer"]).transform("min")]
    named = (rows["form"] == form).groupby(rows["importer"]).transform("any")
    rows = rows[rows["form"] == np.where(named, form, "mixed")]
    found: dict[str, dict[str, float]] = {}
    shares = rows.groupby(["importer", "exporter"])["share"].sum()
    for (importer, exporter), share in zip(shares.index.tolist(), shares.tolist(), strict=True):
        found.setdefault(str(importer), {})[exporter] = share
    return found


def _known_shares(draft: Draft, metal: str, form: str, sellers: np.ndarray, buyers: np.ndarray) -> np.ndarray:
    """Known share of each seller country in the imports of each buyer country, NaN where unknown, shape (S, B)."""
    published = draft.tables.remember(_published_shares, metal, form, draft.settings.data_year)
    known = np.full((len(sellers), len(buyers)), np.nan)
    names = np.array(draft.base.countries)
    for importer, shares in published.items():
        members = draft.layout.country_indices(importer)
        columns = np.flatnonzero(np.isin(buyers, members))
        if not len(columns):
            continue
        for s, seller in enumerate(names[sellers]):
            if seller in shares:
                known[s, columns] = shares[seller] / max((names[sellers] == seller).sum(), 1)
    return known


def build_feed_market(draft: Draft, ore_desks: Population, miners: Population, refiners: Population) -> Market:
    """Market for ore and intermediates: ore desks sell to refiners."""
    country, metal = ore_desks.country, ore_desks.metal
    supply = np.bincount(miners.desk, miners.base, len(country))
    edges = _edges(
        draft,
        (country, metal, supply),
        (refiners.country, refiners.metal, refiners.base / refiners.yield_),
        draft.layout.feed_forms,
    )
    names = [f"{draft.base.countries[c]}-{draft.base.metals[m]}" for c, m in zip(country, metal, strict=True)]
    return Market("feed", [f"{name}-mines" for name in names], [f"{name}-refining" for name in refiners.ids], edges)


def build_refined_market(
    draft: Draft, refiners: Population, secondary: Population, desks: Population, inputs: Population
) -> Market:
    """Market for refined metal: refiners and recyclers sell to the desks of makers."""
    place, metal, output = secondary.country, secondary.metal, secondary.rate
    use = np.bincount(inputs.desk, inputs.base, len(desks))
    edges = _edges(
        draft,
        (np.r_[refiners.country, place], np.r_[refiners.metal, metal], np.r_[refiners.base, output]),
        (desks.country, desks.metal, use),
        ["refined"] * len(draft.base.metals),
    )
    sellers = [f"{name}-refining" for name in refiners.ids]
    sellers += [
        f"{draft.base.countries[c]}-{draft.base.metals[m]}-recycling" for c, m in zip(place, metal, strict=True)
    ]
    return Market("refined", sellers, [f"{name}-makers" for name in desks.ids], edges)
