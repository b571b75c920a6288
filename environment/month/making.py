"""Phases 2 and 8, demand and making; and what comes out of use at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lodeflow.agents import country
from lodeflow.agents.arrays import bounded
from lodeflow.agents.manufacturer import others_available, substitute

if TYPE_CHECKING:
    from lodeflow.environment.world import World


def demand(world: World) -> None:
    """What manufacturers want to use: driver x substitution, less what lacks of other metals idle, and the price response."""
    inputs, desks, effects = world.inputs, world.desks, world.effects
    price = desks.price[inputs.desk]
    gap = (world.long_run - world.short_run)[inputs.metal]
    inputs.substitution = substitute(inputs, price, gap, world.parameters["substitution_months"])
    driver = inputs.base * world.blueprint.demand[world.t] * world.noise("demand")[inputs.manufacturer]
    if world.blueprint.surprise is not None and not world.rehearsing:
        driver = driver * world.blueprint.surprise[world.t]
    wanted = driver * effects.demand_now * inputs.substitution
    inputs.desired = wanted * np.exp(-world.short_run[inputs.metal] * np.log(bounded(price, 0.05, 100.0)))
    world.others = others_available(inputs.available, world.first_input)
    inputs.structural = wanted * world.others
    use = np.bincount(inputs.desk, inputs.structural, len(desks))
    world.use_desk = np.maximum(use, 1e-12)
    plain = np.bincount(inputs.desk, driver * effects.demand_now * world.others, len(desks))
    world.substitution_desk = use / np.maximum(plain, 1e-300)
    ahead = effects.demand_ahead / np.maximum(effects.demand_now, 1e-12)
    if (ahead == 1.0).all():
        world.demand_ahead_desk = world.ones_ahead
    else:
        rows = [np.bincount(inputs.desk, inputs.structural * row, len(desks)) for row in ahead]
        world.demand_ahead_desk = np.stack(rows) / world.use_desk
    world.manufacturers.desired = world.manufacturers.base * np.minimum.reduceat(
        world.blueprint.demand[world.t] * effects.demand_now, world.first_input[:-1]
    )


def make(world: World) -> None:
    """Make products, limited by the scarcest metal. What is not there for the wanted use is shortage.

    Pass 1 finds for each product the share its scarcest metal allows; pass 2 uses every metal at that share.
    """
    inputs, desks, manufacturers, parameters = world.inputs, world.desks, world.manufacturers, world.parameters
    inputs.available = np.minimum(inputs.stock / np.maximum(inputs.desired, 1e-300), 1.0)
    manufacturers.feasibility = np.minimum.reduceat(inputs.available, world.first_input[:-1])
    inputs.use = np.minimum(inputs.desired * manufacturers.feasibility[inputs.manufacturer], inputs.stock)
    inputs.stock = inputs.stock - inputs.use
    manufacturers.output = manufacturers.desired * manufacturers.feasibility
    missing = inputs.desired * (1.0 - inputs.available)
    world.shortage_desk = np.bincount(inputs.desk, missing, len(desks))
    world.desired_desk = np.bincount(inputs.desk, inputs.desired, len(desks))
    unmet = world.shortage_desk / np.maximum(world.desired_desk, 1e-300)
    grown = desks.premium + parameters["unmet_premium"] * unmet
    faded = desks.premium * parameters["unmet_fade"]
    desks.premium = bounded(
        np.where(unmet > parameters["unmet_threshold"], grown, faded), 0.0, parameters["unmet_premium_max"]
    )
    _into_use(world)


def _into_use(world: World) -> None:
    """New scrap goes to the factory's pool, dissipated metal is lost, the rest comes into use where products are sold."""
    inputs, in_use, metals = world.inputs, world.in_use, len(world.layout.metals)
    scrap = inputs.use * world.blueprint.new_scrap[inputs.product]
    world.new_scrap_pool = world.to_pools(world.pool_of_input, inputs.metal, scrap, world.blueprint.separation_of_input)
    product = inputs.use - scrap
    lost = product * world.blueprint.dissipated[inputs.product]
    made = np.bincount(inputs.product * metals + inputs.metal, product - lost, len(world.layout.products) * metals)
    inflow = made[in_use.product * metals + in_use.metal] * world.blueprint.consumption
    in_use.age(inflow, world.leaving)
    world.flows["use"] = world.by_metal(inputs.use, inputs.metal)
    world.flows["new scrap"] = world.by_metal(scrap, inputs.metal)
    world.flows["dissipated"] = world.by_metal(lost, inputs.metal)
    world.flows["into use"] = world.by_metal(inflow, in_use.metal)


def retire(world: World) -> None:
    """Products leave use: kept, exported, collected or landfilled."""
    in_use, parameters = world.in_use, world.parameters
    world.leaving = in_use.leaving()
    world.scrap_memory = (
        world.scrap_memory + (np.log(world.scrap_ask) - world.scrap_memory) / parameters["collection_months"]
    )
    before = in_use.hibernating.copy()
    collectable, exported = in_use.end_of_life(world.leaving, parameters["hibernation_months"])
    rate = country.collection_rate(
        collection_with_rules(world),
        np.exp(world.scrap_memory)[world.pool_of_in_use],
        parameters["collection_elasticity"],
        parameters["collection_max"],
    )
    world.end_of_life, world.collected = collectable, collectable * rate
    world.old_recoverable = world.collected * separation_with_rules(world)
    old = world.to_pools(world.pool_of_in_use, in_use.metal, world.collected, world.blueprint.separation_of_in_use)
    world.arising = old + world.new_scrap_pool
    world.pool = world.pool + world.arising
    world.flows["new scrap collected"] = world.new_scrap_pool[:, : len(world.price)].sum(axis=0)
    world.flows["end of life"] = world.by_metal(collectable, in_use.metal)
    world.flows["collected"] = world.by_metal(world.collected, in_use.metal)
    world.flows["landfilled"] = world.by_metal(collectable - world.collected, in_use.metal)
    world.flows["exported used"] = world.by_metal(exported, in_use.metal)
    world.flows["into hibernation"] = world.by_metal(in_use.hibernating - before, in_use.metal)


def collection_with_rules(world: World) -> np.ndarray:
    """Collection rate at base prices with what policies ask for, shape (V,)."""
    if not world.effects.collection:
        return world.in_use.collection
    rate = world.in_use.collection.copy()
    for rows, target, progress in world.effects.collection:
        rate[rows] += np.maximum(target - rate[rows], 0.0) * progress
    return rate


def separation_with_rules(world: World) -> np.ndarray:
    """Share of collected metal that comes back, by the mix of formal and informal recyclers at home, shape (V,).

    Policies raise the formal part to what they ask for.
    """
    in_use, layout = world.in_use, world.layout
    formal, informal = world.blueprint.separation_of_in_use
    skill = world.skill[layout.product_group[in_use.product]]
    formal = np.minimum(formal * skill, np.maximum(world.parameters["separation_max"], formal))
    for rows, metal, target, progress in world.effects.recovery:
        plants = world.recyclers.country[rows] * len(layout.groups) + world.recyclers.group[rows]
        here = np.isin(in_use.country * len(layout.groups) + layout.product_group[in_use.product], plants)
        here &= in_use.metal == layout.metal_index[metal]
        formal[here] += np.maximum(target - formal[here], 0.0) * progress
    share = world.countries.informal_share[in_use.country]
    return formal + (informal - formal) * share
