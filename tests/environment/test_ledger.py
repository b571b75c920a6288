"""The ledger: no metal appears or vanishes unseen."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from lodeflow.data import Tables
from lodeflow.environment import World
from lodeflow.environment.ledger import FLOWS, STOCKS, TOLERANCE, MassBalanceError
from tests.environment.helpers import world_of

PLACES: dict[str, Callable[[World, float], None]] = {
    "mine": lambda world, tonnes: _add(world.miners.stock, tonnes),
    "refiner's feed": lambda world, tonnes: _add(world.refiners.feed_stock, tonnes),
    "refiner": lambda world, tonnes: _add(world.refiners.stock, tonnes),
    "manufacturer": lambda world, tonnes: _add(world.inputs.stock, tonnes),
    "on the way": lambda world, tonnes: _add(world.markets["refined"].pipeline[0], tonnes),
    "in use": lambda world, tonnes: _add(world.in_use.stock, tonnes),
    "reserve": lambda world, tonnes: _add(world.desks.reserve, tonnes),
}


def _add(stock: np.ndarray, tonnes: float) -> None:
    stock[int(stock.argmax())] += tonnes


@pytest.mark.parametrize("place", list(PLACES))
@pytest.mark.parametrize("tonnes", [-1.0, 1.0])
def test_a_tonne_taken_or_put_by_hand_is_noticed(tables: Tables, place: str, tonnes: float) -> None:
    world = world_of(tables, ["cobalt"], end="2024-06")
    world.step()
    PLACES[place](world, tonnes)
    with pytest.raises(MassBalanceError, match=r"2024-02: metal is not conserved: cobalt"):
        world.step()


def test_a_stock_that_is_no_number_is_noticed(tables: Tables) -> None:
    world = world_of(tables, ["cobalt"], end="2024-06")
    world.step()
    world.in_use.stock[0] = np.nan
    with pytest.raises((MassBalanceError, FloatingPointError, RuntimeWarning)):
        world.step()


def test_the_balance_can_be_recomputed_from_the_table(noisy_world: World) -> None:
    table = noisy_world.ledger.frame()
    assert list(table.columns) == ["date", "metal", "flow", "kind", "tonnes"]
    assert set(table.flow) == set(FLOWS) | {f"stock: {name}" for name in STOCKS}
    wide = table.pivot_table(index=["metal", "date"], columns="kind", values="tonnes", aggfunc="sum")
    for metal, rows in wide.groupby("metal"):
        change = rows["stock"].diff().iloc[1:]
        net = (rows["source"] - rows["sink"]).iloc[1:]
        assert (change - net).abs().max() <= 2 * TOLERANCE * rows["stock"].max(), metal


def test_every_month_is_balanced(noisy_world: World) -> None:
    ledger = noisy_world.ledger
    assert ledger.written == noisy_world.settings.months
    assert (np.abs(ledger.imbalance) <= TOLERANCE * ledger.stocks.sum(axis=1)).all()


def test_transfers_agree_with_each_other(noisy_world: World) -> None:
    flows = {name: noisy_world.ledger.flows[:, row] for row, name in enumerate(FLOWS)}
    used = flows["new scrap"] + flows["dissipated"] + flows["into use"]
    assert used == pytest.approx(flows["use"])
    assert flows["end of life"] == pytest.approx(flows["collected"] + flows["landfilled"])
    assert flows["treated scrap"] == pytest.approx(flows["secondary supply"] + flows["recycling loss"])
    for name, flow in flows.items():
        if name != "into hibernation":
            assert (flow >= 0.0).all(), name
