"""Firms decide: where capacity goes after a shock, and that it stays where it is without one."""

from __future__ import annotations

import numpy as np
import pytest

from lodeflow.data import Tables
from lodeflow.environment import World
from lodeflow.environment.shocks.kinds import ExportBan
from tests.environment.helpers import ban, world_of


def over_plan(world: World, kind: str, inside: str) -> tuple[float, float]:
    """Capacity over plan of the firms in a country, and outside it."""
    firms = getattr(world, kind)
    here = firms.country == world.layout.country_index[inside]
    return tuple((firms.planned * firms.expansion)[own].sum() / firms.planned[own].sum() for own in (here, ~here))  # type: ignore[return-value]


def test_capacity_stays_for_ever_without_shocks_and_growth(quiet_world: World) -> None:
    for kind in ("miners", "refiners", "recyclers"):
        firms = getattr(quiet_world, kind)
        assert firms.expansion == pytest.approx(np.ones(len(firms)), abs=1e-9), kind
        assert firms.building == pytest.approx(np.zeros_like(firms.building), abs=1e-12), kind


def test_capacity_stays_that_of_the_plan_while_it_grows(tables: Tables) -> None:
    world = world_of(tables, ["cobalt", "nickel"], mode="growth", growth=0.04, end="2031-12").run()
    for kind in ("miners", "refiners"):
        firms = getattr(world, kind)
        assert firms.expansion == pytest.approx(np.ones(len(firms)), abs=1e-9), kind


@pytest.mark.parametrize("metal", ["neodymium-praseodymium", "graphite", "germanium"])
def test_a_ban_raises_capacity_outside_within_the_lead_time(tables: Tables, metal: str) -> None:
    """Two years without refined metal from China; a refinery takes two years, the first third of its capacity comes sooner."""
    world = world_of(tables, [metal], [ban("refined", "CHN", metal, "2024-07", 24)], end="2029-12")
    for _ in range(6 + 36):
        world.step()
    inside, outside = over_plan(world, "refiners", "CHN")
    assert outside > 1.05
    assert inside < 1.0
    assert over_plan(world.run(), "refiners", "CHN")[1] > 1.2


def test_a_ban_on_ore_builds_refineries_at_home(tables: Tables) -> None:
    measure = ExportBan(actor="IDN", metals=["nickel"], form="feed", start="2014-01")
    settings = {"mode": "historical", "start": "2013-01", "end": "2020-12"}
    with_ban, without = (world_of(tables, ["nickel"], shocks, **settings).run() for shocks in ([measure], []))
    made = [w.refiners.output[w.refiners.country == w.layout.country_index["IDN"]].sum() for w in (with_ban, without)]
    assert made[0] > 5.0 * made[1]
    for country in ("NCL", "AUS"):
        made = [
            w.refiners.output[w.refiners.country == w.layout.country_index[country]].sum() for w in (with_ban, without)
        ]
        assert made[0] < 1.5 * made[1], country


def test_ore_of_the_copperbelt_is_three_months_under_way(tables: Tables) -> None:
    """Two months from Katanga to a port, one at sea; others reach their port within the month."""
    feed = (world := world_of(tables, ["cobalt"])).markets["feed"]
    home, china = (world.layout.country_index[name] for name in ("COD", "CHN"))
    assert set(feed.lead[(feed.seller_country == home) & (feed.buyer_country == china)]) == {3}
    near = (feed.seller_country != home) & ~feed.domestic & (feed.distance < 15_000.0)
    assert feed.lead[near].max() <= 2
    assert (feed.lead[feed.domestic] == 0).all()
