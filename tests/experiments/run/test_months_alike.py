"""Both worlds of a run share the months before the first news."""

from __future__ import annotations

import pandas as pd
import pytest

from lodeflow.data import Tables
from lodeflow.experiments.run.results import FRAMES
from lodeflow.experiments.run.what_if import run_scenario
from lodeflow.experiments.scenario.model import load_scenario

SHORT = ['world.metals=["cobalt"]', "world.start=2024-10", "world.end=2025-05"]


def test_months_run_once_or_twice_give_the_same_tables(tables: Tables) -> None:
    scenario = load_scenario("drc-cobalt-export-ban", SHORT, tables)
    assert 0 < scenario.months_alike < scenario.world.months
    once, twice = (run_scenario(scenario, tables=tables, agents=agents) for agents in (False, True))
    for name in (*FRAMES, "summary", "hits"):
        pd.testing.assert_frame_equal(getattr(once, name), getattr(twice, name), check_exact=True)
    assert once.events == twice.events


@pytest.mark.parametrize(("start", "months"), [("2024-10", 4), ("2025-02", 0), ("2025-04", 0)])
def test_months_are_alike_until_the_news(tables: Tables, start: str, months: int) -> None:
    chosen = [*SHORT[:1], f"world.start={start}", SHORT[2]]
    assert load_scenario("drc-cobalt-export-ban", chosen, tables).months_alike == months


def test_without_shocks_all_months_are_one(tables: Tables) -> None:
    scenario = load_scenario("drc-cobalt-export-ban", SHORT, tables).model_copy(update={"shocks": []})
    assert scenario.months_alike == scenario.world.months == 8
