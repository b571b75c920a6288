"""Nothing is decided from what a country could not know, kind by kind; and these tests see a kind that peeks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lodeflow.agents.population import Population
from lodeflow.data import Tables
from lodeflow.environment import World, WorldSettings, build
from lodeflow.environment.governments.decision import Decision
from lodeflow.environment.governments.governments import Governments
from lodeflow.environment.governments.kinds import KINDS
from lodeflow.environment.governments.settings import GovernmentSettings
from lodeflow.environment.shocks.kinds import ExportBan, ExportLicence

SETTINGS = WorldSettings(start="2025-01", end="2028-12", metals=["dysprosium-terbium", "germanium", "graphite"])
CHINA = ExportBan(actor="CHN", metals=["dysprosium-terbium"], form="refined", start="2025-10", strength=0.8)
STATES = ExportBan(actor="USA", metals=["dysprosium-terbium"], form="feed", partners=["CHN"], start="2025-11")
LICENCE = ExportLicence(actor="CHN", metals=["germanium"], form="refined", start="2026-03", approved_share=0.1)
NOW = 15
"""Months until governments decide."""
LATER = ExportLicence(actor="CHN", metals=["graphite"], form="refined", announce="2028-01", start="2028-02")
SURE = {"restrict_base": 20.0, "retaliate_base": 20.0, "side_base": 20.0, "tariff_base": 20.0, "lift_base": 20.0}
SURE |= {"stockpile_base": 20.0, "support_base": 20.0, "retaliate_least": 0.01, "least_use": 0.005}
"""Tempers with which what may be decided is decided."""
PUBLIC = {"price", "reserve", "reserve_target"}
"""Columns that are published, or a government's own."""
Told = list[tuple[str, ...]]


@pytest.fixture(scope="module")
def waiting(tables: Tables) -> World:
    """A world in which governments could have decided for long, and are asked now for the first time."""
    shocks = (CHINA, STATES, LICENCE)
    world = build(tables, SETTINGS, shocks).twin(shocks)
    settings = GovernmentSettings(mode="on", temper=SURE, who=["NOR"], kinds=["side"])
    world.let_decide(Governments(tables, settings, world))
    for _ in range(NOW):
        world.step()
    assert world.decisions == []
    return world


def told(world: World, kind: str) -> Told:
    """What a kind of decision would decide in the coming month, with all its words and numbers."""
    governments = world.governments
    assert governments is not None
    governments.settings, governments.asked = GovernmentSettings(mode="on", kinds=[kind]), {}
    decided = [one.row() | {"usd": one.usd, "yearly": one.yearly} for one in governments.pending(world)]
    return [
        tuple(f"{value:.9g}" if isinstance(value, float) else str(value) for value in one.values()) for one in decided
    ]


def disturbed(world: World) -> World:
    """The same month with everything that nobody publishes changed, and a measure that nobody has announced."""
    secret = world.fork(world.shocks, decide=True)
    secret.shocks = (*world.shocks[:2], LICENCE.model_copy(update={"approved_share": 0.9}), LATER)
    rng = np.random.default_rng(1)
    for name in secret.blueprint.agents:
        population = getattr(secret, name)
        for column, of in population.attributes.items():
            if column in population.shapes and not of.fixed and of.dtype is np.float64 and column not in PUBLIC:
                _scale(population, column, rng)
    for market in secret.markets.values():
        market.flow = market.flow * 3.0  # prices are means by flow
    secret.blueprint = replace(secret.blueprint, demand=secret.blueprint.demand * 3.0)
    return secret


def _scale(population: Population, column: str, rng: np.random.Generator) -> None:
    values = getattr(population, column)
    setattr(population, column, values * rng.uniform(0.2, 5.0, values.shape))


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_no_kind_decides_from_what_nobody_publishes(waiting: World, kind: str) -> None:
    said = told(waiting, kind)
    assert said, "the kind decides something here"
    assert told(disturbed(waiting), kind) == said


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_kind_that_peeks_is_seen(waiting: World, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each kind in turn decides nothing where plants hold much more metal than they do here."""
    other, whole = disturbed(waiting), type(KINDS[kind]).decide
    held: dict[str, float] = {"now": 0.0}

    def peeks(self: object, known: object, row: int) -> list[Decision]:
        return whole(self, known, row) if held["now"] < limit else []  # type: ignore[arg-type]

    limit = float(waiting.refiners.stock.sum() + other.refiners.stock.sum()) / 2.0
    monkeypatch.setattr(type(KINDS[kind]), "decide", peeks)
    answers = []
    for world in (waiting, other):
        held["now"] = float(world.refiners.stock.sum())
        answers.append(told(world, kind))
    assert answers[0] != answers[1]


def test_what_a_licence_office_lets_through_is_known_when_customs_have_counted_it(waiting: World) -> None:
    governments = waiting.governments
    assert governments is not None
    known = governments.know(waiting)
    assert known is not None
    usual = 1.0 - waiting.parameters["licence_approval"]
    assert [one.size for one in known.public if one.kind == "export_licence"] == [pytest.approx(usual)]
    later = waiting.fork(waiting.shocks, decide=True)
    for _ in range(3):
        later.step()
    assert later.governments is not None
    known = later.governments.know(later)
    assert known is not None
    assert [one.size for one in known.public if one.kind == "export_licence"] == [pytest.approx(0.9)]
