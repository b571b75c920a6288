"""`lodeflow validate --structure`: what it prints and writes, what it refuses, and its exit codes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from lodeflow.cli.main import app
from lodeflow.experiments.judge.structure import baseline
from lodeflow.experiments.judge.structure.store import ENTRIES
from lodeflow.print import structure


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["validate", *arguments])


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Nothing is run: the shipped judgement comes out, or another one that a test puts in."""
    board = replace(baseline.read(), manifest=baseline.read().manifest | {"wall_seconds": 1.0})
    found: dict[str, Any] = {"board": board}
    monkeypatch.setattr(structure, "run_board", lambda *_, **__: found["board"])
    return found


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--quick"], "--quick"),
        (["--structure", "nickel"], "--structure"),
        (["--structure", "--quick", "--check"], "--check"),
        (["--structure", "--quick", "--refresh"], "--refresh"),
        (["--structure", "--check", "--refresh"], "--refresh"),
    ],
)
def test_options_that_do_not_go_together_are_refused(arguments: list[str], named: str) -> None:
    result = invoke(*arguments)
    assert result.exit_code == 2
    assert named in result.stderr
    assert "Traceback" not in result.output


def test_it_prints_every_table_and_writes_a_folder(judged: dict[str, Any], tmp_path: Path) -> None:
    result = invoke("--structure", "--out", str(tmp_path / "out"), "--no-charts")
    assert result.exit_code == 0, result.output
    for word in (
        "Marks",
        "What each run was given",
        "Trend mode",
        "Cases of history",
        "times as much as the best simple",
    ):
        assert word in result.stdout
    entries = {entry.name for entry in (tmp_path / "out").iterdir()}
    assert entries == ENTRIES - {"charts", "page.html"}


def test_a_mark_that_got_worse_fails_the_check(judged: dict[str, Any]) -> None:
    assert invoke("--structure", "--check").exit_code == 0
    marks = judged["board"].marks
    judged["board"] = replace(judged["board"], marks=marks.assign(ratio=marks["ratio"] + 0.2))
    result = invoke("--structure", "--check")
    assert result.exit_code == 1
    assert "overall: ratio to the simple rule is" in result.stderr


def test_folders_of_others_are_not_touched(judged: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("keep me", encoding="utf-8")
    assert invoke("--structure", "--out", str(tmp_path)).exit_code == 2
    assert (tmp_path / "letter.txt").read_text(encoding="utf-8") == "keep me"
