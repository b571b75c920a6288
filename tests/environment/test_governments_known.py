"""What governments know: published figures by government, and measures as they stand."""

from __future__ import annotations

import numpy as np
import pytest

from lodeflow.data import Tables
from lodeflow.environment import World, WorldSettings, build
from lodeflow.environment.governments.governments import Governments
from lodeflow.environment.governments.known import FORMS, Known
from lodeflow.environment.governments.office import Office
from lodeflow.environment.governments.settings import GovernmentSettings
from lodeflow.environment.shocks.kinds import ExportBan, ExportQuota, Shock
from lodeflow.environment.shocks.policy_supply import FriendShoring

SETTINGS = WorldSettings(start="2025-01", end="2028-12", metals=["dysprosium-terbium"])


@pytest.fixture(scope="module")
def start(tables: Tables) -> World:
    """A world of one metal before its first month; tests take twins."""
    return build(tables, SETTINGS, [])


def watching(start: World, tables: Tables, *shocks: Shock) -> World:
    """A twin in which governments know and decide nothing."""
    world = start.twin(shocks)
    settings = GovernmentSettings(mode="on", who=["NOR"], kinds=["restrict"])
    return world.let_decide(Governments(tables, settings, world))


def known_after(world: World, months: int) -> Known:
    for _ in range(months):
        world.step()
    assert world.governments is not None
    known = world.governments.know(world)
    assert known is not None
    return known


def test_trade_by_government_is_that_of_its_countries(start: World, tables: Tables) -> None:
    """Beside sums over all countries: unions buy and sell for their members, whom nobody else sees as partners."""
    world = watching(start, tables)
    known = known_after(world, 9)
    assert world.governments is not None
    office, seats = world.governments.office, known.seats
    traded = office.traded(round(known.temper["customs_quarters"]))
    assert traded is not None
    form, buyer, seller, metal = office.pairs.where
    whole = np.zeros(office.pairs.shape)
    whole[form, buyer, seller, metal] = traded
    members, trades = seats.members.astype(float), seats.trades.astype(float)
    bought = np.einsum("gc,pd,fcdm->fgpm", members, trades, whole)
    np.testing.assert_allclose(known.figures.supply, bought.sum(axis=2), rtol=1e-12)
    share = bought / np.maximum(bought.sum(axis=2, keepdims=True), 1e-12)
    rows = np.arange(len(seats.names))
    share[:, rows, seats.union] = 0.0
    np.testing.assert_allclose(known.figures.depends, share, rtol=1e-12, atol=1e-15)
    abroad, books = share.sum(axis=2), known.books
    np.testing.assert_allclose(books.reliance, abroad, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(books.largest, share.max(axis=2), rtol=1e-12, atol=1e-15)
    parts = share / np.maximum(abroad, 1e-12)[:, :, None]
    np.testing.assert_allclose(books.concentration, np.square(parts).sum(axis=2), rtol=1e-12, atol=1e-15)
    assert bought[1, seats.row("EU27")].sum() > bought[1, seats.row("DEU")].sum() > 0.0


def test_what_is_sold_to_some_is_the_sum_over_them(start: World, tables: Tables) -> None:
    known = known_after(watching(start, tables), 9)
    for name in ("CHN", "EU27", "USA"):
        row, some = known.seats.row(name), np.arange(len(known.seats.names)) % 3 == 0
        part = known.figures.sells[:, row][:, some].sum(axis=1)
        np.testing.assert_allclose(known.sells_to(row, some), part, rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(known.sells_to(row, ~some), known.figures.sold.abroad[:, row] - part, atol=1e-12)
    assert known.figures.sold.abroad.max() > 0.0


def test_a_year_is_four_times_a_quarter_and_a_broken_quarter_is_not_published(start: World, tables: Tables) -> None:
    world = watching(start, tables)
    assert world.governments is not None
    office, sold = Office(start.twin(), world.governments.seats, past=False), 0.0
    assert office.traded(0) is None
    assert office.output(0) is None
    for _ in range(3):
        world.step()
        office.count(world)
        sold += sum(float(world.markets[form].flow.sum()) for form in FORMS)
    office.close()
    traded = office.traded(0)
    assert traded is not None
    assert traded.sum() == pytest.approx(4.0 * sold)
    office.count(world)
    office.close()
    again = office.traded(0)
    assert again is not None
    assert np.array_equal(again, traded)


def test_an_end_that_becomes_known_is_known(start: World, tables: Tables) -> None:
    later = {"known": "2026-02", "end": "2026-12"}
    ban = ExportBan(
        actor="CHN", metals=["dysprosium-terbium"], form="refined", start="2025-10", extensions=[later], strength=0.5
    )
    world = watching(start, tables, ban)
    assert [one.open for one in known_after(world, 12).public] == [True]
    assert [one.open for one in known_after(world, 3).public] == [False]
    assert known_after(world, 12).public == []


def test_help_for_others_is_no_restriction_in_force(start: World, tables: Tables) -> None:
    ban = ExportBan(actor="CHN", metals=["dysprosium-terbium"], form="refined", start="2025-03", strength=0.5)
    help_ = FriendShoring(
        actor="JPN",
        metals=["dysprosium-terbium"],
        friends=["AUS"],
        stage="mine",
        shift=0.0,
        support=0.1,
        start="2025-03",
    )
    known = known_after(watching(start, tables, ban, help_), 9)
    assert len(known.public) == 2
    assert {known.seats.names[row]: known.books.in_force[row] for row in np.flatnonzero(known.books.in_force)} == {
        "CHN": 1.0
    }


def test_what_a_quota_holds_back_follows_what_is_published(start: World, tables: Tables) -> None:
    quota = ExportQuota(
        actor="CHN", metals=["dysprosium-terbium"], form="refined", start="2025-04", tonnes_per_year=300.0
    )
    world = watching(start, tables, quota)
    sizes = []
    for months in (3, 24):
        known = known_after(world, months)
        row = known.seats.row("CHN")
        exports = known.figures.output[1, row, 0] * (1.0 - known.figures.home[1, row, 0])
        sizes.append(known.public[0].size)
        assert sizes[-1] == pytest.approx(max(1.0 - 300.0 / exports, 0.0))
    assert sizes[0] > 0.05
    assert abs(sizes[1] - sizes[0]) > 0.01
