"""Planned output of all firms, and mining: hosts first, then by-products, which follow them."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import guards, host, miner
from lodeflow.environment.month.phase import phase
from lodeflow.environment.month.state import Month
from lodeflow.environment.state import State


@phase(
    reads={
        "effects": "host_kept host_kept_ahead levers mine_limit output_kept",
    },
    last={
        "miners": "expansion reserve stock utilisation",
        "ore_desks": "ask",
    },
    writes={
        "hosts": "ratio",
        "miners": "capacity carried host_kept_ahead normal_stock output planned potential utilisation",
        "month": "flows",
        "ore_desks": "normal_stock",
        "recyclers": "planned",
        "refiners": "planned",
    },
)
def plan_output(world: State, month: Month) -> None:
    """Set normal output for the month, move utilisation, and let mines produce. ODD 7.3, 7.4.

    ``planned = base x expected path x who makes it``, t/month, shape (n,) of each kind of firm; by-products within their hosts.
    """
    plan(world, month, hosts_bind=world.blueprint.realised is None)


def plan(world: State, month: Month, hosts_bind: bool) -> None:
    """Plan and produce. ``hosts_bind``: whether what no host carries is missing, or mined all the same (as in the rehearsal)."""
    miners, refiners, parameters, t = world.miners, world.refiners, world.parameters, world.t
    given = world.blueprint.realised
    path = world.expectation if given is None else given
    world.recyclers.planned = world.expectation.recyclers[t].copy()
    miners.planned = miners.base * path.mines[t][miners.metal]
    refiners.planned = refiners.base * path.refiners[t][refiners.metal]
    places = world.blueprint.producers
    if places is not None:
        miners.planned, refiners.planned = miners.planned * places.mines[t], refiners.planned * places.refiners[t]
    if given is None:
        _within_hosts(world, hosts_bind)
    ask = world.ore_desks.ask[miners.desk]
    if given is None:
        elasticity = world.rates.supply_elasticity[miners.metal]
        cost = miners.cost + month.effects.levers.get("mine_cost", 0.0)
        target = miner.utilisation_target(ask, cost, elasticity, parameters["mine_steepness"], miners.ceiling)
        months = parameters["utilisation_months"]
        miners.utilisation = miner.move_utilisation(miners.utilisation, target, months, miners.call_months)
    miners.normal_stock = world.rates.cover["mine"][miners.metal] * miners.planned
    world.ore_desks.normal_stock = np.bincount(miners.desk, miners.normal_stock, len(world.ore_desks))
    _mine(world, month, ask, hosts_bind)


def _within_hosts(world: State, hosts_bind: bool) -> None:
    """Plan by-products within what the planned output of their hosts carries. ODD 7.4."""
    miners, metals = world.miners, len(world.rates.price)
    if not (miners.host >= 0).any():
        return
    _open_hosts(world)
    alone = (1.0 - miners.host_share) * miners.planned
    most = _carried(world, miners.planned, np.ones(len(world.hosts))) + alone
    planned, lacking = host.bound(miners.planned, most, miners.metal, metals)
    if not hosts_bind and lacking.any():
        share = lacking / np.maximum(world.by_metal(planned, miners.metal), guards.NOTHING)
        planned = planned * (1.0 + share[miners.metal])
    miners.planned = planned


def _open_hosts(world: State) -> None:
    """Plan more of a host in the countries whose ore its by-product asks for, and less elsewhere. ODD 7.4.

    As far as no source says who mines the host: plans of record stay.
    """
    miners, count = world.miners, len(world.hosts)
    hosted, inside = miners.host >= 0, miners.as_host >= 0
    carried = _carried(world, miners.planned, np.ones(count))
    wanted, most = (
        np.bincount(miners.host[hosted], values[hosted], count)
        for values in (miners.host_share * miners.planned, carried)
    )
    places = world.blueprint.producers
    told = 0.0 if places is None else float(places.told[world.t])
    more = host.pull(wanted, most, world.parameters["host_pull"], told)
    if (more > 1.0).any():
        planned = np.where(inside, miners.planned * more[miners.as_host], miners.planned)
        before, after = (world.by_metal(values, miners.metal) for values in (miners.planned, planned))
        miners.planned = planned * (before / np.maximum(after, guards.NOTHING))[miners.metal]


def _carried(world: State, made: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Largest output of mines that comes with their hosts, t/month, shape (I,); infinite where no host decides.

    Args:
        world: the world.
        made: output of the mines that are part of hosts, t/month, shape (I,).
        kept: share of their output that hosts outside the world keep, shape (X,).
    """
    miners, count = world.miners, len(world.hosts)
    if not count:
        return np.full(len(miners), np.inf)
    inside = miners.as_host >= 0
    base = np.bincount(miners.as_host[inside], miners.base[inside], count)
    now = np.bincount(miners.as_host[inside], made[inside], count)
    outside = np.multiply(world.blueprint.hosts[world.t], kept, out=np.zeros(count), where=kept > 0.0)
    grown = np.divide(now, base, out=outside, where=base > 0.0)
    of_mine = np.where(miners.host >= 0, grown[miners.host], np.inf)
    return host.limit(miners.base, miners.host_share, miners.recovery_limit, of_mine)


