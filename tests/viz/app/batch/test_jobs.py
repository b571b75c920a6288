"""Comparisons and batches run in processes of their own: watched, cancelled, bounded, and nothing is left of them."""

import dataclasses
import json
import os
import time
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from lodeflow.experiments.run.hit import COUNTRY, hits_in
from lodeflow.experiments.run.what_if import run_scenario
from lodeflow.experiments.scenario.model import load_scenario
from lodeflow.viz import words
from lodeflow.viz.app.batch import batch_view, compare_view, job_view, jobs, spread
from lodeflow.viz.app.batch.jobs import CANCELLED, DONE, FAILED, Job, NoRoomError
from lodeflow.viz.app.server import limits
from lodeflow.viz.app.texts import Texts
from lodeflow.viz.frames import Run

SECONDS = 120
SMALL = ['world.metals=["cobalt"]', "world.start=2024-06", "world.end=2025-12"]


@pytest.fixture(scope="module")
def scenario(tables):
    return load_scenario("drc-cobalt-export-ban", SMALL, tables)


@pytest.fixture(scope="module")
def compared(scenario):
    seen = []
    job = Job(["compare"], scenario.to_toml(), seen.append)
    assert job.join(SECONDS)
    yield job, seen
    job.close()
    assert not job.folder.exists()


