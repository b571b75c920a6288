"""Investment and contracts: capacity follows the margin, anchors follow cost, contracts drift to who delivered."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import country, firm, guards, investor, miner, refiner, seller
from lodeflow.agents.arrays import anything
from lodeflow.agents.memory import remember
from lodeflow.agents.population import Population
from lodeflow.environment.market import plants, rules
from lodeflow.environment.market.contracts import base_prices, half_way, price_spread
from lodeflow.environment.month.factories import place_factories, renew_customers
from lodeflow.environment.month.feed_bids import value_of_metals
from lodeflow.environment.month.phase import phase
from lodeflow.environment.month.placing import COMING, STANDS, Drawing, placed, standing
from lodeflow.environment.month.state import Month
from lodeflow.environment.state import State

LIMITS = ("plan_months", "invest_response", "invest_max")
"""Parameters that say how much is begun in a month."""


@phase(
    reads={
        "effects": "added build_kept cap_now charges duty found freight held levers",
        "desks": "exposed price use",
        "inputs": "structural",
        "manufacturers": "feasibility",
        "markets.feed": "flow",
        "markets.refined": "flow",
        "markets.scrap": "flow",
        "miners": "carried output planned",
        "ore_desks": "ask unsold",
        "recyclers": "added",
        "refiners": "ask bid planned unsold",
        "secondary": "ask",
    },
    last={
        "world": "anchor trade usual_gap",
        "inputs": "moved",
        "manufacturers": "drawn expansion margin",
        "markets.feed": "built normal weight",
        "markets.refined": "built normal weight",
        "markets.scrap": "normal weight",
        "miners": "building drawn expansion losing margin reserve shut",
        "pools": "informal",
        "recyclers": "building expansion margin",
        "refiners": "building drawn expansion losing margin shut",
    },
    writes={
        "world": "anchor trade usual_gap",
        "inputs": "moved",
        "manufacturers": "drawn expansion margin",
        "markets.feed": "built normal weight",
        "markets.refined": "built normal spread weight",
        "markets.scrap": "normal weight",
        "miners": "building drawn expansion losing margin reserve shut",
        "month": "flows found",
        "pools": "informal",
        "recyclers": "building expansion margin",
        "refiners": "building drawn expansion losing margin shut",
    },
)
def invest(world: State, month: Month) -> None:
    """Capacity follows the margin of the last year, through a pipeline; anchors and contracts move. ODD 7.14.

    ``margin = mean of ln(price earned / price paid)``, ln points, shape (n,) of each kind of firm.
    """
    miners, refiners, recyclers, parameters = world.miners, world.refiners, world.recyclers, world.parameters
    mining, refining = (month.effects.levers.get(name, 0.0) for name in ("mine_cost", "refinery_cost"))
    left = world.ore_desks.ask[miners.desk]
    if "mine_cost" in month.effects.levers:
        left = np.maximum(left - mining, guards.LEAST_BID)
    earned = (
        (miners, np.log(left)),
        (refiners, refiner.margin(refiners.ask - refining, price_paid(world, month), refiners.charge)),
        (recyclers, np.log(value_of_metals(world))),
    )
    for firms, log_margin in earned:
        firms.margin = remember(firms.margin, log_margin, parameters["margin_memory"])
    before = refiners.expansion, miners.expansion
    made = None
    if world.blueprint.realised is None:
        gap = _gap(world)
        _shut(world, miners, np.log(world.ore_desks.ask[miners.desk] / (miners.cost + mining)))
        _shut(world, refiners, earned[1][1] - np.log(parameters["running_cost"]))
        carried = miners.carried > miners.planned * miners.expansion
        _place(
            world,
            month,
            miners,
            world.expectation.mines,
            "mine",
            gap,
            np.zeros(len(miners)),
            carried * _prospects(world),
        )
        alike = np.ones(len(refiners))
        _place(world, month, refiners, world.expectation.refiners, "refinery", gap, _opportunity(world), alike)
        world.usual_gap = remember(world.usual_gap, gap, parameters["forecast_memory"])
        made = place_factories(world)
    _build(world, month, recyclers, parameters["lead_recycler"])
    _move_anchor(world, month)
    built = firm.signed(before[0], refiners.expansion)
    drift_contracts(world, month, built, _opened(world, before[1]), made, met=_meet_plan(world))
    renew_customers(world)


def _meet_plan(world: State) -> np.ndarray | None:
    """Refineries that begin from a trace: what they have built, and are building, is what next month's plan asks for. ODD 7.3.

    Returns what is left of capacity over plan, :func:`firm.met`, shape (R,); None where no source names such a refinery.
    """
    refiners, places, t = world.refiners, world.blueprint.producers, world.t
    if places is None or world.blueprint.realised is not None or not anything(places.begin):
        return None
    grown = np.where(places.begin, np.maximum(places.refiners[t + 1] / places.refiners[t], 1.0), 1.0)
    left = firm.met(refiners.expansion, grown)
    refiners.expansion = refiners.expansion * left
    refiners.building, refiners.shut = refiners.building / grown, refiners.shut / grown
    return left


def _opened(world: State, before: np.ndarray) -> np.ndarray | None:
    """:func:`firm.signed` of what countries new to a metal could mine, after the month over before, shape (D,); 1 for others.

    None where no country is new.
    """
    miners, desks = world.miners, world.ore_desks
    entrants = desks.entrant == 1
    if not anything(entrants):
        return None
    could = (np.bincount(miners.desk, miners.planned * e, len(desks)) for e in (before, miners.expansion))
    return np.where(entrants, firm.signed(*could), 1.0)


def price_paid(world: State, month: Month) -> np.ndarray:
    """What refiners paid for feed this month, duty paid, mean by tonnes, shape (R,); their own bid where they bought none."""
    feed, bid = world.markets["feed"], world.refiners.bid
    effects, ask = month.effects, world.ore_desks.ask[feed.seller]
    if effects.charges:
        duty, freight = effects.duty["feed"], effects.freight["feed"] / base_prices(world, "feed")
        price = seller.transaction_price(bid[feed.buyer], ask, effects.cap_now["feed"], duty, freight) * (1.0 + duty)
    else:
        price = half_way(bid, world.ore_desks.ask, feed)
        if effects.touched("cap_now", "feed"):
            held = np.flatnonzero(effects.cap_now["feed"] != 1.0)
            price[held] = seller.transaction_price(bid[feed.buyer[held]], ask[held], effects.cap_now["feed"][held])
    bought = feed.by_buyer(feed.flow)
    return np.divide(feed.by_buyer(feed.flow * price), bought, out=bid.copy(), where=bought > guards.NOTHING)


def drift_contracts(
    world: State,
    month: Month,
    built: np.ndarray | None = None,
    opened: np.ndarray | None = None,
    made: np.ndarray | None = None,
    met: np.ndarray | None = None,
) -> None:
    """Contract weights move to who delivered, and grow with what buyers expect to use and firms have built. ODD 7.14.

    Args:
        world: the world.
        month: the month.
        built: :func:`firm.signed` of refiners, shape (R,); None: nobody built.
        opened: the same of ore desks, shape (D,).
        made: the same of what makers need at desks, shape (B,).
        met: part of refiners' capacity over plan that is left when the plan grows to it, shape (R,); None: it stays.
    """
    drift, trace = world.parameters["contract_drift"], world.parameters["contract_trace"]
    by_desk, by_metal = expected_growth(world)
    if made is not None:
        by_desk = by_desk * made
    effects = month.effects
    held = {name: effects.held[name] if effects.touched("held", name) else None for name in ("feed", "refined")}
    refined, feed = world.markets["refined"], world.markets["feed"]
    mined, refining = _moving(world)
    if opened is not None:
        mined = opened if mined is None else mined * opened
    if met is not None and refining is not None:
        refining = refining * met
    if built is not None:
        refining = built if refining is None else refining * built
    sold = None if refining is None else np.concatenate((refining, np.ones(len(world.secondary))))
    refined.drift(drift, trace, by_desk, held["refined"], (sold, None))
    feed.drift(drift, trace, by_metal[world.refiners.metal], held["feed"], (mined, refining))
    refined.spread = price_spread(world, "refined")
    world.markets["scrap"].drift(drift, trace, None)
    _hand_over(world)


def _hand_over(world: State) -> None:
    """Formal plants take over from workshops, and the contracts for scrap with them. ODD 7.12."""
    pools, market = world.pools, world.markets["scrap"]
    rows = np.flatnonzero(pools.formal_trend)
    if not len(rows):
        return
    before = pools.informal.copy()
    pools.informal[rows] = 1.0 - country.built_up(1.0 - before[rows], pools.formal_trend[rows], 1.0)
    sides, formal = (market.seller, market.buyer), world.recyclers.formal
    market.weight = rules.handed_over(market.weight, sides, formal, before, pools.informal)


def _moving(world: State) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Planned shares of next month over this month's, of ore desks, shape (D,), and refiners, shape (R,); None where they stay."""
    places, miners, t = world.blueprint.producers, world.miners, world.t
    if places is None:
        return None, None
    now, then = (np.bincount(miners.desk, miners.base * places.mines[k], len(world.ore_desks)) for k in (t, t + 1))
    return then / now, places.refiners[t + 1] / places.refiners[t]


