"""Our world against the same rules with one Mesa object per agent: the same trades, then the same months on the clock."""

from __future__ import annotations

import gc
import statistics
from collections.abc import Callable, Sequence
from time import perf_counter

import numpy as np

from benchmarks.mesa_world import ObjectWorld
from lodeflow.data import Tables
from lodeflow.environment import World, WorldSettings, build
from lodeflow.environment.month.state import Month

SAME = 1e-5


class DifferentTradesError(AssertionError):
    """Raised when the two worlds do not trade the same."""


def out_of_balance(world: World, seed: int = 1) -> World:
    """The same world before its first month with uneven stocks, so that prices and trades move.

    Args:
        world: a world before its first month; its blueprint is changed.
        seed: of the changes.
    """
    rng, start = np.random.default_rng(seed), world.blueprint
    refiners, miners, inputs = (start.agents[name] for name in ("refiners", "miners", "inputs"))
    for column in (refiners.stock, refiners.feed_stock, miners.stock, inputs.stock):
        column *= rng.uniform(0.3, 1.2, len(column))
    scrap = start.agents["pools"].scrap
    scrap *= rng.uniform(0.3, 2.0, (len(scrap), 1))
    return World(start, (), world.expectation)


def largest_difference(world: World, months: int) -> float:
    """Run both worlds and compare trades and prices.

    Args:
        world: a world before its first month, without shocks and noise; it is run.
        months: how many.

    Returns:
        Largest difference of any trade relative to the largest trade of its market, or of any price relative to it.
    """
    objects, largest = ObjectWorld(world), 0.0
    for _ in range(months):
        world.step()
        objects.step()
        for name, market in world.markets.items():
            gap = np.abs(np.array(objects.trades(name)) - market.flow).max() / market.flow.max()
            largest = max(largest, float(gap))
        prices = np.array([desk.buys.price for desk in objects.desks])
        largest = max(largest, float(np.abs(prices / world.desks.price - 1.0).max()))
    return largest


def assert_same_trades(tables: Tables, metals: Sequence[str] = (), months: int = 2) -> float:
    """Check that both worlds trade the same in the stationary world without noise, and return the largest difference.

    Raises:
        DifferentTradesError: when a trade or price differs by more than 1e-6.
    """
    settings = WorldSettings(mode="stationary", start="2015-01", end="2016-12", noise=0, metals=list(metals))
    difference = largest_difference(build(tables, settings), months)
    if not difference <= SAME:
        raise DifferentTradesError(f"trades or prices differ by {difference:.2g}, more than {SAME:g}")
    return difference


def rules_only(world: World) -> None:
    """One month of a world without ledger and recorder, which the opponent has not."""
    month = world.now = Month(world.month, world.t, world.now.effects)
    for _, act in world.MONTH:
        act(world, month)
    world.t += 1


def measure(tables: Tables, months: int, turns: int = 3) -> dict[str, float]:
    """Median milliseconds per month of both worlds, and the ratio.

    The full world of the whole run, without noise. The worlds take turns of some months, so that a busy machine slows them
    alike; the first month of a turn brings the world's data back into the processor's caches and is not counted.

    Args:
        tables: the loaded tables.
        months: months counted in each turn.
        turns: of each world.
    """
    full, bare = (build(tables, WorldSettings(start="2015-01", end="2019-12", noise=0)) for _ in range(2))
    objects = ObjectWorld(full)
    steps = {"ours": full.step, "rules": lambda: rules_only(bare), "objects": objects.step}
    times: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(turns):
        for name, act in steps.items():
            gc.collect()
            times[name] += [_clock(act) for _ in range(months + 1)][1:]
    median = {name: 1e3 * statistics.median(values) for name, values in times.items()}
    return {
        "object_month_ms": median["objects"],
        "our_month_ms": median["ours"],
        "our_rules_ms": median["rules"],
        "ratio_month": median["objects"] / median["ours"],
        "ratio_rules": median["objects"] / median["rules"],
        "objects": float(len(objects.agents)),
        "months": float(months * turns),
    }


def _clock(act: Callable[[], object]) -> float:
    begin = perf_counter()
    act()
    return perf_counter() - begin
