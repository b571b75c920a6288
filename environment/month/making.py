"""Making and use: products limited by their scarcest metal come into use where they are sold."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import guards, metal_desk
from lodeflow.environment.market.scrap import scrap_by_pool
from lodeflow.environment.month.phase import phase
from lodeflow.environment.month.sharing import made
from lodeflow.environment.month.state import Month
from lodeflow.environment.state import State


@phase(
    reads={
        "in_use": "leaving",
        "inputs": "desired stock",
        "manufacturers": "desired",
    },
    last={
        "world": "trade",
        "desks": "premium",
        "in_use": "history position stock",
    },
    writes={
        "desks": "desired premium shortage",
        "in_use": "history position stock",
        "inputs": "available stock use",
        "manufacturers": "feasibility output",
        "month": "flows",
        "pools": "new_scrap",
    },
)
def make(world: State, month: Month) -> None:
    """Make products, limited by the scarcest metal. What is not there for the wanted use is shortage. ODD 7.11.

    Pass 1 finds for each product the share its scarcest metal allows; pass 2 uses every metal at that share:
    ``use = desired x share``, t, shape (L,).
    """
    inputs, desks, manufacturers, parameters = world.inputs, world.desks, world.manufacturers, world.parameters
    inputs.available, inputs.use, manufacturers.feasibility, desks.shortage, desks.desired = made(
        inputs.stock, inputs.desired, inputs.manufacturer, inputs.desk, len(manufacturers), len(desks)
    )
    inputs.stock = inputs.stock - inputs.use
    manufacturers.output = manufacturers.desired * manufacturers.feasibility
    desks.premium = metal_desk.unmet_premium(
        desks.premium,
        desks.shortage / np.maximum(desks.desired, guards.LEAST),
        parameters["unmet_premium"],
        parameters["unmet_fade"],
        parameters["unmet_threshold"],
        parameters["unmet_premium_max"],
    )
    _into_use(world, month)


def _into_use(world: State, month: Month) -> None:
    """New scrap goes to the factory's pool, dissipated metal is lost, the rest comes into use where products are sold. ODD 7.12."""
    inputs, in_use, blueprint, metals = world.inputs, world.in_use, world.blueprint, len(world.layout.metals)
    scrap = inputs.use * world.places.new_scrap_share
    world.pools.new_scrap = scrap_by_pool(
        inputs.pool, inputs.metal, scrap, blueprint.separation_of_input, (len(world.pools), metals), False
    )
    goods = inputs.use - scrap
    lost = goods * world.places.dissipated_share
    inflow = world.trade.into_use(goods - lost, world.month, len(in_use))
    in_use.age(inflow, in_use.leaving)
    month.flows["use"] = world.by_metal(inputs.use, inputs.metal)
    month.flows["new scrap"] = world.by_metal(scrap, inputs.metal)
    month.flows["dissipated"] = world.by_metal(lost, inputs.metal)
    month.flows["into use"] = world.by_metal(inflow, in_use.metal)
