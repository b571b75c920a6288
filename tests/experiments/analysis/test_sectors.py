"""Final demand by sector, and technologies that stop without a metal."""

from __future__ import annotations

import numpy as np
import pytest

from lodeflow.data import Tables
from lodeflow.data.problems import DataError
from lodeflow.environment import World
from lodeflow.experiments.analysis.flows import sectors
from tests.environment.helpers import world_of
from tests.experiments.analysis.chains import MINED_IN_A_AND_B, account

STOP = {
    "cobalt": ["ccs", "nuclear", "ev", "storage"],
    "neodymium-praseodymium": ["wind", "ev"],
    "copper": ["wind", "pv", "ccs", "nuclear", "led", "ev", "motors"],
    "zinc": ["pv", "led"],
    "lead": ["wind", "pv", "nuclear", "led"],
    "manganese": ["wind", "ccs", "led", "ev"],
    "silver": ["pv", "csp", "nuclear", "led", "ev"],
    "aluminium": ["wind", "pv", "csp", "ccs", "led", "storage", "motors"],
    "nickel": ["wind", "pv", "ccs", "nuclear", "led", "ev", "storage"],
}


@pytest.mark.parametrize("metal", STOP)
def test_without_a_metal_exactly_its_technologies_stop(metal: str, tables: Tables) -> None:
    assert sectors.stopped([metal], tables) == STOP[metal]
    matrix = sectors.technology_matrix(tables)
    assert matrix.shape == (9, 12)
    others = [name for name in matrix.index if name not in STOP[metal]]
    assert not matrix.loc[others, metal].any()


def test_several_metals_stop_what_needs_one_of_them(tables: Tables) -> None:
    assert sectors.stopped(["zinc", "neodymium-praseodymium"], tables) == ["wind", "pv", "led", "ev"]
    assert sectors.stopped([], tables) == []
    with pytest.raises(DataError, match=r"no technology needs it\. Did you mean 'cobalt'"):
        sectors.stopped(["cobald"], tables)


def emptied(world: World, metal: int) -> World:
    """A world in which nothing of a metal is left anywhere, and nothing is mined."""
    use = world.in_use
    for row in np.flatnonzero(use.metal == metal):
        use.history[use.offset[row] : use.offset[row] + use.length[row]] = 0.0
    use.stock[use.metal == metal] = use.hibernating[use.metal == metal] = 0.0
    for stock in (world.miners, world.refiners, world.secondary, world.inputs):
        stock.stock[stock.metal == metal] = 0.0
    world.refiners.feed_stock[world.refiners.metal == metal] = 0.0
    world.desks.reserve[world.desks.metal == metal] = 0.0
    world.miners.reserve[world.miners.metal == metal] = 0.0
    metals = len(world.layout.metals)
    for matrix in (world.recyclers.yard, world.pools.scrap, world.pools.new_scrap):
        matrix[:, metal::metals] = 0.0
    for name, buyers in (("feed", world.refiners), ("refined", world.desks)):
        world.markets[name].pipeline[:, buyers.metal == metal] = 0.0
    world.ledger.open(world)
    return world


@pytest.mark.parametrize("metal", ["cobalt", "neodymium-praseodymium"])
def test_in_the_model_exactly_the_products_of_a_missing_metal_stop(metal: str, tables: Tables) -> None:
    names = ["cobalt", "nickel", "copper", "neodymium-praseodymium", "dysprosium-terbium"]
    world = emptied(world_of(tables, names), names.index(metal))
    world.step()
    inputs, made = world.inputs, world.manufacturers.output
    needs = np.unique(inputs.manufacturer[(inputs.metal == names.index(metal)) & (inputs.base > 0.0)])
    stands = np.zeros(len(made), bool)
    stands[needs] = True
    assert stands.any()
    assert not stands.all()
    assert (made[stands] == 0.0).all()
    assert (made[~stands & (world.manufacturers.desired > 0.0)] > 0.0).all()


def test_the_sectors_of_a_region_take_all_that_comes_into_use(tables: Tables) -> None:
    chain = account(*MINED_IN_A_AND_B)
    chain.flows["product"] = chain.flows["product"].replace("battery-x", "ev-battery-nickel")
    table = sectors.sector_table(chain, ["EEE", "CCC"], tables)
    assert table[["sector", "object_class", "tonnes", "share"]].iloc[0].tolist() == [
        "transport",
        "precious and rare",
        99.0,
        1.0,
    ]
    assert set(tables.sectors["product"]) == set(tables.products["product"])
    assert set(tables.metals["metal"]) <= set(tables.object_classes["metal"])


def test_the_matrix_stands_beside_the_bills_of_the_model(tables: Tables) -> None:
    table = sectors.against_model(tables)
    alike = (table["published"] == table["model"]).mean()
    assert alike > 0.5
    assert table.set_index(["technology", "metal"]).loc[("wind", "neodymium-praseodymium"), "model"]
