"""Drawing up a world: scrap pools, recyclers, the scrap market and the sellers of recycled metal."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lodeflow.agents import guards
from lodeflow.agents.firm import STAGES
from lodeflow.agents.population import Population
from lodeflow.agents.scrap_pool import CHANNELS, FORMAL, OLD, PARTS
from lodeflow.environment.market.edges import Market
from lodeflow.environment.market.in_use import InUse
from lodeflow.environment.market.processes import GRADES
from lodeflow.environment.start.draft import Draft
from lodeflow.environment.start.processes import most_added

TRACE_OF_OUTPUT = 1e-7
"""Least share of the world's recycled metal (where there is none, of what scrap holds) given to a seller, so that recyclers who
recover none yet can begin to sell."""


def build_recycling(
    draft: Draft, in_use: InUse, pair_of_in_use: np.ndarray, use: np.ndarray
) -> tuple[Population, Population, Market, Population]:
    """Scrap pools with their stock, recyclers, the scrap market, and the sellers of recycled metal."""
    arising = _first_arising(draft, in_use, pair_of_in_use, use)
    metals = len(draft.base.metals)
    country, group = np.nonzero(arising[..., :metals].sum(axis=2) > 0)
    content = arising[country, group]
    value = content[:, :metals] @ draft.base.price
    edges, recycler_rows = _scrap_edges(draft, country, group, value)
    recyclers = _recyclers(draft, recycler_rows, edges)
    treated = np.zeros((len(recyclers), content.shape[1]))
    part = content / np.maximum(value, 1e-300)[:, None]
    np.add.at(treated, edges["buyer"].to_numpy(), edges["base"].to_numpy()[:, None] * part[edges["seller"].to_numpy()])
    recovered = own_part(treated, recyclers.channel)
    output, held = np.zeros((len(draft.base.countries), metals)), np.zeros((len(draft.base.countries), metals))
    np.add.at(output, recyclers.country, recovered)
    np.add.at(held, recyclers.country, treated[:, :metals])
    all_output = output.sum(axis=0)
    output = np.maximum(output, TRACE_OF_OUTPUT * np.where(all_output > 0, all_output, held.sum(axis=0))) * (held > 0)
    place, metal = np.nonzero(output)
    names = [f"{draft.base.countries[c]}-{draft.layout.groups[g]}" for c, g in zip(country, group, strict=True)]
    market = Market("scrap", names, recyclers.ids, edges)
    pools = Population(
        "scrap pool",
        names,
        {"metal": metals, "part x metal": content.shape[1]},
        country=country,
        group=group,
        scrap=content * draft.parameters["scrap_cover"],
        informal=draft.group_informal()[country, group],
        local=draft.group_local[group],
        formal_trend=draft.formal_trend[group] / 12.0,
    )
    secondary = Population(
        "secondary seller",
        [f"{draft.base.countries[c]}-{draft.base.metals[m]}" for c, m in zip(place, metal, strict=True)],
        {"grade": len(GRADES)},
        country=place,
        metal=metal,
        rate=output[place, metal],
    )
    recyclers.seller = _sellers(recyclers, secondary, metals)
    return pools, recyclers, market, secondary


def own_part(parts: np.ndarray, channel: np.ndarray) -> np.ndarray:
    """What each recycler can recover of scrap kept in parts, t, shape (Y, metals).

    Args:
        parts: content, what is recoverable by channel and old metal side by side, t, shape (Y, 5 x metals).
        channel: row of CHANNELS, shape (Y,).
    """
    by_part = parts.reshape(len(parts), PARTS, -1)
    own: np.ndarray = by_part[np.arange(len(parts)), FORMAL + channel]
    return own


def _sellers(recyclers: Population, secondary: Population, metals: int) -> np.ndarray:
    """The seller of each metal that a recycler recovers, a row past the last: nobody, shape (Y, metals)."""
    rows = {(int(c), int(m)): z for z, (c, m) in enumerate(zip(secondary.country, secondary.metal, strict=True))}
    return np.array([[rows.get((int(c), m), len(rows)) for m in range(metals)] for c in recyclers.country])


def _first_arising(draft: Draft, in_use: InUse, pair_of_in_use: np.ndarray, use: np.ndarray) -> np.ndarray:
    """Scrap that arises in the first month, t, shape (countries, groups, 5 x metals).

    The columns are the metals' content, then what each channel can recover of it, and what is old.
    """
    hibernating = in_use.hibernating.copy()
    collectable, _ = in_use.end_of_life(in_use.outflow(), draft.parameters["hibernation_months"])
    in_use.hibernating[:] = hibernating
    metals, group = len(draft.base.metals), draft.layout.product_group
    arising = np.zeros((len(draft.base.countries), len(draft.layout.groups), PARTS * metals))
    collected, made = collectable * in_use.collection, use * draft.of_pair("new_scrap_rate")
    for block, of_pair in enumerate((np.ones(len(use)), *(draft.separation[kind] for kind in CHANNELS))):
        column = in_use.metal + block * metals
        np.add.at(arising, (in_use.country, group[in_use.product], column), collected * of_pair[pair_of_in_use])
        for pair, amount in enumerate(made * of_pair):
            product = draft.pair_product[pair]
            arising[:, group[product], draft.pair_metal[pair] + block * metals] += amount * draft.using[pair]
    np.add.at(arising, (in_use.country, group[in_use.product], in_use.metal + OLD * metals), collected)
    return np.maximum(arising, _trace_of_scrap(draft, arising))


def _trace_of_scrap(draft: Draft, arising: np.ndarray) -> np.ndarray:
    """A trace of every metal in every pool that may ever receive it, so that pools and recyclers exist from the start."""
    metals = len(draft.base.metals)
    world = np.maximum(arising[..., :metals].sum(axis=(0, 1)), 1e-3)
    trace = np.zeros_like(arising)
    place = (draft.base.buying > 0) | (draft.base.making > 0)
    for product, metal in zip(draft.pair_product, draft.pair_metal, strict=True):
        trace[place[product], draft.layout.product_group[product], metal] = TRACE_OF_OUTPUT * world[metal]
    return trace


def _scrap_edges(
    draft: Draft, country: np.ndarray, group: np.ndarray, value: np.ndarray
) -> tuple[pd.DataFrame, list[tuple[int, int, int]]]:
    """Edges from pools to recyclers: small local firms and informal workshops buy at home only, formal plants also abroad.

    Where the formal plants stand is not observed: the prior weight of a country is the scrap that arises there, times
    the home bias of its product group, times distance.
    """
    km, workshops = draft.km, draft.group_informal()
    stays = draft.tables.take_back.set_index("group")["home"].reindex(draft.layout.groups).fillna(1.0)
    home = draft.parameters["scrap_home_bias"] * stays.to_numpy(float)
    recycler_rows: dict[tuple[int, int, int], int] = {}
    rows = []
    for q in range(len(country)):
        same = np.flatnonzero(group == group[q])
        weight = (
            value[same]
            / value[same].sum()
            * (1.0 + km[country[q], country[same]] / 1000.0) ** draft.parameters["distance_elasticity"]
        )
        weight[country[same] == country[q]] = weight.max() * home[group[q]]
        weight /= weight.sum()
        weight[weight < 0.005] = 0.0
        informal = workshops[country[q], group[q]]
        targets = [
            (int(country[k]), int(group[q]), 0, (1 - informal) * w)
            for k, w in zip(same, weight / weight.sum(), strict=True)
        ]
        local = draft.group_local[group[q]]
        for channel, part in enumerate((local, 1.0 - local), 1):
            targets.append((int(country[q]), int(group[q]), channel, informal * part))
        for c, g, channel, share in targets:
            if share > 0:
                row = recycler_rows.setdefault((c, g, channel), len(recycler_rows))
                rows.append((q, row, g, country[q], c, value[q] * share, km[country[q], c], 0))
    names = ["seller", "buyer", "metal", "seller_country", "buyer_country", "base", "distance", "lead"]
    return pd.DataFrame(rows, columns=names), list(recycler_rows)


def _recyclers(draft: Draft, rows: list[tuple[int, int, int]], edges: pd.DataFrame) -> Population:
    country, group, channel = (np.array(column) for column in zip(*rows, strict=True))
    bought = np.bincount(edges["buyer"], edges["base"], len(rows))
    names = [
        f"{draft.base.countries[c]}-{draft.layout.groups[g]}-{CHANNELS[k]}"
        for c, g, k in zip(country, group, channel, strict=True)
    ]
    metals = len(draft.base.metals)
    sizes = {"metal": metals, "part x metal": PARTS * metals, "stage": STAGES, "process": most_added(draft.tables)}
    way = np.bincount(edges["buyer"], edges["base"] * edges["distance"], len(rows)) / np.maximum(bought, guards.LEAST)
    parameters = draft.parameters
    over = np.array([1.0, parameters["local_cost"], parameters["informal_cost"]])
    cost = np.minimum(parameters["scrap_cost"] * over, max(parameters["scrap_cost"], guards.MOST_COST))[channel]
    columns = {"formal": channel == 0, "channel": channel, "cost": cost}
    return Population("recycler", names, sizes, country=country, group=group, base=bought, way=way, **columns)