def gone(pid):
    """Whether a process has ended."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_a_comparison_gives_the_numbers_of_the_run(compared, scenario, tables):
    job, seen = compared
    assert seen[-1].state == DONE
    done = [progress.done for progress in seen if progress.note == "job.running"]
    assert done == sorted(done)
    assert max(done) == 2 * scenario.world.months - scenario.months_alike > scenario.world.months
    outcome = run_scenario(scenario, tables=tables)
    figures = compare_view.read_figures(job.folder)
    use = outcome.series.query("variable == 'use' and region == 'WLD' and form == 'refined'").sort_values("date")
    for run, values in use.groupby("run", observed=True)["value"]:
        assert figures["series"]["cobalt"]["use"][run] == values.to_list()
    assert figures["summary"][0]["price_peak"] == pytest.approx(outcome.summary["price_peak"][0])
    pd.testing.assert_frame_equal(Run.read(job.folder / "run").series, outcome.series, check_dtype=False)
    assert (job.folder / "run.zip").is_file()
    assert (job.folder / "run" / "report.html").is_file()
    assert {path.stem for path in (job.folder / "flows").iterdir()} == {"cobalt"}


def test_differences_are_with_less_without(compared, tables):
    figures = compare_view.read_figures(compared[0].folder)
    charts = {chart.id: chart for chart in compare_view.differences(figures, "cobalt", Texts("en", tables))}
    lines = figures["series"]["cobalt"]["use"]
    assert np.array_equal(
        charts["difference-use"].lines[0].values, np.array(lines["shock"]) - np.array(lines["baseline"])
    )
    assert {"difference-price-outside", "difference-stock-cover", "difference-feed-production"} <= set(charts)
    heads, rows = compare_view.summary_table(figures["summary"], Texts("zh", tables))
    assert len(heads) == len(rows[0])
    assert rows[0][0] == "钴"


def test_who_is_hit_and_what_recycling_does_are_those_of_the_run(compared, scenario, tables):
    figures, texts = compare_view.read_figures(compared[0].folder), Texts("en", tables)
    outcome = run_scenario(scenario, tables=tables)
    heads, (row,) = compare_view.summary_table(figures["summary"], texts)
    cells, own = dict(zip(heads, row, strict=True)), outcome.summary.iloc[0]
    hit = hits_in(outcome.hits, "cobalt", COUNTRY)[0]
    assert cells["Hardest hit"] == f"{texts.region(hit.name)}: {words.percent(hit.share)} ({words.tonnes(hit.tonnes)})"
    assert cells["Metal from ore"].startswith(words.tonnes(-own["primary_avoided_t"], sign=True))
    assert cells["Recycled metal"].startswith(words.tonnes(own["recycled_more_t"], sign=True))
    heads, rows = compare_view.hits_table(figures["hits"], "cobalt", texts)
    assert rows[0][:3] == ["1", texts.region(hit.name), words.percent(hit.share)]
    assert {len(row) for row in rows} == {len(heads)}
    assert compare_view.hits_table([], "cobalt", texts)[1] == []


def test_a_job_can_be_cancelled_and_leaves_nothing(tables):
    long = load_scenario("drc-cobalt-export-ban", tables=tables)
    job = Job(["batch", "400"], long.to_toml(), lambda _: None)
    deadline = time.monotonic() + SECONDS
    while job.progress.note != "job.running" and time.monotonic() < deadline:
        time.sleep(0.05)
    assert jobs.running() == 1
    job.cancel()
    assert job.join(SECONDS)
    assert job.progress.state == CANCELLED
    assert gone(job.pid)
    assert jobs.running() == 0
    job.close()
    assert not job.folder.exists()


def test_what_is_wrong_with_a_scenario_is_told(tables):
    job = Job(["compare"], 'name = "x"\n[world]\nstart = "2030-01"\nend = "2020-01"\n', lambda _: None)
    assert job.join(SECONDS)
    assert job.progress.state == FAILED
    assert "lies before start" in job.progress.problems[0]
    job.close()


def test_there_is_room_for_so_many_jobs_only(scenario, monkeypatch):
    monkeypatch.setattr(limits, "_current", dataclasses.replace(limits.Limits(), jobs=1))
    first = Job(["compare"], scenario.to_toml(), lambda _: None)
    with pytest.raises(NoRoomError):
        Job(["compare"], scenario.to_toml(), lambda _: None)
    jobs.end_all()
    assert jobs.running() == 0
    assert gone(first.pid)


def test_a_job_that_takes_too_long_is_ended(tables, monkeypatch):
    monkeypatch.setattr(limits, "_current", dataclasses.replace(limits.Limits(), job_seconds=0.3))
    job = Job(["batch", "400"], load_scenario("baseline", tables=tables).to_toml(), lambda _: None)
    assert job.join(SECONDS)
    assert (job.progress.state, job.progress.problems) == (FAILED, ("job.too_long",))
    job.close()


def test_a_batch_is_made_and_read(scenario, tables, monkeypatch, tmp_path):
    job = Job(["batch", "4"], scenario.to_toml(), lambda _: None)
    assert job.join(SECONDS)
    assert job.progress.state == DONE, job.progress
    (job.folder / "batch").rename(tmp_path / "mine")
    job.close()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "manifest.json").write_text(json.dumps({"layout": "?"}))
    monkeypatch.setattr(limits, "_current", dataclasses.replace(limits.Limits(), runs_folder=tmp_path))
    assert list(batch_view.batches()) == ["mine"]
    batch = batch_view.open_batch(tmp_path / "mine")
    texts = Texts("en", tables)
    fans = {chart.id: chart for chart in spread.fans(batch, "cobalt", texts)}
    use = fans["fan-use"]
    name = batch.columns.query("case == 'shock' and variable == 'use' and metal == 'cobalt' and region == 'WLD'")[
        "name"
    ].iloc[0]
    wide = batch.paths([name]).pivot(index="date", columns="run", values=name)
    assert use.lines[-1].values == pytest.approx(wide.median(axis=1).to_numpy(), rel=1e-6)
    assert (use.bands[0].low <= use.bands[1].low).all()
    assert (use.bands[1].high <= use.bands[0].high).all()
    chances = [bar.value for bar in spread.exceedance(batch, "cobalt", texts)]
    assert chances == sorted(chances, reverse=True)
    assert chances[0] == (batch.kpi()["price_peak.cobalt"] > spread.RATIOS[0]).mean()
    heads, rows = spread.table(batch, "cobalt", texts)
    assert all(len(row) == len(heads) for row in rows)
    assert rows


def test_only_inputs_that_matter_are_named():
    draws = np.random.default_rng(1)
    inputs = pd.DataFrame(draws.random((200, 40)), columns=[f"parameters.p{i}" for i in range(40)])
    inputs["parameters.twin"] = inputs["parameters.p3"] + 0.1 * draws.random(200)
    result = 3 * inputs["parameters.p3"] - inputs["parameters.p7"] + 0.2 * pd.Series(draws.random(200))
    found = spread.explained(inputs.rank(), result.rank())
    assert [key for key, _, _ in found[:2]] == ["parameters.p3", "parameters.p7"]
    assert [up for _, _, up in found[:2]] == [True, False]
    assert len(found) <= 3
    assert 0.9 < sum(share for _, share, _ in found) <= 1.0
    noise = pd.Series(draws.random(200))
    assert spread.explained(inputs.rank(), noise.rank()) == []


def test_time_left_is_that_at_the_speed_so_far(monkeypatch, tables):
    """The start, in which nothing is told of, does not count."""
    clock = iter([100.0, 100.0, 110.0, 130.0, 140.0])
    monkeypatch.setattr(jobs, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    job = Job.__new__(Job)
    job._first = None
    told = [job._left(done, 64) for done in (0, 4, 14, 34, 0)]
    assert told == [None, None, 50.0, 30.0, None]
    texts = Texts("en", tables)
    assert job_view.time_left(50.0, texts) == "about 1 minute left"
    assert job_view.time_left(20.0, texts) == "less than a minute left"
