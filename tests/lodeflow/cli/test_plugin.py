"""`--plugin FILE` on the command line: used where kinds are, and one line and exit code 2 where it has a fault."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.experiments.plugin_files import DETOUR, SCENARIO, detour


def lodeflow(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder."""
    return subprocess.run([sys.executable, "-m", "lodeflow", *words], cwd=folder, capture_output=True, text=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "cape.toml").write_text(SCENARIO)
    detour(tmp_path)
    return tmp_path


def test_the_kind_is_listed_described_checked_and_run(folder: Path) -> None:
    for words, says in (
        (("list",), "detour  "),
        (("describe", "detour"), "longer way"),
        (("check", "cape.toml"), "with 1 shock, nothing wrong"),
        (("run", "cape.toml", "--no-charts"), "Results: runs/cape"),
    ):
        done = lodeflow(folder, *words, "--plugin", "detour.py")
        assert done.returncode == 0, done.stderr
        assert says in done.stdout


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1 / 0\n", "line 1: ZeroDivisionError: division by zero"),
        (DETOUR.replace("        if self", "        month / 0\n        if self"), "line 20: ZeroDivisionError"),
    ],
)
@pytest.mark.parametrize("command", [("run",), ("monte-carlo", "--runs", "2", "--workers", "1")])
def test_a_fault_is_one_line_with_the_file_and_leaves_nothing(
    command: tuple[str, ...], text: str, says: str, folder: Path
) -> None:
    file = detour(folder, "mine", text)
    done = lodeflow(folder, *command, "cape.toml", "--plugin", str(file))
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert [line for line in done.stderr.splitlines() if str(file) in line and says in line]
    assert "1 problem found" in done.stderr
    assert not list(folder.glob("runs/*"))


def test_the_dashboard_does_not_open_with_a_fault(folder: Path) -> None:
    done = lodeflow(folder, "app", "--no-open", "--port", "1", "--plugin", "none.py")
    assert done.returncode == 2
    assert f"{folder / 'none.py'}: cannot be read" in done.stderr
