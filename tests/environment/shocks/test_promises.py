"""Every kind keeps what its card promises: signs, what grows with its strength, the state it touches, and the balances."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any

import numpy as np
import pytest

from lodeflow import data
from lodeflow.environment import World
from lodeflow.environment.records.money import balances
from lodeflow.environment.shocks.aliases import name_all
from lodeflow.environment.shocks.effects import Effects, nothing
from lodeflow.environment.shocks.kinds import ALIASES, REGISTRY, Retaliation, Shock
from lodeflow.environment.start import kept
from lodeflow.experiments.promises import QUANTITIES, Sides, beside, example, settings
from tests.environment.month.tracer import plain, same

OWN = [kind for kind, model in REGISTRY.items() if not model.alias_of or model.__module__.endswith("outages")]
"""Kinds of their own; ``mine_outage`` among them, whose state is another than that of the example of ``outage``."""
FAMILIAR = [str(alias.model_fields["kind"].default) for alias in ALIASES]
SMALL = 1e-6
BESIDES = 2
"""Other measures that stand beside each kind where the balances are checked."""


@cache
def start(kind: str) -> World:
    """The world of an example, before its first month; worlds of the tests are made from it."""
    shocks = [example(kind), *beside(kind)]
    blueprint, expectation = kept.start(data.shared(), settings(kind), shocks)
    return World(blueprint, shocks, expectation)


def world(kind: str, shocks: tuple[Shock, ...]) -> World:
    """The world of an example with other shocks, before its first month."""
    first = start(kind)
    return World(first.blueprint, [*shocks, *beside(kind)], first.expectation)


@cache
def sides(kind: str, step: int) -> Sides:
    """The example of a kind at one of its strengths, with and without it."""
    card = REGISTRY[kind].card
    assert card is not None
    shock = example(kind, card.steps[step])
    shaken, calm = world(kind, (shock,)).run(), _calm(kind)
    metal = shaken.layout.metal_index[card.metals[-1 if "heavy" in kind else 0]]
    return Sides(shaken, calm, shock, metal)


@cache
def _calm(kind: str) -> World:
    return world(kind, ()).run()


@pytest.mark.parametrize("kind", sorted(REGISTRY))
def test_every_kind_says_what_it_promises(kind: str) -> None:
    card = REGISTRY[kind].card
    assert card is not None
    assert {card.quantity, *card.signs} <= set(QUANTITIES)
    assert set(card.signs.values()) <= {1, -1}
    assert set(card.writes) <= {field.name for field in dataclasses.fields(nothing(start(kind)))}
    assert all([card.source, card.unit, card.signs, card.writes])
    assert card.strength in REGISTRY[kind].model_fields
    assert len(card.steps) >= 3


@pytest.mark.parametrize("kind", [*OWN, *FAMILIAR])
def test_signs_are_as_promised(kind: str) -> None:
    card = REGISTRY[kind].card
    assert card is not None
    strong = sides(kind, -1)
    found = {name: QUANTITIES[name](strong) for name in card.signs}
    assert {name: int(np.sign(value)) for name, value in found.items() if abs(value) > SMALL} == dict(card.signs), found


@pytest.mark.parametrize("kind", [*OWN, *FAMILIAR])
def test_what_is_promised_grows_with_the_strength(kind: str) -> None:
    card = REGISTRY[kind].card
    assert card is not None
    found = [QUANTITIES[card.quantity](sides(kind, step)) for step in range(len(card.steps))]
    assert found[0] > 0.0, found
    assert found == sorted(found), found
    assert found[0] < found[-1], found


@pytest.mark.parametrize("kind", OWN)
def test_the_state_it_touches_is_what_it_says(kind: str) -> None:
    card = REGISTRY[kind].card
    assert card is not None
    ran, touched = world(kind, (example(kind),)), set()
    for _ in range(ran.settings.months):
        effects, neutral = Effects(ran), nothing(ran)
        if ran.shocks[0].known(ran.month):
            effects.shock = 0
            ran.shocks[0].act(ran, effects, ran.month)
        arrays = {name: value for name, value in vars(effects.written).items() if not isinstance(value, bool | set)}
        touched |= {name for name, value in arrays.items() if not same(plain(value), plain(getattr(neutral, name)))}
        ran.step()
    assert touched - {"learned"} == set(card.writes)


@pytest.mark.parametrize("kind", OWN)
def test_metal_and_money_balance_with_two_others_beside(kind: str) -> None:
    """The others are drawn by a seed of the kind's place, so that every pair comes up some time and a failure comes back."""
    drawn = np.random.default_rng(OWN.index(kind)).choice([one for one in OWN if one != kind], BESIDES, replace=False)
    metals = set(settings(kind).metals or ())
    others = [example(str(one), **_at(str(one), metals)) for one in drawn]
    ran = world(kind, (example(kind), *others)).run()
    off = np.abs(ran.ledger.imbalance).sum(axis=1)
    assert (off <= 1e-9 * ran.ledger.balances.sum(axis=1)).all()
    account = ran.recorder.money()
    assert (account.usd >= 0.0).all()
    net = balances(account).net
    assert abs(net.sum()) <= 1e-9 * net.abs().sum()


