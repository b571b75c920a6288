"""Every phase of the month reads and writes what it declares, in worlds with every kind of shock and without any."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest

from lodeflow.agents.population import Attribute
from lodeflow.data import Tables
from lodeflow.environment import World
from lodeflow.environment.month.order import MONTH
from lodeflow.environment.month.phase import declared, phase
from lodeflow.environment.month.state import Month
from lodeflow.environment.shocks.kinds import REGISTRY
from lodeflow.environment.state import State
from tests.environment.helpers import different
from tests.environment.month.tracer import POPULATIONS, Seen, Tracer, problems
from tests.environment.month.worlds import shaken_world

ORDER = [act for _, act in MONTH]


@pytest.fixture(scope="module")
def shaken(tables: Tables) -> World:
    """A world with every kind of shock before its first month; tests take twins."""
    return shaken_world(tables)


@pytest.fixture(scope="module")
def ran(shaken: World) -> World:
    """The same after 30 months, watched."""
    return shaken.twin(shaken.shocks)


@pytest.fixture(scope="module")
def tracer(shaken: World, ran: World) -> Tracer:
    """What the phases did in both worlds."""
    tracer = Tracer()
    tracer.run(ran, 30)
    tracer.run(shaken.twin(), 6)
    return tracer


def test_every_phase_reads_and_writes_what_it_declares(tracer: Tracer) -> None:
    assert problems(tracer.seen, ORDER) == []


def test_the_traced_world_has_every_kind_of_shock_and_each_does_something(ran: World, tracer: Tracer) -> None:
    here = {kind: model for kind, model in REGISTRY.items() if model.__module__.startswith("lodeflow.")}
    shipped = {kind for kind, model in here.items() if not model.alias_of}
    assert {event["kind"] for event in ran.events()} == shipped
    assert [event["kind"] for event in ran.events() if event["no_effect"]] == []


def test_watching_changes_nothing(shaken: World, ran: World, tracer: Tracer) -> None:
    plain = shaken.twin(shaken.shocks)
    for _ in range(30):
        plain.step()
    assert different(plain, ran) == []


def test_what_does_not_change_stays_as_it_is(tracer: Tracer) -> None:
    assert tracer.fixed_changed == set()


def test_columns_are_fixed_exactly_where_no_phase_writes_them(shaken: World) -> None:
    written = set().union(*(declared(act).writes for act in ORDER))
    wrong = []
    for place in POPULATIONS:
        attributes: dict[str, Attribute] = getattr(shaken, place).attributes
        wrong += [f"{place}.{a.name}" for a in attributes.values() if a.fixed == (f"{place}.{a.name}" in written)]
    assert wrong == []


def test_a_column_is_declared_as_last_months_exactly_where_no_earlier_phase_writes_it() -> None:
    written: set[str] = set()
    every = set().union(*(declared(act).writes for act in ORDER))
    for act in ORDER:
        said = declared(act)
        assert said.reads <= written, act.__name__
        assert said.last <= every - written, act.__name__
        written |= said.writes


# ---- the tracer sees what is not declared ----------------------------------------------------------------------------------
@phase()
def _reads(world: State, month: Month) -> None:
    world.desks.price.sum()


@phase()
def _writes(world: State, month: Month) -> None:
    world.desks.price = world.desks.price * 1.5


@phase()
def _writes_in_place(world: State, month: Month) -> None:
    world.markets["feed"].pipeline[0] += 1.0
    world.minds.availability["feed"][:] += 1.0
    month.flows["mined"] = world.anchor + 1.0


@phase()
def _sets_the_same(world: State, month: Month) -> None:
    world.in_use.leaving = world.in_use.leaving.copy()


@phase(last={"desks": "price use"}, writes={"desks": "use price", "miners": "stock"})
def _claims(world: State, month: Month) -> None:
    world.desks.price = world.desks.price * 1.5


@phase(last={"desks": "price"})
def _reads_early(world: State, month: Month) -> None:
    world.desks.price.sum()


@phase(writes={"desks": "price"})
def _only_writes(world: State, month: Month) -> None:
    world.desks.price = np.full(len(world.desks), 1.5)


def _wrong(world: World, *acts: object) -> list[str]:
    """What is wrong with some phases when a month consists of them alone."""
    watched = Tracer()
    month = Month(world.month, world.t, world.now.effects)
    watched.seen = defaultdict(Seen)
    for act in acts:
        watched._watch(world, month, act)  # type: ignore[arg-type]
    return problems(watched.seen, acts)  # type: ignore[arg-type]


def test_an_undeclared_reading_is_found(shaken: World) -> None:
    found = _wrong(shaken.twin(), _reads, _only_writes)
    assert found == ["_reads: last desks.price, which is not declared"]


def test_a_reading_of_this_months_value_is_not_last_months(shaken: World) -> None:
    assert _wrong(shaken.twin(), _reads_early, _only_writes) == []
    found = _wrong(shaken.twin(), _only_writes, _reads_early)
    assert "_reads_early: reads desks.price, which is not declared" in found
    assert "_reads_early: declares last desks.price, never seen" in found


def test_an_undeclared_writing_is_found(shaken: World) -> None:
    found = _wrong(shaken.twin(), _writes)
    assert "_writes: writes desks.price, which is not declared" in found
    assert "_writes: last desks.price, which is not declared" in found


def test_writing_in_place_is_found(shaken: World) -> None:
    found = _wrong(shaken.twin(), _writes_in_place)
    for name in ("markets.feed.pipeline", "minds.availability", "month.flows"):
        assert f"_writes_in_place: writes {name}, which is not declared" in found


def test_setting_a_column_to_what_it_was_is_found(shaken: World) -> None:
    assert "_sets_the_same: sets in_use.leaving, which is not declared" in _wrong(shaken.twin(), _sets_the_same)


def test_what_is_declared_and_never_done_is_found(shaken: World) -> None:
    assert _wrong(shaken.twin(), _claims) == [
        "_claims: declares last desks.use, never seen",
        "_claims: declares writes desks.use, never seen",
        "_claims: declares writes miners.stock, never seen",
    ]


def test_a_phase_that_declares_nothing_is_refused() -> None:
    def silent(world: State, month: Month) -> None: ...

    with pytest.raises(LookupError, match="silent does not declare"):
        declared(silent)
