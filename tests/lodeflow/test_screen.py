"""Any encoding, quiet commands, ends on request, and programs that may not write where they lie."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from numba import config as numba_config
from typer.testing import CliRunner

import lodeflow
from experiments.results import is_run_folder
from lodeflow.cli import app
from tests.experiments.monte_carlo_worlds import BAN, write_ban

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0
SHORT = ("--end", "2025-04", "--metals", "cobalt")
RUN = ("run", "drc-cobalt-export-ban", *SHORT, "--no-charts", "--out")
IMPOSSIBLE = """
[[monte_carlo.vary]]
key = "shocks.0.start"
low = "2024-07"
high = "2024-08"
[[monte_carlo.vary]]
key = "shocks.0.end"
low = "2024-04"
high = "2024-06"
"""
"""Every draw ends before it starts."""


def shell(*words: str | Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command in a process of its own; output as bytes."""
    program = [sys.executable, "-m", "lodeflow", *map(str, words)]
    return subprocess.run(program, cwd=ROOT, env=os.environ | environment, capture_output=True, timeout=PATIENCE)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_what_cannot_be_encoded_is_written_plainly(tmp_path: Path, encoding: str) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text('name = "x"\n[world]\nmetals = ["钴", "cobalt–nickel"]\n', encoding="utf-8")
    commands: dict[tuple[str | Path, ...], int] = {
        ("list",): 0,
        ("describe", "epr"): 0,
        ("describe", "drc-cobalt-export-ban"): 0,
        (*RUN, tmp_path / "run"): 0,
        ("check", bad): 2,
    }
    texts = []
    for words, code in commands.items():
        done = shell(*words, PYTHONIOENCODING=encoding)
        assert done.returncode == code, (words, done.stderr)
        assert b"Traceback" not in done.stderr
        texts.append((done.stdout + done.stderr).decode(encoding))
    assert re.search(r"x 1\.\d\d" if encoding == "ascii" else r"× 1\.\d\d", texts[3])
    assert "cobalt-nickel" in texts[4] if encoding == "ascii" else "cobalt–nickel" in texts[4]
    assert "?" in texts[4]


def test_the_version_is_one_line() -> None:
    done = CliRunner().invoke(app, ["--version"])
    assert done.exit_code == 0
    assert done.stdout == f"lodeflow {lodeflow.__version__}\n"


def quiet(*words: str | Path) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, [*map(str, words), "--quiet"])
    return done.exit_code, done.stdout, done.stderr


def test_quiet_commands_print_the_path_of_the_result_and_errors(tmp_path: Path) -> None:
    out = tmp_path / "run"
    assert quiet(*RUN, out) == (0, f"{out}\n", "")
    code, said, error = quiet(*RUN, out, "--set", "shocks.0.strength=0.5")
    assert (code, said) == (2, "")
    assert "--overwrite" in error
    batch = tmp_path / "batch"
    assert quiet("monte-carlo", write_ban(tmp_path), "--runs", "4", "--workers", "1", "--out", batch) == (
        0,
        f"{batch}\n",
        "",
    )
    assert quiet("summarize", batch, "--no-charts") == (0, f"{batch / 'summary'}\n", "")
    code, said, error = quiet("summarize", batch, "--no-charts", "--variable", "price")
    assert (code, said) == (2, "")
    assert "(variables)" in error
    assert quiet("summarize", batch, "--no-charts", "--variable", "price", "--overwrite")[0] == 0


def test_a_batch_whose_runs_all_fail_says_so(tmp_path: Path) -> None:
    path, out = tmp_path / "impossible.toml", tmp_path / "batch"
    path.write_text(
        f"{BAN[: BAN.index('[[monte_carlo')]}[monte_carlo]\nparameters = []\n{IMPOSSIBLE}", encoding="utf-8"
    )
    code, said, error = quiet("monte-carlo", path, "--runs", "4", "--workers", "1", "--out", out)
    assert (code, said) == (1, f"{out}\n")
    assert "No run succeeded: 4 of 4 runs failed" in error
    assert "runs 0, 1, 2, 3" in error
    assert "before start" in error
    assert "no run has succeeded yet: 4 of 4" in CliRunner().invoke(app, ["summarize", str(out)]).stderr


