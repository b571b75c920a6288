"""`lodeflow validate`: what it prints and writes, its exit codes, and the shipped verdicts it checks against."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from lodeflow import data
from lodeflow.cli.main import app
from lodeflow.experiments.judge.validate import baseline, validation
from lodeflow.experiments.judge.validate.runs import PAST, RUNS, run_spec

ROWS = ["C2", "cobalt-refine", "P1-net-tin"]


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["validate", *arguments])


def refused(*arguments: str) -> str:
    result = invoke(*arguments)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.output
    return result.stderr


@pytest.fixture(scope="module", autouse=True)
def quick() -> object:
    """Every run is the one from 2010 to 2024 with cobalt alone."""
    spec = RUNS[PAST]
    run = run_spec(replace(spec, world={**spec.world, "metals": ["cobalt"]}), data.load())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(validation, "run_years", lambda name, tables: run)
        yield


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shipped verdicts that tests may change."""
    path = tmp_path / "validation.json"
    path.write_bytes(baseline.BASELINE.read_bytes())
    monkeypatch.setattr(baseline, "BASELINE", path)
    return path


def test_it_prints_rows_and_scores_and_writes_a_folder(tmp_path: Path) -> None:
    result = invoke(*ROWS, "--out", str(tmp_path / "out"))
    assert result.exit_code == 0, result.output
    for word in (
        "C2",
        "P1-net-tin",
        "not in the model yet",
        "cobalt-refine",
        "largest producer",
        "no success of the model",
    ):
        assert word in result.stdout
    entries = {entry.name for entry in (tmp_path / "out").iterdir()}
    assert entries == {"manifest.json", "verdicts.csv", "countries.csv", "scores.json", "charts", "page.html"}
    again = invoke(*ROWS, "--out", str(tmp_path / "out"), "--no-charts")
    assert again.exit_code == 0, again.output
    assert not (tmp_path / "out" / "page.html").exists()


def test_unknown_rows_are_refused_in_one_report(tmp_path: Path) -> None:
    report = refused("C9", "nikel", "--out", str(tmp_path / "out"))
    assert "2 problems found" in report
    assert "validate, C9: is no row, group of rows or metal. Did you mean 'C" in report
    assert "Did you mean 'nickel'" in report
    assert not (tmp_path / "out").exists()


def test_folders_of_others_are_not_touched(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("keep me", encoding="utf-8")
    assert "letter.txt" in refused("C2", "--out", str(tmp_path))
    assert [entry.name for entry in tmp_path.iterdir()] == ["letter.txt"]


def test_options_that_contradict_each_other_are_refused(shipped: Path) -> None:
    before = shipped.read_bytes()
    assert "does not go with single rows" in refused("C2", "--refresh")
    assert "does not go with --check" in refused("--check", "--refresh")
    assert shipped.read_bytes() == before


def test_check_names_what_got_worse_and_refresh_accepts_it(shipped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = shipped.parent
    monkeypatch.chdir(folder)
    assert invoke("--refresh", "--no-charts").exit_code == 0
    fine = invoke("--check")
    assert fine.exit_code == 0, fine.output
    assert "verdicts is worse than the shipped" in fine.stdout
    rows = json.loads(shipped.read_text(encoding="utf-8"))
    verdicts = {row["id"]: row["verdict"] for row in rows}
    assert verdicts["P1-net-tin"] == "not in the model yet"
    changed = next(row for row in rows if row["verdict"] == "outside")
    changed["verdict"] = "within"
    rows.append({"id": "gone", "verdict": "within"})
    shipped.write_text(json.dumps(rows), encoding="utf-8")
    worse = invoke("--check")
    assert worse.exit_code == 1
    assert f"{changed['id']}: was 'within', is 'outside'" in worse.stderr
    assert "gone: was 'within', is no longer judged" in worse.stderr
    part = invoke("C4", "--check")
    assert part.exit_code == 0, part.output
    assert sorted(entry.name for entry in folder.iterdir()) == ["validation.json"]  # nothing else is written
    shipped.unlink()
    assert "--refresh" in refused("--check")
