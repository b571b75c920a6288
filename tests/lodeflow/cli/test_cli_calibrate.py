"""`lodeflow calibrate`: what does not go together is refused before anything is fitted, and nothing that is shipped changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from lodeflow.cli.main import app
from lodeflow.experiments.judge.calibrate import store

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