def _at(kind: str, metals: set[str]) -> dict[str, Any]:
    """The metals of another world, where a kind names metals."""
    fields = REGISTRY[kind].model_fields
    card = REGISTRY[kind].card
    assert card is not None
    changed: dict[str, Any] = {"metals": sorted(metals)} if "metals" in fields and "metals" in card.example else {}
    return changed | ({"form": "all"} if "form" in fields else {})


@pytest.mark.parametrize("kind", FAMILIAR)
def test_a_familiar_name_is_its_kind(kind: str) -> None:
    """It runs, to the bit, as its kind does with the values that the name leaves out."""
    shock = example(kind)
    fields = shock.model_dump() | {"kind": REGISTRY[kind].alias_of}
    plainly = REGISTRY[REGISTRY[kind].alias_of].model_validate(fields)
    ran, other = world(kind, (shock,)), world(kind, (plainly,))
    for _ in range(ran.settings.months // 2):
        ran.step()
        other.step()
        assert same(plain(ran.now.effects), plain(other.now.effects))


def test_names_come_from_a_file(tmp_path: Any) -> None:
    text = '[hunger_strike]\nof = "outage"\nwords = "Miners fast."\nsource = "assumption"\nset = { strength = 0.1 }\n'
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    try:
        (made,) = name_all(tmp_path / "own.toml")
        assert (made.alias_of, made.__doc__, REGISTRY["hunger_strike"]) == ("outage", "Miners fast.", made)
        assert made.model_validate({"actor": "CHN", "start": "2024-01"}).model_dump()["strength"] == 0.1
    finally:
        del REGISTRY["hunger_strike"]


def test_retaliation_waits_and_answers_only_what_touches_it() -> None:
    ran = world("retaliation", (example("retaliation", delay_months=3),))
    answer = ran.shocks[0]
    first = ran.first_month + 6
    assert isinstance(answer, Retaliation)
    assert [answer.provoked(ran, first + k) for k in range(5)] == [False, False, False, True, True]
    alone = World(ran.blueprint, [example("retaliation")], ran.expectation)
    assert not alone.shocks[0].provoked(alone, first + 2)  # type: ignore[attr-defined]


def test_world_wide_actors() -> None:
    ran = start("pandemic")
    assert len(ran.shocks[0].actors(ran)) == len(ran.countries)


def test_a_strike_at_factories_makes_metal_cheaper_and_less_used() -> None:
    shock = example("outage", stages=["factory"])
    both = Sides(world("outage", (shock,)).run(), _calm("outage"), shock, 0)
    assert QUANTITIES["world price"](both) < -0.01
    assert QUANTITIES["use"](both) < 0.0


def test_a_surge_in_one_country_makes_metal_dearer_there_first() -> None:
    shock = example("demand_surge", actor="JPN")
    both = Sides(world("demand_surge", (shock,)).run(), _calm("demand_surge"), shock, 0)
    assert QUANTITIES["price at home"](both) > QUANTITIES["price abroad"](both) > 0.0


def test_a_royalty_is_paid_at_home_as_well() -> None:
    taxed = example("export_tax", actor="CHN", form="refined")
    royal = example("royalty", actor="CHN", form="refined", rate=taxed.model_dump()["rate"])
    paid = [
        QUANTITIES["duty paid"](Sides(world("royalty", (one,)).run(), _calm("royalty"), one, 0))
        for one in (taxed, royal)
    ]
    assert paid[1] > 2.0 * paid[0] >= 0.0


def test_who_changes_the_battery_needs_another() -> None:
    """As many batteries are made: what lithium leaves one kind comes back in the other."""
    shock = example("lfp_switch", 0.9, ramp_months=1)
    shaken, calm = world("lfp_switch", (shock,)).run(), _calm("lfp_switch")
    both = Sides(shaken, calm, shock, calm.layout.metal_index["lithium"])
    used = both.column("use", calm)[both.months].mean()
    assert abs(QUANTITIES["use"](both)) < 0.05 * used


def test_recyclers_that_stand_still_bring_out_less() -> None:
    shock = example("outage", actor="WLD", stages=["recycler"], strength=0.5)
    both = Sides(world("outage", (shock,)).run(), _calm("outage"), shock, 0)
    usual = both.column("recycling", both.calm)[both.months].mean()
    assert QUANTITIES["recycled at home"](both) < -0.2 * usual
    assert QUANTITIES["world price"](both) > 0.0
