"""Demand: what manufacturers want to use before and at the posted price."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import country, guards, manufacturer
from lodeflow.agents.arrays import anything
from lodeflow.agents.memory import remember
from lodeflow.environment.month.cells import over_plan
from lodeflow.environment.month.nexus import slow_down
from lodeflow.environment.month.phase import phase
from lodeflow.environment.month.state import Month
from lodeflow.environment.state import State


@phase(
    reads={
        "effects": "demand_ahead demand_now replaced",
    },
    last={
        "world": "anchor",
        "desks": "design_price price",
        "in_use": "history position saved",
        "inputs": "available desired moved planned substitution",
        "manufacturers": "expansion feasibility pace",
        "refiners": "unpowered",
    },
    writes={
        "desks": "demand_ahead design_price substitution use",
        "inputs": "design desired others planned structural substitution",
        "manufacturers": "desired pace",
        "refiners": "unpowered",
    },
)
def demand(world: State, month: Month) -> None:
    """Driver x substitution, less what a lack of other metals idles, and the response to the price. ODD 7.2.

    ``wanted = base x driver x substitution``, t/month, shape (L,); desks, manufacturers and inputs see their part of it.
    """
    inputs, desks, effects = world.inputs, world.desks, month.effects
    manufacturers, rates, blueprint = world.manufacturers, world.rates, world.blueprint
    price = desks.price[inputs.desk]
    gap = (rates.long_run - rates.short_run)[inputs.metal]
    inputs.substitution = manufacturer.substitute(inputs, price, gap, world.parameters["substitution_months"])
    driver = inputs.base * inputs.moved * blueprint.demand[world.t] * world.noise("demand")[inputs.manufacturer]
    output = _choose_cells(world)
    if blueprint.cells is not None:
        driver = driver * inputs.design
    if blueprint.nexus is not None:
        slow_down(world, blueprint.nexus)
        driver, output = driver * manufacturers.pace[inputs.manufacturer], output * manufacturers.pace
    if blueprint.surprise is not None:
        driver = driver * blueprint.surprise[world.t]
    if anything(world.in_use.saved):
        driver = driver * _bought_anew(world, month)
    wanted = driver * effects.demand_now * inputs.substitution
    inputs.desired = manufacturer.desired_use(wanted, price, rates.short_run[inputs.metal])
    inputs.others = manufacturer.others_available(inputs.available, inputs.manufacturer, manufacturers.first_input)
    inputs.planned, inputs.structural = wanted, wanted * inputs.others
    use = np.bincount(inputs.desk, inputs.structural, len(desks))
    desks.use = np.maximum(use, guards.NOTHING)
    plain = np.bincount(inputs.desk, driver * effects.demand_now * inputs.others, len(desks))
    desks.substitution = use / np.maximum(plain, guards.LEAST)
    if effects.touched("demand_now") or effects.touched("demand_ahead"):
        desks.demand_ahead = _ahead(world, effects.demand_ahead / np.maximum(effects.demand_now, guards.NOTHING))
    else:
        desks.demand_ahead = np.ones((len(effects.demand_ahead), len(desks)))
    if blueprint.content is not None:
        output = output / blueprint.content[world.t]
    comes = blueprint.demand[world.t] * effects.demand_now
    if blueprint.surprise is not None:
        comes = comes * blueprint.surprise[world.t]
    if anything(world.in_use.saved):
        comes = comes * _bought_anew(world, month)
    manufacturers.desired = manufacturers.base * manufacturers.expansion * comes[manufacturers.counted_input] * output


def _choose_cells(world: State) -> np.ndarray | float:
    """Let makers of batteries choose cells; returns output of each factory over the expected path, shape (M,), or 1. ODD 7.2."""
    cells, desks = world.blueprint.cells, world.desks
    if cells is None:
        return 1.0
    desks.design_price = remember(desks.design_price, desks.price, world.parameters["design_cycle_months"])
    world.inputs.design, output = over_plan(world, cells)
    return output


def _bought_anew(world: State, month: Month) -> np.ndarray:
    """Demand left when old products stay in use for longer: a share of each maker's input, shape (L,). ODD 7.14."""
    inputs, in_use, metals = world.inputs, world.in_use, len(world.rates.price)
    size = len(world.layout.products) * metals
    cell, inflow = in_use.product * metals + in_use.metal, in_use.newest()
    line = world.places.good_of_input
    saved, left = in_use.saved.copy(), np.ones(len(inputs))
    for stocks, lines in month.effects.replaced:
        by_metal = np.bincount(in_use.metal[stocks], saved[stocks], metals)
        goods = np.isin(cell, np.unique(line[lines]))
        bought = np.bincount(in_use.metal[goods], inflow[goods], metals)
        left[lines] *= country.bought_anew(bought, by_metal)[inputs.metal[lines]]
        saved[stocks] = 0.0
    own = country.bought_anew(np.bincount(cell, inflow, size), np.bincount(cell, saved, size))
    result: np.ndarray = left * own[line]
    return result


def _ahead(world: State, ahead: np.ndarray) -> np.ndarray:
    """Demand that is expected because of shocks over that of the month, by desk, shape (H, B), from that by input, (H, L)."""
    inputs, desks = world.inputs, world.desks
    if (ahead == 1.0).all():
        return np.ones((len(ahead), len(desks)))
    rows = [np.bincount(inputs.desk, inputs.structural * row, len(desks)) for row in ahead]
    result: np.ndarray = np.stack(rows) / desks.use
    return result
