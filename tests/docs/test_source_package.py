"""What the source package holds: everything that is needed to check it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = "from setuptools import setup; setup()"


def test_the_source_package_holds_tests_documents_and_benchmarks(tmp_path: Path) -> None:
    words = [sys.executable, "-c", PROGRAM, "--quiet", "egg_info", "--egg-base", str(tmp_path)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    listed = set((tmp_path / "lodeflow.egg-info" / "SOURCES.txt").read_text(encoding="utf-8").splitlines())
    wanted = {
        path.relative_to(ROOT).as_posix()
        for folder in ("tests", "benchmarks", "docs", "data/tables", "data/scenarios", "viz/app")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix not in (".nbi", ".nbc")
    }
    assert wanted - listed == set()
    assert {"Makefile", "CHANGELOG.md", "README.md", "LICENSE", ".ci/run"} <= listed
    assert not [name for name in listed if "__pycache__" in name]
