"""The run folder: whole or not at all, equal bytes for equal results, and nothing of others is touched."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from lodeflow.data.problems import DataError
from lodeflow.experiments.run import what_if as run_module
from lodeflow.experiments.run.read import read_run
from lodeflow.experiments.run.results import Outcome, check_target, is_run_folder, tidy, write_folder, write_parquet
from lodeflow.experiments.run.what_if import run_scenario
from lodeflow.experiments.scenario.model import Scenario, check_scenario, load_scenario
from tests.experiments.disk import disk_watched
from tests.experiments.fake import FakeWorld, fake_tables

TABLES: Any = fake_tables()
FILES = {"manifest.json", "scenario.toml", "summary.csv", "hits.csv", "kpis.csv", "events.json"} | {
    f"{name}.parquet"
    for name in ("series", "trade", "why", "ledger", "products", "product_trade", "movements", "end_of_life")
}


def scenario() -> Scenario:
    ban = {"kind": "export_ban", "actor": "COD", "metals": ["cobalt"], "form": "intermediate", "start": "2024-03"}
    raw = {"name": "test", "world": {"start": "2024-01", "end": "2024-12"}, "shocks": [ban]}
    return check_scenario(raw, "test.toml", tables=TABLES)


@pytest.fixture
def outcome(monkeypatch: pytest.MonkeyPatch) -> Outcome:
    return faked(monkeypatch, scenario())


@pytest.fixture(autouse=True)
def _nothing_is_illustrative(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stand-in tables do not say what of them is observed."""
    monkeypatch.setattr(run_module, "illustrative", lambda tables: [])


def faked(monkeypatch: pytest.MonkeyPatch, chosen: Scenario) -> Outcome:
    """Run a scenario with the stand-in world."""

    def build(chosen: Scenario, tables: Any, lasting: bool) -> FakeWorld:
        return FakeWorld(chosen.world.start, chosen.world.months, shocked=bool(chosen.shocks))

    monkeypatch.setattr(run_module, "build_world", build)
    monkeypatch.setattr("lodeflow.data.fingerprint", lambda tables: "0" * 64)
    return run_scenario(chosen, tables=TABLES)


def test_the_folder_holds_everything_and_reads_back(outcome: Outcome, tmp_path: Path) -> None:
    folder = outcome.write(tmp_path / "runs" / "test")
    assert {path.name for path in folder.iterdir()} == FILES
    again = read_run(folder, TABLES)
    pd.testing.assert_frame_equal(again.series, outcome.series, check_dtype=False)
    assert list(again.summary["metal"]) == list(outcome.summary["metal"])
    pd.testing.assert_frame_equal(again.hits, outcome.hits, check_dtype=False, rtol=1e-5)
    assert again.events == outcome.events
    assert again.manifest["seed"] == 1
    assert again.manifest["data_hash"] == "0" * 64
    assert list(tmp_path.iterdir()) == [tmp_path / "runs"]
    assert list((tmp_path / "runs").iterdir()) == [folder]


def test_equal_results_give_equal_bytes(outcome: Outcome, tmp_path: Path) -> None:
    first, second = outcome.write(tmp_path / "a"), outcome.write(tmp_path / "b")
    for name in FILES - {"manifest.json"}:
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_the_order_of_rows_does_not_matter(outcome: Outcome, tmp_path: Path) -> None:
    shuffled = tidy(outcome.series.sample(frac=1.0, random_state=1), "series")
    write_parquet(outcome.series, tmp_path / "a.parquet")
    write_parquet(shuffled, tmp_path / "b.parquet")
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_series_is_tidy(outcome: Outcome) -> None:
    assert list(outcome.series.columns) == ["date", "run", "metal", "form", "region", "variable", "value", "unit"]
    assert outcome.series["date"].dt.day.eq(1).all()
    assert set(outcome.series["run"]) == {"baseline", "shock"}
    assert not outcome.series.duplicated(["date", "run", "metal", "form", "region", "variable"]).any()


def test_an_older_run_is_replaced(outcome: Outcome, tmp_path: Path) -> None:
    folder = outcome.write(tmp_path / "a", finish=lambda path: (path / "report.html").write_text("old") and None)
    assert {path.name for path in folder.iterdir()} == FILES | {"report.html"}
    (folder / ".DS_Store").write_text("left by a file manager")
    outcome.write(folder, finish=lambda path: (path / "charts").mkdir() or None)
    assert {path.name for path in folder.iterdir()} == FILES | {"charts"}
    assert list(tmp_path.iterdir()) == [folder]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt(), RuntimeError("bug")])
