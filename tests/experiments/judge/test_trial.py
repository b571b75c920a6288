"""The trial of reserves: the same shocks for all, nothing lost by no reserve, and a warning that opens a reserve spares use."""

from __future__ import annotations

import pandas as pd
import pytest

from lodeflow.data import Tables
from lodeflow.environment import World, WorldSettings, build
from lodeflow.experiments.judge.warning import trial as made
from lodeflow.experiments.judge.warning.trial import FILLED, KINDS, NONE, compared, drawn, reserve, trial

OPENED = "filled, opened on a warning (own price)"
RULES = {"trial_days": 90.0, "trial_fill_months": 24.0, "trial_interest": 0.04, "trial_open": 1.3, "trial_dear": 1.6}


@pytest.fixture(scope="module")
def start(tables: Tables) -> World:
    settings = WorldSettings(metals=["cobalt"], start="2024-01", end="2029-12", mode="stationary", noise=0.0)
    return build(tables, settings)


@pytest.fixture(scope="module")
def tried(tables: Tables, start: World) -> pd.DataFrame:
    return trial(tables, 3, lambda line: None, start)


def test_each_draw_is_run_with_every_kind_of_reserve(tried: pd.DataFrame) -> None:
    assert list(tried["reserve"]) == [NONE, *KINDS] * 3
    assert all(len(set(own)) == 1 for _, own in tried.groupby("draw")["shock"])
    none = tried[tried["reserve"] == NONE]
    assert (none["paid"] == 0.0).all()
    assert (none["held"] == 0.0).all()
    filled = tried[tried["reserve"] == FILLED]
    assert (filled["held"] > 60.0).all()


def test_a_reserve_that_a_warning_opens_spares_more_than_one_that_waits_for_a_shortage(tried: pd.DataFrame) -> None:
    table = compared(tried).set_index("reserve")
    assert table.loc[NONE, "spared"] == 0.0
    assert table.loc[OPENED, "spared"] > table.loc[FILLED, "spared"]


def test_draws_belong_to_their_number_and_hit_who_makes_most(tables: Tables, start: World) -> None:
    rules = dict(zip(tables.warning_rules["rule"], tables.warning_rules["value"], strict=True))
    one, again = (drawn(start, tables, 5, rules) for _ in range(2))
    assert one == again
    names = {drawn(start, tables, draw, rules).name for draw in range(40)}
    assert names == set(tables["trial_shocks"]["shock"])
    assert made.largest(start, "mine", "cobalt") == "COD"


def test_what_is_bought_on_a_warning_may_be_dear() -> None:
    (plain,), (warned,) = (reserve(kind, ["cobalt"], "2024-01", RULES) for kind in (FILLED, list(KINDS)[-1]))
    assert (plain.buy_on, plain.buy_below) == ("calm", 1.1)
    assert (warned.buy_on, warned.buy_below, warned.release_above) == ("warning", 1.6, 1.6)
