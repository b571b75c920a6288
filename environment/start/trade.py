"""Drawing up a world: trade in feed and refined metal in the base month."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lodeflow.agents.population import Population
from lodeflow.data import Tables
from lodeflow.environment.market.edges import Market
from lodeflow.environment.market.graph import blend_known, gravity_prior, ras
from lodeflow.environment.start.customs import pooled_where
from lodeflow.environment.start.draft import Draft
from lodeflow.environment.start.ways import lead_months


def _edges(
    draft: Draft,
    seller: tuple[np.ndarray, np.ndarray, np.ndarray],
    buyer: tuple[np.ndarray, np.ndarray, np.ndarray],
    market: str,
    recyclers: np.ndarray | None = None,
) -> pd.DataFrame:
    """Edges of one market, metal by metal, by RAS. ``seller`` and ``buyer``: (country, metal, t/month).

    ``recyclers``: whether a seller sells recycled metal, shape (S,). Where a country has a refiner as well, the two share the
    partners that customs list, and the refiner alone keeps the way open to all others: no two countries lose each other.
    """
    km = draft.km
    parts = []
    for m in range(len(draft.base.metals)):
        s, b = np.flatnonzero(seller[1] == m), np.flatnonzero(buyer[1] == m)
        domestic = seller[0][s][:, None] == buyer[0][b][None, :]
        distance = km[np.ix_(seller[0][s], buyer[0][b])]
        at_home = market == "feed" and bool(draft.host_only[m])
        prior, ease, listed = _prior(
            draft, m, market, (seller[0][s], seller[2][s]), (buyer[0][b], buyer[2][b]), distance
        )
        could = domestic if at_home else np.ones_like(domestic)
        if ease is not None and recyclers is not None:
            beside = recyclers[s] & np.isin(seller[0][s], seller[0][s][~recyclers[s]])
            could = ~beside[:, None] | domestic | (ease < 1.0)
        flow = ras(seller[2][s], buyer[2][b], prior, draft.parameters["network_trace"], ease=ease, could=could)
        si, bi = np.nonzero(could & (flow > 0.0))
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
                    "straight": straight_share(flow, listed, domestic)[si, bi],
                    "intermediate": draft.customs[m].intermediate[seller[0][s[si]], buyer[0][b[bi]]],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _prior(
    draft: Draft,
    m: int,
    market: str,
    seller: tuple[np.ndarray, np.ndarray],
    buyer: tuple[np.ndarray, np.ndarray],
    distance: np.ndarray,
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
    """Prior flows of one metal, t/month, how far each gives in the fit, and published shares of imports, shape (S, B) each.

    Priors are what customs saw, what stays at home and a rest for partners that no list names; where customs saw nothing,
    published shares and gravity, and all give alike (None). ``seller`` and ``buyer``: (country, t/month).
    """
    (origin, sold), (place, bought) = seller, buyer
    domestic = origin[:, None] == place[None, :]
    bias, elasticity = draft.parameters["home_bias"], draft.parameters["distance_elasticity"]
    gravity = gravity_prior(distance, domestic, bias, elasticity) * sold[:, None] * bought[None, :]
    seen = getattr(draft.customs[m], market)
    if seen is None:
        if market == "feed":
            at_home = domestic & draft.customs[m].integrated[origin][:, None]
            gravity = gravity * np.where(at_home, draft.parameters["integrated_home"], 1.0)
        form = "refined" if market == "refined" else draft.layout.feed_forms[m]
        known = _known_shares(draft, draft.base.metals[m], form, origin, place)
        return blend_known(gravity, known, domestic), None, known
    count = len(draft.base.countries)
    made, used = np.bincount(origin, sold, count), np.bincount(place, bought, count)
    pace = draft.first_refined()[m] / draft.base.refined[m].sum()
    trade = pooled_where(seen * pace, made > 0, used > 0)
    flow = trade + np.diag(kept_at_home(made, used, trade, draft.parameters["home_least"]))
    part = sold / np.maximum(made[origin], 1e-300)
    rest = gravity / gravity.sum() * made.sum() * draft.parameters["unlisted_trade"]
    listed = flow[np.ix_(origin, place)] * part[:, None]
    ease = np.where(domestic | (listed < rest), 1.0, draft.parameters["customs_give"])
    return listed + np.where(domestic, 0.0, rest), ease, None


def straight_share(flow: np.ndarray, known: np.ndarray | None, domestic: np.ndarray) -> np.ndarray:
    """Share of each flow that goes straight to the buyer; the rest passes through a third country, shape (S, B). ODD 7.13.

    A hub that makes none of a metal cannot sell it in the model, so the origin's flow holds what customs of the buyer list
    under the hub: ``min(share listed / share by origin, 1)``.

    Args:
        flow: by origin, t/month.
        known: published share of each seller's country in the imports of the buyer, nan where unknown; None: nothing known.
        domestic: trade within a country, boolean.
    """
    if known is None:
        return np.ones_like(flow)
    abroad = np.where(domestic, 0.0, flow)
    origin = abroad / np.maximum(abroad.sum(axis=0), 1e-300)
    ratio = np.minimum(known / np.maximum(origin, 1e-300), 1.0)
    return np.where(domestic | np.isnan(known), 1.0, ratio)


def kept_at_home(made: np.ndarray, used: np.ndarray, trade: np.ndarray, least: float) -> np.ndarray:
    """What a country keeps of its own metal, t/month, shape (countries,): what it does not export, as far as it has use for it.

    Args:
        made, used: output and use of each country, t/month.
        trade: flows between countries, t/month, exporter by importer.
        least: least part of the smaller of output and use.
    """
    left = np.minimum(made - trade.sum(axis=1), used - trade.sum(axis=0))
    kept: np.ndarray = np.maximum(left, least * np.minimum(made, used))
    return kept


def _published_shares(tables: Tables, metal: str, form: str, year: int) -> dict[str, dict[str, float]]:
    """Share of each exporter in the imports of each importer, from the years nearest to ``year``, by importer."""
    rows: dict[str, list[tuple[int, str, str, float]]] = {}
    for exporter, importer, of_form, first, last, share in tables.remember(_importer_shares).get(metal, []):
        if of_form in (form, "mixed"):
            age = max(first - year, year - last, 0)
            rows.setdefault(importer, []).append((age, of_form, exporter, share))
    found: dict[str, dict[str, float]] = {}
    for importer, known in sorted(rows.items()):
        least = min(age for age, *_ in known)
        nearest = [row for row in known if row[0] == least]
        named = form if any(of_form == form for _, of_form, _, _ in nearest) else "mixed"
        shares = found[importer] = dict[str, float]()
        for _, of_form, exporter, share in nearest:
            if of_form == named:
                shares[exporter] = shares.get(exporter, 0.0) + share
    return found


def _importer_shares(tables: Tables) -> dict[str, list[tuple[str, str, str, int, int, float]]]:
    """Published shares in the imports of importers by metal: exporter, importer, form, first and last year, share."""
    table = tables.trade_shares[tables.trade_shares["share_of"] == "importer"]
    columns = ("metal", "exporter", "importer", "form", "year_from", "year_to", "share")
    found: dict[str, list[tuple[str, str, str, int, int, float]]] = {}
    for metal, *row in zip(*(table[name].tolist() for name in columns), strict=True):
        found.setdefault(metal, []).append(tuple(row))
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
        "feed",
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
        "refined",
        np.arange(len(refiners) + len(secondary)) >= len(refiners),
    )
    sellers = [f"{name}-refining" for name in refiners.ids]
    sellers += [
        f"{draft.base.countries[c]}-{draft.base.metals[m]}-recycling" for c, m in zip(place, metal, strict=True)
    ]
    return Market("refined", sellers, [f"{name}-makers" for name in desks.ids], edges)
