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
from lodeflow.experiments.analysis.compare.align import world_key
from lodeflow.experiments.batch.make.series import read_series
from lodeflow.experiments.effect import YEAR, Effect, Series

if TYPE_CHECKING:
    from lodeflow.data import Tables
    from lodeflow.environment.shocks.shock import Shock
    from lodeflow.environment.world import World
    from lodeflow.experiments.scenario.scenario import Scenario

Progress = Callable[[int, int], None]
"""Called after every month with the months done and the months of all worlds together."""
Deliveries = Mapping[str, Mapping[str, np.ndarray]]
"""What countries deliver abroad, all forms, t per month, shape (months,), by metal and country."""


@dataclass(frozen=True)
class Side:
    """A scenario that was run, and the same world without its shocks.

    first: months from the start to its first news (that of the earliest scenario where it has no shocks); shock, baseline:
    series of both worlds by (name as in batches, metal, region), shape (months,); delivered: by metal and country, t more
    abroad in the year after the first news; events: its shocks, as in a run.
    """

    name: str
    scenario: Scenario
    first: int
    shock: Series
    baseline: Series
    delivered: Mapping[str, Mapping[str, float]]
    events: list[dict[str, Any]]

    def effect(self, metal: str, first: int | None = None) -> Effect:
        """Return what the indicators of a metal are made from; first: another month from which is counted."""
        start = self.first if first is None else first
        return Effect.of(metal, self.shock, self.baseline, start, self.delivered[metal])


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
    if not scenario.shocks:
        return None
    return min(one.announced_at for one in scenario.shocks) - parse_month(scenario.world.start)


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
        if not one.shocks:
            continue
        while calm.t < min(_first(one) or 0, world.months):
            count.step(calm)
        forks[one.name] = fork = calm.fork(one.shocks)
        while fork.t < world.months:
            count.step(fork)
    while calm.t < world.months:
        count.step(calm)
    delivered = deliveries(calm)
    return [_side(one, forks.get(one.name), calm, delivered, earliest) for one in scenarios]


def _side(scenario: Scenario, fork: World | None, calm: World, delivered: Deliveries, earliest: int) -> Side:
    """Read both worlds of a scenario, prices outside of a country that restricts trade in both of them."""
    calm.watched = tuple(scenario.shocks)
    baseline = read_series(calm, trade=True)
    if fork is None:
        nothing: dict[str, dict[str, float]] = {metal: {} for metal in calm.layout.metals}
        return Side(scenario.name, scenario, earliest, baseline, baseline, nothing, [])
    first = max(_first(scenario) or 0, 0)
    more = _more(deliveries(fork), delivered, first)
    return Side(scenario.name, scenario, first, read_series(fork, trade=True), baseline, more, fork.events())


def deliveries(world: World) -> dict[str, dict[str, np.ndarray]]:
    """Return what countries deliver abroad, t per month, by metal and country; flows below a gram are left out."""
    found: dict[str, dict[str, np.ndarray]] = {metal: {} for metal in world.layout.metals}
    for part in trade_columns(world.recorder):
        labels, tonnes = part.labels, part.values["tonnes"]
        kept = np.where(tonnes > LEAST_TRADE, tonnes, 0.0)
        for column in np.flatnonzero(labels["exporter"] != labels["importer"]):
            own, country = found[labels["metal"][column]], str(labels["exporter"][column])
            own[country] = own.get(country, 0.0) + kept[:, column]
    return found


def _more(shock: Deliveries, baseline: Deliveries, first: int) -> dict[str, dict[str, float]]:
    """What each country delivers more in the year from a month on, t; rounding is left out."""
    found = {}
    for metal, own in shock.items():
        window = slice(first, first + YEAR)
        gains = {place: float((own[place] - baseline[metal][place])[window].sum()) for place in own}
        least = 1e-9 * max(sum(map(abs, gains.values())), 1.0)
        found[metal] = {place: gain for place, gain in sorted(gains.items()) if abs(gain) > least}
    return found
