"""What arrives lies in a stock, also where nobody can use it any more."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from lodeflow.agents import manufacturer
from lodeflow.agents.population import Population
from lodeflow.data import Tables
from lodeflow.environment.shocks.kinds import Conflict
from tests.environment.helpers import world_of

METALS = [["neodymium-praseodymium", "dysprosium-terbium"], ["cobalt", "nickel"], ["gallium"]]
SHARES = st.one_of(st.sampled_from([0.0, 0.5, 1.0]), st.floats(0.0, 1.0))


@pytest.mark.parametrize("delay", [5, 6])
def test_metal_that_reaches_a_desk_without_use_lies_in_stocks(tables: Tables, delay: int) -> None:
    fighting = Conflict(actor="CHN", metals=METALS[0], start="2024-06", routes_lost=0.0, route_delay_months=delay)
    world = world_of(tables, METALS[0], [fighting], end="2026-12").run()
    assert np.abs(world.ledger.imbalance).max() < 1e-6


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow], phases=[Phase.explicit, Phase.generate])
@given(
    st.sampled_from(METALS), st.sampled_from(["CHN", "COD", "OECD"]), SHARES, SHARES, st.integers(0, 6), st.booleans()
)
def test_conflicts_of_every_strength_and_delay_lose_no_metal(
    tables: Tables, metals: list[str], actor: str, output: float, routes: float, delay: int, passing: bool
) -> None:
    fields = {"end": "2024-12", "recovery_months": 6.0} if passing else {}
    fighting = Conflict(
        actor=actor,
        metals=metals,
        start="2024-04",
        output_loss=output,
        routes_lost=routes,
        route_delay_months=delay,
        **fields,
    )
    world = world_of(tables, metals, [fighting], end="2026-03").run()
    assert (np.abs(world.ledger.imbalance).sum(axis=1) <= 1e-9 * world.ledger.stocks.sum(axis=1)).all()
    assert world.ledger.stocks.min() >= 0.0


@given(st.lists(st.sampled_from([0.0, 1e-320, 1e-13, 1e-3, 7.0]), min_size=4, max_size=4))
def test_all_metal_at_a_desk_is_shared_out_whatever_is_wanted(wanted: list[float]) -> None:
    inputs = Population("input", list("abcd"), desk=np.array([0, 0, 1, 1]), base=np.array([1.0, 3.0, 2.0, 2.0]))
    tonnes = np.array([8.0, 5.0])
    shared = manufacturer.share_out(inputs, tonnes, np.array(wanted))
    assert np.bincount(inputs.desk, shared) == pytest.approx(tonnes, rel=1e-12)
    assert (shared >= 0.0).all()


def test_metal_goes_to_who_wants_it() -> None:
    inputs = Population("input", list("abc"), desk=np.array([0, 0, 1]), base=np.ones(3))
    shared = manufacturer.share_out(inputs, np.array([8.0, 5.0]), np.array([3.0, 1.0, 0.0]))
    assert shared.tolist() == [6.0, 2.0, 5.0]
