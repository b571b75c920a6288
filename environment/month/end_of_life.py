"""End of life: products leave use and are kept, exported, collected or landfilled."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import country, recycler
from lodeflow.agents.memory import remember
from lodeflow.agents.scrap_pool import content
from lodeflow.environment.market.scrap import scrap_by_pool
from lodeflow.environment.month.phase import phase
from lodeflow.environment.month.state import Month
from lodeflow.environment.state import State


@phase(
    reads={
        "effects": "collection recovery",
        "pools": "ask",
    },
    last={
        "groups": "skill",
        "in_use": "hibernating history position",
        "pools": "memory new_scrap scrap",
    },
    writes={
        "in_use": "collectable collected exported from_drawers hibernating leaving recoverable",
        "month": "flows",
        "pools": "arising memory scrap",
    },
)
def retire(world: State, month: Month) -> None:
    """Products leave use; what is collected joins the new scrap in the pools. ODD 7.12.

    ``collected = collectable x rate``, t, shape (V,).
    """
    in_use, pools, parameters = world.in_use, world.pools, world.parameters
    in_use.leaving = in_use.outflow()
    pools.memory = remember(pools.memory, np.log(pools.ask), parameters["collection_months"])
    before = in_use.hibernating.copy()
    collectable, exported = in_use.end_of_life(in_use.leaving, parameters["hibernation_months"])
    rate = country.collection_rate(
        _collection_with_rules(world, month),
        np.exp(pools.memory)[in_use.pool],
        parameters["collection_elasticity"],
        parameters["collection_max"],
    )
    in_use.collectable, in_use.collected, in_use.exported = collectable, collectable * rate, exported
    in_use.recoverable = in_use.collected * _separation_with_rules(world, month)
    old = scrap_by_pool(
        in_use.pool,
        in_use.metal,
        in_use.collected,
        world.blueprint.separation_of_in_use,
        (len(pools), len(world.rates.price)),
    )
    pools.arising = old + pools.new_scrap
    pools.scrap = pools.scrap + pools.arising
    month.flows["new scrap collected"] = content(pools.new_scrap).sum(axis=0)
    month.flows["end of life"] = world.by_metal(collectable, in_use.metal)
    month.flows["collected"] = world.by_metal(in_use.collected, in_use.metal)
    month.flows["landfilled"] = world.by_metal(collectable - in_use.collected, in_use.metal)
    month.flows["exported used"] = world.by_metal(exported, in_use.metal)
    month.flows["into hibernation"] = world.by_metal(in_use.hibernating - before, in_use.metal)


def _collection_with_rules(world: State, month: Month) -> np.ndarray:
    """Collection rate at base prices with what policies ask for, shape (V,)."""
    if not month.effects.collection:
        return world.in_use.collection
    rate = world.in_use.collection.copy()
    for rows, target, progress in month.effects.collection:
        rate[rows] = country.under_rule(rate[rows], target, progress)
    return rate


def _separation_with_rules(world: State, month: Month) -> np.ndarray:
    """Share of collected metal that comes back, by the mix of formal and informal recyclers at home, shape (V,).

    Policies raise the formal part to what they ask for.
    """
    in_use, layout = world.in_use, world.layout
    formal, informal = world.blueprint.separation_of_in_use
    skill = world.groups.skill[layout.product_group[in_use.product]]
    formal = recycler.learned_yield(formal, 1.0, skill, world.parameters["separation_max"])
    for rows, metal, target, progress in month.effects.recovery:
        plants = world.recyclers.country[rows] * len(layout.groups) + world.recyclers.group[rows]
        here = np.isin(in_use.country * len(layout.groups) + layout.product_group[in_use.product], plants)
        here &= in_use.metal == layout.metal_index[metal]
        formal[here] = country.under_rule(formal[here], target, progress)
    share = world.countries.informal_share[in_use.country]
    return formal + (informal - formal) * share
