"""The example of the docs runs as it stands, with fewer runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_example_of_a_batch_runs(tmp_path: Path) -> None:
    script = ROOT / "docs" / "example_batch.py"
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "example"), "100"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "Batch(cobalt-ban: 100 of 100 runs, finished" in done.stdout
    assert "not back to normal before the run ends: " in done.stdout
    assert "shocks.0.duration" in done.stdout
    assert "of 100 runs" in done.stdout
