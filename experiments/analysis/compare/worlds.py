"""The worlds of a comparison: one calm world for all scenarios that share it, and a fork of it for each of them.

Every fork begins in the month of the first news of its scenario, with the same random draws, so that worlds differ by their
shocks alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lodeflow.environment.calendar import parse_month
from lodeflow.environment.records.frames import LEAST_TRADE, trade_columns
from lodeflow.environment.records.money import of_trade
from lodeflow.environment.shocks.written import TRADE_MARKETS
from lodeflow.experiments.analysis.compare.align import world_key
from lodeflow.experiments.batch.make.series import read_series
from lodeflow.experiments.effect import ROUNDING, YEAR, Effect, Series
from lodeflow.experiments.run.governing import let_decide

if TYPE_CHECKING:
    from lodeflow.data import Tables
    from lodeflow.environment.shocks.shock import Shock
    from lodeflow.environment.world import World
from lodeflow.experiments.scenario.scenario import Scenario

Progress = Callable[[int, int], None]
"""Called after every month with the months done and the months of all worlds together."""
Monthly = Mapping[str, Mapping[str, np.ndarray]]
"""Something by month, shape (months,), by metal and country."""


@dataclass(frozen=True)
class Side:
    """A scenario that was run, and the same world without its shocks.

    first: months from the start to its first news (that of the earliest scenario where it has no shocks); shock, baseline:
    series of both worlds by (name as in batches, metal, region), shape (months,); delivered: by metal and country, t more
    abroad in the year after the first news; money: by metal and country, USD that it gets less what it pays, from the first news
    on, beyond the world without shocks; events: its shocks, as in a run.
    """

    name: str
    scenario: Scenario
    first: int
    shock: Series
    baseline: Series
    delivered: Mapping[str, Mapping[str, float]]
    money: Mapping[str, Mapping[str, float]]
    events: list[dict[str, Any]]

    def effect(self, metal: str, first: int | None = None) -> Effect:
        """Return what the indicators of a metal are made from; first: another month from which is counted."""
        start = self.first if first is None else first
        return Effect.of(metal, self.shock, self.baseline, start, self.delivered[metal], self.money[metal])


def run_sides(scenarios: Sequence[Scenario], tables: Tables, progress: Progress | None = None) -> list[Side]:
    """Run scenarios of the same months and metals and return them in their order; progress: told of every month.

    Raises DataError if the tables cannot be used, ArithmeticError for numbers out of range.
    """
    groups: dict[Any, list[Scenario]] = {}
    for one in scenarios:
        groups.setdefault(world_key(one), []).append(one)
    months = scenarios[0].world.months
    news = [month for one in scenarios if (month := _first(one)) is not None]
    earliest = min([max(month, 0) for month in news], default=0)
    total = months * len(groups) + sum(
        months - min(max(_first(one) or 0, 0), months) for one in scenarios if one.shocks
    )
    every = [shock for one in scenarios for shock in one.shocks]
    count = _Counter(total, progress)
    found = {side.name: side for own in groups.values() for side in _run_group(own, every, tables, earliest, count)}
    return [found[one.name] for one in scenarios]


@dataclass
class _Counter:
    total: int
    progress: Progress | None
    done: int = 0

    def step(self, world: World) -> None:
        world.step()
        self.done += 1
        if self.progress is not None:
            self.progress(self.done, self.total)


def _first(scenario: Scenario) -> int | None:
    """Months from the start to the first news, less than 0 for news before it; None without shocks."""
    if not scenario.compared:
        return None
    known = [one.announced_at for one in scenario.shocks]
    known += [parse_month(scenario.first_month or scenario.world.start)] if scenario.governments.on else []
    return min(known) - parse_month(scenario.world.start)


def _run_group(
    scenarios: Sequence[Scenario], every: Sequence[Shock], tables: Tables, earliest: int, count: _Counter
) -> list[Side]:
    """Run scenarios that share a world; every: shocks of all scenarios, whose countries are told apart in each world."""
    from lodeflow import environment
    from lodeflow.environment.world import World

    world, parameters = scenarios[0].world, scenarios[0].parameters
    drawn_up = environment.build(tables, world, every, parameters)
    calm = World(drawn_up.blueprint, (), drawn_up.expectation, watched=every, reasons=False)
    forks: dict[str, World] = {}
    for one in sorted(scenarios, key=lambda one: _first(one) or 0):
        if not one.compared:
            continue
        while calm.t < min(_first(one) or 0, world.months):
            count.step(calm)
        forks[one.name] = fork = let_decide(calm.fork(one.shocks), one, tables)
        while fork.t < world.months:
            count.step(fork)
    while calm.t < world.months:
        count.step(calm)
    traded = Traded.of(calm)
    return [_side(one, forks.get(one.name), calm, traded, earliest) for one in scenarios]


def _side(scenario: Scenario, fork: World | None, calm: World, traded: Traded, earliest: int) -> Side:
    """Read both worlds of a scenario, prices outside of a country that restricts trade in both of them."""
    calm.watched = tuple(scenario.shocks)
    baseline = read_series(calm, trade=True)
    if fork is None:
        nothing: dict[str, dict[str, float]] = {metal: {} for metal in calm.layout.metals}
        return Side(scenario.name, scenario, earliest, baseline, baseline, nothing, nothing, [])
    first, own = max(_first(scenario) or 0, 0), Traded.of(fork)
    more = _beyond(own.delivered, traded.delivered, slice(first, first + YEAR))
    money = _beyond(own.received, traded.received, slice(first, None))
    series = read_series(fork, trade=True)
    return Side(scenario.name, scenario, first, series, baseline, more, money, fork.events())


@dataclass(frozen=True)
class Traded:
    """What countries send abroad and what they get for it, by metal and country, shape (months,) each.

    delivered: t per month of ore, intermediates and metal; received: USD per month for what they send less freight and what they
    pay for what they get, as the account of money has it (lodeflow.environment.records.money), carriers as "WLD". Flows below a
    gram are left out.
    """

    delivered: Monthly
    received: Monthly

    @classmethod
    def of(cls, world: World) -> Traded:
        """Read a world that has run."""
        sent: dict[str, dict[str, np.ndarray]] = {metal: {} for metal in world.layout.metals}
        paid: dict[str, dict[str, np.ndarray]] = {metal: {} for metal in world.layout.metals}
        for part in trade_columns(world.recorder):
            labels, tonnes = part.labels, part.values["tonnes"]
            kept = np.where(tonnes > LEAST_TRADE, tonnes, 0.0)
            for column in np.flatnonzero(labels["exporter"] != labels["importer"]):
                metal, out = (str(labels[name][column]) for name in ("metal", "exporter"))
                sent[metal][out] = sent[metal].get(out, 0.0) + kept[:, column]
        for form in TRADE_MARKETS:
            for entry in of_trade(world.recorder, form):
                usd = np.where(entry.shown, entry.usd, 0.0)
                for column in np.flatnonzero(entry.payer[0] != entry.payee[0]):
                    metal, buyer, seller = entry.labels["metal"][column], entry.payer[0][column], entry.payee[0][column]
                    paid[metal][seller] = paid[metal].get(seller, 0.0) + usd[:, column]
                    paid[metal][buyer] = paid[metal].get(buyer, 0.0) - usd[:, column]
        return cls(sent, paid)


def _beyond(shock: Monthly, baseline: Monthly, window: slice) -> dict[str, dict[str, float]]:
    """Sum of each country in some months beyond that without the shocks; rounding is left out."""
    found = {}
    for metal, own in shock.items():
        gains = {place: float((own[place] - baseline[metal][place])[window].sum()) for place in own}
        least = ROUNDING * max(sum(map(abs, gains.values())), 1.0)
        found[metal] = {place: gain for place, gain in sorted(gains.items()) if abs(gain) > least}
    return found
