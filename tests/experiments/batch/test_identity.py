"""What counts as the program of a batch: every file whose code makes its numbers."""

from __future__ import annotations

import subprocess
import sys

import pytest

from lodeflow.data import FOLDER
from lodeflow.experiments.batch.make.identity import SOURCES

ROOT = FOLDER.resolve().parent
LOADED = """
import sys
import lodeflow.experiments.batch.make.warm
for name, module in sorted(sys.modules.items()):
    if name.startswith("lodeflow.") and module.__file__:
        print(module.__file__)
"""


@pytest.mark.parametrize("pattern", SOURCES)
def test_every_pattern_of_the_sources_finds_files(pattern: str) -> None:
    assert list(ROOT.glob(pattern))


def test_a_batch_knows_the_code_that_its_workers_load() -> None:
    """A resume is refused when code has changed that makes numbers, so no such file may be left out."""
    hashed = {str(path) for pattern in SOURCES for path in ROOT.glob(pattern)}
    done = subprocess.run([sys.executable, "-c", LOADED], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert len(loaded) > 60
    packages = {str(ROOT / "experiments" / "__init__.py"), str(ROOT / "lodeflow" / "__init__.py")}
    assert loaded - hashed - packages == set()
