"""Parts of a batch that are cut off, lost or not yet on the disk do not count as made."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

import lodeflow
from lodeflow.data import DataError, Tables
from lodeflow.experiments.analysis.discover import discover
from lodeflow.experiments.analysis.sensitivity import analyse
from lodeflow.experiments.batch.layout import KEYS
from lodeflow.experiments.batch.make import folder, monte_carlo
from lodeflow.experiments.batch.make.work import merge_part
from lodeflow.experiments.batch.read.failures import failures
from lodeflow.experiments.batch.read.summary import summarize
from lodeflow.experiments.batch.store import Batch, open_batch
from lodeflow.experiments.scenario.model import Scenario
from tests.experiments.batch.formula_batches import ban_with, between, make_batch
from tests.experiments.batch.monte_carlo_worlds import assert_same
from tests.experiments.disk import disk_watched

RUNS, SIZE = 20, 8
FILES = ("runs.parquet", "kpi.parquet", "paths.parquet")


def formula(scenario: Scenario) -> dict[str, float]:
    x = scenario.parameters["x1"]
    if x > 0.9:
        raise ArithmeticError("out of range")
    return {"price_peak.cobalt": 1.0 + x}


@pytest.fixture(scope="module")
def ban(tables: Tables, tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    return ban_with(tmp_path_factory.mktemp("scenario"), tables, [between("parameters.x1")])


@pytest.fixture(scope="module")
def whole(ban: Scenario, tables: Tables, tmp_path_factory: pytest.TempPathFactory) -> Batch:
    return make_batch(tmp_path_factory.mktemp("whole"), tables, ban, RUNS, formula, part_size=SIZE)


@pytest.fixture
def copied(whole: Batch, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole.folder, tmp_path / "batch"))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def lose_a_row(path: Path) -> None:
    pd.read_parquet(path).iloc[:-1].to_parquet(path)


HARM = {"cut": cut, "gone": Path.unlink, "empty": lambda path: path.write_bytes(b""), "shorter": lose_a_row}


@pytest.mark.parametrize("harm", HARM)
@pytest.mark.parametrize("name", FILES)
def test_a_damaged_part_is_named_and_made_again(
    whole: Batch, copied: Path, ban: Scenario, tables: Tables, name: str, harm: str
) -> None:
    HARM[harm](copied / "parts" / "00001" / name)
    for read in (
        lambda: summarize(open_batch(copied)),
        lambda: analyse(open_batch(copied)),
        lambda: discover(open_batch(copied), "price_peak.cobalt > 1.5"),
        lambda: open_batch(copied).paths(),
        lambda: lodeflow.open_batch(copied).kpi(),
    ):
        with pytest.raises(DataError, match=rf"parts/00001: {name}.*--resume") as caught:
            read()
        assert len(caught.value.problems) == 1
    again = make_batch(copied.parent, tables, ban, RUNS, formula, part_size=SIZE, resume=True)
    assert_same(again, whole)
    assert again.manifest["done"] == RUNS
    assert again.manifest["made_again"][0].startswith(f"parts/00001: {name}")


def test_every_lost_part_is_named_and_made_again(whole: Batch, copied: Path, ban: Scenario, tables: Tables) -> None:
    for part in ("00000", "00002"):
        shutil.rmtree(copied / "parts" / part)
    with pytest.raises(DataError) as caught:
        summarize(open_batch(copied))
    assert [problem.file[-5:] for problem in caught.value.problems] == ["00000", "00002"]
    assert_same(make_batch(copied.parent, tables, ban, RUNS, formula, part_size=SIZE, resume=True), whole)


def test_whole_chunks_below_a_damaged_part_are_used(whole: Batch, copied: Path, ban: Scenario, tables: Tables) -> None:
    shutil.copytree(copied / "parts" / "00000", copied / "chunks" / "00000000-00000007")
    cut(copied / "parts" / "00000" / "paths.parquet")
    folder.resume(copied, whole.manifest)
    assert {path.name for path in open_batch(copied).places()} == {"00000000-00000007", "00001", "00002"}
    assert_same(make_batch(copied.parent, tables, ban, RUNS, formula, part_size=SIZE, resume=True), whole)


@pytest.mark.parametrize("name", ["runs.parquet", "kpi.parquet"])
def test_a_damaged_table_of_the_batch_is_named_and_written_again(
    whole: Batch, copied: Path, ban: Scenario, tables: Tables, name: str
) -> None:
    cut(copied / name)
    with pytest.raises(DataError, match=rf"{name}: cannot be read"):
        summarize(open_batch(copied))
    assert_same(make_batch(copied.parent, tables, ban, RUNS, formula, part_size=SIZE, resume=True), whole)


def test_a_lost_scenario_is_written_again(copied: Path, whole: Batch, ban: Scenario, tables: Tables) -> None:
    (copied / "scenario.toml").unlink()
    make_batch(copied.parent, tables, ban, RUNS, formula, part_size=SIZE, resume=True)
    assert (copied / "scenario.toml").read_text() == (whole.folder / "scenario.toml").read_text()


def test_a_manifest_that_lost_its_keys_is_one_line(copied: Path) -> None:
    (copied / "manifest.json").write_text('{"layout": 1}')
    with pytest.raises(DataError, match=rf"manifest is damaged: it lacks {KEYS[0]}"):
        open_batch(copied)


def test_a_part_counts_when_its_files_are_on_the_disk(
    ban: Scenario, tables: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = disk_watched(monkeypatch)
    batch = make_batch(tmp_path, tables, ban, 2, formula, part_size=2)
    shutil.copytree(batch.folder / "parts" / "00000", batch.folder / "chunks" / "00000000-00000001")
    shutil.rmtree(batch.folder / "parts" / "00000")
    merge_part(str(batch.folder), 0, 2)
    for name, place in (("00000000-00000000", "chunks"), ("00000", "parts")):
        before, after = order[: order.index(f"named {name}")], order[order.index(f"named {name}") :]
        assert set(FILES) <= set(before[-4:]), "the files are flushed just before the folder takes its name"
        assert after[1] == place, "and then the name itself"


def test_failed_runs_are_named_with_their_reasons(whole: Batch, tmp_path: Path) -> None:
    runs = whole.runs()
    failed = [int(run) for run in runs.index[runs["status"] == "failed"]]
    assert len(failed) == 2
    text = failures(whole)
    assert text == (
        f"2 of 20 runs failed and are left out: runs {failed[0]}, {failed[1]} (ArithmeticError: out of range)."
    )
    assert text in summarize(whole).about_runs()
    assert text in discover(whole, "price_peak.cobalt > 1.5").notes


def test_reasons_that_differ_in_numbers_only_are_one(ban: Scenario, tables: Tables, tmp_path: Path) -> None:
    def fails(scenario: Scenario) -> dict[str, float]:
        x = scenario.parameters["x1"]
        if x > 0.5:
            raise ArithmeticError(f"x is {x}")
        raise KeyError("name")

    text = failures(make_batch(tmp_path, tables, ban, 20, fails))
    assert text.startswith("20 of 20 runs failed")
    assert text.count("and 4 more (") == 2


def test_a_batch_without_success_says_why(ban: Scenario, tables: Tables, tmp_path: Path) -> None:
    def fails(scenario: Scenario) -> dict[str, float]:
        raise ArithmeticError("all of them")

    batch = make_batch(tmp_path, tables, ban, 4, fails)
    for read in (lambda: summarize(batch), lambda: discover(batch, "price_peak.cobalt > 1.5")):
        with pytest.raises(DataError, match=r"no run has succeeded yet: 4 of 4 runs failed.*0, 1, 2, 3.*all of them"):
            read()


@pytest.mark.parametrize("runs", [0, -5, 10**7, int("9" * 4000)])
def test_a_batch_of_absurdly_many_runs_is_refused_at_once(ban: Scenario, tables: Tables, runs: int) -> None:
    with pytest.raises(DataError, match="1 to 1,000,000") as caught:
        folder.new_manifest(ban, tables, runs, "lhs", None, SIZE)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("workers", [0, 100_000])
def test_absurdly_many_workers_are_refused_before_a_folder_is_made(
    workers: int, ban: Scenario, tables: Tables, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=r"--workers: [\d,]+ is no number of processes .* Ask for 1 to \d+"):
        monte_carlo(ban, tables, tmp_path / "batch", 2, workers)
    assert not (tmp_path / "batch").exists()
