"""Scenarios side by side: the same draws, differences that turn their sign with the order, and shocks alone and together."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeflow.data import DataError, Tables
from lodeflow.environment.shocks.routes import RouteClosure
from lodeflow.experiments.analysis.compare import Comparison, aligned, compare
from lodeflow.experiments.analysis.compare.align import TOGETHER, joined, same_measure
from lodeflow.experiments.analysis.compare.draws import draw_pairs, factors, spread_table, values_for
from lodeflow.experiments.analysis.compare.rank import ranking
from lodeflow.experiments.analysis.compare.tables import difference
from lodeflow.experiments.analysis.compare.worlds import run_sides
from lodeflow.experiments.batch.make.series import read_series
from lodeflow.experiments.run.what_if import build_world, run_scenario
from lodeflow.experiments.scenario.model import Scenario, load_scenario

WORLD = ['world.metals=["cobalt"]', 'world.start="2025-01"', 'world.end="2026-06"']
BAN = ["shocks.0.start=2025-03", "shocks.0.end=2025-12"]


def scenario(tables: Tables, name: str, *changes: str) -> Scenario:
    return load_scenario(name, [*WORLD, *changes], tables)


@pytest.fixture(scope="module")
def ban(tables: Tables) -> Scenario:
    return scenario(tables, "drc-cobalt-export-ban")


@pytest.fixture(scope="module")
def conflict(tables: Tables) -> Scenario:
    return scenario(tables, "drc-conflict")


@pytest.fixture(scope="module")
def found(tables: Tables, ban: Scenario, conflict: Scenario) -> Comparison:
    return compare([ban, conflict], tables)


def test_a_scenario_beside_itself_is_zero_everywhere(tables: Tables, ban: Scenario) -> None:
    same = compare([ban, ban], tables)
    assert same.names == ["drc-cobalt-export-ban", "drc-cobalt-export-ban (2)"]
    assert len(same.pairs) > 1000
    assert (same.pairs["difference"] == 0.0).all()
    assert len(same.differences) > 20
    assert (same.differences["difference"] == 0.0).all()
    assert same.ranking.empty
    assert same.together is None
    assert "would count twice" in same.apart


def test_the_other_order_turns_the_sign(tables: Tables, found: Comparison, ban: Scenario, conflict: Scenario) -> None:
    turned = compare([conflict, ban], tables)
    assert np.abs(found.pairs["difference"]).max() > 1.0
    np.testing.assert_array_equal(found.pairs["difference"], -turned.pairs["difference"])
    np.testing.assert_array_equal(found.differences["difference"], -turned.differences["difference"])
    own = ["metal", "kpi", "size", "high", "low"]
    pd.testing.assert_frame_equal(found.ranking[own], turned.ranking[own])
    np.testing.assert_allclose(found.interaction["interaction"], turned.interaction["interaction"], rtol=1e-9)


def test_each_side_has_the_indicators_of_its_own_run(tables: Tables, found: Comparison, ban: Scenario) -> None:
    alone = run_scenario(ban, tables=tables, money=True).kpis.set_index("kpi")
    mine = found.kpis[found.kpis["side"] == ban.name].set_index("kpi")
    assert list(mine.index) == list(alone.index)
    np.testing.assert_allclose(mine["value"], alone["value"], rtol=1e-9, atol=1e-9, equal_nan=True)
    np.testing.assert_allclose(mine["without"], alone["without"], rtol=1e-9, atol=1e-9, equal_nan=True)
    assert list(mine["text"]) == list(alone["text"])
    assert mine.loc["substitute", "text"]
    assert math.isfinite(mine.loc["reliance_eu", "value"])
    assert mine.loc["gains_most", "text"] != mine.loc["pays_most", "text"] != ""


def test_a_fork_is_the_run_from_the_start(tables: Tables, conflict: Scenario, found: Comparison) -> None:
    straight = read_series(build_world(conflict, tables).run(), trade=True)
    side = found.sides[1]
    assert side.first > 0
    assert straight.keys() == side.shock.keys()
    for key, values in straight.items():
        np.testing.assert_array_equal(side.shock[key], values, err_msg=str(key))


def test_the_interaction_is_all_together_less_the_sum_of_each(found: Comparison, tables: Tables) -> None:
    assert found.together is not None
    price = ("price", "cobalt", "WLD")
    effects = [side.shock[price] - side.baseline[price] for side in (*found.sides, found.together)]
    expected = effects[2] - effects[0] - effects[1]
    rows = found.interaction_series
    rows = rows[(rows["variable"] == "price") & (rows["region"] == "WLD")]
    np.testing.assert_allclose(rows["interaction"], expected, atol=1e-6)
    assert np.abs(expected).max() > 1.0
    lost = found.interaction.set_index("kpi").loc["use_lost_t"]
    totals = found.kpis[found.kpis["kpi"] == "use_lost_t"].set_index("side")["value"]
    assert lost["interaction"] == pytest.approx(totals[TOGETHER] - totals[found.names].sum(), rel=1e-9)
    assert len(found.together.scenario.shocks) == sum(len(side.scenario.shocks) for side in found.sides)


def test_shocks_that_do_not_meet_add_up(tables: Tables, ban: Scenario) -> None:
    early = scenario(tables, "drc-conflict")
    after = early.shocks[0].model_copy(update={"start": "2026-07", "end": "2026-12", "announce": None})
    late = early.model_copy(update={"shocks": [after]})
    both = compare([ban, late], tables)
    assert both.together is not None
    assert (both.interaction_series["interaction"] == 0.0).all()
    (event,) = [event for event in both.events if event["side"] == late.name]
    assert event["no_effect"]
    assert event["reason"] == "it starts in 2026-07, after the run ends in 2026-06"


def test_a_world_without_shocks_is_the_zero_of_the_others(tables: Tables, ban: Scenario) -> None:
    calm = scenario(tables, "baseline")
    both = compare([ban, calm], tables)
    lost = both.kpis[both.kpis["side"] == calm.name].set_index("kpi")["value"]
    assert lost["use_lost_t"] == 0.0
    assert lost["price_peak"] == 1.0
    assert lost["months_to_recover"] == 0.0
    np.testing.assert_array_equal(both.sides[1].shock["price", "cobalt", "WLD"], both.series_of("without", "price"))


def test_worlds_that_differ_in_a_parameter_have_their_own_baseline(tables: Tables, ban: Scenario) -> None:
    other = scenario(tables, "drc-cobalt-export-ban", "parameters.eta.cobalt=0.6")
    both = compare([ban, other], tables)
    assert "without drc-cobalt-export-ban (2)" in both.series
    assert both.together is None
    assert both.apart == "their worlds differ in settings or parameters"


def test_progress_counts_every_month_once(tables: Tables, ban: Scenario, conflict: Scenario) -> None:
    seen: list[tuple[int, int]] = []
    run_sides(aligned([ban, conflict])[0], tables, lambda done, total: seen.append((done, total)))
    total = seen[0][1]
    assert seen == [(number, total) for number in range(1, total + 1)]
    assert total == 18 + (18 - 1) + (18 - 12)  # calm; the ban is known after a month, the conflict after a year


def test_periods_and_metals_are_those_of_all(tables: Tables) -> None:
    one = load_scenario("drc-cobalt-export-ban", ['world.metals=["cobalt"]'], tables)
    other = load_scenario("drc-conflict", ['world.metals=["copper"]'], tables)
    sides, notes = aligned([one, other])
    assert {(side.world.start, side.world.end, *side.world.metals) for side in sides} == {
        ("2024-01", "2029-12", "cobalt", "copper")
    }
    assert "drc-conflict runs with start = 2024-01, as the others do." in notes


def test_other_seeds_and_a_single_scenario_are_refused(tables: Tables, ban: Scenario) -> None:
    with pytest.raises(DataError, match=r"the seeds differ \(1, 2\)"):
        aligned([ban, scenario(tables, "drc-conflict", "world.seed=2")])
    with pytest.raises(DataError, match="there is one scenario"):
        aligned([ban])


def test_versions_of_one_measure_are_not_run_together(tables: Tables, ban: Scenario) -> None:
    half = scenario(tables, "drc-cobalt-export-ban", "shocks.0.strength=0.5").model_copy(update={"name": "half"})
    half = half.model_copy(update={"shocks": half.shocks[:1]})
    assert half.shocks[0] not in ban.shocks
    assert joined([ban, half])[0] is None
    changes = {"start": "2026-02", "end": None, "announce": None, "extensions": []}
    later = ban.model_copy(update={"name": "later", "shocks": [ban.shocks[0].model_copy(update=changes)]})
    first = ban.model_copy(update={"shocks": ban.shocks[:1]})
    assert joined([first, later])[0] is not None


@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))
def test_a_difference_turns_its_sign(left: float, right: float) -> None:
    assert difference(left, right) == -difference(right, left)
    assert difference(left, left) == 0.0


def test_what_never_recovers_in_either_does_not_differ() -> None:
    assert difference(math.nan, math.nan) == 0.0
    assert math.isnan(difference(math.nan, 1.0))


def test_the_ranking_puts_the_largest_difference_first() -> None:
    rows = [("price_peak", "a", 2.0), ("price_peak", "b", 1.0), ("use_lost", "a", 0.0), ("use_lost", "b", 0.9)]
    rows += [("hhi", "a", 0.50), ("hhi", "b", 0.51)]
    kpis = pd.DataFrame(rows, columns=["kpi", "side", "value"]).assign(metal="cobalt", unit="1")
    table = ranking(kpis)
    assert list(table["kpi"]) == ["use_lost", "price_peak"]  # 180 and 35 least differences; 0.2 of one is left out
    assert list(table["high"]) == ["b", "a"]
    assert table["size"].iloc[1] == pytest.approx(math.log(2.0) / math.log(1.02))


def test_draws_are_the_same_in_all_worlds(tables: Tables, ban: Scenario, conflict: Scenario) -> None:
    draws, failed = draw_pairs([ban, ban, conflict], tables, 2, watch=None)
    assert not failed
    wide = draws.pivot(index=["run", "metal", "kpi"], columns="side", values="value")
    same = wide["drc-cobalt-export-ban"] - wide["drc-cobalt-export-ban (2)"]
    assert (same.dropna() == 0.0).all()
    peaks = wide.xs("price_peak", level="kpi")["drc-cobalt-export-ban"]
    assert peaks.iloc[0] != peaks.iloc[1]
    spread = spread_table(draws, ["drc-cobalt-export-ban", "drc-conflict"], dict.fromkeys(draws["kpi"], "1"))
    row = spread.set_index("kpi").loc["price_peak"]
    apart = (peaks - wide.xs("price_peak", level="kpi")["drc-conflict"]).to_numpy()
    assert row["mean"] == pytest.approx(apart.mean())
    assert row["higher"] == (apart > 0).mean()


def test_a_draw_gives_each_scenario_what_it_draws(tables: Tables, ban: Scenario, conflict: Scenario) -> None:
    fixed = scenario(tables, "drc-conflict", "parameters.eta.cobalt=0.5")
    shared = factors([ban, conflict], tables)
    assert "parameters.eta.cobalt" in shared
    keys = list(shared)
    own = {factor.key for factor in factors([fixed], tables).values()}
    chosen = values_for(fixed, keys, [0.5] * len(keys), own)
    assert "parameters.eta.cobalt" not in chosen
    assert len(chosen) > 5


def test_the_folder_holds_the_tables(found: Comparison, tmp_path: Path) -> None:
    folder = found.write(tmp_path / "compared")
    kpis = pd.read_csv(folder / "kpis.csv")
    assert set(kpis["side"]) == {*found.names, TOGETHER}
    series = pd.read_parquet(folder / "series.parquet")
    assert {*found.names, TOGETHER, "without"} <= set(series)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["scenario"] == ", ".join(found.names)
    assert found.write(folder) == folder
    assert load_scenario(folder / "scenarios" / "01.toml").shocks == found.sides[0].scenario.shocks


def test_closures_of_two_passages_are_two_measures() -> None:
    suez, panama = (RouteClosure(passage=name, start="2024-03") for name in ("suez", "panama"))
    assert not same_measure(suez, panama)
    assert same_measure(suez, suez.model_copy(update={"strength": 0.5}))
