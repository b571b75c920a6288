"""`lodeflow hindcast` and `lodeflow register`: exit codes, one line per mistake, nothing written on a mistake."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from lodeflow.cli.main import app
from lodeflow.experiments.judge.hindcast import baseline
from lodeflow.experiments.run.results import is_run_folder

QUICK = "copper-mine-closure-2023"
SHORT = ["--set", 'world.metals=["cobalt"]', "--set", "world.end=2025-06"]


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def refused(*arguments: str) -> str:
    """Invoke a command that must end with exit code 2 and a report without traceback; return the report."""
    result = invoke(*arguments)
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    return " ".join(result.stderr.split())


def test_one_episode_is_printed_and_written(tmp_path: Path) -> None:
    folder = tmp_path / "scores"
    result = invoke("hindcast", QUICK, "--out", str(folder))
    assert result.exit_code == 0, result.output
    assert QUICK in result.stdout
    assert is_run_folder(folder)
    assert (folder / "page.html").stat().st_size > 10_000
    assert {path.name for path in (folder / "charts").iterdir()} == {"summary.png", f"{QUICK}.png"}


def test_names_that_do_not_exist_are_one_line_each(tmp_path: Path) -> None:
    report = refused("hindcast", "E99", "coper-mine-closure-2023", "--out", str(tmp_path / "out"))
    assert "2 problems" in report
    assert f"Did you mean '{QUICK}'" in report
    assert not (tmp_path / "out").exists()


def test_only_parameters_of_episodes_can_be_changed(tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    report = refused("hindcast", QUICK, "--set", "world.seed=2", "--set", "parameters.etta=1", "--out", out)
    assert "history: only parameters" in report
    assert "Did you mean 'eta'" in report


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        (["--observed", "x.csv"], "0 are named"),
        (["--observed", "x.csv", "--run", "a", "--scenario", "b"], "2 are named"),
        (["--run", "a"], "--run: has nothing to be compared with"),
        (["--observed", "x.csv", "--run", "a", "--check"], "--check: does not go with --observed"),
        (["--refresh", QUICK], "does not go with --refresh"),
        (["--refresh", "--set", "parameters.eta=0.5"], "--set: does not go with --refresh"),
        (["--observed", "x.csv", "--run", "a", "--set", "world.seed=1"], "cannot change what has been run"),
    ],
)
def test_options_that_contradict_are_refused(arguments: list[str], wrong: str) -> None:
    before = baseline.SHIPPED.read_bytes()
    assert wrong in refused("hindcast", *arguments)
    assert baseline.SHIPPED.read_bytes() == before


def test_the_check_fails_when_a_score_got_worse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = baseline.read()
    assert invoke("hindcast", QUICK, "--check").exit_code == 0
    good.episodes["mean_error"] -= 0.5
    strict = tmp_path / "scores.json"
    baseline.write(good, strict)
    monkeypatch.setattr(baseline, "read", lambda path=strict, read=baseline.read: read(path))
    result = invoke("hindcast", QUICK, "--check")
    assert result.exit_code == 1
    assert f"{QUICK}: mean |ln error|" in result.stdout


def test_a_forecast_is_registered_and_scored(tmp_path: Path) -> None:
    forecast, observed, out = tmp_path / "forecast.json", tmp_path / "mine.csv", tmp_path / "out"
    result = invoke("register", "drc-cobalt-export-ban", *SHORT, "--out", str(forecast))
    assert result.exit_code == 0, result.output
    assert "never replaced" in refused("register", "drc-cobalt-export-ban", *SHORT, "--out", str(forecast))
    observed.write_text("date,metal,value\n2025-01,cobalt,24000\n2025-03,cobalt,30000\n2025-05,cobalt,34000\n")
    arguments = ["hindcast", "--registered", str(forecast), "--observed", str(observed), "--out", str(out)]
    result = invoke(*arguments, "--no-charts")
    assert result.exit_code == 0, result.output
    assert "cobalt: price" in result.stdout
    assert "not later than the month in which the forecast was registered" in result.stdout
    forecast.write_text(forecast.read_text().replace("2025-05", "2025-06"))
    assert "checksum does not match" in refused(*arguments)
