"""Starts that are kept: the same to the digit as new ones, and made anew where anything differs that they depend on."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from lodeflow.data import Tables
from lodeflow.environment import World, WorldSettings, build
from lodeflow.environment.blueprint import Blueprint
from lodeflow.environment.parameters import Noted
from lodeflow.environment.shocks.kinds import ExportBan
from lodeflow.environment.start import kept, rehearsal
from lodeflow.environment.start.draw_up import draw_up, table_parameters
from lodeflow.environment.start.kept import start

SETTINGS = WorldSettings(metals=["cobalt", "copper"], start="2024-01", end="2024-12")
BAN = ExportBan(actor="COD", metals=["cobalt"], form="feed", start="2024-05")


def begun(tables: Tables, parameters: dict[str, float] | None = None, **changes: Any) -> tuple[Blueprint, World]:
    """The kept start of a world, and the same world built anew."""
    settings = SETTINGS.model_copy(update=changes)
    blueprint, _ = start(tables, settings, [BAN], parameters)
    return blueprint, build(tables, settings, [BAN], parameters)


@pytest.mark.parametrize(
    ("changes", "parameters"),
    [
        ({"seed": 7}, {}),
        ({"noise": 0.0}, {}),
        ({}, {"eta.cobalt": 0.6}),
        ({}, {"price_speed": 0.3, "noise_mine": 0.01}),
    ],
)
def test_what_a_start_does_not_depend_on_leaves_it_and_the_run_alike(
    tables: Tables, changes: dict[str, Any], parameters: dict[str, float]
) -> None:
    first, _ = start(tables, SETTINGS, [BAN])
    settings = SETTINGS.model_copy(update=changes)
    blueprint, expectation = start(tables, settings, [BAN], parameters)
    assert blueprint.agents is first.agents, "it is kept"
    world, fresh = World(blueprint, [BAN], expectation).run(), build(tables, settings, [BAN], parameters).run()
    assert blueprint.settings == settings
    for name, block in fresh.recorder.blocks.items():
        np.testing.assert_array_equal(world.recorder.blocks[name], block)


@pytest.mark.parametrize(
    ("changes", "parameters"),
    [
        ({"end": "2024-11"}, {}),
        ({"metals": ["cobalt"]}, {}),
        ({}, {"home_bias": 3.0}),
        ({}, {"treatment_charge.cobalt": 0.2}),
    ],
)
def test_a_start_that_differs_is_made_anew(
    tables: Tables, changes: dict[str, Any], parameters: dict[str, float]
) -> None:
    first, _ = start(tables, SETTINGS, [BAN])
    blueprint, fresh = begun(tables, parameters, **changes)
    assert blueprint.agents is not first.agents
    np.testing.assert_array_equal(blueprint.agents["inputs"].base, fresh.blueprint.agents["inputs"].base)
    np.testing.assert_array_equal(blueprint.agents["refiners"].charge, fresh.blueprint.agents["refiners"].charge)


def test_the_start_that_was_used_last_is_kept_longest(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST", 2)
    own = tables.replace()

    def begin(end: str) -> object:
        return start(own, SETTINGS.model_copy(update={"end": end}), [BAN])[0].agents

    first = begin("2024-03")
    begin("2024-04")
    assert begin("2024-03") is first
    begin("2024-05")
    assert begin("2024-03") is first


def test_countries_that_shocks_name_make_another_start(tables: Tables) -> None:
    first, _ = start(tables, SETTINGS, [BAN])
    other, _ = start(tables, SETTINGS, [replace_actor("PNG")])
    assert "PNG" in other.layout.countries
    assert other.agents is not first.agents


def replace_actor(country: str) -> ExportBan:
    return BAN.model_copy(update={"actor": country})


@pytest.mark.parametrize("changes", [{}, {"mode": "growth", "growth": 0.03}])
def test_at_the_anchor_no_rate_of_response_acts(
    tables: Tables, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]
) -> None:
    """The rehearsal leaves them out: with them it would be the same to the digit."""
    blueprint = draw_up(tables, SETTINGS.model_copy(update=changes))
    _, without = rehearsal.rehearse(blueprint)
    monkeypatch.setattr(rehearsal, "at_anchor", lambda rates: replace(rates, eta=rates.eta * 3.0))
    _, with_rates = rehearsal.rehearse(blueprint)
    for one in fields(without):
        np.testing.assert_equal(getattr(without, one.name), getattr(with_rates, one.name))


def test_parameters_note_what_is_asked_of_them(tables: Tables) -> None:
    noted = Noted(table_parameters(tables, SETTINGS, {"eta.cobalt": 0.5}))
    assert noted.asked == set()
    assert noted["carry"] == noted.unnoted["carry"]
    assert noted.by_metal("eta").tolist() == noted.unnoted.by_metal("eta").tolist()
    assert noted.asked == {"carry", "eta"}
    assert noted.of(["eta"])["eta"]["cobalt"] == 0.5
