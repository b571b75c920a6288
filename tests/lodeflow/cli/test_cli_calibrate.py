"""`lodeflow calibrate`: what does not go together is refused before anything is fitted, and nothing that is shipped changes."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from lodeflow.cli.main import app
from lodeflow.experiments.judge.calibrate import store
from lodeflow.experiments.judge.calibrate.report import Calibration
from lodeflow.print import calibrate as printed

EPISODE = "copper-mine-closure-2023"


@pytest.mark.parametrize(
    ("arguments", "wrong", "right"),
    [
        (["coper-mine-closure-2023"], "there is no such episode", EPISODE),
        (["--without", "cobolt"], "there is no such metal", "cobalt"),
        (["--refresh", EPISODE], "--refresh: what is shipped are a fit to all episodes", "eave out names"),
        (["--refresh", "--until", "2012"], "--refresh: what is shipped", "--until 2016"),
        (["--keep", EPISODE], "--keep: what is kept is what a fit to all episodes says", "eave out names"),
        (["--keep", "--until", "2016"], "--keep: what is kept", "--until"),
        (["--keep", "--refresh"], "--keep: what is kept", "--refresh"),
    ],
)
def test_what_does_not_go_together_is_refused(arguments: list[str], wrong: str, right: str, tmp_path: Path) -> None:
    before = store.RESULT.read_bytes(), store.PARAMETERS.read_bytes()
    result = CliRunner().invoke(app, ["calibrate", *arguments, "--out", str(tmp_path / "out")])
    report = " ".join(result.stderr.split())
    assert result.exit_code == 2, result.output
    assert "1 problem found" in report
    assert wrong in report
    assert right in report
    assert "Traceback" not in result.output
    assert not (tmp_path / "out").exists()
    assert (store.RESULT.read_bytes(), store.PARAMETERS.read_bytes()) == before


FOUND = Calibration(
    pd.DataFrame(
        {
            "parameter": ["eta.cobalt"],
            "unit": ["1"],
            "shipped": [0.42],
            "low": [0.25],
            "high": [0.8],
            "fitted": [0.7],
            "plausible_low": [0.3],
            "plausible_high": [0.75],
            "certainty": ["little said"],
            "spread": [0.1],
        }
    ),
    pd.DataFrame(
        {
            "episode": [EPISODE],
            "points": [5],
            "points_fitted": [5],
            "shipped": [0.04],
            "fitted": [0.05],
            "left_out": [0.06],
        }
    ),
    pd.DataFrame({"first": [], "second": [], "correlation": []}),
    pd.DataFrame({"overall": [0.05]}),
    1,
)


def test_what_is_kept_is_what_the_fit_says_and_no_parameter_changes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(store, "RESULT", tmp_path / "kept.json")
    monkeypatch.setattr(printed, "calibrate", lambda *_: FOUND)
    monkeypatch.setattr(printed, "write_charts", lambda *_: None)
    before = store.PARAMETERS.read_bytes()
    result = CliRunner().invoke(app, ["calibrate", "--out", str(tmp_path / "without")])
    assert result.exit_code == 0, result.output
    assert not store.RESULT.exists()
    result = CliRunner().invoke(app, ["calibrate", "--keep", "--out", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    assert json.loads(store.RESULT.read_text())["leave_one_out"] == {"episodes": {EPISODE: 0.06}, "mean": 0.06}
    assert store.PARAMETERS.read_bytes() == before