def test_a_failure_half_way_leaves_nothing_and_keeps_the_old_run(
    outcome: Outcome, tmp_path: Path, error: BaseException
) -> None:
    def fail(path: Path) -> None:
        assert (path / "series.parquet").exists()
        assert not is_run_folder(path)
        raise error

    expected = DataError if isinstance(error, OSError) else type(error)
    with pytest.raises(expected):
        outcome.write(tmp_path / "a", finish=fail)
    assert list(tmp_path.iterdir()) == []
    folder = outcome.write(tmp_path / "b")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(expected):
        outcome.write(folder, finish=fail)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert list(tmp_path.iterdir()) == [folder]


def test_a_failure_while_changing_places_puts_the_old_run_back(
    outcome: Outcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    folder = outcome.write(tmp_path / "a")
    replace = os.replace

    def fail(source: Path, target: Path) -> None:
        if ".tmp-" in Path(source).name:
            raise PermissionError(13, "Permission denied")
        replace(source, target)

    monkeypatch.setattr("lodeflow.experiments.run.results.os.replace", fail)
    with pytest.raises(DataError, match="Permission denied"):
        outcome.write(folder)
    assert is_run_folder(folder)
    assert list(tmp_path.iterdir()) == [folder]


def test_folders_of_others_are_not_touched(outcome: Outcome, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "thesis.txt").write_text("years of work")
    with pytest.raises(DataError, match=r"did not write \(thesis.txt\)"):
        outcome.write(foreign)
    assert (foreign / "thesis.txt").read_text() == "years of work"
    lookalike = tmp_path / "lookalike"
    lookalike.mkdir()
    (lookalike / "manifest.json").write_text(json.dumps({"versions": {"other": "1"}}))
    with pytest.raises(DataError, match="not a run of Lodeflow"):
        outcome.write(lookalike)
    noted = outcome.write(tmp_path / "noted")
    (noted / "notes.txt").write_text("mine")
    with pytest.raises(DataError, match=r"notes\.txt"):
        outcome.write(noted)


def draw(folder: Path) -> None:
    """Stand in for charts and report."""
    (folder / "charts").mkdir()
    (folder / "charts" / "01-price.png").write_bytes(b"picture")


def add_note(folder: Path) -> str:
    (folder / "charts" / "my-notes.md").write_text("what I saw")
    return "charts/my-notes.md"


def comment(folder: Path) -> str:
    path = folder / "scenario.toml"
    path.write_text(path.read_text() + "# why I chose this strength\n")
    return "scenario.toml"


def paint(folder: Path) -> str:
    (folder / "charts" / "01-price.png").write_bytes(b"picture with an arrow")
    return "charts/01-price.png"


def link(folder: Path) -> str:
    (folder / "charts" / "others").symlink_to(folder.parent, target_is_directory=True)
    return "charts/others"


@pytest.mark.parametrize("change", [add_note, comment, paint, link])
@pytest.mark.parametrize("overwrite", [False, True])
def test_what_a_user_put_into_a_run_or_changed_in_it_is_kept(
    outcome: Outcome, tmp_path: Path, change: Callable[[Path], str], overwrite: bool
) -> None:
    folder = outcome.write(tmp_path / "a", draw)
    name = change(folder)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for write in (lambda: check_target(folder, overwrite=overwrite), lambda: outcome.write(folder, draw, overwrite)):
        with pytest.raises(DataError, match=rf"\({name}\); nothing was touched") as caught:
            write()
        assert len(caught.value.problems) == 1
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_another_run_replaces_a_run_only_when_asked_to(
    outcome: Outcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = outcome.write(tmp_path / "a")
    outcome.write(folder)
    first = (folder / "scenario.toml").read_bytes()
    world = outcome.scenario.world.model_copy(update={"seed": 7})
    other = faked(monkeypatch, outcome.scenario.model_copy(update={"world": world}))
    with pytest.raises(DataError, match=r"made with something else \(scenario\).*--out.*--overwrite"):
        other.write(folder)
    assert (folder / "scenario.toml").read_bytes() == first
    other.write(folder, overwrite=True)
    assert (folder / "scenario.toml").read_bytes() != first


def test_a_folder_that_does_not_say_what_was_written_is_kept(outcome: Outcome, tmp_path: Path) -> None:
    folder = outcome.write(tmp_path / "a")
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({key: manifest[key] for key in manifest if key != "files"}))
    with pytest.raises(DataError, match="of an older version"):
        outcome.write(folder, overwrite=True)


def test_a_folder_takes_its_name_when_its_files_are_on_the_disk(
    outcome: Outcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = disk_watched(monkeypatch)
    outcome.write(tmp_path / "a")
    assert set(order[: order.index("named a")]) >= FILES
    assert tmp_path.name in order[order.index("named a") :]


def test_an_empty_folder_may_be_used(outcome: Outcome, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert is_run_folder(outcome.write(tmp_path / "empty"))


def test_places_that_cannot_be_written_are_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    with pytest.raises(DataError, match="not a folder"):
        check_target(file)
    with pytest.raises(DataError, match=r".+"):
        check_target(file / "below")
    with pytest.raises(DataError, match=r".+"):
        check_target(file / "far" / "below")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match="the folder you are in"):
        check_target(Path())
    monkeypatch.setattr("lodeflow.experiments.run.results.os.access", lambda path, mode: False)
    with pytest.raises(DataError, match="no permission"):
        check_target(tmp_path / "new")


def test_a_folder_that_is_no_run_cannot_be_read(outcome: Outcome, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not a run"):
        read_run(tmp_path)

    def fill(place: Path) -> None:
        (place / "losses.csv").write_text("a", encoding="utf-8")

    other = write_folder(tmp_path / "network", fill, {"versions": outcome.manifest["versions"]})
    with pytest.raises(DataError, match=r"1 problem found:\n.*not a run of Lodeflow"):
        read_run(other)  # a folder of another command
    for name, files in (("batch", {"files": {"scenario.toml": "", "kpi.parquet": ""}}), ("old", {})):
        (tmp_path / name).mkdir()
        noted = {"versions": outcome.manifest["versions"]} | files
        (tmp_path / name / "manifest.json").write_text(json.dumps(noted), encoding="utf-8")
        with pytest.raises(DataError, match=r"1 problem found:\n.*not a run of Lodeflow"):
            read_run(tmp_path / name)


@pytest.mark.parametrize("name", sorted(FILES))
@pytest.mark.parametrize("harm", ["gone", "cut", "empty", "other"])
def test_a_damaged_run_is_one_clear_line(outcome: Outcome, tmp_path: Path, name: str, harm: str) -> None:
    path = outcome.write(tmp_path / "a") / name
    if harm == "gone":
        path.unlink()
    elif harm == "cut" and path.suffix != ".csv":
        path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    elif harm == "other" and path.suffix == ".parquet":
        pd.DataFrame({"x": [1]}).to_parquet(path)
    else:
        path.write_bytes(b"")
    with pytest.raises(DataError) as caught:
        read_run(path.parent, TABLES)
    assert str(path.parent) in str(caught.value)
    assert name == "manifest.json" or name in str(caught.value)
    assert all("\n" not in str(problem) for problem in caught.value.problems)


def test_progress_counts_the_months_of_both_runs_and_those_before_the_news_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(run_module, "build_world", lambda *_, **__: FakeWorld("2024-01", 12, True))
    monkeypatch.setattr("lodeflow.data.fingerprint", lambda tables: "")
    seen: list[tuple[int, int]] = []
    run_scenario(scenario(), lambda done, total: seen.append((done, total)), tables=TABLES)
    assert scenario().months_alike == 2
    assert seen == [(month + 1, 22) for month in range(22)]


def test_without_shocks_only_the_baseline_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    calm = check_scenario({"name": "calm", "world": {"start": "2024-01", "end": "2024-12"}}, "calm.toml", tables=TABLES)
    outcome = faked(monkeypatch, calm)
    assert set(outcome.series["run"]) == {"baseline"}
    assert outcome.events == []
    assert outcome.summary["months_to_recover"].isna().all()
    assert "calm" in repr(outcome)


def test_what_cannot_be_touched_is_said_before_the_first_month(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[tuple[str, int]] = []
    world = FakeWorld("2024-01", 12, True)
    monkeypatch.setattr(run_module, "build_world", lambda *_, **__: world)
    monkeypatch.setattr("lodeflow.data.fingerprint", lambda tables: "0" * 64)
    run_scenario(scenario(), tables=TABLES, warn=lambda line: said.append((line, world.steps)))
    assert said == [("shocks[0]: touches nothing", 0)]
    assert run_module.warnings_of(scenario(), TABLES) == ["shocks[0]: touches nothing"]


def test_a_folder_without_a_ranking_reads_back(outcome: Outcome, tmp_path: Path) -> None:
    folder = outcome.write(tmp_path / "run")
    (folder / "hits.csv").unlink()
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    del manifest["files"]  # as 0.2.0 wrote it
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert read_run(folder, TABLES).hits.empty


def test_a_problem_of_the_world_names_the_file_of_its_scenario(tmp_path: Path) -> None:
    """Found only while the world is built: products shrink faster than drawers are cleared."""
    path = tmp_path / "shrinking.toml"
    world = 'metals = ["cobalt"]\nstart = "2024-01"\nend = "2024-06"\nmode = "growth"\ngrowth = -0.1\n'
    path.write_text(f'name = "mine"\n[world]\n{world}[parameters]\nhibernation_months = 240\n', encoding="utf-8")
    scenario = load_scenario(path)
    with pytest.raises(DataError, match="products shrink faster") as error:
        run_scenario(scenario)
    assert [problem.file for problem in error.value.problems] == ["shrinking.toml"]
    assert scenario == load_scenario(path).model_copy(), "the file is no part of the scenario"
    assert "shrinking" not in scenario.to_toml()