def expected_growth(world: State) -> tuple[np.ndarray, np.ndarray]:
    """Demand of next month over this month's on the expected path: by desk, shape (B,), and by metal, shape (metals,)."""
    inputs = world.inputs
    now, coming = (world.blueprint.demand[world.t + k] * inputs.base * inputs.moved for k in (0, 1))
    desks = np.bincount(inputs.desk, coming, len(world.desks)) / np.bincount(inputs.desk, now, len(world.desks))
    return desks, world.by_metal(coming, inputs.metal) / world.by_metal(now, inputs.metal)


def _gap(world: State) -> np.ndarray:
    """ln of what makers want to use over what was planned for the month, ln points, shape (metals,)."""
    inputs = world.inputs
    seen = world.by_metal(inputs.structural, inputs.metal)
    planned = world.by_metal(world.blueprint.demand[world.t] * inputs.base, inputs.metal)
    return np.log(np.maximum(seen, guards.NOTHING) / np.maximum(planned, guards.NOTHING))


def _opportunity(world: State) -> np.ndarray:
    """Ore without an outlet that each refinery could have and none is being built for, over what it treats, shape (R,). ODD 7.14.

    What its country keeps inside waits for refineries there; what may leave waits for those of the world, by what they treat.
    """
    refiners, desks = world.refiners, world.ore_desks
    could, places = (
        np.bincount(world.miners.desk, world.miners.planned * world.miners.expansion, len(desks)),
        world.places,
    )
    trapped = could * -np.expm1(desks.unsold)
    inside = np.zeros(places.countries * places.metals)
    closed = _kept_inside(world)
    inside[places.cell_of_ore_desk] = trapped * closed
    treats = np.maximum(refiner.normal_throughput(refiners), guards.NOTHING)
    waiting = world.by_metal(trapped * (1.0 - closed), desks.metal) / world.by_metal(treats, refiners.metal)
    here = inside[places.cell_of_refiner] + waiting[refiners.metal] * treats
    coming = refiners.planned * refiners.building.sum(axis=0) / refiners.yield_
    return np.maximum(here - coming, 0.0) / treats


