"""The band: quick runs in a process of their own, at low priority, cancelled when the world changes, and what they say."""

import dataclasses
import os
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from lodeflow.experiments.scenario.model import load_scenario
from lodeflow.viz.app.batch import jobs
from lodeflow.viz.app.beside import band, kept, overlay
from lodeflow.viz.app.beside.band import Runner, Runs, Spread
from lodeflow.viz.app.server import limits
from lodeflow.viz.app.texts import LANGUAGES, Texts
from lodeflow.viz.app.world import board
from lodeflow.viz.app.world.session import Session

SECONDS = 240


@pytest.fixture
def few():
    before = limits.current()
    limits.put(dataclasses.replace(before, band_runs=4))
    yield
    limits.put(before)


@pytest.fixture
def folders(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_only_what_touches_the_metal_is_run(session):
    own = band.wanted(session.scenario, "cobalt")
    assert own.world.metals == ["cobalt"]
    assert len(own.shocks) == 1
    assert band.wanted(session.scenario, "nickel") is None


def test_quick_runs_hold_the_world_between_them(session, few, folders, tables):
    told = []
    runner = Runner(band.wanted(session.scenario, "cobalt").to_toml(), "cobalt", told.append, settled=0.0)
    until(lambda: runner.pid is not None)
    until(lambda: os.getpriority(os.PRIO_PROCESS, runner.pid) == band.LOWEST or not runner._thread.is_alive())
    assert runner.join(SECONDS)
    done = told[-1]
    assert done.state == "done"
    assert [spread.done for spread in told] == sorted(spread.done for spread in told)
    assert len(done.runs.peaks) == 4
    assert all(peak > 1.1 for peak in done.runs.peaks)
    low, high = done.runs.bands["price_outside", "WLD"]
    assert low.shape == (session.scenario.world.months,)
    assert (low <= high).all()
    assert high[-1] > low[-1]
    assert list(folders.iterdir()) == []
    texts = Texts("en", tables)
    frame = session.frame()
    charts = board.charts_of(frame, "cobalt", texts, board.FIRST)
    price, use = band.with_bands(charts, done, "cobalt", frame, texts)[:2]
    assert price.bands[0].high * price.usd == pytest.approx(high)
    assert use.bands[0].low == pytest.approx(done.runs.bands["use", "WLD"][0])
    assert band.with_bands(charts, done, "nickel", frame, texts) == charts


def test_a_world_that_changes_ends_its_runs_at_once(session, folders):
    told = []
    runner = Runner(band.wanted(session.scenario, "cobalt").to_toml(), "cobalt", told.append, settled=0.0)
    until(lambda: runner.pid is not None)
    process = runner.pid
    began = time.monotonic()
    runner.cancel()
    assert time.monotonic() - began < 0.5  # whoever cancels does not wait
    count = len(told)
    assert runner.join(SECONDS)
    assert len(told) == count
    assert not Path(f"/proc/{process}").exists()
    assert jobs.running() == 0
    assert list(folders.iterdir()) == []


def test_a_world_that_changes_soon_starts_nothing():
    told = []
    runner = Runner("", "cobalt", told.append, settled=60.0)
    runner.cancel()
    assert runner.join(5)
    assert told == []
    assert runner.pid is None


def test_bands_wait_for_room_and_leave_that_of_comparisons_alone(monkeypatch):
    monkeypatch.setattr(band, "AGAIN", 0.05)
    taken = threading.Event()

    def job(task, scenario, publish, room):
        assert room == jobs.BANDS
        taken.set()
        raise jobs.NoRoomError

    monkeypatch.setattr(band, "Job", job)
    told = []
    runner = Runner("", "cobalt", told.append, settled=0.0)
    assert taken.wait(5)
    until(lambda: len(told) > 2)
    assert {spread.state for spread in told} == {"waiting"}
    runner.cancel()
    assert runner.join(5)


def until(condition):
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


# ---- what they say ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("peaks", "said"),
    [
        ([3.5] * 17 + [2.5] * 3, "17 of 20 quick runs with parameters drawn from their ranges peak above 3 times"),
        ([1.0] * 19 + [1.4], "19 of 20 quick runs with parameters drawn from their ranges stay below 1.1 times"),
        ([1.2, 1.15], "2 of 2 quick runs with parameters drawn from their ranges peak above 1.1 times"),
    ],
)
def test_the_sentence_counts_runs(tables, peaks, said):
    spread = Spread("cobalt", "done", 20, 20, Runs(tuple(peaks)))
    assert band.sentence(spread, "cobalt", Texts("en", tables)).startswith(said)
    assert band.sentence(spread, "nickel", Texts("en", tables)) == ""


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_state_has_a_sentence(tables, language):
    texts = Texts(language, tables)
    states = [Spread("cobalt", state, 3, 20) for state in ("waiting", "running", "failed")]
    said = [band.sentence(one, "cobalt", texts) for one in states]
    assert len(set(said)) == 3
    assert all(said)


def test_a_country_that_is_singled_out_has_its_own_band(session, tables):
    texts = Texts("en", tables)
    frame = session.frame()
    wide = {("production", "CHN"): np.array([[0.0] * 18, [9.0] * 18]), ("production", "WLD"): np.zeros((2, 18))}
    spread = Spread("cobalt", "done", runs=Runs((1.0,), 0, wide))
    charts = board.charts_of(frame, "cobalt", texts, board.OTHERS)
    one = overlay.laid_over(charts, frame, (), {}, texts, "China")
    assert not any(chart.bands for chart in band.with_bands(charts, spread, "cobalt", frame, texts))
    banded = [chart for chart in band.with_bands(one, spread, "cobalt", frame, texts) if chart.bands]
    assert [chart.id for chart in banded] == ["refined-production"]
    assert banded[0].bands[0].high[0] == 9.0


def test_no_observed_price_is_drawn_in_a_window_that_is_kept_back(tables):
    """In the months of events whose prices are kept back no chart has an observed price, kept worlds beside it or not."""
    texts = Texts("en", tables)
    own = Session(
        tables,
        load_scenario("baseline", ['world.metals=["nickel"]', "world.start=2019-01", "world.end=2020-06"], tables),
    )
    own.step(100)
    frame = own.frame()
    month = frame.observed.kept_back["nickel"]
    first = month.year * 12 + month.month - 1 - frame.first_month
    held = kept.keep((), frame)

    def make(one):
        return [chart for some in (board.FIRST, board.OTHERS) for chart in board.charts_of(one, "nickel", texts, some)]

    lines = [
        line
        for charts in (make(frame), overlay.laid_over(make(frame), frame, held, overlay.drawn(make, held), texts))
        for chart in charts
        for line in chart.lines
        if line.role == "observed"
    ]
    assert lines
    assert all(np.isnan(line.values[first:]).all() for line in lines)
    assert any(np.isfinite(line.values[:first]).any() for line in lines)
