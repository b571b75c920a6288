"""End of life: products leave use and are kept, exported, collected or landfilled."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import country
from lodeflow.agents.arrays import anything
from lodeflow.agents.memory import remember
from lodeflow.agents.scrap_pool import content
from lodeflow.environment.market import plants, rules
from lodeflow.environment.market.scrap import scrap_by_pool
from lodeflow.environment.month.phase import phase
from lodeflow.environment.month.state import Month
from lodeflow.environment.state import State


@phase(
    reads={
        "effects": "collection levers lowered recovery",
        "pools": "ask",
    },
    last={
        "groups": "unlearned",
        "in_use": "collection hibernating history position prolonged prolonged_months",
        "pools": "informal memory new_scrap scrap",
        "recyclers": "running",
    },
    writes={
        "in_use": "collectable collected collection exported from_drawers hibernated hibernating leaving "
        "prolonged prolonged_months recoverable saved",
        "month": "flows",
        "pools": "arising memory scrap",
    },
)
def retire(world: State, month: Month) -> None:
    """Products leave use; what is collected joins the new scrap in the pools. ODD 7.12.

    ``collected = collectable x rate``, t, shape (V,).
    """
    in_use, pools, parameters = world.in_use, world.pools, world.parameters
    levers = month.effects.levers
    in_use.leaving = in_use.stay_longer(in_use.outflow(), levers.get("prolonged"), levers.get("prolonged_months"))
    pools.memory = remember(pools.memory, np.log(pools.ask), parameters["collection_months"])
    in_use.collection = country.built_up(in_use.collection, in_use.collection_trend, in_use.achievable)
    before = in_use.hibernating.copy()
    collectable, exported = in_use.end_of_life(in_use.leaving, parameters["hibernation_months"], levers)
    paid = pools.memory[in_use.pool]
    if "collectors" in levers:
        paid = paid + levers["collectors"]
    rate = country.collection_rate(
        _collection_with_rules(world, month),
        np.exp(paid),
        parameters["collection_elasticity"],
        in_use.achievable,
    )
    in_use.collectable, in_use.collected, in_use.exported = collectable, collectable * rate, exported
    separation = _separation(world, month)
    in_use.recoverable = in_use.collected * _separation_with_rules(world, month, separation)
    old = scrap_by_pool(
        in_use.pool,
        in_use.metal,
        in_use.collected,
        separation,
        (len(pools), len(world.rates.price)),
        True,
    )
    pools.arising = old + pools.new_scrap
    pools.scrap = pools.scrap + pools.arising
    month.flows["new scrap collected"] = content(pools.new_scrap).sum(axis=0)
    month.flows["end of life"] = world.by_metal(collectable, in_use.metal)
    month.flows["collected"] = world.by_metal(in_use.collected, in_use.metal)
    month.flows["landfilled"] = world.by_metal(collectable - in_use.collected, in_use.metal)
    month.flows["exported used"] = world.by_metal(exported, in_use.metal)
    in_use.hibernated = in_use.hibernating - before
    month.flows["into hibernation"] = world.by_metal(in_use.hibernated, in_use.metal)


def _collection_with_rules(world: State, month: Month) -> np.ndarray:
    """Collection rate at base prices with what policies ask for, shape (V,)."""
    if not month.effects.collection and not month.effects.lowered:
        return world.in_use.collection
    rate = world.in_use.collection.copy()
    for rows, target, progress in month.effects.lowered:
        rate[rows] = country.under_limit(rate[rows], target, progress)
    for rows, target, progress in month.effects.collection:
        rate[rows] = country.under_rule(rate[rows], target, progress)
    return rate


def _separation(world: State, month: Month) -> np.ndarray:
    """Yields by channel from what is collected, with sorting and training, shape (channels, V)."""
    levers, yields = month.effects.levers, world.blueprint.separation_of_in_use
    if "sorted" not in levers and "formalised" not in levers:
        return yields
    formal, *others = yields
    if "sorted" in levers:
        formal = country.better_sorted(formal, levers["sorted"], world.blueprint.processes.best_in_use)
    if "formalised" in levers:
        others = [own + levers["formalised"] * (formal - own) for own in others]
    return np.stack([formal, *others])


def _separation_with_rules(world: State, month: Month, separation: np.ndarray) -> np.ndarray:
    """Share of collected metal that comes back, by the mix of channels at home, shape (V,).

    Policies raise the formal part to what they ask for. ``separation``: of :func:`_separation`.
    """
    in_use, layout, figures = world.in_use, world.layout, world.blueprint.processes
    pool = in_use.pool
    informal = separation[2] + (separation[1] - separation[2]) * world.pools.local[pool]
    formal = rules.learned(separation[0], figures.best_in_use, world.groups.unlearned, world.places.group_in_use)
    if anything(world.recyclers.running):
        formal = plants.with_running(formal, figures.plant_in_use, figures.yields_in_use, world.recyclers.running)
    for rows, metal, target, progress in month.effects.recovery:
        places = world.recyclers.country[rows] * len(layout.groups) + world.recyclers.group[rows]
        here = np.isin(in_use.country * len(layout.groups) + layout.product_group[in_use.product], places)
        here &= in_use.metal == layout.metal_index[metal]
        formal[here] = country.under_rule(formal[here], target, progress)
    share = world.pools.informal[pool]
    return formal + (informal - formal) * share