def _kept_inside(world: State) -> np.ndarray:
    """Share of what the customers abroad of an ore desk would buy that may not leave this month, shape (D,); 0 to 1."""
    feed = world.markets["feed"]
    if not world.now.effects.touched("cap_now", "feed"):
        return np.zeros(len(feed.sellers))
    abroad = feed.weight * world.places.refined_abroad
    bought = feed.by_seller(abroad)
    kept = feed.by_seller(abroad * (1.0 - world.now.effects.cap_now["feed"]))
    return np.divide(kept, bought, out=np.zeros(len(bought)), where=bought > 0.0)


def _prospects(world: State) -> np.ndarray:
    """Mines to come by ore in the ground, over those that stand, shape (I,)."""
    miners = world.miners
    shares = []
    for values in (miners.planned * miners.expansion, miners.reserve):
        total = np.maximum(world.by_metal(values, miners.metal), guards.NOTHING)
        shares.append(values / total[miners.metal])
    return investor.prospects(shares[0], shares[1], world.parameters["prospect_share"])


def _shut(world: State, firms: Population, profit: np.ndarray) -> None:
    """Firms that have lost money for long shut capacity; it comes back when a restart pays, or is given up. ODD 7.14."""
    parameters = world.parameters
    firms.losing = firm.losing(firms.losing, profit)
    shut = firm.shut(firms.losing, parameters["loss_months"], parameters["close_max"])
    if not (anything(shut) or anything(firms.shut)):
        return
    shut = shut * firms.expansion
    back = firm.reopened(profit, parameters["restart_cost"], parameters["restart_months"]) * firms.shut
    firms.shut = firm.kept_shut(firms.shut + shut - back, parameters["shut_months"])
    firms.expansion = firms.expansion - shut + back


