"""Forward availability: what each buyer can count on over the next months, against what it was expected to have.

The same look ahead is made twice in months with shocks: with what is known of them, and without. The difference is the
news.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from lodeflow.agents import guards, manufacturer, metal_desk, refiner, seller
from lodeflow.agents.arrays import of_each
from lodeflow.environment.expectation import HORIZONS
from lodeflow.environment.market import clearing, loops
from lodeflow.environment.market.contracts import attracted, contracted, largest_flow, share_of_sellers
from lodeflow.environment.market.edges import Market
from lodeflow.environment.month import horizons
from lodeflow.environment.month.phase import phase
from lodeflow.environment.month.state import Month, Outlook
from lodeflow.environment.state import State

SWEEPS, ROUNDS = 3, 3
MONTHS = HORIZONS[:, None]
LAST = np.minimum(HORIZONS.astype(int), Market.MAX_LEAD + 1) - 1
"""Row of the pipeline that arrives last within each horizon."""


@dataclass
class Look:
    """One market over all horizons: what goes into an allocation, and what comes out.

    Attributes:
        supply: what sellers will have, t, shape (H, S).
        own: buyers' stock and what arrives, t, shape (H, B).
        need: use and normal stock, t, shape (H, B).
        log_a: ln of availability, before what is expected is taken off, shape (H, B).
        got: allocated to buyers, t, shape (H, B).
        flow: allocated on edges, t, shape (H, E).
    """

    supply: np.ndarray
    own: np.ndarray
    need: np.ndarray
    log_a: np.ndarray = field(init=False)
    got: np.ndarray = field(init=False)
    flow: np.ndarray = field(init=False)


@phase(
    reads={
        "desks": "demand_ahead normal_at_sellers normal_stock stock use",
        "effects": "added_ahead buys cap_ahead charges exposed output_kept_ahead purchases_ahead reach_ahead "
        "recycled_kept_ahead refining_kept_ahead restricts tax_ahead taxes",
        "miners": "host_kept_ahead potential",
        "ore_desks": "normal_stock",
        "refiners": "normal_feed planned",
    },
    last={
        "desks": "green_premium missing",
        "markets.feed": "built pipeline weight",
        "markets.refined": "built pipeline spread weight",
        "minds": "availability calm_availability",
        "miners": "stock",
        "refiners": "expansion feed_stock stock",
        "secondary": "grade rate stock",
    },
    writes={
        "desks": "exposed missing",
        "minds": "availability calm_availability",
        "month": "calm_outlook outlook",
    },
)
def look_ahead(world: State, month: Month) -> None:
    """Compute the outlook with what is known of shocks, and without; see what is missing and exposed. ODD 7.5.

    ``A = (own stock + expected allocations) / need``, shape (H, B); what counts is ``ln A - ln A expected``.
    """
    minds = world.minds
    world.desks.exposed = _exposed(world, month)
    month.outlook = _outlook(world, minds.availability, aware=True)
    if month.effects.restricts or month.effects.buys or month.effects.charges:
        month.calm_outlook = _outlook(world, minds.calm_availability, aware=False)
    else:
        month.calm_outlook = month.outlook
        for market, memory in minds.availability.items():
            minds.calm_availability[market][:] = memory
    _notice_missing(world, month)


def _outlook(world: State, memory: dict[str, np.ndarray], aware: bool) -> Outlook:
    """One look ahead; ``aware`` of the month's restrictions and losses or not."""
    expectation, t = world.expectation, world.t
    of_feed = look_at_feed(world, memory["feed"], aware, SWEEPS)
    feed = of_feed.log_a - expectation.feed[t]
    of_refined = look_at_refined(world, memory["refined"], feed, aware, SWEEPS)
    return join(feed, of_refined.log_a - expectation.refined[t], of_feed, of_refined)


