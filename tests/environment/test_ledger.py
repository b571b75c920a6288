"""The ledger: no metal appears or vanishes unseen."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest

from lodeflow.data import Tables
from lodeflow.environment import World
from lodeflow.environment.accounts import ACCOUNTS, FLOWS, GROUND, STOCKS
from lodeflow.environment.ledger import TOLERANCE, MassBalanceError
from lodeflow.environment.shocks.kinds import StockPurchase
from tests.environment.helpers import world_of

HANDS: dict[str, Callable[[World], np.ndarray]] = {
    "mines": lambda world: world.miners.stock,
    "feed under way": lambda world: world.markets["feed"].pipeline[0],
    "refiners' feed": lambda world: world.refiners.feed_stock,
    "refined at refiners": lambda world: world.refiners.stock,
    "refined at recyclers": lambda world: world.secondary.stock,
    "refined under way": lambda world: world.markets["refined"].pipeline[0],
    "manufacturers": lambda world: world.inputs.stock,
    "strategic reserves": lambda world: world.desks.reserve,
    "investors": lambda world: world.desks.investors,
    "in use": lambda world: world.in_use.stock,
    "hibernating": lambda world: world.in_use.hibernating,
    "factory scrap": lambda world: world.pools.new_scrap[:, 0],
    "scrap pools": lambda world: world.pools.scrap[:, 0],
    "yards": lambda world: world.recyclers.yard[:, 0],
    "ore in the ground": lambda world: world.miners.reserve,
}
"""Where a hand can reach what lies on each account, in a world of one metal."""


@pytest.fixture(scope="module")
def resting(tables: Tables) -> World:
    """A world before its first month, of which tests take twins; investors buy, so that something lies on their account."""
    bought = StockPurchase(metals=["cobalt"], tonnes=60_000.0, start="2024-01", end="2024-06")
    return world_of(tables, ["cobalt"], [bought], end="2024-06")


def _started(resting: World) -> World:
    """A twin of a world after its first month."""
    world = resting.twin(resting.shocks)
    world.step()
    return world


def _add(stock: np.ndarray, tonnes: float) -> None:
    """Put metal where most lies, or take it from all entries alike."""
    if tonnes > 0.0:
        stock[int(stock.argmax())] += tonnes
    else:
        stock *= 1.0 + tonnes / stock.sum()


def test_every_account_can_be_reached_and_every_flow_leads_somewhere() -> None:
    assert set(HANDS) == set(ACCOUNTS)
    ends = {end for flow in FLOWS.values() for end in (flow.origin, flow.target)}
    assert ends == set(ACCOUNTS) | {""}
    for name, flow in FLOWS.items():
        above = [end in STOCKS for end in (flow.origin, flow.target)]
        kinds = {(False, True): "source", (True, False): "sink", (True, True): "transfer"}
        summed = not flow.origin and not flow.target
        other = "ground" if flow.target == GROUND else "beside"
        assert flow.kind == ("transfer" if summed else kinds.get((above[0], above[1]), other)), name


@pytest.mark.parametrize(
    ("place", "tonnes"),
    [*((place, 0.001) for place in HANDS), *((place, -0.001) for place in HANDS if place != "yards")],
)  # yards are empty at the end of a month
def test_a_kilogram_taken_or_put_by_hand_is_noticed(resting: World, place: str, tonnes: float) -> None:
    world = _started(resting)
    _add(HANDS[place](world), tonnes)
    with pytest.raises(MassBalanceError, match=rf"2024-02: metal is not conserved: cobalt \({place} [+-]0\.001 t\)"):
        world.step()


@pytest.mark.parametrize(("one", "other"), list(combinations(HANDS, 2)))
def test_a_thousand_tonnes_moved_by_hand_between_two_accounts_are_noticed(resting: World, one: str, other: str) -> None:
    world = _started(resting)
    fuller, emptier = sorted((one, other), key=lambda name: -HANDS[name](world).sum())
    _add(HANDS[fuller](world), -1000.0)
    _add(HANDS[emptier](world), 1000.0)
    with pytest.raises(MassBalanceError) as caught:
        world.step()
    assert f"{fuller} -1e+03 t" in str(caught.value)
    assert f"{emptier} +1e+03 t" in str(caught.value)


def test_a_stock_set_by_hand_on_purpose_opens_the_books_anew(resting: World) -> None:
    world = _started(resting)
    world.miners.stock += 1000.0
    world.ledger.open(world)
    world.step()
    assert world.ledger.written == 2


def test_a_stock_that_is_no_number_is_noticed(tables: Tables) -> None:
    world = world_of(tables, ["cobalt"], end="2024-06")
    world.step()
    world.in_use.stock[0] = np.nan
    with pytest.raises((MassBalanceError, FloatingPointError, RuntimeWarning)):
        world.step()


def test_the_balance_can_be_recomputed_from_the_table(noisy_world: World) -> None:
    table = noisy_world.ledger.frame()
    assert list(table.columns) == ["date", "metal", "flow", "kind", "tonnes"]
    assert set(table.flow) == set(FLOWS) | {f"stock: {name}" for name in ACCOUNTS}
    wide = table.pivot_table(index=["metal", "date"], columns="kind", values="tonnes", aggfunc="sum")
    for metal, rows in wide.groupby("metal"):
        change = rows["stock"].diff().iloc[1:]
        net = (rows["source"] - rows["sink"]).iloc[1:]
        assert (change - net).abs().max() <= 10 * TOLERANCE * rows["stock"].max(), metal


def test_every_month_is_balanced(noisy_world: World) -> None:
    ledger = noisy_world.ledger
    assert ledger.written == noisy_world.settings.months
    assert (np.abs(ledger.imbalance) <= TOLERANCE * ledger.balances.sum(axis=1, keepdims=True)).all()
    change = np.diff(ledger.balances, axis=0)
    assert np.abs(change).max(axis=0)[list(ACCOUNTS).index("in use")].min() > 1.0


def test_transfers_agree_with_each_other(noisy_world: World) -> None:
    flows = {name: noisy_world.ledger.flows[:, row] for row, name in enumerate(FLOWS)}
    used = flows["new scrap"] + flows["dissipated"] + flows["into use"]
    assert used == pytest.approx(flows["use"])
    assert flows["end of life"] == pytest.approx(flows["collected"] + flows["landfilled"])
    assert flows["treated scrap"] == pytest.approx(flows["secondary supply"] + flows["recycling loss"])
    for name, flow in flows.items():
        if name != "into hibernation":
            assert (flow >= 0.0).all(), name


def test_no_more_is_dug_than_lies_in_the_ground(tables: Tables) -> None:
    world = world_of(tables, ["cobalt"], parameters={"exploration": 0.005}, noise=1.0, end="2025-12")
    world.miners.reserve = 6.0 * world.miners.base
    world.ledger.open(world)
    for _ in range(world.settings.months):
        most = world.miners.reserve * world.miners.recovery
        world.step()
        assert (world.miners.output <= most * (1.0 + 1e-12)).all()
    assert (world.miners.reserve >= 0.0).all()
    assert (world.miners.output < 0.02 * world.miners.base).all()
