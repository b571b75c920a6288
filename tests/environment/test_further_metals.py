"""Metals that must be asked for: worlds with and without them, their hosts, the loop of indium tin oxide, a ban of the largest."""

from __future__ import annotations

import numpy as np
import pytest

from lodeflow.data import DataError, Tables
from lodeflow.data.chosen import chosen_metals, core_metals
from lodeflow.environment import World
from lodeflow.environment.records.indicators import price_index
from lodeflow.environment.shocks.kinds import ExportBan, MineOutage, Outage
from tests.environment.helpers import price, world_of

FURTHER = ["indium", "niobium", "platinum", "palladium", "manganese"]
BANS = [
    ("indium", "CHN", "refined"),
    ("niobium", "BRA", "refined"),
    ("platinum", "ZAF", "refined"),
    ("palladium", "RUS", "refined"),
    ("manganese", "ZAF", "ore"),
]


def mined(world: World, metal: str, host: str = "") -> float:
    """Output of the mines of a metal, t/month, of those that come with a host alone if one is named."""
    miners = world.miners
    own = miners.metal == world.layout.metal_index[metal]
    if host:
        names = np.array([name for name, _ in world.layout.host_names] + [""])
        own &= names[miners.host] == host
    return float(miners.output[own].sum())


def test_a_world_that_names_no_metals_holds_the_core(tables: Tables) -> None:
    assert core_metals(tables) == [name for name in tables.metals["metal"] if name not in FURTHER]
    assert len(core_metals(tables)) == 9
    assert chosen_metals(tables, ["all"]) == list(tables.metals["metal"])
    assert chosen_metals(tables, ["indium", "cobalt"]) == ["cobalt", "indium"]
    with pytest.raises(DataError, match="indium"):
        chosen_metals(tables, ["indum"])
    older = tables.metals.drop(columns="group")
    assert core_metals(tables.replace(metals=older)) == list(tables.metals["metal"])


@pytest.mark.parametrize(("metal", "actor", "form"), BANS)
def test_a_ban_of_the_largest_producer_splits_the_price(tables: Tables, metal: str, actor: str, form: str) -> None:
    shock = ExportBan(actor=actor, metals=[metal], form=form, start="2025-01", end="2025-12")
    world = world_of(tables, [metal], [shock], end="2026-12").run()  # the ledger checks every month
    index = price(world, metal)
    assert 1.02 < index.max() < 12.0
    assert index.argmax() >= 12, "nothing moves before the ban"
    assert index[11] == pytest.approx(1.0, abs=1e-3)
    during = world_of(tables, [metal], [shock], end="2025-10").run()
    sellers = during.refiners if form == "refined" else during.ore_desks
    inside = sellers.country == during.layout.country_index[actor]
    assert sellers.ask[~inside].mean() > sellers.ask[inside].mean()


def test_indium_falls_with_zinc(tables: Tables) -> None:
    """A tenth less zinc is a tenth less of what comes with zinc, and no price brings it back within two years."""
    cut = Outage(actor="WLD", metals=["zinc"], strength=0.1, start="2025-01", end="2026-12")
    still, less = (world_of(tables, ["indium"], shocks, end="2026-12").run() for shocks in ([], [cut]))
    assert 0.895 < mined(less, "indium") / mined(still, "indium") < 0.925
    assert price(less, "indium")[-1] > 1.05
    assert mined(less, "indium", "tin") >= mined(still, "indium", "tin")


def test_a_metal_of_several_hosts_is_shared_among_them(tables: Tables) -> None:
    world = world_of(tables, ["indium"]).run()
    parts = [mined(world, "indium", host) / mined(world, "indium") for host in ("zinc", "tin", "copper")]
    assert parts == pytest.approx([0.95, 0.04, 0.01], abs=1e-6)
    assert len(set(world.miners.ids)) == len(world.miners)


def test_a_host_without_data_can_fail_wholly(tables: Tables) -> None:
    """Tin is no metal of the tables and has no series: its loss takes its part of indium, and no figure turns into nonsense."""
    cut = MineOutage(actor="WLD", metals=["tin"], strength=1.0, start="2025-01", end="2025-12")
    world = world_of(tables, ["indium"], [cut], end="2025-10").run()
    assert mined(world, "indium", "tin") == 0.0
    assert world.miners.carried.min() == 0.0
    assert np.isfinite(price_index(world.recorder, "refined")).all()


def test_platinum_metals_of_russia_follow_nickel(tables: Tables) -> None:
    cut = MineOutage(actor="RUS", metals=["nickel"], strength=0.5, start="2025-01", end="2025-12")
    worlds = [world_of(tables, ["nickel", "palladium"], shocks, end="2025-10").run() for shocks in ([], [cut])]
    russian = [
        float(
            w.miners.output[
                (w.miners.country == w.layout.country_index["RUS"])
                & (w.miners.metal == w.layout.metal_index["palladium"])
            ].sum()
        )
        for w in worlds
    ]
    assert russian[1] / russian[0] == pytest.approx(0.5, abs=0.06)


def test_most_of_a_target_comes_back(tables: Tables) -> None:
    """Seven tenths of the indium in targets stay off the substrate and nearly all of that is recovered: gross use is far above
    what smelters make, and the new metal per deposited metal is near 1 / 0.896."""
    world = world_of(tables, ["indium"], end="2025-12").run()
    inputs = world.inputs
    targets = inputs.product == world.layout.product_index["flat-panel-displays"]
    bought = float(inputs.use[targets].sum())
    deposited = 0.3 * bought
    back = 0.7 * bought * 0.95
    assert (bought - back) / deposited == pytest.approx(1.0 / 0.896, rel=0.01)
    recycled = float(world.secondary.output.sum())
    assert 0.85 * back < recycled < 1.25 * back, "what comes back is sold again"
