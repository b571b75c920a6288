"""Planned output of all firms, and mining: hosts first, then by-products, which follow them."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import guards, host, miner
from lodeflow.agents.arrays import anything, of_each
from lodeflow.environment.month.digging import Mines, dug, wanted
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
    _mine(world, month, hosts_bind)


def _within_hosts(world: State, hosts_bind: bool) -> None:
    """Plan by-products within what the planned output of their hosts carries. ODD 7.4."""
    miners, metals = world.miners, len(world.rates.price)
    if not world.places.hosted.size:
        return
    if world.places.within_host.size:
        _open_hosts(world)
    alone = (1.0 - miners.host_share) * miners.planned
    most = _carried(world, miners.planned) + alone
    planned, lacking = host.bound(miners.planned, most, miners.metal, metals)
    if not hosts_bind and anything(lacking):
        share = lacking / np.maximum(world.by_metal(planned, miners.metal), guards.NOTHING)
        planned = planned * (1.0 + share[miners.metal])
    miners.planned = planned


def _open_hosts(world: State) -> None:
    """Plan more of a host in the countries whose ore its by-product asks for, and less elsewhere. ODD 7.4.

    As far as no source says who mines the host: plans of record stay.
    """
    miners, count, rows = world.miners, len(world.hosts), world.places
    carried = _carried(world, miners.planned)
    wanted, most = (
        np.bincount(rows.host_of, values[rows.hosted], count)
        for values in (miners.host_share * miners.planned, carried)
    )
    places = world.blueprint.producers
    told = 0.0 if places is None else float(places.told[world.t])
    strength, bound = world.parameters["host_pull"], world.parameters["host_pull_most"]
    more = host.pull(wanted, most, strength, told, bound)
    if anything(more > 1.0):
        planned = miners.planned.copy()
        planned[rows.within_host] *= more[rows.own_host]
        before, after = (world.by_metal(values, miners.metal) for values in (miners.planned, planned))
        miners.planned = planned * (before / np.maximum(after, guards.NOTHING))[miners.metal]


def _carried(world: State, made: np.ndarray, kept: np.ndarray | None = None) -> np.ndarray:
    """Largest output of mines that comes with their hosts, t/month, shape (I,); infinite where no host decides.

    Args:
        world: the world.
        made: output of the mines that are part of hosts, t/month, shape (I,).
        kept: share of their output that hosts outside the world keep, shape (X,); None: all.
    """
    if world.places.within_host.size or kept is not None:
        return _carried_by(world, made, kept)
    once = world.now.ahead
    if "carried" not in once:
        once["carried"] = (_carried_by(world, made, None),)
    return once["carried"][0]


def _carried_by(world: State, made: np.ndarray, kept: np.ndarray | None) -> np.ndarray:
    """:func:`_carried`, where this is not the same whatever mines make."""
    miners, count, rows = world.miners, len(world.hosts), world.places
    if not count:
        return np.full(len(miners), np.inf)
    grown = world.blueprint.hosts[world.t]
    if kept is not None:
        grown = np.multiply(grown, kept, out=np.zeros(count), where=kept > 0.0)
    if rows.within_host.size:
        base, now = (np.bincount(rows.own_host, tonnes[rows.within_host], count) for tonnes in (miners.base, made))
        grown = np.divide(now, base, out=grown.copy(), where=base > 0.0)
    of_mine = np.full(len(miners), np.inf)
    of_mine[rows.hosted] = grown[rows.host_of]
    return host.limit(miners.base, miners.host_share, miners.recovery_limit, of_mine)


def _mine(world: State, month: Month, hosts_bind: bool) -> None:
    """Output of hosts first, then of by-products."""
    miners, effects, places, mines = world.miners, month.effects, world.places, Mines.of(world.miners)
    alone, free, limit = places.alone, places.free, effects.mine_limit
    own = wanted(mines, alone, world.parameters["trapped_months"])
    kept, uncut = effects.output_kept * world.noise("miner"), own * effects.output_kept
    world.hosts.ratio = _host_ratio(world, uncut)
    actual, ratio, by_host = own, alone, free
    miners.potential = own
    if places.hosted.size:
        miners.potential, actual, ratio = _with_hosts(world, month, mines, own)
    if places.hosted.size and hosts_bind:
        lost = effects.host_kept if effects.touched("host_kept") else None
        made = uncut
        if places.within_host.size:
            made = dug(mines, own, kept, alone, free, limit)[2]
        by_host = _carried(world, made, lost)
        expected = _carried(world, uncut) + (1.0 - miners.host_share) * own
        miners.potential = np.where(places.has_host, np.minimum(miners.potential, expected), own)
    miners.host_kept_ahead = _kept_ahead(world, month)
    miners.capacity, miners.carried, miners.output = dug(mines, actual, kept, ratio, by_host, limit)
    month.flows["mined"] = world.by_metal(miners.output, miners.metal)
    month.flows["tailings"] = world.by_metal(miners.output * (1.0 / miners.recovery - 1.0), miners.metal)


def _kept_ahead(world: State, month: Month) -> np.ndarray:
    """Share of output that is kept as hosts lose theirs over the horizons, shape (H, I)."""
    miners, effects = world.miners, month.effects
    if not (len(world.hosts) and effects.touched("host_kept_ahead")):
        return np.ones((len(effects.host_kept_ahead), len(miners)))
    share = np.where(world.places.has_host, miners.host_share, 0.0)
    return miner.kept_with_host(share, of_each(effects.host_kept_ahead, np.maximum(miners.host, 0)))


def _with_hosts(world: State, month: Month, mines: Mines, own: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Planned output as hosts make more or less, and as they lose output too, and the ratio of hosts, shape (I,) each.

    ``own``: planned output were all hosts at plan, t/month, shape (I,).
    """
    rows, trapped, outside = world.places, world.parameters["trapped_months"], month.effects.host_kept
    with_host, ratio = own, rows.alone
    if rows.within_host.size:
        ratio = rows.alone.copy()
        ratio[rows.hosted] = world.hosts.ratio[rows.host_of]
        with_host = wanted(mines, ratio, trapped)
    if not month.effects.touched("host_kept") or (outside[rows.host_of] == 1.0).all():
        return with_host, with_host, ratio
    ratio = ratio.copy()
    ratio[rows.hosted] *= outside[rows.host_of]
    return with_host, wanted(mines, ratio, trapped), ratio


def _host_ratio(world: State, output: np.ndarray) -> np.ndarray:
    """Output of each host relative to its plan, shape (X,); 1 for hosts outside the world's metals."""
    rows, count = world.places, len(world.hosts)
    if not rows.within_host.size:
        return np.ones(count)
    made, planned = (
        np.bincount(rows.own_host, tonnes[rows.within_host], count) for tonnes in (output, world.miners.planned)
    )
    return host.output_ratio(made, planned)