def _mine(world: State, month: Month, ask: np.ndarray, hosts_bind: bool) -> None:
    """Output of hosts first, then of by-products."""
    miners, effects, trapped = world.miners, month.effects, world.parameters["trapped_months"]
    alone, free = np.ones(len(miners)), np.full(len(miners), np.inf)
    own = miner.plan_output(miners, ask, alone, miners.normal_stock, trapped)
    kept = effects.output_kept * world.noise("miner")
    world.hosts.ratio = _host_ratio(world, own * effects.output_kept)
    has_host = miners.host >= 0
    ratio = np.where(has_host, world.hosts.ratio[miners.host], 1.0) if len(world.hosts) else alone
    outside = np.where(has_host, effects.host_kept[miners.host], 1.0) if len(world.hosts) else alone
    with_host = miner.plan_output(miners, ask, ratio, miners.normal_stock, trapped)
    actual = miner.plan_output(miners, ask, ratio * outside, miners.normal_stock, trapped)
    ground = np.minimum(miners.reserve * miners.recovery, effects.mine_limit)
    by_host, expected = free, free
    if hosts_bind:
        made = np.minimum(own * kept, np.minimum(miner.capacity(miners, alone), ground))
        by_host = _carried(world, made, effects.host_kept)
        expected = (
            _carried(world, own * effects.output_kept, np.ones(len(world.hosts))) + (1.0 - miners.host_share) * own
        )
    miners.potential = np.where(has_host, np.minimum(with_host, expected), own)
    if len(world.hosts):
        share = np.where(has_host, miners.host_share, 0.0)
        miners.host_kept_ahead = miner.kept_with_host(share, effects.host_kept_ahead[:, np.maximum(miners.host, 0)])
    miners.capacity = miner.capacity(miners, ratio * outside)
    miners.carried = miner.carried(miners, by_host)
    most = np.minimum(miners.capacity, miners.carried)
    miners.output = np.minimum(actual * kept, np.minimum(most, ground))
    month.flows["mined"] = world.by_metal(miners.output, miners.metal)
    month.flows["tailings"] = world.by_metal(miners.output * (1.0 / miners.recovery - 1.0), miners.metal)


def _host_ratio(world: State, output: np.ndarray) -> np.ndarray:
    """Output of each host relative to its plan, shape (X,); 1 for hosts outside the world's metals."""
    miners, count = world.miners, len(world.hosts)
    inside = miners.as_host >= 0
    made = np.bincount(miners.as_host[inside], output[inside], count)
    planned = np.bincount(miners.as_host[inside], miners.planned[inside], count)
    return host.output_ratio(made, planned)
