"""`lodeflow footprint`: what is asked for without effect, or is not known, is one line each, before anything is computed."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from lodeflow.cli.main import app


def footprint(*arguments: str) -> Result:
    """The command with some arguments."""
    return CliRunner().invoke(app, ["footprint", *arguments])


@pytest.mark.parametrize(
    ("arguments", "messages"),
    [
        (["coper", "baselin"], ["coper: is no metal, no material and no scenario", "'copper'", "baselin: is no metal"]),
        (["steel", "--country", "CHN", "--year", "2024"], ["--country: does nothing", "--year: does nothing"]),
        (["copper", "baseline", "--run", "runs/x"], ["--run: names a run, and baseline would be another"]),
        (["steel", "aluminium", "--out", "both"], ["--out: is one folder, and there are 2 results"]),
        (["copper", "steel", "--out", "both"], ["--out: is one folder, and there are 2 results"]),
    ],
)
def test_what_cannot_be_done_is_said(arguments: list[str], messages: list[str]) -> None:
    result = footprint(*arguments)
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    text = " ".join(result.output.split())
    for message in messages:
        assert message in text


def test_a_material_named_twice_is_one_result(tmp_path: Path) -> None:
    result = footprint("steel", "steel", "--out", str(tmp_path / "steel"), "--no-charts", "--quiet")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "steel" / "levers.csv").exists()
