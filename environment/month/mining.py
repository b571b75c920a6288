"""Planned output of all firms, and mining: hosts first, then by-products, which follow them."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import host, miner
from lodeflow.environment.month.phase import phase
from lodeflow.environment.month.state import Month
from lodeflow.environment.state import State


@phase(
    reads={
        "effects": "host_kept host_kept_ahead output_kept",
    },
    last={
        "miners": "expansion reserve stock utilisation",
        "ore_desks": "ask",
    },
    writes={
        "hosts": "ratio",
        "miners": "capacity host_kept_ahead normal_stock output planned potential utilisation",
        "month": "flows",
        "ore_desks": "normal_stock",
        "recyclers": "planned",
        "refiners": "planned",
    },
)
def plan_output(world: State, month: Month) -> None:
    """Set normal output for the month, move utilisation, and let mines produce. ODD 7.3, 7.4.

    ``planned = base x expected path x who makes it``, t/month, shape (n,) of each kind of firm.
    """
    miners, refiners, recyclers, parameters, t = (
        world.miners,
        world.refiners,
        world.recyclers,
        world.parameters,
        world.t,
    )
    given = world.blueprint.realised
    path = world.expectation if given is None else given
    recyclers.planned = world.expectation.recyclers[t].copy()
    miners.planned = miners.base * path.mines[t][miners.metal]
    refiners.planned = refiners.base * path.refiners[t][refiners.metal]
    places = world.blueprint.producers
    if places is not None:
        miners.planned, refiners.planned = miners.planned * places.mines[t], refiners.planned * places.refiners[t]
    ask = world.ore_desks.ask[miners.desk]
    if given is None:
        elasticity = world.rates.supply_elasticity[miners.metal]
        target = miner.utilisation_target(ask, miners.cost, elasticity, parameters["mine_steepness"], miners.ceiling)
        miners.utilisation = miner.move_utilisation(miners.utilisation, target, parameters["utilisation_months"])
    miners.normal_stock = world.rates.cover["mine"][miners.metal] * miners.planned
    world.ore_desks.normal_stock = np.bincount(miners.desk, miners.normal_stock, len(world.ore_desks))
    _mine(world, month, ask)


def _mine(world: State, month: Month, ask: np.ndarray) -> None:
    """Output of hosts first, then of by-products."""
    miners, effects, trapped = world.miners, month.effects, world.parameters["trapped_months"]
    alone = np.ones(len(miners))
    own = miner.plan_output(miners, ask, alone, miners.normal_stock, trapped)
    kept = effects.output_kept * world.noise("miner")
    world.hosts.ratio = _host_ratio(world, own * effects.output_kept)
    has_host = miners.host >= 0
    ratio = np.where(has_host, world.hosts.ratio[miners.host], 1.0) if len(world.hosts) else alone
    outside = np.where(has_host, effects.host_kept[miners.host], 1.0) if len(world.hosts) else alone
    with_host = miner.plan_output(miners, ask, ratio, miners.normal_stock, trapped)
    actual = miner.plan_output(miners, ask, ratio * outside, miners.normal_stock, trapped)
    miners.potential = np.where(has_host, with_host, own)
    if len(world.hosts):
        share = np.where(has_host, miners.host_share, 0.0)
        miners.host_kept_ahead = miner.kept_with_host(share, effects.host_kept_ahead[:, np.maximum(miners.host, 0)])
    miners.capacity = miner.capacity(miners, ratio * outside)
    miners.output = np.minimum(actual * kept, np.minimum(miners.capacity, miners.reserve * miners.recovery))
    month.flows["mined"] = world.by_metal(miners.output, miners.metal)
    month.flows["tailings"] = world.by_metal(miners.output * (1.0 / miners.recovery - 1.0), miners.metal)


def _host_ratio(world: State, output: np.ndarray) -> np.ndarray:
    """Output of each host relative to its plan, shape (X,); 1 for hosts outside the world's metals."""
    miners, count = world.miners, len(world.hosts)
    inside = miners.as_host >= 0
    made = np.bincount(miners.as_host[inside], output[inside], count)
    planned = np.bincount(miners.as_host[inside], miners.planned[inside], count)
    return host.output_ratio(made, planned)
