"""Investment and contracts: capacity follows the margin, anchors follow cost, contracts drift to who delivered."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import firm, guards, miner, refiner, seller
from lodeflow.agents.memory import remember
from lodeflow.agents.population import Population
from lodeflow.environment.month.feed_bids import value_of_metals
from lodeflow.environment.month.phase import phase
from lodeflow.environment.month.state import Month
from lodeflow.environment.state import State


@phase(
    reads={
        "effects": "cap_now held",
        "markets.feed": "flow",
        "markets.refined": "flow",
        "markets.scrap": "flow",
        "miners": "output planned",
        "ore_desks": "ask",
        "refiners": "ask bid",
        "secondary": "ask",
    },
    last={
        "world": "anchor",
        "markets.feed": "built normal weight",
        "markets.refined": "built normal weight",
        "markets.scrap": "normal weight",
        "miners": "building expansion margin reserve",
        "recyclers": "building expansion margin",
        "refiners": "building expansion margin",
    },
    writes={
        "world": "anchor",
        "markets.feed": "built normal weight",
        "markets.refined": "built normal weight",
        "markets.scrap": "normal weight",
        "miners": "building expansion margin reserve",
        "month": "flows",
        "recyclers": "building expansion margin",
        "refiners": "building expansion margin",
    },
)
def invest(world: State, month: Month) -> None:
    """Capacity follows the margin of the last year, through a pipeline; anchors and contracts move. ODD 7.14.

    ``margin = mean of ln(price earned / price paid)``, ln points, shape (n,) of each kind of firm.
    """
    miners, refiners, recyclers, parameters = world.miners, world.refiners, world.recyclers, world.parameters
    earned = (
        (miners, np.log(world.ore_desks.ask[miners.desk])),
        (refiners, refiner.margin(refiners.ask, price_paid(world, month), refiners.charge)),
        (recyclers, np.log(value_of_metals(world))),
    )
    for firms, log_margin in earned:
        firms.margin = remember(firms.margin, log_margin, parameters["margin_memory"])
    if world.blueprint.realised is None:
        _build(world, miners, parameters["lead_mine"])
        _build(world, refiners, parameters["lead_refinery"])
    _build(world, recyclers, parameters["lead_recycler"])
    _move_anchor(world, month)
    drift_contracts(world, month)


def price_paid(world: State, month: Month) -> np.ndarray:
    """What refiners paid for feed this month, mean of their purchases by tonnes; their own bid where they bought none, shape (R,)."""
    feed, bid = world.markets["feed"], world.refiners.bid
    price = seller.transaction_price(bid[feed.buyer], world.ore_desks.ask[feed.seller], month.effects.cap_now["feed"])
    bought = feed.by_buyer(feed.flow)
    return np.divide(feed.by_buyer(feed.flow * price), bought, out=bid.copy(), where=bought > guards.NOTHING)


def drift_contracts(world: State, month: Month) -> None:
    """Contract weights move to who delivered, and grow with what buyers expect to use. ODD 7.14."""
    drift, trace = world.parameters["contract_drift"], world.parameters["contract_trace"]
    by_desk, by_metal = expected_growth(world)
    held = month.effects.held
    world.markets["refined"].drift(drift, trace, by_desk, held["refined"])
    world.markets["feed"].drift(drift, trace, by_metal[world.refiners.metal], held["feed"])
    world.markets["scrap"].drift(drift, trace, np.ones(len(world.recyclers)))


def expected_growth(world: State) -> tuple[np.ndarray, np.ndarray]:
    """Demand of next month over this month's on the expected path: by desk, shape (B,), and by metal, shape (metals,)."""
    inputs = world.inputs
    now, coming = (world.blueprint.demand[world.t + k] * inputs.base for k in (0, 1))
    desks = np.bincount(inputs.desk, coming, len(world.desks)) / np.bincount(inputs.desk, now, len(world.desks))
    return desks, world.by_metal(coming, inputs.metal) / world.by_metal(now, inputs.metal)


def _build(world: State, firms: Population, lead: float) -> None:
    """Start, build and finish capacity; losses close it. In shares of planned capacity."""
    parameters = world.parameters
    wanted = firm.wanted_expansion(firms.margin, parameters["invest_response"], parameters["invest_max"])
    firms.building, firms.expansion = firm.build(firms, wanted, lead)


def _move_anchor(world: State, month: Month) -> None:
    """Anchors follow unit costs slowly: ores get dearer as reserves shrink faster than exploration adds to them."""
    miners, parameters = world.miners, world.parameters
    found = miner.explored(miners, parameters["exploration"]) * world.noise("exploration")
    miners.reserve = np.maximum(miners.reserve - miners.output / miners.recovery + found, 0.0)
    month.flows["found"] = world.by_metal(found, miners.metal)
    left = world.by_metal(miners.reserve, miners.metal) / world.rates.reserve
    cost = miner.dearer(left, parameters["grade_elasticity"])
    world.anchor = remember(world.anchor, cost, parameters["anchor_months"])
