"""A batch: its runs are those of single runs, its folder can be resumed and read, and what goes wrong is one clear line."""

from __future__ import annotations

import dataclasses
import json
import multiprocessing
import shutil
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lodeflow import environment
from lodeflow.data import DataError, Tables
from lodeflow.environment.world import World
from lodeflow.experiments.batch.make import monte_carlo
from lodeflow.experiments.batch.make.band import QUOTIENTS, band_of
from lodeflow.experiments.batch.make.batcher import Status
from lodeflow.experiments.batch.make.pair import Bench
from lodeflow.experiments.batch.make.series import columns_of, read_series
from lodeflow.experiments.batch.make.work import merge_part
from lodeflow.experiments.batch.store import Batch, open_batch
from lodeflow.experiments.kpis import indicators_of
from lodeflow.experiments.run.what_if import run_scenario
from lodeflow.experiments.scenario.drawn import drawn
from lodeflow.experiments.scenario.model import Scenario, load_scenario
from lodeflow.experiments.scenario.uncertainty import MonteCarlo, Vary
from tests.experiments.batch.monte_carlo_worlds import assert_same, write_ban

RUNS, SIZE = 14, 6
sobol_batch = partial(monte_carlo, sampling="sobol")


@pytest.fixture(scope="module")
def ban(tables: Tables, tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    return load_scenario(write_ban(tmp_path_factory.mktemp("scenario")), tables=tables)


@pytest.fixture(scope="module")
def whole(ban: Scenario, tables: Tables, tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """A batch that nothing disturbed."""
    return sobol_batch(ban, tables, tmp_path_factory.mktemp("batch") / "whole", RUNS, 2, part_size=SIZE)


def copy_of(batch: Batch, folder: Path) -> Path:
    return Path(shutil.copytree(batch.folder, folder / "copy"))


# ---- one run --------------------------------------------------------------------------------------------------------
def test_indicators_are_those_of_the_summary_of_a_single_run(tables: Tables) -> None:
    chosen = load_scenario("drc-cobalt-export-ban", ['world.metals=["cobalt"]', "world.end=2026-06"], tables)
    outcome = run_scenario(chosen, tables=tables)
    result = Bench(tables, columns_of(chosen, tables)).run(chosen)
    row = outcome.summary.iloc[0]
    same = {
        "price_peak": row.price_peak_ratio,
        "price_peak_usd": row.price_peak,
        "price_low": row.price_low_ratio,
        "shortage_t": row.shortage_t,
        "shortage": row.shortage_pct / 100,
        "use_lost_t": row.use_lost_t,
        "use_lost": row.use_lost_pct / 100,
        "months_to_recover": row.months_to_recover,
    }
    for name, value in same.items():
        assert result.kpi[f"{name}.cobalt"] == pytest.approx(value, rel=1e-12, nan_ok=True), name
    months = (row.price_peak_date.year - 2025) * 12 + row.price_peak_date.month - 2
    assert result.kpi["price_peak_month.cobalt"] == months
    series = outcome.series
    mine = series[
        (series["variable"] == "production") & (series["form"] == "intermediate") & (series["region"] == "COD")
    ]
    for case in ("shock", "baseline"):
        expected = mine[mine["run"] == case].sort_values("date")["value"].to_numpy(np.float32)
        np.testing.assert_array_equal(result.paths[f"{case}.feed_production.cobalt.COD"], expected)


def test_recovery_is_counted_from_the_news_and_is_nan_while_the_price_is_away(ban: Scenario) -> None:
    flat = np.full(12, 100.0)
    names = ("shortage", "use", "demand", "hhi", "feed_hhi", "eol_recycling_rate", "recycled_content")
    calm = {(name, "cobalt", "WLD"): np.ones(12) for name in names} | {("price", "cobalt", "WLD"): flat}

    def recover(ratio: list[float]) -> tuple[float, float]:
        moved = calm | {("price", "cobalt", "WLD"): flat * np.array(ratio)}
        found = indicators_of(moved, calm, ban, ["cobalt"])
        return found["months_to_recover.cobalt"], found["months_above_2x.cobalt"]

    assert recover([1.0] * 12) == (0.0, 0.0)  # the first news is in the fourth month
    assert recover([1.0] * 3 + [2.1, 2.2, 1.06, 1.04] + [1.0] * 5) == (3.0, 2.0)
    assert np.isnan(recover([1.0] * 3 + [1.2] * 9)[0])


def test_a_shock_that_eases_a_shortage_has_none_of_its_own(ban: Scenario) -> None:
    names = ("price", "shortage", "use", "demand", "hhi", "feed_hhi", "eol_recycling_rate", "recycled_content")
    short = {(name, "cobalt", "WLD"): np.full(12, 2.0) for name in names}
    eased = short | {("shortage", "cobalt", "WLD"): np.ones(12)}
    found = indicators_of(eased, short, ban, ["cobalt"])
    assert (found["shortage_t.cobalt"], found["shortage.cobalt"]) == (0.0, 0.0)
    assert indicators_of(short, eased, ban, ["cobalt"])["shortage_t.cobalt"] == 9.0


def test_worlds_that_share_their_start_are_those_that_do_not(ban: Scenario, tables: Tables) -> None:
    """The next pair keeps start and expected path while parameters stay: bit by bit what a new world gives."""
    bench, kept = Bench(tables, columns_of(ban, tables)), None
    for seed, values in enumerate(({}, {"shocks.0.strength": 0.6, "shocks.0.delay": 1}, {"shocks.0.duration": 2})):
        chosen = drawn(ban, values, seed)  # type: ignore[arg-type]
        result = bench.run(chosen)
        agents = bench.start(chosen)[0].agents
        assert kept is None or agents is kept
        kept = agents
        fresh = environment.build(tables, chosen.world, chosen.shocks, chosen.parameters)
        calm = World(fresh.blueprint, (), fresh.expectation, watched=fresh.watched)
        after, before = read_series(fresh.run()), read_series(calm.run())
        assert result.kpi == pytest.approx(indicators_of(after, before, chosen, ["cobalt"]), rel=0, abs=0, nan_ok=True)
        for column in bench.columns:
            source = after if column.case == "shock" else before
            if column.key in source:
                np.testing.assert_array_equal(result.paths[column.name], source[column.key].astype(np.float32))
    other = drawn(ban, {"parameters.home_bias": 3.0}, 3)
    assert bench.start(other)[0].agents is not kept, "a parameter of the start makes another world"


def test_a_strength_of_zero_changes_nothing(ban: Scenario, tables: Tables) -> None:
    chosen = drawn(ban, {"shocks.0.strength": 0.0}, 1)
    result = Bench(tables, columns_of(ban, tables)).run(chosen)
    for name, values in result.paths.items():
        if name.startswith("shock.") and "price_" not in name:
            np.testing.assert_array_equal(values, result.paths[name.replace("shock.", "baseline.", 1)])


# ---- the folder -----------------------------------------------------------------------------------------------------
def test_the_store_holds_every_run_once(whole: Batch, ban: Scenario) -> None:
    runs, kpi, paths = whole.runs(), whole.kpi(), whole.paths()
    assert list(runs.index) == list(kpi.index) == list(range(RUNS))
    assert (runs["status"] == "ok").all()
    assert runs["seed"].is_unique
    assert paths.groupby("run").size().tolist() == [ban.world.months] * RUNS
    assert sorted(path.name for path in (whole.folder / "parts").iterdir()) == ["00000", "00001", "00002"]
    assert not list((whole.folder / "chunks").iterdir())
    assert list(kpi.columns) == list(whole.kpis["name"])
    assert list(paths.columns) == ["run", "date", *whole.columns["name"]]
    assert set(whole.inputs().columns) == set(whole.factors["key"])
    peaks = paths.assign(ratio=paths["shock.price_outside.cobalt.WLD"] / paths["baseline.price_outside.cobalt.WLD"])
    np.testing.assert_allclose(peaks.groupby("run")["ratio"].max(), kpi["price_peak.cobalt"], rtol=1e-6)
    assert open_batch(whole.folder).manifest == whole.manifest
    assert f"{RUNS} of {RUNS} runs, finished" in repr(whole)


def test_reading_some_columns_and_runs(whole: Batch) -> None:
    name = "shock.price.cobalt.WLD"
    some = whole.paths([name], runs=[3, 13])
    assert list(some.columns) == ["run", "date", name]
    assert set(some["run"]) == {3, 13}
    with pytest.raises(DataError, match=r"did you mean|Did you mean"):
        whole.paths(["shock.price.cobalt.WLT"])
    with pytest.raises(DataError, match="is not a batch"):
        open_batch(whole.folder / "parts")


def test_workers_and_tasks_do_not_change_a_number(whole: Batch, ban: Scenario, tables: Tables, tmp_path: Path) -> None:
    assert_same(whole, sobol_batch(ban, tables, tmp_path / "one", RUNS, 1, part_size=SIZE))


def test_more_runs_can_be_added_to_sobol_points(whole: Batch, ban: Scenario, tables: Tables, tmp_path: Path) -> None:
    first = sobol_batch(ban, tables, tmp_path / "longer", 8, 2, part_size=SIZE)
    assert first.manifest["done"] == 8
    assert_same(whole, sobol_batch(ban, tables, tmp_path / "longer", RUNS, 2, resume=True, part_size=SIZE))


def test_a_batch_that_is_done_is_left_as_it_is(whole: Batch, ban: Scenario, tables: Tables, tmp_path: Path) -> None:
    folder = copy_of(whole, tmp_path)
    again = sobol_batch(ban, tables, folder, RUNS, 2, resume=True, part_size=SIZE)
    pd.testing.assert_frame_equal(again.runs(), whole.runs())


def test_chunks_that_two_calls_made_count_once(whole: Batch, tmp_path: Path) -> None:
    folder = copy_of(whole, tmp_path)
    part = folder / "parts" / "00000"
    for name in ("00000000-00000005", "00000002-00000002"):
        shutil.copytree(part, folder / "chunks" / name)
    shutil.rmtree(part)
    merge_part(str(folder), 0, SIZE)
    (folder / "runs.parquet").unlink()
    (folder / "kpi.parquet").unlink()
    assert_same(whole, open_batch(folder))


def test_resuming_with_anything_else_is_refused_with_the_difference(
    whole: Batch, ban: Scenario, tables: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copy_of(whole, tmp_path)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    stronger = ban.model_copy(update={"shocks": [ban.shocks[0].model_copy(update={"strength": 0.9})]})
    cover = tables.replace(cover=tables["cover"].assign(months=tables["cover"]["months"] * 1.1))
    monkeypatch.setattr("lodeflow.experiments.batch.make.identity.program_version", lambda: "9.9.9")
    monkeypatch.setattr("lodeflow.experiments.batch.make.identity.code_hash", lambda: "0")
    with pytest.raises(DataError) as caught:
        sobol_batch(stronger, cover, folder, 13, 2, resume=True, sampling="lhs", part_size=SIZE)
    text = str(caught.value)
    for words in (
        "batch has 'strength = 1.0', now has 'strength = 0.9'",
        "the table cover has other contents",
        "9.9.9",
        "the batch has sobol, this call lhs",
        "the batch has 14, this call 13",
        "its code has changed",
    ):
        assert words in text
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_a_folder_with_results_is_never_overwritten(
    whole: Batch, ban: Scenario, tables: Tables, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match="holds results already"):
        sobol_batch(ban, tables, whole.folder, RUNS, 2)
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(DataError, match=r"notes\.txt"):
        sobol_batch(ban, tables, tmp_path, RUNS, 2)
    with pytest.raises(DataError, match="is not a batch"):
        sobol_batch(ban, tables, tmp_path / "none", RUNS, 2, resume=True)
    with pytest.raises(DataError, match="price_peak"):
        sobol_batch(ban, tables, tmp_path / "none", RUNS, 2, kpi="price_pek")
    assert not (tmp_path / "none").exists()


def test_two_processes_cannot_write_one_batch(whole: Batch, ban: Scenario, tables: Tables, tmp_path: Path) -> None:
    folder = copy_of(whole, tmp_path)
    fcntl = pytest.importorskip("fcntl")
    with (folder / ".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(DataError, match="another process is writing"):
            sobol_batch(ban, tables, folder, RUNS, 2, resume=True, part_size=SIZE)


# ---- what goes wrong ------------------------------------------------------------------------------------------------
def test_a_failing_run_is_recorded_and_the_batch_goes_on(ban: Scenario, tables: Tables, tmp_path: Path) -> None:
    """Start and end are each possible alone, but some draws end before they start."""
    vary = [
        Vary(key="shocks.0.start", low="2024-03", high="2024-08"),
        Vary(key="shocks.0.end", low="2024-04", high="2024-10"),
    ]
    section = MonteCarlo(parameters=[], vary=vary)
    some = ban.model_copy(update={"monte_carlo": section})
    batch = monte_carlo(some, tables, tmp_path / "some", 12, 2, part_size=SIZE)
    runs = batch.runs()
    impossible = runs["shocks.0.end"] < runs["shocks.0.start"]
    assert 0 < impossible.sum() < 12
    assert ((runs["status"] == "failed") == impossible).all()
    assert runs.loc[impossible, "error"].str.contains("lies before start").all()
    assert (runs.loc[~impossible, "error"] == "").all()
    assert list(batch.kpi().index) == list(runs.index[~impossible]) == sorted(set(batch.paths()["run"]))
    assert batch.manifest["failed"] == impossible.sum()


@pytest.mark.skipif(sys.platform != "linux", reason="limits of other processes are set on Linux only")
def test_a_full_disk_stops_cleanly_and_the_batch_resumes(
    whole: Batch, ban: Scenario, tables: Tables, tmp_path: Path
) -> None:
    """Workers may write no more than a few bytes from the fifth run on, as on a disk that is full."""
    import resource

    def fill(status: Status) -> None:
        if status.done >= 5:
            for child in multiprocessing.active_children():
                resource.prlimit(child.pid or 0, resource.RLIMIT_FSIZE, (1000, 1000))

    with pytest.raises(DataError, match=r"could not be written.*finished runs are kept.*--resume"):
        sobol_batch(ban, tables, tmp_path / "full", RUNS, 2, part_size=SIZE, watch=fill)
    kept = open_batch(tmp_path / "full")
    assert kept.manifest["state"] == "stopped"
    assert 5 <= kept.manifest["done"] == len(kept.runs()) < RUNS
    assert not list((tmp_path / "full").rglob("*.tmp-*"))
    assert_same(whole, sobol_batch(ban, tables, tmp_path / "full", RUNS, 2, resume=True, part_size=SIZE))


def test_a_run_that_always_kills_its_worker_is_given_up(
    ban: Scenario, tables: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two attempts are enough here; the other runs of the batch are made."""
    from lodeflow.experiments.batch.make import batcher, folder
    from lodeflow.experiments.batch.make.engine import Pool

    monkeypatch.setattr(batcher, "ATTEMPTS", 2)
    monkeypatch.setattr(batcher, "run_chunk", _deadly)
    manifest = folder.new_manifest(ban, tables, 4, "sobol", None, SIZE)
    target = folder.create(tmp_path / "deadly", manifest, ban, None)
    batcher.Batcher(target, Pool(1)).run()
    runs = target.close("finished", 0.0).runs()
    assert runs["status"].tolist() == ["ok", "ok", "failed", "ok"]
    assert "the worker died" in runs.loc[2, "error"]


def _deadly(folder: str, stamp: str, first: int, last: int) -> object:
    import os
    import signal

    from lodeflow.experiments.batch.make.work import run_chunk

    if first <= 2 < last:
        os.kill(os.getpid(), signal.SIGKILL)
    return run_chunk(folder, stamp, first, last)


def test_a_narrow_interval_stops_the_batch_at_the_same_run_every_time(
    whole: Batch, ban: Scenario, tables: Tables, tmp_path: Path
) -> None:
    values = whole.kpi()["price_peak.cobalt"]
    batch = sobol_batch(ban, tables, tmp_path / "narrow", 60, 2, until_ci=0.9, part_size=SIZE)
    assert batch.manifest["state"] == "finished"
    assert batch.manifest["done"] == SIZE, "the first part is enough"
    pd.testing.assert_series_equal(batch.kpi()["price_peak.cobalt"], values.iloc[:SIZE])


# ---- the band around a single run -----------------------------------------------------------------------------------
def test_the_band_holds_the_quantiles_of_the_runs(whole: Batch) -> None:
    band = band_of(whole)
    name = "shock.price.cobalt.WLD"
    wide = whole.paths([name]).pivot(index="date", columns="run", values=name)
    own = band[(band["run"] == "shock") & (band["variable"] == "price") & (band["region"] == "WLD")].set_index("date")
    for column, share in (("low", 0.05), ("middle", 0.5), ("high", 0.95)):
        np.testing.assert_allclose(own[column], wide.quantile(share, axis=1), rtol=1e-6)
    assert (own["runs"] == RUNS).all()
    assert set(QUOTIENTS) <= set(band["variable"])


def test_own_tables_lie_in_the_folder_and_serve_the_resume(ban: Scenario, tables: Tables, tmp_path: Path) -> None:
    from lodeflow import data

    own = tmp_path / "own"
    own.mkdir()
    prices = tables["base_prices"].assign(price_usd_per_t=lambda rows: rows["price_usd_per_t"] * 1.5)
    prices.to_csv(own / "base_prices.csv", index=False)
    changed = data.load(own)
    batch = sobol_batch(ban, changed, tmp_path / "batch", 2, 1, data_folder=own, part_size=SIZE)
    assert (tmp_path / "batch" / "data" / "base_prices.csv").is_file()
    shutil.rmtree(own)
    first = batch.paths(["baseline.price.cobalt.WLD"])["baseline.price.cobalt.WLD"].iloc[0]
    base = changed["base_prices"].query("metal == 'cobalt' and year == 2024")["price_usd_per_t"].iloc[0]
    assert first == pytest.approx(base, rel=0.05)
    assert sobol_batch(ban, changed, tmp_path / "batch", 3, 1, resume=True, part_size=SIZE).manifest["done"] == 3
    assert json.loads((tmp_path / "batch" / "manifest.json").read_text())["data_hash"] == data.fingerprint(changed)


def test_a_status_tells_how_far_a_batch_is(ban: Scenario, tables: Tables, tmp_path: Path) -> None:
    seen: list[Status] = []
    batch = sobol_batch(ban, tables, tmp_path / "seen", 5, 2, part_size=SIZE, kpi="use_lost", watch=seen.append)
    assert [status.done for status in seen] == sorted(status.done for status in seen)
    last = seen[-1]
    assert dataclasses.asdict(last)["done"] == last.asked == 5
    assert last.kpi == "use_lost.cobalt"
    assert last.mean == pytest.approx(batch.kpi()["use_lost.cobalt"].mean())


def test_a_batch_that_ends_leaves_nothing_half_written(ban: Scenario, tables: Tables, tmp_path: Path) -> None:
    """A worker that is ended while it writes leaves its temporary folder to whoever closes the batch."""
    from lodeflow.experiments.batch.make import batcher, folder
    from lodeflow.experiments.batch.make.engine import Pool

    manifest = folder.new_manifest(ban, tables, 2, "sobol", None, SIZE)
    target = folder.create(tmp_path / "ended", manifest, ban, None)
    batcher.Batcher(target, Pool(1)).run()
    rest = target.path / "chunks" / ".00000006-00000006.tmp-1"
    rest.mkdir(parents=True)
    target.close("stopped", 0.0)
    assert not rest.exists()
