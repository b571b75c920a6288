"""The library: every shipped scenario says where it comes from, runs for some years, and each of its shocks does something."""

from __future__ import annotations

import re

import numpy as np
import pytest

from lodeflow.data import Tables
from lodeflow.environment import build
from lodeflow.environment.calendar import format_month, parse_month
from lodeflow.experiments.scenario.model import Scenario, load_scenario, shipped

AFTER = 12
"""Months that are run after the last shock has begun, and what it waits for has passed (research: its lag)."""
FEWEST = 30


def short(scenario: Scenario) -> Scenario:
    """The scenario with two of the metals that its shocks name, until a year after its last shock has begun to work."""
    named = [metal for shock in scenario.shocks for metal in shock.touched_metals]
    metals = (scenario.world.metals or list(dict.fromkeys(named)) or ["cobalt"])[:2]
    shocks = [shock for shock in scenario.shocks if not shock.touched_metals or _carried(shock.touched_metals, metals)]
    begin = [parse_month(shock.start) + getattr(shock, "lag_months", 0) for shock in shocks]
    last = max(begin, default=parse_month(scenario.world.start))
    end = min(last + AFTER, parse_month(scenario.world.end))
    world = scenario.world.model_copy(update={"metals": metals, "end": format_month(end)})
    return scenario.model_copy(update={"world": world, "shocks": shocks})


def _carried(touched: list[str], metals: list[str]) -> bool:
    """Whether the world holds one of the metals, or they are hosts of what it holds."""
    return bool(set(touched) & {*metals, "alumina", "zinc"})


def test_the_library_is_large_enough() -> None:
    assert len(shipped()) >= FEWEST


@pytest.mark.parametrize("name", [name for name in shipped() if name != "baseline"])
def test_every_scenario_says_what_happens_and_where_it_is_known_from(name: str) -> None:
    scenario = load_scenario(name)
    assert re.search(r"Sources?:|Assumptions?:|Source |a what-if", scenario.description)
    assert len(re.findall(r"[.:](?:\s|$)", scenario.description)) >= 2


@pytest.mark.parametrize("name", shipped())
def test_every_scenario_runs_and_each_shock_does_something(name: str, tables: Tables) -> None:
    scenario = short(load_scenario(name))
    world = build(tables, scenario.world, scenario.shocks, scenario.parameters).run()
    assert [(event["label"], event["reason"]) for event in world.events() if event["no_effect"]] == []
    assert (np.abs(world.ledger.imbalance).sum(axis=1) <= 1e-9 * world.ledger.balances.sum(axis=1)).all()


def test_research_says_that_its_lag_has_not_passed(tables: Tables) -> None:
    scenario = load_scenario("eu-research-budgets")
    settings = scenario.world.model_copy(update={"metals": ["cobalt"], "end": "2019-06"})
    world = build(tables, settings, scenario.shocks[:1], scenario.parameters).run()
    (event,) = world.events()
    assert event["no_effect"]
    assert event["reason"] == "its lag of 36 months has not passed"