def join(feed: np.ndarray, refined: np.ndarray, of_feed: Look, of_refined: Look) -> Outlook:
    """The outlook of both markets; ``feed`` and ``refined`` are relative to what is expected."""
    return Outlook(
        feed,
        refined,
        of_refined.own,
        of_refined.got,
        of_refined.need,
        of_feed.flow,
        of_refined.flow,
        of_feed.supply,
        of_refined.supply,
    )


def look_at_feed(world: State, memory: np.ndarray, aware: bool, sweeps: int) -> Look:
    """The market for feed over all horizons; ``memory`` is changed in place."""
    market, miners, refiners, effects = world.markets["feed"], world.miners, world.refiners, world.now.effects
    coming, own, treated, held = _once(world, "feed", _usual_feed)
    if aware:
        kept = miners.host_kept_ahead
        coming = coming * (effects.output_kept_ahead * kept if effects.touched("output_kept_ahead") else kept)
        coming = coming + MONTHS * effects.added_ahead if effects.touched("added_ahead") else coming
        treated = treated * effects.refining_kept_ahead if effects.touched("refining_kept_ahead") else treated
    supply = loops.months_by_row(miners.desk, coming + miners.stock, len(market.sellers))
    return _allocate(world, "feed", Look(supply, own, treated + held), memory, refiners.metal, aware, sweeps)


def _usual_feed(world: State) -> tuple[np.ndarray, ...]:
    """What is the same with and without measures, t over the horizons: mined, shape (H, I); at hand, treated, and kept, (H, R)."""
    miners, refiners, growth = world.miners, world.refiners, world.expectation.growth[world.t]
    mined = horizons.over(HORIZONS, miners.potential, growth, miners.metal)
    own = refiners.feed_stock + _arriving(world, "feed")
    normal = refiners.normal_feed + share_of_sellers(world, "feed", world.ore_desks.normal_stock)
    treated = horizons.over(HORIZONS, refiner.normal_throughput(refiners), growth, refiners.metal)
    return mined, own, treated, normal * of_each(world.expectation.growth_end[world.t], refiners.metal)


def look_at_refined(world: State, memory: np.ndarray, feed: np.ndarray, aware: bool, sweeps: int) -> Look:
    """The market for refined metal over all horizons, given ln of feed availability relative to what is expected."""
    refiners, desks, secondary, parameters = world.refiners, world.desks, world.secondary, world.parameters
    refined, recycled, own, need = _once(world, "refined", _usual_refined)
    fed = refiner.treatable(np.exp(feed), parameters["refinery_ceiling"])
    if aware:
        effects = world.now.effects
        fed = fed * effects.refining_kept_ahead if effects.touched("refining_kept_ahead") else fed
        recycled = recycled * effects.recycled_kept_ahead if effects.touched("recycled_kept_ahead") else recycled
        cover = manufacturer.extra_cover(desks.missing, desks.exposed, parameters["precaution"], parameters["exposure"])
        need = need + desks.use * cover
        need = need + effects.purchases_ahead if effects.touched("purchases_ahead") else need
    supply = np.concatenate([refiners.stock + refined * fed, secondary.stock + recycled], axis=1)
    return _allocate(world, "refined", Look(supply, own, need), memory, desks.metal, aware, sweeps)


def _usual_refined(world: State) -> tuple[np.ndarray, ...]:
    """The same of refined metal: refined were all fed, (H, R); recycled, (H, sellers); at hand and needed at desks, (H, B)."""
    refiners, desks, secondary, t = world.refiners, world.desks, world.secondary, world.t
    growth, end = world.expectation.growth[t], world.expectation.growth_end[t]
    refined = MONTHS * refiners.planned * refiners.expansion * of_each(growth, refiners.metal)
    recycled = horizons.over(HORIZONS, secondary.rate, growth, secondary.metal)
    normal = desks.normal_stock + desks.normal_at_sellers
    need = horizons.wanted(HORIZONS, desks.use, (growth, end), desks.metal, desks.demand_ahead, normal)
    return refined, recycled, desks.stock + _arriving(world, "refined"), need


