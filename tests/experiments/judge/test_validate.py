"""Long runs against published figures: hand-made runs are read as by hand, a real run keeps its books, every row is judged."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lodeflow import data, environment
from lodeflow.data.chosen import core_metals
from lodeflow.data.problems import DataError
from lodeflow.environment import WorldSettings
from lodeflow.environment.accounts import FLOWS, STOCKS
from lodeflow.experiments.analysis.footprint.materials import MATERIALS
from lodeflow.experiments.judge.validate import baseline, observed
from lodeflow.experiments.judge.validate import validation as whole
from lodeflow.experiments.judge.validate.material_years import BOTH, ELECTRIC_CAR
from lodeflow.experiments.judge.validate.readers import READERS
from lodeflow.experiments.judge.validate.runs import PAST, RUNS, RunSpec, run_spec, with_data
from lodeflow.experiments.judge.validate.targets import Selection, Target, read_targets
from lodeflow.experiments.judge.validate.verdicts import (
    DISAGREE,
    EMERGENT,
    FIGURES,
    GUESSED,
    LATER,
    NOT_COMPUTABLE,
    NOT_IN_MODEL,
    OUTSIDE,
    WITHIN,
    Verdict,
    compared,
    judge,
    plan,
    scores,
    worse,
)
from lodeflow.experiments.judge.validate.yearly import QUANTITIES, SETS, run_by_year


@pytest.fixture(scope="module")
def tables():
    return data.load()


@pytest.fixture(scope="module")
def past(tables):
    """The run from 2010 to 2024 with cobalt alone."""
    spec = RUNS[PAST]
    return run_spec(replace(spec, world={**spec.world, "metals": ["cobalt"]}), tables)


# ---- a real run ------------------------------------------------------------------------------------------------------
def test_yearly_books_agree_with_the_ledger(tables):
    settings = WorldSettings(start="2024-01", end="2026-02", metals=["cobalt"])
    world = environment.build(tables, settings)
    run = run_by_year(world, trade=True)
    assert run.years == (2024, 2025)  # 2026 lacks ten months
    flows = {"use": "use", "secondary supply": "secondary supply", "refined output": "refined primary"}
    flows |= {"collected": "collected", "mine output": "mined"}
    names, stocks = list(FLOWS), list(STOCKS)
    for year in run.years:
        months = slice((year - 2024) * 12, (year - 2023) * 12)
        for quantity, flow in flows.items():
            booked = world.ledger.flows[months, names.index(flow)].sum()
            assert run.series(quantity, "cobalt").loc[year] == pytest.approx(booked, rel=1e-9), quantity
        booked = world.ledger.stocks[months, stocks.index("in use")][-1].sum()
        assert run.series("in-use stock", "cobalt").loc[year] == pytest.approx(booked, rel=1e-9)
    imports, exports = (run.series(f"feed {side}", "cobalt") for side in ("imports", "exports"))
    assert list(imports) == pytest.approx(list(exports), rel=1e-9)  # nobody sells what nobody buys
    from_congo = run.series("feed imports", "cobalt", "CHN", ("COD",))
    assert list(run.series("feed exports", "cobalt", "COD", ("CHN",))) == pytest.approx(list(from_congo), rel=1e-9)
    assert (from_congo < run.series("feed imports", "cobalt", "CHN")).all()
    assert run.series("product imports", "cobalt", "USA").min() > 0.0
    bought, used = (run.series(name, "cobalt") for name in ("final demand", "use"))
    assert (bought < used).all(), "new scrap does not come into use"
    into = [world.ledger.flows[(y - 2024) * 12 : (y - 2023) * 12, names.index("into use")].sum() for y in run.years]
    assert list(bought) == pytest.approx(into, rel=1e-9)
    anchor = float(world.rates.price[0] * np.exp(world.anchor[0]))
    assert list(run.series("market", "cobalt") / used) == pytest.approx([anchor, anchor], rel=0.5)
    assert set(run.table["quantity"]) == set(QUANTITIES)
    assert (run.table["tonnes"] >= 0).all()


def test_metal_gets_lost_on_its_way_and_never_appears(past):
    for year in past.years:
        amounts = [past.series(name, "cobalt").loc[year] for name in ("end of life", "collected", "recovered")]
        assert amounts == sorted(amounts, reverse=True)
        assert past.series("ore content", "cobalt").loc[year] > past.series("mine output", "cobalt").loc[year]
        assert past.series("use", "cobalt").loc[year] > past.series("secondary supply", "cobalt").loc[year]


def test_country_shares_add_up_and_the_base_year_is_that_of_the_data(tables, past):
    table = observed.country_table(tables, past)
    assert set(zip(table["stage"], table["year"], strict=True)) == {
        (stage, year) for stage in ("mine", "refine") for year in (2010, 2015, 2020, 2024)
    }
    sums = table.groupby(["stage", "year"])[["simulated", "observed"]].sum()
    assert np.allclose(sums, 1.0)
    assert table[["simulated", "observed"]].to_numpy().min() >= 0.0
    first = table[table["year"] == 2010]
    assert np.allclose(first["simulated"], first["observed"], atol=0.01)


def test_misplaced_output_is_half_the_difference_of_shares():
    simulated = pd.Series({"COD": 60.0, "CHN": 20.0, "ROW": 20.0})
    there = pd.Series({"COD": 1.0, "CHN": 1.0, "ZMB": 1.0, "CUB": 1.0})
    assert observed.misplaced(observed.Pair(simulated, simulated * 7)) == pytest.approx(0.0)
    assert observed.misplaced(observed.Pair(simulated, there)) == pytest.approx(0.35)  # 60-25 too much
    scattered = pd.Series({"COD": 99.0, "CHN": 100.0, "CUB": 1.0})
    assert dict(observed.pooled(scattered, {"CHN"}, 0.02)) == {"CHN": 100.0, "COD": 99.0, "ROW": 1.0}
    assert observed.largest_producer(pd.Series({"ROW": 9.0, "COD": 2.0, "CHN": 1.0})) == "COD"
    assert observed.hhi(there, "") == pytest.approx(0.25)
    assert observed.share(there, "COD") == 0.25
    assert observed.share(there, "USA") == 0.0


def test_reserves_without_finds_last_as_long_as_they_should(tables):
    world = {"start": "2024-01", "end": "2029-12", "base_year": 2024, "mode": "stationary", "metals": ["germanium"]}
    run = run_spec(RunSpec("", world, reserve_years=3.0, recovery=1.0), tables)
    number = Selection("a", "mine output", "WLD", (), 2024, 2029)
    assert READERS["years_of_output"]({"a": run}, Target({"metal": "germanium"}, "", number, None)) == 3.0
    lossy = run_spec(RunSpec("", world, reserve_years=3.0, recovery=0.5), tables)
    assert lossy.series("mine output", "germanium").loc[2025] < 0.6 * lossy.series("mine output", "germanium").loc[2024]
    assert tables.parameters.set_index("parameter").loc["exploration", "value"] == 1.0  # the tables stay as they were


def test_a_cut_of_the_host_lowers_the_by_product(tables):
    world = {"start": "2024-01", "end": "2025-12", "base_year": 2024, "mode": "stationary", "metals": ["germanium"]}
    still, cut = (run_spec(RunSpec("", world, host_cut=("zinc", loss)), tables) for loss in (0.0, 0.1))
    output = [run.series("mine output", "germanium") for run in (still, cut)]
    assert output[1].loc[2024] == pytest.approx(output[0].loc[2024], rel=1e-9)
    assert 0.9 < output[1].loc[2025] / output[0].loc[2025] < 0.999


def test_runs_hold_the_metals_that_have_data(tables):
    known = with_data(tables, 2010)
    assert known == core_metals(tables)
    fewer = tables.production[(tables.production["metal"] != "cobalt") | (tables.production["year"] > 2015)]
    assert with_data(tables.replace(production=fewer), 2010) == [metal for metal in known if metal != "cobalt"]


# ---- targets ---------------------------------------------------------------------------------------------------------
def test_everything_wrong_with_the_table_is_said_at_once(tables):
    broken = tables.published_targets.copy()
    broken.loc[0, "run"] = "pasd"
    broken.loc[1, "quantity"] = "in-use stok"
    broken.loc[2, ["low", "high"]] = 3e6, 1e6
    broken.loc[3, "over"] = "yaer=2015"
    broken.loc[4, "over"] = "region=Chile"
    broken.loc[5, ["low", "high"]] = math.nan, math.nan
    broken.loc[6, "over"] = "years=then"
    with pytest.raises(DataError) as caught:
        read_targets(tables.replace(published_targets=broken), tuple(READERS))
    found = {(problem.row, problem.column) for problem in caught.value.problems}
    places = [(2, "run"), (3, "quantity"), (4, "low"), (5, "over"), (6, "over"), (7, "low"), (8, "over")]
    assert set(places) <= found
    assert len(found) == len(places)
    assert "Did you mean 'past'" in str(caught.value)


def test_divisors_take_over_what_they_do_not_name(tables):
    target = next(t for t in read_targets(tables, tuple(READERS)) if t.about["id"] == "C2")
    assert target.number == Selection("past", "refined output", "CHN", (), 2021, 2021)
    assert target.over == Selection("past", "total supply", "WLD", (), 2021, 2021)
    assert target.runs == {"past"}


# ---- verdicts --------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def verdicts(tables, past):
    """All rows, judged on runs that hold cobalt from 2010 to 2024 only."""
    wanted = plan(tables)
    return judge(tables, wanted, dict.fromkeys(wanted.runs, past))


def test_every_published_figure_has_a_verdict(tables, verdicts):
    figures = {verdict.id: verdict for verdict in verdicts if verdict.section == FIGURES}
    assert list(figures) == list(tables.published_targets["id"])
    known = {*tables.metals["metal"], *MATERIALS, *SETS, BOTH, ELECTRIC_CAR}
    for verdict in figures.values():
        assert (verdict.verdict == NOT_IN_MODEL) == (verdict.metal not in known), verdict.id
        if verdict.verdict == NOT_COMPUTABLE:
            assert verdict.note, verdict.id
        if verdict.verdict in (WITHIN, OUTSIDE):
            assert math.isfinite(verdict.simulated), verdict.id
    assert figures["C2"].verdict in (WITHIN, OUTSIDE)
    assert "holds no lithium" in figures["L3-level"].note


def test_ids_are_unique_and_later_years_cover_all_metals(tables, verdicts):
    ids = [verdict.id for verdict in verdicts]
    assert len(set(ids)) == len(ids)
    later = {verdict.metal for verdict in verdicts if verdict.section in (LATER, GUESSED)}
    assert later == set(core_metals(tables))
    for verdict in verdicts:
        if verdict.section == LATER and verdict.unit == "1" and math.isfinite(verdict.simulated):
            assert 0.0 <= verdict.simulated <= 1.0, verdict.id
            assert 0.0 <= verdict.no_change <= 1.0, verdict.id


def test_a_metal_joins_by_data_alone(tables, past):
    rows = tables.published_targets
    row = rows[rows["id"] == "C2"].assign(id="X1", target="X1", metal="unobtainium")
    more = tables.replace(published_targets=pd.concat([rows, row], ignore_index=True))
    wanted = plan(more, ["X1"])
    assert wanted.runs == []
    assert judge(more, wanted, {})[0].verdict == NOT_IN_MODEL
    named = more.replace(published_targets=more.published_targets.replace("unobtainium", "cobalt"))
    wanted = plan(named, ["X1"])
    assert wanted.runs == ["past"]
    assert math.isfinite(judge(named, wanted, {"past": past})[0].simulated)


def test_rows_are_chosen_by_id_group_and_metal(tables):
    assert {target.about["id"] for target in plan(tables, ["L3"]).targets} == {"L3-level", "L3-growth"}
    assert plan(tables, ["cobalt-mine"]).later == (("cobalt", "mine"),)
    assert plan(tables, ["gallium"]).later == (("gallium", "refine"),)
    with pytest.raises(DataError) as caught:
        plan(tables, ["L3", "L33", "colbalt"])
    assert len(caught.value.problems) == 2
    assert "'cobalt'" in str(caught.value)


def test_bounds_are_inclusive_and_may_be_open():
    assert compared(1.0, 1.0, 2.0) == compared(2.0, 1.0, 2.0) == WITHIN
    assert compared(2.1, 1.0, 2.0) == compared(0.9, 1.0, 2.0) == OUTSIDE
    assert compared(9.0, 1.0, math.nan) == WITHIN
    assert compared(0.5, 1.0, math.nan) == OUTSIDE
    assert compared(math.nan, 1.0, 2.0) == NOT_COMPUTABLE


def verdict(name, result, kind=EMERGENT, **more):
    fields = {"group": "g", "section": FIGURES, "metal": "tin", "what": "w", "simulated": 1.23456, "published": 1.0}
    fields |= {
        "no_change": math.nan,
        "momentum": math.nan,
        "low": 0.9,
        "high": 1.1,
        "unit": "1",
        "kind_reason": "",
        "note": "",
        "source": "s",
    }
    return Verdict(**{**fields, "id": name, "verdict": result, "kind": kind, **more})


def test_scores_count_emergent_rows_only():
    rows = [verdict("a", WITHIN), verdict("b", OUTSIDE, no_change=1.0), verdict("c", WITHIN, "input")]
    rows += [verdict("d", WITHIN, "input"), verdict("e", NOT_IN_MODEL), verdict("f", NOT_COMPUTABLE, "input")]
    found = scores(rows)[FIGURES]
    assert (found["emergent"], found["emergent_within"], found["score"]) == (2, 1, 0.5)
    assert (found["input"], found["input_within"], found["not_judged"]) == (2, 2, 2)
    assert found["no_change_within"] == 1
    moving = [replace(row, momentum=1.0) for row in rows]
    assert scores(moving)[FIGURES]["momentum_within"] == 2
    assert scores([verdict("c", WITHIN, "input")])[FIGURES]["score"] is None


def test_rows_of_assumed_data_are_counted_apart_and_score_nothing():
    rows = [verdict("a", WITHIN, section=LATER), verdict("b", OUTSIDE, section=GUESSED)]
    found = scores(rows)
    assert (found[LATER]["score"], found[LATER]["emergent"]) == (1.0, 1)
    assert (found[GUESSED]["score"], found[GUESSED]["emergent"]) == (None, 1)


def test_the_mean_share_misplaced_stands_beside_the_counts():
    gap = {"section": LATER, "low": 0.0, "high": 0.1}
    rows = [
        verdict("x-2015-misplaced", OUTSIDE, simulated=0.3, no_change=0.2, momentum=0.1, **gap),
        verdict("x-2020-misplaced", OUTSIDE, simulated=0.5, no_change=0.4, momentum=0.2, **gap),
        verdict("x-2020-hhi", WITHIN, simulated=0.9, no_change=0.9, momentum=0.9, section=LATER),
    ]
    found = scores(rows)[LATER]["misplaced"]
    assert found == pytest.approx({"simulated": 0.4, "no_change": 0.3, "momentum": 0.15})


def test_observed_and_assumed_years_are_told_apart(tables, verdicts):
    assert observed.is_assumed(tables, "neodymium-praseodymium", "refine", 2020)
    assert not observed.is_assumed(tables, "neodymium-praseodymium", "refine", 2024)
    assert not observed.is_assumed(tables, "nickel", "refine", 2020)
    wanted = plan(tables)
    judged = [(metal, stage, year) for metal, stage in wanted.later for year in observed.YEARS]
    seen = [key for key in judged if not observed.is_assumed(tables, *key)]
    assert (len(judged), len(seen)) == (48, 32), "96 of 144 rows rest on observed data"


def test_every_share_has_both_simple_forecasts_beside_it(verdicts):
    rows = [
        row for row in verdicts if row.group.startswith("cobalt-") and row.kind == EMERGENT and row.section == LATER
    ]
    assert len(rows) == 18
    for row in rows:
        assert math.isfinite(row.no_change), row.id
        assert math.isfinite(row.momentum), row.id
    assert any(row.momentum != row.no_change for row in rows)


def test_a_row_whose_sources_contradict_each_other_is_no_miss(tables, past):
    def verdict_of(words):
        rows = tables.published_targets
        row = rows[rows["id"] == "C2"].assign(contradicted_by=words)
        wanted = plan(tables.replace(published_targets=row), ["C2"])
        return judge(tables.replace(published_targets=row), wanted, {"past": past})[0]

    assert verdict_of("").verdict == OUTSIDE
    other = verdict_of("another source counts 12 %")
    assert other.verdict == DISAGREE
    assert "another source" in other.note
    found = scores([other])[FIGURES]
    assert (found["disagree"], found["emergent"], found["not_judged"]) == (1, 0, 0)


def test_only_what_got_worse_is_named():
    before = {"a": WITHIN, "b": OUTSIDE, "c": NOT_IN_MODEL, "d": OUTSIDE, "e": WITHIN}
    now = [verdict("a", OUTSIDE), verdict("b", WITHIN), verdict("c", OUTSIDE), verdict("d", NOT_COMPUTABLE)]
    assert [line.split(":")[0] for line in worse(now, before, whole=False)] == ["a", "d"]
    assert [line.split(":")[0] for line in worse(now, before, whole=True)] == ["a", "d", "e"]


# ---- the shipped verdicts and the folder -----------------------------------------------------------------------------
def test_the_baseline_keeps_verdicts_and_rounds(tmp_path, monkeypatch):
    path = tmp_path / "validation.json"
    monkeypatch.setattr(baseline, "BASELINE", path)
    baseline.write_baseline([verdict("a", OUTSIDE), verdict("b", NOT_IN_MODEL, simulated=math.nan)])
    assert baseline.read_baseline() == {"a": OUTSIDE, "b": NOT_IN_MODEL}
    rows = json.loads(path.read_text(encoding="utf-8"))
    assert rows[0]["simulated"] == 1.235
    assert rows[1]["simulated"] is None
    assert rows[0]["tolerance"] == "0.9 to 1.1"
    assert [entry.name for entry in tmp_path.iterdir()] == ["validation.json"]


@pytest.mark.parametrize(
    "text", ["", "{", '{"a": 1}', '[{"id": "a"}]', '[{"id": "a", "verdict": "fine"}]', "[1]"], ids=repr
)
def test_a_broken_baseline_is_one_clear_line(tmp_path, monkeypatch, text):
    path = tmp_path / "validation.json"
    path.write_text(text, encoding="utf-8")
    monkeypatch.setattr(baseline, "BASELINE", path)
    with pytest.raises(DataError, match=r"validation\.json"):
        baseline.read_baseline()


def test_the_shipped_verdicts_are_those_of_the_rows_there_are(tables, verdicts):
    assert set(baseline.read_baseline()) == {verdict.id for verdict in verdicts}


def test_tolerances_read_well():
    texts = [
        baseline.tolerance_text(verdict("a", WITHIN, low=low, high=high))
        for low, high in ((49600, 74400), (2041, 2099), (2100, 2100), (0.257, 0.337), (0.15, math.nan), (math.nan, 3.0))
    ]
    assert texts == ["49,600 to 74,400", "2041 to 2099", "2100", "0.257 to 0.337", "at least 0.15", "at most 3"]


def test_a_validation_is_written_whole_or_not_at_all(tables, past, tmp_path, monkeypatch):
    monkeypatch.setattr(whole, "run_years", lambda name, tables: past)
    said = []
    result = whole.validate(
        tables, plan(tables, ["C2", "cobalt-refine"]), lambda done, total, what: said.append((done, total))
    )
    assert said == [(0, 1), (1, 1)]
    assert set(result.countries["stage"]) == {"refine"}
    folder = result.write(tmp_path / "out")
    assert {entry.name for entry in folder.iterdir()} == {
        "manifest.json",
        "verdicts.csv",
        "countries.csv",
        "scores.json",
    }
    assert list(pd.read_csv(folder / "verdicts.csv")["id"]) == [verdict.id for verdict in result.verdicts]
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["data_hash"] == data.fingerprint(tables)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("keep me", encoding="utf-8")
    with pytest.raises(DataError, match=r"letter\.txt"):
        whole.check_folder(tmp_path / "mine", result.plan, overwrite=True)

    def fail(_):
        raise OSError(28, "No space left on device")

    with pytest.raises(DataError, match="No space left"):
        result.write(tmp_path / "other", finish=fail)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["mine", "out"]
