"""The benchmark's opponent follows the same rules: it trades what the world of columns trades."""

from __future__ import annotations

import pytest

from benchmarks import duel
from benchmarks.__main__ import report
from lodeflow.data import Tables
from lodeflow.environment import WorldSettings, build


def test_objects_trade_the_same_in_the_stationary_world(tables: Tables) -> None:
    assert duel.assert_same_trades(tables, ["cobalt"], months=3) <= duel.SAME


def test_objects_trade_the_same_while_prices_move(tables: Tables) -> None:
    settings = WorldSettings(start="2015-01", end="2016-12", noise=0, metals=["cobalt"])
    world = duel.out_of_balance(build(tables, settings))
    assert duel.largest_difference(world, months=6) <= duel.SAME
    assert abs(world.desks.price - 1.0).max() > 0.05, "prices have moved"


def test_different_trades_are_an_error(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duel, "SAME", 0.0)
    with pytest.raises(duel.DifferentTradesError, match="more than 0"):
        duel.assert_same_trades(tables, ["cobalt"], months=1)


def test_the_table_says_what_was_reached() -> None:
    run = {"month_ms": 2.0, "build_s": 1.0, "run_s": 3.0, "peak_mb": 300.0, "months": 432.0}
    run |= {"metals": 9.0, "countries": 60.0, "agents": 1200.0, "edges": 8000.0}
    fight = {
        "object_month_ms": 120.0,
        "our_month_ms": 3.0,
        "our_rules_ms": 2.0,
        "ratio_month": 40.0,
        "ratio_rules": 60.0,
    }
    lines = report([run], fight | {"objects": 2000.0, "months": 12.0}, 1e-12).splitlines()
    verdicts = {line[:58].strip(): "NOT" not in line for line in lines if "reached" in line}
    assert verdicts == {
        "one month with ledger and recording": True,
        "2015-2050 with ledger and recording": False,
        "peak memory": True,
        "times slower than our rules alone": True,
        "times slower than our whole month": False,
    }
