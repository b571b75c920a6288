"""`lodeflow footprint`: what is asked for without effect, or is not known, is one line each, before anything is computed."""

from __future__ import annotations

import json
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
        (
            ["coper", "baselin"],
            ["coper: is no metal, material, technology or scenario", "'copper'", "baselin: is no metal"],
        ),
        (["steel", "--country", "CHN", "--year", "2024"], ["--country: does nothing", "--year: does nothing"]),
        (["copper", "baseline", "--run", "runs/x"], ["--run: names a run, and baseline would be another"]),
        (["steel", "--left", "0.5"], ["--left: does nothing with steel"]),
        (["pv", "--case", "baseline"], ["--case: does nothing with pv"]),
        (["pv", "--country", "XYZ"], ["--country: the power of XYZ is not known"]),
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


def test_a_technology_says_what_it_gains(tmp_path: Path) -> None:
    result = footprint("pv", "--country", "CHN", "--year", "2021", "--out", str(tmp_path / "pv"), "--quiet")
    assert result.exit_code == 0, result.output
    assert {file.name for file in (tmp_path / "pv").iterdir()} == {
        "gain.csv",
        "content.csv",
        "manifest.json",
        "footprint.png",
    }
    assert json.loads((tmp_path / "pv" / "manifest.json").read_text())["inputs"]["year"] == 2021
