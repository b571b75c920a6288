"""The rehearsal: a month without prices that finds the expected path.

Prices are held at their anchors and output is planned to meet use; what buyers can count on is written down. Availability in the
real run is measured against it. Without shocks and noise the real run repeats the rehearsal number for number.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lodeflow.agents import firm, guards, manufacturer
from lodeflow.environment.blueprint import Blueprint
from lodeflow.environment.calendar import parse_month
from lodeflow.environment.expectation import Expectation, demand_growth, empty_expectation
from lodeflow.environment.market.contracts import contracted
from lodeflow.environment.month.asks import placed_share
from lodeflow.environment.month.demand import demand
from lodeflow.environment.month.end_of_life import retire
from lodeflow.environment.month.feed_trade import trade_feed
from lodeflow.environment.month.investment import drift_contracts, expected_growth
from lodeflow.environment.month.making import make
from lodeflow.environment.month.mining import plan
from lodeflow.environment.month.normal_stocks import SURPLUS_MONTHS, idle, set_normals
from lodeflow.environment.month.order import Phase
from lodeflow.environment.month.outlook import join, look_at_feed, look_at_refined, normal_inflow
from lodeflow.environment.month.refined_trade import trade_refined
from lodeflow.environment.month.refining import refine
from lodeflow.environment.month.scrap_trade import exchange, offer_scrap
from lodeflow.environment.month.separation import separate
from lodeflow.environment.month.state import Month
from lodeflow.environment.rates import at_anchor
from lodeflow.environment.settings import LAST_BASE_YEAR
from lodeflow.environment.state import State
from lodeflow.environment.world import World

YEAR = 12
"""Months over which use and what is recycled are compared: goods are made and scrapped by the season."""
SWEEPS = 1
"""Once through: without prices nothing has to settle."""


def rehearse(blueprint: Blueprint) -> tuple[Blueprint, Expectation]:
    """The blueprint with the use that scrap allows, and the expected path of a world that begins with it. ODD 5.

    In years with data metal from ore is known; how much is recycled beside it the rehearsal finds, which is then made once more.
    """
    first = Rehearsal(blueprint)
    first.run()
    expectation, able = first.expectation, _use_with_scrap(first)
    first.__dict__.clear()  # its parts know it: Python would keep them for a while, beside the next world
    if able is None:
        return blueprint, expectation
    again = replace(blueprint, demand=blueprint.demand * able[:, blueprint.agents["inputs"].metal])
    second = Rehearsal(again)
    expectation = second.run().expectation
    second.__dict__.clear()
    return again, expectation


def _use_with_scrap(first: Rehearsal) -> np.ndarray | None:
    """Use over that of the rehearsal, shape (T + beyond, metals): 1 in the base year, what it was last after the data end.

    None where the run has no years with data after its base year.
    """
    settings = first.settings
    known = settings.months_of_data
    window = known if 0 < known < YEAR else YEAR
    base = max(known - window, 0)
    last = min((LAST_BASE_YEAR + 1) * YEAR - parse_month(settings.start), settings.months) - window
    if settings.mode != "historical" or last <= base:
        return None
    use, recycled = (_sums(values, window) for values in (first.use, first.recycled))
    able = manufacturer.use_with_scrap(recycled / np.maximum(use, guards.NOTHING), base)
    row: np.ndarray = np.clip(np.arange(len(first.blueprint.demand)) - window + 1, base, last)
    return able[row]


def _sums(values: np.ndarray, months: int) -> np.ndarray:
    """Sums over so many months, the first row that of the first months, shape (T - months + 1, metals)."""
    total = np.cumsum(np.vstack([np.zeros_like(values[:1]), values]), axis=0)
    return total[months:] - total[:-months]


def _plan(world: State, month: Month) -> None:
    """Plan output of refiners, then of mines, relative to the base month, and let mines produce. ODD 5, 7.3."""
    expectation, t = world.expectation, world.t
    refiners, miners = world.refiners, world.miners
    base = world.by_metal(refiners.base, refiners.metal)
    in_data = t < world.settings.months_of_data
    expectation.refiners[t] = _use_path(world) if in_data else _refined_plan(world, base)
    treat = world.by_metal(refiners.base / refiners.yield_, refiners.metal) * expectation.refiners[t]
    ore = world.by_metal(miners.base, miners.metal)
    expectation.mines[t] = expectation.refiners[t] if in_data else _mine_plan(world, ore, treat)
    plan(world, month, hosts_bind=False)


def _use_path(world: State) -> np.ndarray:
    """Use of the month over that of the base month, shape (metals,): in the base year output is what the data say."""
    inputs = world.inputs
    now = world.blueprint.demand[world.t] * inputs.base
    return world.by_metal(now, inputs.metal) / world.by_metal(inputs.base, inputs.metal)


def _refined_plan(world: State, base: np.ndarray) -> np.ndarray:
    """Refined output that meets use, over that of the base month, shape (metals,)."""
    refiners, inputs, secondary, cover = world.refiners, world.inputs, world.secondary, world.rates.cover
    use, metals = world.by_metal(inputs.structural, inputs.metal), len(base)
    recycled = np.bincount(secondary.metal, secondary.rate, metals)
    last = world.expectation.refiners[max(world.t - 1, 0)]
    normal = cover["manufacturer"] * use + cover["refined"] * (base * last + recycled)
    normal += idle(world) + world.blueprint.above_ground
    held = world.by_metal(inputs.stock, inputs.metal) + world.by_metal(refiners.stock, refiners.metal)
    held += np.bincount(secondary.metal, secondary.stock, metals)
    under_way = world.by_metal(world.markets["refined"].in_transit(), world.desks.metal)
    surplus = world.blueprint.surplus / float(SURPLUS_MONTHS) if world.t < SURPLUS_MONTHS - 1 else 0.0
    wanted = firm.planned_output(
        use - recycled, normal, under_way, held, _growth(world), world.parameters["plan_months"], surplus
    )
    return np.maximum(wanted / base, guards.LEAST_PLAN)


def _mine_plan(world: State, ore: np.ndarray, treat: np.ndarray) -> np.ndarray:
    """Mine output that feeds the refiners, over that of the base month, shape (metals,)."""
    refiners, miners, cover = world.refiners, world.miners, world.rates.cover
    last = world.expectation.mines[max(world.t - 1, 0)]
    normal = cover["feed"] * treat + cover["mine"] * ore * last
    held = world.by_metal(refiners.feed_stock, refiners.metal) + world.by_metal(miners.stock, miners.metal)
    under_way = world.by_metal(world.markets["feed"].in_transit(), refiners.metal)
    wanted = firm.planned_output(treat, normal, under_way, held, _growth(world), world.parameters["plan_months"])
    return np.maximum(wanted / ore, guards.LEAST_PLAN)


def _growth(world: State) -> np.ndarray:
    return expected_growth(world)[1] - 1.0


def _look_ahead(world: State, month: Month) -> None:
    """Write down what buyers can count on. ODD 7.5."""
    expectation, t, memory = world.expectation, world.t, world.minds.availability
    feed = look_at_feed(world, memory["feed"], True, SWEEPS)
    expectation.feed[t] = feed.log_a
    refiners, held = world.refiners, world.refiners.stock
    pressing = idle(world) if t >= SURPLUS_MONTHS else np.zeros(len(world.rates.price))
    world.refiners.stock = np.maximum(held - refiners.idle_share * pressing[refiners.metal], 0.0)
    refined = look_at_refined(world, memory["refined"], np.zeros_like(feed.log_a), True, SWEEPS)
    world.refiners.stock = held
    expectation.refined[t] = refined.log_a
    expectation.own[t], expectation.got[t], expectation.need[t] = refined.own, refined.got, refined.need
    expectation.inflow[t] = refined.got / normal_inflow(world)
    month.outlook = join(np.zeros_like(feed.log_a), np.zeros_like(refined.log_a), feed, refined)
    for name, placed in expectation.placed.items():
        placed[t] = placed_share(world, month, name)


def _trade_scrap(world: State, month: Month) -> None:
    """Plan recyclers for the scrap that is offered, and trade it. ODD 7.12."""
    market, (offer, value) = world.markets["scrap"], offer_scrap(world)
    share = offer / np.maximum(contracted(world, "scrap")[0], guards.LEAST)
    world.recyclers.planned = market.by_buyer(market.weight * share[market.seller])
    world.expectation.recyclers[world.t] = world.recyclers.planned
    exchange(world, month, offer, value)


class Rehearsal(World):
    """A world without shocks, noise and surprises that writes its own expectation.

    With all prices at their anchors nobody answers to a price, so it is rehearsed without the rates by which they would.
    """

    MONTH: tuple[tuple[str, Phase], ...] = (
        ("demand", demand),
        ("plan, and mines produce", _plan),
        ("normal stocks", set_normals),
        ("forward availability", _look_ahead),
        ("feed trade", trade_feed),
        ("refining", refine),
        ("end of life and collection", retire),
        ("scrap trade", _trade_scrap),
        ("separation", separate),
        ("refined trade", trade_refined),
        ("making and use", make),
        ("contracts", drift_contracts),
    )

    def __init__(self, blueprint: Blueprint) -> None:
        quiet = blueprint.settings.model_copy(update={"noise": 0.0})
        rates = at_anchor(blueprint.rates)
        calm = replace(blueprint, settings=quiet, rates=rates, surprise=None, realised=None)
        super().__init__(calm, (), _blank(calm), reasons=False)
        self.use, self.recycled = (np.zeros((quiet.months, len(rates.price))) for _ in range(2))

    def _keep_books(self) -> None:
        """A rehearsal keeps none."""

    def _close(self) -> None:
        """Nothing is written down but the expectation, and what was used and recycled."""
        self.use[self.t] = self.by_metal(self.inputs.structural, self.inputs.metal)
        self.recycled[self.t] = np.bincount(self.secondary.metal, self.secondary.rate, len(self.rates.price))


def _blank(blueprint: Blueprint) -> Expectation:
    """Expectation to be filled."""
    months, metals, agents = blueprint.settings.months, len(blueprint.layout.metals), blueprint.agents
    inputs, market = agents["inputs"], blueprint.markets
    growth = demand_growth(blueprint.demand, inputs.base, inputs.metal, metals, months)
    sizes = {name: len(agents[name]) for name in ("refiners", "recyclers", "desks")} | {"metals": metals}
    sizes |= {name: len(market[name].sellers) for name in ("feed", "refined")}
    return empty_expectation(months, sizes, growth)
