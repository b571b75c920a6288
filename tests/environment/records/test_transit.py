"""Goods under way: exports count when goods leave, imports when they arrive, and nothing is lost in between."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lodeflow.data import Tables
from lodeflow.environment import World
from lodeflow.environment.ledger import FLOWS, STOCKS
from lodeflow.environment.records.transit import arrivals
from lodeflow.environment.shocks.kinds import Conflict
from tests.environment.helpers import at, ban, world_of

FORMS = {"feed": "feed under way", "refined": "refined under way"}
SLOW = Conflict(actor="COD", metals=["cobalt"], start="2024-06", end="2024-12", routes_lost=0.3, route_delay_months=3)


@pytest.fixture(scope="module")
def delayed_world(tables: Tables) -> World:
    """Cobalt and nickel with noise; what leaves the DR Congo takes three months longer for half a year."""
    return world_of(tables, ["cobalt", "nickel"], [SLOW, ban(months=4)], noise=1.0, end="2026-12").run()


def into(world: World, account: str, sign: int) -> np.ndarray:
    """All ledger flows into an account (sign 1) or out of it (-1), by month and metal."""
    ends = [flow.target if sign > 0 else flow.origin for flow in FLOWS.values()]
    summed: np.ndarray = world.ledger.flows[:, [end == account for end in ends]].sum(axis=1)
    return summed


def change_under_way(world: World, form: str) -> np.ndarray:
    """Change of what is under way in each month, by metal, t."""
    stock = world.ledger.stocks[:, list(STOCKS).index(FORMS[form])]
    market = world.blueprint.markets[form]
    buyers = world.refiners if form == "feed" else world.desks
    first = np.bincount(buyers.metal, market.in_transit(), len(world.layout.metals))
    return np.diff(np.vstack([first, stock]), axis=0)


@pytest.mark.parametrize("form", list(FORMS))
def test_what_is_sent_arrives_or_is_under_way_on_the_ledger(delayed_world: World, form: str) -> None:
    net = into(delayed_world, FORMS[form], 1) - into(delayed_world, FORMS[form], -1)
    assert net == pytest.approx(change_under_way(delayed_world, form), rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("form", list(FORMS))
def test_exports_are_imports_and_the_change_of_goods_under_way(delayed_world: World, form: str) -> None:
    series = delayed_world.recorder.series()
    layout = delayed_world.layout
    for m, metal in enumerate(layout.metals):
        name = layout.feed_forms[m] if form == "feed" else form
        rows = series[(series.metal == metal) & (series.form == name) & series.region.isin(layout.countries)]
        net = total(rows, "exports") - total(rows, "imports")
        scale = delayed_world.ledger.stocks[:, list(STOCKS).index(FORMS[form]), m].max()
        assert net == pytest.approx(change_under_way(delayed_world, form)[:, m], abs=1e-5 * scale), metal


def total(rows: pd.DataFrame, variable: str) -> np.ndarray:
    summed: np.ndarray = rows[rows.variable == variable].groupby("date").value.sum().to_numpy()
    return summed


@pytest.mark.parametrize("form", list(FORMS))
def test_arrivals_by_edge_are_those_of_the_run(delayed_world: World, form: str) -> None:
    market = delayed_world.markets[form]
    by_metal = np.stack([np.bincount(market.metal, row, 2) for row in arrivals(delayed_world.recorder, form)])
    assert by_metal == pytest.approx(into(delayed_world, FORMS[form], -1), rel=1e-5)


def test_imports_fall_after_exports_do(delayed_world: World) -> None:
    """Chinese imports of Congolese ore go on for the months of the way after a ban has begun."""
    series = delayed_world.recorder.series()
    rows = series[(series.metal == "cobalt") & (series.form == "intermediate")]
    sent = rows[(rows.variable == "exports") & (rows.region == "COD")].sort_values("date").value.to_numpy()
    came = rows[(rows.variable == "imports") & (rows.region == "CHN")].sort_values("date").value.to_numpy()
    first = at(delayed_world, "2025-02")
    assert sent[first] < 0.2 * sent[first - 1]
    assert came[first] > 0.5 * came[first - 1]