def _place(
    world: State,
    month: Month,
    firms: Population,
    path: np.ndarray,
    stage: str,
    ahead: np.ndarray,
    chance: np.ndarray,
    fed: np.ndarray,
) -> None:
    """New capacity of a stage: how much the forecast and margins ask for, where it is put, and what the plan puts elsewhere.

    Args:
        world: the world.
        month: the month.
        firms: miners or refiners.
        path: planned output relative to the base month, shape (T, metals).
        stage: ``mine`` or ``refinery``: whose parameter ``lead_*`` holds.
        ahead: :func:`_gap`, ln points, shape (metals,).
        chance: feed at hand that finds no outlet, over the feed of what stands, shape (n,).
        fed: how what is begun beyond the plan is spread, over what stands; 0 where a host carries no more, shape (n,).
    """
    parameters, metal, effects = world.parameters, firms.metal, month.effects
    lead, limits = parameters.by_metal(f"lead_{stage}"), tuple(parameters[name] for name in LIMITS)
    stands = standing(metal, firms.planned, firms.expansion, firms.building, len(lead))
    sold = investor.forecast(ahead, world.usual_gap, lead, parameters["forecast_memory"], parameters["forecast_trust"])
    margin = firms.margin + effects.levers.get(f"{stage}_support", 0.0)
    left = investor.expected_margin(margin, (stands[COMING] / stands[STANDS])[metal], world.rates.eta[metal])
    draw = investor.draw(margin, chance, parameters["place_logit"])
    growth = np.maximum(path[min(world.t + 1, len(path) - 1)] / path[world.t] - 1.0, 0.0)
    drawing = Drawing(left, draw, chance, fed, effects.build_kept[firms.kind])
    columns = firms.planned, firms.expansion, firms.margin, firms.drawn
    firms.drawn, firms.building, firms.expansion = placed(
        metal, columns, firms.building, stands, sold, growth, lead, drawing, limits
    )
    added = effects.added[firms.kind]
    if anything(added):
        firms.expansion = firm.with_projects(firms.expansion, added, firms.planned)


def _build(world: State, month: Month, firms: Population, lead: float) -> None:
    """Start, build and finish capacity; losses close it, and it is built anew when it pays. In shares of planned capacity."""
    parameters, levers = world.parameters, month.effects.levers
    paid = firms.margin + levers["recycler_support"] if "recycler_support" in levers else firms.margin
    public = levers["recycler_build"] if "recycler_build" in levers else np.zeros(len(firms))
    begins = parameters["invest_response"], parameters["invest_max"]
    terms = *begins, np.log(parameters["running_cost"]), parameters["close_max"], parameters["plan_months"], lead
    begun = public, month.effects.build_kept[firms.kind]
    firms.building, firms.expansion = plants.expanded(
        firms.building, firms.expansion, (firms.margin, paid), begun, terms
    )


def _move_anchor(world: State, month: Month) -> None:
    """Anchors follow unit costs slowly: ores get dearer as reserves shrink faster than exploration adds to them.

    What is usual comes back besides: the price of the base year may have been far from it.
    """
    miners, parameters = world.miners, world.parameters
    explored = miner.explored(miners, parameters["exploration"]) * world.noise("exploration")
    found = month.found = miner.revised(miners, explored + month.effects.found)
    miners.reserve = np.maximum(miners.reserve - miners.output / miners.recovery + found, 0.0)
    month.flows["found"] = world.by_metal(found, miners.metal)
    left = world.by_metal(miners.reserve, miners.metal) / world.rates.reserve
    cost = miner.dearer(left, parameters["grade_elasticity"])
    before, after = world.returned(world.t), world.returned(world.t + 1)
    world.anchor = remember(world.anchor - before, cost, parameters["anchor_months"]) + after
