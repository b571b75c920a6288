"""Where products are made: new plants go where metal is cheap, at hand and not under threat; customers follow once a year."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import investor, manufacturer
from lodeflow.agents.memory import remember
from lodeflow.environment.market.product_trade import Plants
from lodeflow.environment.month.moving import of_makers, replaced
from lodeflow.environment.state import State

STAYS = 1e-6
"""Share of its plants that has to have moved before a maker's customers do."""


def place_factories(world: State) -> np.ndarray:
    """Put up the month's plants where they are drawn; returns :func:`firm.signed` of what desks need, shape (B,). ODD 7.14.

    A month puts up what its product grows by and what wears out, so the world makes as much as before, in other places.
    """
    makers, inputs, parameters, t = world.manufacturers, world.inputs, world.parameters, world.t
    price, exposed, at_hand = of_makers(
        (inputs.manufacturer, inputs.desk),
        world.blueprint.worth_of_inputs,
        np.array((np.log(world.desks.price), world.desks.exposed, _metal_at_hand(world))),
    )
    earned = manufacturer.margin(
        price, makers.feasibility, exposed, parameters["maker_metal_share"], parameters["maker_risk"]
    )
    makers.margin = remember(makers.margin, earned, parameters["margin_memory"])
    path, places = world.blueprint.demand, world.places
    makers.drawn, makers.expansion, inputs.moved, signed = replaced(
        (makers.product, makers.base, makers.expansion, makers.drawn, makers.counted_input),
        (inputs.manufacturer, inputs.desk, places.good_of_input, inputs.base, inputs.moved),
        investor.draw(makers.margin, at_hand, parameters["place_logit"]),
        (path[t], path[t + 1]),
        (places.products, places.products * places.metals, len(world.desks)),
        (parameters["lead_factory"], parameters["factory_life"]),
    )
    return signed


def renew_customers(world: State) -> None:
    """From January on makers sell as plants stand by then: who takes over a share takes over its customers. ODD 7.12."""
    makers, inputs, metals = world.manufacturers, world.inputs, len(world.rates.price)
    if (world.month + 1) % 12 == 0 and np.abs(makers.expansion - 1.0).max() > STAYS:
        plants = Plants(makers.product, makers.base, makers.expansion)
        lines = Plants(inputs.product * metals + inputs.metal, inputs.base, inputs.moved)
        usual = world.blueprint.trade
        world.trade = world.trade.moved(usual, world.month + 1, plants, lines, inputs.manufacturer)


def _metal_at_hand(world: State) -> np.ndarray:
    """Refined metal of the own country that finds no outlet, over what its makers use, by desk, shape (B,)."""
    refiners, desks, places = world.refiners, world.desks, world.places
    idle = refiners.planned * refiners.expansion * -np.expm1(refiners.unsold)
    here = np.bincount(places.cell_of_refiner, idle, places.countries * places.metals)
    at_hand: np.ndarray = here[places.cell_of_desk] / desks.use
    return at_hand