def _once(world: State, key: str, find: Callable[[State], tuple[np.ndarray, ...]]) -> tuple[np.ndarray, ...]:
    """What is looked up once a month, for the look ahead with measures and for the one without."""
    kept = world.now.ahead
    if key not in kept:
        kept[key] = find(world)
    return kept[key]


def _allocate(
    world: State, name: str, look: Look, memory: np.ndarray, metal: np.ndarray, aware: bool, sweeps: int
) -> Look:
    """Allocate what sellers will have over the edges; fills ``log_a``, ``got`` and ``flow``."""
    market, expectation = world.markets[name], world.expectation
    expected = expectation.feed if name == "feed" else expectation.refined
    weight = _attraction_ahead(world, name, aware)
    kept = market.unhindered
    if aware:
        effects = world.now.effects
        kept = effects.cap_ahead[name] if effects.touched("cap_ahead", name) else kept
        if effects.charges:
            weight = weight * seller.reach_pull(world.now.effects.reach_ahead[name], world.parameters["theta"])
    exponent = seller.scarcity_pull(world.parameters["theta"], world.rates.eta[metal])
    look.log_a, look.got, look.flow = clearing.forward(
        look.supply,
        look.own,
        look.need,
        weight,
        largest_flow(world, name, ahead=True),
        kept,
        HORIZONS,
        market.by_sellers,
        market.first_edge,
        market.buyer,
        exponent,
        1.0 / (1.0 + exponent),
        expected[world.t],
        memory,
        sweeps,
        ROUNDS,
    )
    return look


def _attraction_ahead(world: State, name: str, aware: bool) -> np.ndarray:
    """Contract weight of each edge times its attraction over each horizon, with the taxes that are expected, t/month, shape (H, E).

    (1, E) where none comes.
    """
    tax, effects = world.markets[name].tax, world.now.effects
    if not (aware and effects.taxes and effects.tax_ahead[name].any()):
        return _once(world, f"pull of {name}", lambda w: (attracted(w, name, tax),))[0][None]
    return np.stack([attracted(world, name, row) for row in seller.both_taxes(tax, effects.tax_ahead[name])])


def _arriving(world: State, name: str) -> np.ndarray:
    """What is under way and arrives within each horizon, t, shape (H, buyers)."""
    kept = world.now.arriving
    if name not in kept:
        kept[name] = loops.arriving(world.markets[name].pipeline, LAST)
    return kept[name]


def _exposed(world: State, month: Month) -> np.ndarray:
    """Share of each desk's normal inflow under a restriction that is believed, at the metal or at its feed, shape (B,)."""
    effects = month.effects
    if not effects.restricts:
        return np.zeros(len(world.desks))
    feed, refined = world.markets["feed"], world.markets["refined"]
    by_refiner = feed.weighed(feed.weight, effects.exposed["feed"])
    of_feed = np.zeros(len(refined.sellers))
    of_feed[: len(world.refiners)] = by_refiner / np.maximum(contracted(world, "feed")[1], guards.LEAST)
    share = 1.0 - (1.0 - effects.exposed["refined"]) * (1.0 - of_feed[refined.seller])
    return refined.weighed(refined.weight, share) / np.maximum(contracted(world, "refined")[1], guards.LEAST)


def normal_inflow(world: State) -> np.ndarray:
    """What buyers take in over each horizon when all is normal, t, shape (H, B)."""
    desks, growth = world.desks, world.expectation.growth[world.t]
    inflow: np.ndarray = horizons.over(HORIZONS, desks.use, growth, desks.metal) + desks.normal_at_sellers
    return np.maximum(inflow, guards.NOTHING)


def _notice_missing(world: State, month: Month) -> None:
    """Move the share of expected inflow that buyers see missing."""
    ratio = month.outlook.got / normal_inflow(world) / world.expectation.inflow[world.t]
    parameters = world.parameters
    world.desks.missing = metal_desk.notice_missing(
        world.desks.missing, ratio, parameters["missing_rise"], parameters["missing_fall"]
    )
