"""Where products are made: new plants go where metal is cheap, at hand and not under threat; customers follow once a year."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import firm, guards, investor, manufacturer
from lodeflow.agents.memory import remember
from lodeflow.environment.market.product_trade import Plants
from lodeflow.environment.state import State

STAYS = 1e-6
"""Share of its plants that has to have moved before a maker's customers do."""


def place_factories(world: State) -> np.ndarray:
    """Put up the month's plants where they are drawn; returns :func:`firm.signed` of what desks need, shape (B,). ODD 7.14.

    A month puts up what its product grows by and what wears out, so the world makes as much as before, in other places.
    """
    makers, inputs, parameters = world.manufacturers, world.inputs, world.parameters
    worth = np.maximum(inputs.base * world.rates.price[inputs.metal], guards.NOTHING)
    whole = np.bincount(inputs.manufacturer, worth, len(makers))
    earned = manufacturer.margin(
        _of_makers(world, worth, whole, np.log(world.desks.price)),
        makers.feasibility,
        _of_makers(world, worth, whole, world.desks.exposed),
        parameters["maker_metal_share"],
        parameters["maker_risk"],
    )
    makers.margin = remember(makers.margin, earned, parameters["margin_memory"])
    draw = investor.draw(
        makers.margin, _of_makers(world, worth, whole, _metal_at_hand(world)), parameters["place_logit"]
    )
    plants = makers.base * makers.expansion
    makers.drawn = remember(makers.drawn, _over_mean(world, plants, draw), parameters["lead_factory"])
    before = inputs.moved
    drawn = _over_mean(world, plants, makers.drawn)
    makers.expansion = manufacturer.replaced(makers.expansion, drawn, _put_up(world))
    inputs.moved = _moved(world)
    use = inputs.base * world.blueprint.demand[world.t]
    then, now = (np.bincount(inputs.desk, use * part, len(world.desks)) for part in (inputs.moved, before))
    return firm.signed(now, then)


def renew_customers(world: State) -> None:
    """From January on makers sell as plants stand by then: who takes over a share takes over its customers. ODD 7.12."""
    makers, inputs, metals = world.manufacturers, world.inputs, len(world.rates.price)
    if (world.month + 1) % 12 == 0 and np.abs(makers.expansion - 1.0).max() > STAYS:
        plants = Plants(makers.product, makers.base, makers.expansion)
        lines = Plants(inputs.product * metals + inputs.metal, inputs.base, inputs.moved)
        usual = world.blueprint.trade
        world.trade = world.trade.moved(usual, world.month + 1, plants, lines, inputs.manufacturer)


def _of_makers(world: State, worth: np.ndarray, whole: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Mean over the metals of each manufacturer of a column of desks, shape (M,).

    Args:
        world: the world.
        worth: weight: what each input was worth in the base year, USD/month, shape (L,).
        whole: its sum by manufacturer, USD/month, shape (M,).
        values: column of desks, shape (B,).
    """
    inputs = world.inputs
    mean: np.ndarray = np.bincount(inputs.manufacturer, worth * values[inputs.desk], len(whole)) / whole
    return mean


def _metal_at_hand(world: State) -> np.ndarray:
    """Refined metal of the own country that finds no outlet, over what its makers use, by desk, shape (B,)."""
    refiners, desks, places = world.refiners, world.desks, world.places
    idle = refiners.planned * refiners.expansion * -np.expm1(refiners.unsold)
    here = np.bincount(places.cell_of_refiner, idle, places.countries * places.metals)
    at_hand: np.ndarray = here[places.cell_of_desk] / desks.use
    return at_hand


def _put_up(world: State) -> np.ndarray:
    """Part of the world's plants that is put up this month: growth of the product, and what wears out, shape (M,)."""
    path, t, rows = world.blueprint.demand, world.t, world.manufacturers.counted_input
    growth = np.maximum(path[t + 1][rows] / np.maximum(path[t][rows], guards.NOTHING) - 1.0, 0.0)
    return manufacturer.put_up(growth, world.parameters["factory_life"])


def _over_mean(world: State, plants: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Values over their mean by product, weighted by plants, units/month, shape (M,) each."""
    makers, products = world.manufacturers, world.places.products
    total = np.bincount(makers.product, plants, products)
    mean = np.bincount(makers.product, plants * values, products) / np.maximum(total, guards.NOTHING)
    relative: np.ndarray = values / np.maximum(mean, guards.NOTHING)[makers.product]
    return relative


def _moved(world: State) -> np.ndarray:
    """Part of each input in the world's use for its product over that of the base year; the world uses as much, shape (L,)."""
    inputs, pair = world.inputs, world.places.good_of_input
    expansion = world.manufacturers.expansion[inputs.manufacturer]
    whole, stands = (np.bincount(pair, use) for use in (inputs.base, inputs.base * expansion))
    moved: np.ndarray = expansion * (whole / np.maximum(stands, guards.NOTHING))[pair]
    return moved