def test_failed_runs_of_a_band_are_named_in_terminal_and_report(tmp_path: Path) -> None:
    """Start and end are each possible alone, but some draws end before they start."""
    path, out = tmp_path / "some.toml", tmp_path / "run"
    ranges = IMPOSSIBLE.replace('"2024-07"', '"2024-03"').replace('"2024-06"', '"2024-10"')
    path.write_text(f"{BAN[: BAN.index('[[monte_carlo')]}[monte_carlo]\nparameters = []\n{ranges}", encoding="utf-8")
    done = CliRunner().invoke(app, ["run", str(path), "--band", "12", "--out", str(out)])
    assert done.exit_code == 0, done.output
    named = re.search(r"Band: (\d+ of 12 runs failed and are left out: runs? \d.*before start.*)", done.stdout)
    assert named is not None
    assert named[1].split(" (")[0] in (out / "report.html").read_text(encoding="utf-8")


def test_another_question_does_not_replace_a_run_unasked(tmp_path: Path) -> None:
    out = tmp_path / "run"
    runner = CliRunner()

    def call(*more: str) -> tuple[int, str]:
        done = runner.invoke(app, [*map(str, RUN), str(out), *more])
        return done.exit_code, done.stderr

    assert call()[0] == call()[0] == 0, "the same run may be made again"
    first = (out / "series.parquet").read_bytes()
    for change, key in ((["--set", "shocks.0.strength=0.5"], "scenario"), (["--agents"], "agents")):
        code, error = call(*change)
        assert code == 2
        assert f"made with something else ({key})" in error
        assert "--out" in error
        assert (out / "series.parquet").read_bytes() == first
    assert call("--set", "shocks.0.strength=0.5", "--overwrite")[0] == 0
    assert (out / "series.parquet").read_bytes() != first
    (out / "notes.txt").write_text("mine", encoding="utf-8")
    assert call("--overwrite")[0] == 2
    assert (out / "notes.txt").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("band", ["1000001", "9" * 30])
def test_a_band_of_absurdly_many_runs_is_refused_before_the_run(tmp_path: Path, band: str) -> None:
    done = CliRunner().invoke(app, [*map(str, RUN), str(tmp_path / "run"), "--band", band])
    assert done.exit_code == 2
    assert "--band" in done.stderr
    assert "1 to 1,000,000" in done.stderr
    assert "months" not in done.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="signals of POSIX")
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_run_that_is_ended_leaves_no_stray_folder(tmp_path: Path, sent: signal.Signals, code: int) -> None:
    """It is ended while its charts are drawn, when the temporary folder is there."""
    words = ["run", "drc-cobalt-export-ban", *SHORT, "--out", str(tmp_path / "run")]
    with subprocess.Popen(
        [sys.executable, "-m", "lodeflow", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=hear_signals,
        text=True,
    ) as process:
        end = time.monotonic() + PATIENCE
        while not list(tmp_path.glob(".run.tmp-*/series.parquet")):
            assert process.poll() is None, "the run ended before it could be stopped"
            assert time.monotonic() < end
            time.sleep(0.005)
        process.send_signal(sent)
        _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == code
    assert list(tmp_path.iterdir()) == []
    assert "Interrupted" in errors
    assert "Traceback" not in errors


def hear_signals() -> None:
    """Undo in a new process what it takes over from a runner that ignores Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


@pytest.mark.skipif(not hasattr(numba_config, "CACHE_LOCATOR_CLASSES"), reason="numba before 0.61 cannot be told")
def test_where_compiled_code_cannot_be_kept_a_run_is_made_and_one_line_says_so(tmp_path: Path) -> None:
    """The only place that numba may use is a file, as in an installation where neither program nor home can be written."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    nowhere = {
        "NUMBA_CACHE_LOCATOR_CLASSES": "UserProvidedCacheLocator",
        "NUMBA_CACHE_DIR": str(tmp_path / "file"),
    }
    done = shell(*RUN, tmp_path / "run", **nowhere)
    assert done.returncode == 0, done.stderr
    assert is_run_folder(tmp_path / "run")
    lines = [line for line in done.stderr.decode().splitlines() if "could not be kept" in line]
    assert len(lines) == 1
    assert "NUMBA_CACHE_DIR" in lines[0]
