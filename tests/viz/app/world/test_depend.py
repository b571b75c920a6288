"""The dashboard says of the last year what the account of the year says."""

from __future__ import annotations

import dataclasses

import pytest

from lodeflow.data import Tables
from lodeflow.environment.world import World
from lodeflow.experiments.analysis.flows import supply
from lodeflow.experiments.analysis.flows.account import Account, account_of
from lodeflow.experiments.scenario.model import load_scenario
from lodeflow.viz.app.texts import Texts
from lodeflow.viz.app.world import depend, worlds
from lodeflow.viz.app.world.depend_view import central_cells, supply_cells
from lodeflow.viz.app.world.session import Session
from lodeflow.viz.app.world.track import Track, View

WORLD = ['world.metals=["cobalt"]', "world.end=2025-03"]


@pytest.fixture(scope="module")
def year(tables: Tables) -> tuple[View, Account]:
    """The first year of a world, as the dashboard and as the account have it."""
    scenario = load_scenario("baseline", WORLD, tables)
    blueprint, expectation = worlds.start_of(scenario, tables)
    track = Track(World(blueprint, (), expectation))
    book = track.world.movements()
    for month in range(1, 13):
        track.step_to(month)
        book.record()
    worlds.forget()
    return track.view(12), account_of(book.frame().assign(run="baseline"))


def test_the_routes_are_those_of_the_account(year: tuple[View, Account]) -> None:
    view, account = year
    shown = depend.supplies(view, "cobalt")
    assert len(shown) == depend.USERS
    for one in shown:
        share = supply.routes(account, [one.region]).set_index("route")["share"]
        assert one.routes == pytest.approx([share[route] for route in supply.ROUTES], abs=2e-3)
        assert sum(one.routes) == pytest.approx(1.0)
        assert sum(part for _, part in one.origins) <= 1.0


def test_who_mines_most_would_be_missed_most(year: tuple[View, Account]) -> None:
    shown = depend.central(year[0], "cobalt")
    assert {one.region for one in shown[:2]} == {"COD", "CHN"}
    assert shown[0].lost > 0.4
    china = next(one for one in shown if one.region == "CHN")
    assert china.customers > 5
    assert china.exports > 0.0


def test_nothing_is_shown_before_the_first_month_and_changes_are_told(tables: Tables) -> None:
    session = Session(tables, load_scenario("baseline", WORLD, tables))
    assert depend.supplies(session.frame().live, "cobalt") == []
    assert depend.central(session.frame().live, "cobalt") == []
    session.step(2)
    session.fire({"kind": "export_ban", "actor": "COD", "metals": ["cobalt"], "form": "intermediate", "end": "2025-02"})
    session.step(10)
    live, base = depend.both(session.frame(), "cobalt")
    texts = Texts("en", tables)
    cells = supply_cells(live[0], base[live[0].region], texts)
    assert len(cells) == 6
    other = dataclasses.replace(live[0], routes=(0.5, 0.5, 0.0, 0.0))
    assert "(+" in " ".join(supply_cells(other, live[0], texts))
    assert len(central_cells(depend.central(session.frame().live, "cobalt")[0], texts)) == 7
    worlds.forget()
