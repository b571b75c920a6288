"""What sellers ask: it moves as smoothly as prices do, down and up."""

from __future__ import annotations

import numpy as np
import pytest

from lodeflow.data import Tables
from lodeflow.environment import World
from lodeflow.environment.shocks.kinds import ExportBan, Extension
from tests.environment.helpers import at, ban, world_of

EXTENDED = ExportBan(
    actor="COD",
    metals=["cobalt"],
    form="feed",
    start="2025-02",
    end="2025-06",
    extensions=[Extension(known="2025-06", end="2025-09"), Extension(known="2025-09", end="2025-12")],
)


def ask(world: World, actor: str = "COD") -> np.ndarray:
    """Ask of the ore desk of a country, relative to base, by month."""
    country = world.layout.country_index[actor]
    desk = int(np.flatnonzero(world.ore_desks.country == country)[0])
    path: np.ndarray = world.recorder.block("feed_ask")[:, desk]
    return path


def test_the_ask_of_a_banned_seller_moves_smoothly_as_the_end_nears_and_is_put_off(tables: Tables) -> None:
    path = np.log(ask(world_of(tables, ["cobalt"], [EXTENDED], end="2025-12").run()))
    moves = np.diff(path[at_month("2025-02") : at_month("2025-12")])
    assert moves.max() < 0.07, np.exp(path).round(2)
    assert moves.min() > -0.2, np.exp(path).round(2)
    assert path[at_month("2025-11")] < path[at_month("2025-02")], "the longer it cannot sell, the less it asks"


def at_month(month: str) -> int:
    return (int(month[:4]) - 2024) * 12 + int(month[5:]) - 1


def test_the_discount_for_what_stays_unsold_closes_part_of_the_gap_every_month(tables: Tables) -> None:
    world = world_of(tables, ["cobalt"], [ban(start="2024-03", months=24)], end="2025-12")
    desk = int(np.flatnonzero(world.ore_desks.country == world.layout.country_index["COD"])[0])
    while world.month < 2024 * 12 + 6:
        before = world.ore_desks.unsold[desk]
        world.step()
        after, placed = world.ore_desks.unsold[desk], share_placed(world, desk)
        target = world.parameters["unsold_discount"] * np.log(np.clip(placed, world.parameters["ask_floor"], 1.0))
        fast, slow = world.parameters["missing_rise"], 1.0 / world.parameters["missing_fall"]
        assert after == pytest.approx(before + (fast if target < before else slow) * (target - before), abs=1e-9)
    assert after < -0.05, "a seller who cannot sell asks less, not more"


def share_placed(world: World, desk: int) -> float:
    """Share of its supply of a year that a seller can place, relative to what it was expected to."""
    flow, supply = world.now.outlook.feed_flow[2], world.now.outlook.feed_supply[2]
    placed = world.markets["feed"].by_seller(flow)[desk] / supply[desk]
    return float(placed / world.expectation.placed["feed"][world.t - 1][desk])


def test_a_seller_without_outlet_loses_two_per_cent_of_its_worth_a_month_and_comes_to_a_discount(
    tables: Tables,
) -> None:
    world = world_of(tables, ["cobalt"], [ban(start="2024-03", months=24)], end="2025-12")
    market = world.markets["feed"]
    desk = int(np.flatnonzero(world.ore_desks.country == world.layout.country_index["COD"])[0])
    market.weight[market.seller == desk] = 0.0
    market.built[market.seller == desk] = 0.0
    paths = []
    for _ in range(8):
        world.step()
        market.weight[market.seller == desk] = 0.0
        paths.append((world.ore_desks.worth[desk], world.ore_desks.ask[desk]))
    worth, asked = np.array(paths).T
    assert np.diff(worth) == pytest.approx(np.log(0.98), abs=1e-9)
    assert (np.diff(asked) <= 0.0).all()
    assert asked[0] > 0.2, "the ask does not fall to its floor of 0.15 in one month"


def test_the_ask_comes_back_after_the_end_and_at_most_to_what_buyers_bid(tables: Tables) -> None:
    world = world_of(tables, ["cobalt"], [ban(months=6)], end="2029-12").run()
    path = ask(world)
    low = path[at(world, "2025-03") : at(world, "2025-07")].min()
    assert low < 0.95
    assert path[-1] == pytest.approx(1.0, abs=0.05)
