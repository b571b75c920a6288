"""Standing at the start: who belongs to whom, and the state before the first month, as after an endless past without news."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import guards
from lodeflow.agents.scrap_pool import content
from lodeflow.environment.blueprint import Blueprint
from lodeflow.environment.market.loops import sums_by_row
from lodeflow.environment.market.scrap import scrap_by_pool
from lodeflow.environment.start.recycling import own_part


def stand(blueprint: Blueprint) -> None:
    """Fill the columns of the blueprint's agents that tie them together, and their state before the first month."""
    _to_pools(blueprint)
    _scrap(blueprint)
    _recycled(blueprint)


def _to_pools(blueprint: Blueprint) -> None:
    """The scrap pool of every input and of every row in use."""
    pools, group = blueprint.agents["pools"], blueprint.layout.product_group
    rows = {(int(c), int(g)): q for q, (c, g) in enumerate(zip(pools.country, pools.group, strict=True))}
    for part in (blueprint.agents["inputs"], blueprint.in_use):
        places = zip(part.country, part.product, strict=True)
        part.pool = np.array([rows[int(c), int(group[p])] for c, p in places], np.int64)


def _scrap(blueprint: Blueprint) -> None:
    """New scrap of the first month, what comes into pools, and the value of what recyclers recover."""
    pools, inputs, price = blueprint.agents["pools"], blueprint.agents["inputs"], blueprint.rates.price
    pools.rate = content(pools.scrap) @ price / blueprint.parameters["scrap_cover"]
    pools.new_scrap = scrap_by_pool(
        inputs.pool,
        inputs.metal,
        inputs.base * blueprint.new_scrap[inputs.product],
        blueprint.separation_of_input,
        (len(pools), len(price)),
        False,
    )
    recyclers, groups = blueprint.agents["recyclers"], blueprint.agents["groups"]
    treated = np.bincount(recyclers.group, recyclers.base * recyclers.formal, len(groups))
    groups.first_volume = np.maximum(treated, 1e-9)
    groups.volume = groups.first_volume.copy()
    recyclers.value_weight = _value_weights(blueprint)


def _value_weights(blueprint: Blueprint) -> np.ndarray:
    """Share of each metal in the value of what each recycler recovers in the first month, shape (Y, metals)."""
    pools, recyclers, price = blueprint.agents["pools"], blueprint.agents["recyclers"], blueprint.rates.price
    scrap = blueprint.markets["scrap"]
    value = content(pools.scrap) @ price
    part = (pools.scrap / np.maximum(value, guards.LEAST)[:, None])[scrap.seller] * scrap.base[:, None]
    bought = sums_by_row(scrap.buyer, part, len(recyclers))
    worth = own_part(bought, recyclers.channel) * price
    return worth / np.maximum(worth.sum(axis=1, keepdims=True), guards.LEAST)


def _recycled(blueprint: Blueprint) -> None:
    """Stock of recycled metal for sale, and its share in what each desk buys."""
    secondary, desks, market = blueprint.agents["secondary"], blueprint.agents["desks"], blueprint.markets["refined"]
    secondary.stock = blueprint.rates.cover["refined"][secondary.metal] * secondary.rate
    recycled = market.by_buyer(np.where(market.seller >= len(blueprint.agents["refiners"]), market.base, 0.0))
    desks.recycled_inflow = recycled / np.maximum(market.by_buyer(market.base), guards.LEAST)
