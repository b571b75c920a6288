"""Deals between governments, and decisions that are taken in any case."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from lodeflow.data import Tables
from lodeflow.environment import World, WorldSettings, build
from lodeflow.environment.governments.governments import Governments
from lodeflow.environment.governments.settings import Forced, GovernmentSettings
from lodeflow.environment.shocks.kinds import ExportBan

METAL = "dysprosium-terbium"
SETTINGS = WorldSettings(start="2025-01", end="2026-12", metals=[METAL])
EACH_OTHER = (
    ExportBan(actor="CHN", metals=[METAL], form="refined", partners=["USA"], start="2025-05", strength=0.9),
    ExportBan(actor="USA", metals=[METAL], form="feed", partners=["CHN"], start="2025-05", strength=0.9),
)


@pytest.fixture(scope="module")
def start(tables: Tables) -> World:
    """A world of one metal before its first month, in which two restrict each other; tests take twins."""
    return build(tables, SETTINGS, list(EACH_OTHER))


def deciding(start: World, tables: Tables, **settings: object) -> World:
    """A twin in which governments decide."""
    world = start.twin(EACH_OTHER)
    return world.let_decide(Governments(tables, GovernmentSettings.model_validate({"mode": "on"} | settings), world))


def ran(world: World, months: int) -> World:
    for _ in range(months):
        world.step()
    return world


def test_two_that_restrict_each_other_end_both_measures_and_who_is_hurt_more_pays(start: World, tables: Tables) -> None:
    eager = {"kinds": ["lift"], "temper": {"deal_base": 20.0, "deal_payment": 0.3}}
    world = ran(deciding(start, tables, **eager), 9)
    beside = ran(deciding(start, tables, **eager, vetoes=[{"who": "CHN", "kind": "lift"}]), 9)
    deal = next(one for one in world.decisions if one.reason.startswith("deal of"))
    assert (deal.who, deal.target) == ("CHN", "USA")
    assert all(getattr(shock, "extensions", None) for shock in world.shocks[:2]), "both ended"
    assert not any(getattr(shock, "extensions", None) for shock in beside.shocks[:2])
    assert world.governments is not None
    assert beside.governments is not None
    seats, paid = world.governments.seats, world.governments.books.budget - beside.governments.books.budget
    hurt, hurts = (float(word.strip("%")) for word in deal.reason.split() if word.endswith("%"))
    payer, payee = ("CHN", "USA") if hurt >= hurts else ("USA", "CHN")
    assert paid[seats.row(payer)] < 0.0 < paid[seats.row(payee)]
    assert paid.sum() == pytest.approx(0.0, abs=1.0)
    assert abs(deal.pays) == pytest.approx(paid[seats.row(payee)], rel=0.05)


def test_no_deal_while_only_one_restricts_the_other(tables: Tables, start: World) -> None:
    world = start.twin(EACH_OTHER[:1])
    settings = GovernmentSettings(mode="on", kinds=["lift"], temper={"deal_base": 20.0, "lift_cost": 0.0})
    world.let_decide(Governments(tables, settings, world))
    assert not [one for one in ran(world, 12).decisions if one.reason.startswith("deal of")]


def test_what_is_forced_before_any_figures_is_decided_all_the_same(tables: Tables) -> None:
    """A run that starts in its base year knows nothing yet; between two rounds nobody else's money moves."""
    first = build(tables, WorldSettings(start="2024-01", end="2025-12", metals=[METAL]))
    books = []
    for months in ((), ("2024-02", "2024-11", "2024-12")):
        forced = [
            {"month": month, "who": "CHN", "kind": "restrict", "metal": METAL, "target": "USA"} for month in months
        ]
        world = first.twin()
        settings = GovernmentSettings.model_validate({"mode": "on", "kinds": ["lift"], "forced": forced})
        ran(world.let_decide(Governments(tables, settings, world)), 14)
        assert [one.status for one in world.decisions] == ["forced"] * len(months)
        assert world.governments is not None
        books.append(world.governments.books)
    assert np.array_equal(books[0].budget, books[1].budget)


def test_a_forced_answer_needs_whom_it_is_against() -> None:
    with pytest.raises(ValidationError, match="an answer needs a target"):
        Forced(month="2026-01", who="CHN", kind="retaliate", metal=METAL)
    assert Forced(month="2026-01", who="CHN", kind="retaliate", metal=METAL, target="USA").target == "USA"
