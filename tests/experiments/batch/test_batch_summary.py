"""The summary of a batch: quantiles, chances and recovery as computed by hand, also of an unfinished batch."""

from __future__ import annotations

import dataclasses
import math
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lodeflow.data import DataError, Tables
from lodeflow.experiments.batch.make.series import Column
from lodeflow.experiments.batch.read.summary import NAMES, QUANTILES, summarize
from lodeflow.experiments.batch.store import Batch, open_batch
from lodeflow.experiments.scenario.model import Scenario
from tests.experiments.batch.formula_batches import ban_with, between, make_batch

RUNS = 60
MONTHS = 12


def known(scenario: Scenario) -> dict[str, float]:
    x = scenario.parameters["x1"]
    if x > 0.95:
        raise ArithmeticError("out of range")
    return {"price_peak.cobalt": 1.0 + 2.0 * x, "months_to_recover.cobalt": math.nan if x > 0.5 else math.floor(10 * x)}


def lines(scenario: Scenario, column: Column) -> np.ndarray:
    """Prices of 100 without the shock, and from the fourth month on 100 x more with it; China has no series in some runs."""
    x = scenario.parameters["x1"]
    if column.region == "CHN" and x < 0.2:
        return np.full(MONTHS, np.nan)
    sign = -1.0 if column.variable == "production" else 1.0
    later = np.arange(MONTHS) >= 3
    return 100.0 + sign * 100.0 * x * later * (column.case == "shock")


@pytest.fixture(scope="module")
def batch(tables: Tables, tmp_path_factory: pytest.TempPathFactory) -> Batch:
    folder = tmp_path_factory.mktemp("known")
    scenario = ban_with(folder, tables, [between("parameters.x1")])
    return make_batch(folder, tables, scenario, RUNS, known, lines=lines, part_size=25)


@pytest.fixture(scope="module")
def x(batch: Batch) -> np.ndarray:
    return batch.inputs()["parameters.x1"].to_numpy()


def test_fans_are_quantiles_over_the_runs(batch: Batch, x: np.ndarray) -> None:
    summary = summarize(batch)
    assert len(x) < RUNS
    fan = summary.line("shock", "price", "cobalt")
    assert len(fan) == MONTHS
    assert (fan.iloc[:3][["mean", *NAMES]] == 100.0).all(axis=None)
    np.testing.assert_allclose(
        fan.iloc[5][list(NAMES)].to_numpy(float), np.quantile(100 + 100 * x, QUANTILES), rtol=1e-6
    )
    np.testing.assert_allclose(fan.iloc[5]["mean"], (100 + 100 * x).mean(), rtol=1e-6)
    assert (fan["runs"] == len(x)).all()
    china = summary.line("shock", "use", "cobalt", "CHN")
    assert (china["runs"] == (x >= 0.2).sum()).all()
    np.testing.assert_allclose(china.iloc[5]["q50"], np.median(100 + 100 * x[x >= 0.2]), rtol=1e-6)


def test_places_hold_means_from_the_first_news_on(batch: Batch, x: np.ndarray) -> None:
    rows = summarize(batch).places.set_index(["variable", "region"])
    made = rows.loc[("production", "USA")]
    np.testing.assert_allclose(made["mean_without"], 100.0)
    np.testing.assert_allclose(made["change_mean"], -100 * x.mean(), rtol=1e-6)
    np.testing.assert_allclose(made["change_q05"], np.quantile(-100 * x, 0.05), rtol=1e-5)
    runs = batch.inputs().index
    assert made["worst_run"] == runs[x.argmax()]
    np.testing.assert_allclose(made["worst"], -100 * x.max(), rtol=1e-6)
    assert rows.loc[("shortage", "WLD"), "worst"] == pytest.approx(100 * x.max(), rel=1e-6)
    assert rows.loc[("use", "CHN"), "runs"] == (x >= 0.2).sum()


def test_chances_carry_confidence_intervals(batch: Batch, x: np.ndarray) -> None:
    rows = summarize(batch).exceedance
    row = rows[(rows["indicator"] == "price_peak") & (rows["above"] == 2.0)].iloc[0]
    share, n = (x > 0.5).mean(), len(x)
    assert row["probability"] == pytest.approx(share)
    z = 1.959964
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    assert row["ci_low"] == pytest.approx(middle - half, rel=1e-5)
    assert row["ci_high"] == pytest.approx(middle + half, rel=1e-5)


def test_runs_that_never_recover_are_counted_not_dropped(batch: Batch, x: np.ndarray) -> None:
    rows = summarize(batch).recovery.set_index("months")
    assert rows["never"].iloc[0] == pytest.approx((x > 0.5).mean())
    for months in range(5):
        assert rows.loc[months, "recovered"] == pytest.approx(((x <= 0.5) & (np.floor(10 * x) <= months)).mean())
    assert rows["recovered"].iloc[-1] + rows["never"].iloc[-1] == pytest.approx(1.0)


def test_an_unfinished_batch_says_how_far_it_is(batch: Batch, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(batch.folder, tmp_path / "copy"))
    shutil.rmtree(copy / "parts" / "00002")
    begun = dataclasses.replace(open_batch(copy), manifest=batch.manifest | {"state": "running", "done": 0})
    summary = summarize(begun)
    failed = int((batch.runs().loc[:49, "status"] == "failed").sum())
    assert (summary.runs, summary.failed, summary.asked) == (50, failed, RUNS)
    expected = f"{50 - failed} runs of {RUNS} that were asked for; "
    assert summary.about_runs().startswith(expected)
    assert (summary.line("shock", "price", "cobalt")["runs"] == 50 - failed).all()


def test_names_choose_series_and_mistakes_are_named(batch: Batch) -> None:
    assert set(summarize(batch, variables=["price", "use"]).series["variable"]) == {"price", "use"}
    with pytest.raises(DataError) as wrong:
        summarize(batch, metals=["cobolt"])
    assert str(wrong.value.problems[0]).endswith("the batch holds no metal 'cobolt'. Did you mean 'cobalt'?")
    empty = dataclasses.replace(batch, folder=batch.folder / "nothing", manifest=batch.manifest | {"state": "running"})
    with pytest.raises(DataError, match="no run has succeeded yet"):
        summarize(empty)


def test_tables_are_written_whole_and_read_back(batch: Batch, tmp_path: Path) -> None:
    summary = summarize(batch)
    folder = summary.write(tmp_path / "summary")
    for name in ("indicators", "exceedance", "recovery", "places", "series"):
        stored = pd.read_parquet(folder / f"{name}.parquet")
        pd.testing.assert_frame_equal(stored, getattr(summary, name), check_dtype=False)
        assert len(pd.read_csv(folder / f"{name}.csv")) == len(stored)
    summary.write(folder)  # an older summary is replaced
    (folder / "mine.txt").write_text("kept", encoding="utf-8")
    with pytest.raises(DataError, match="files that a run did not write"):
        summary.write(folder)
    assert (folder / "mine.txt").read_text(encoding="utf-8") == "kept"
