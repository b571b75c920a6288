"""The list of kinds is that of the kinds themselves, also where it was kept; plug-ins are in it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lodeflow.data import kept
from lodeflow.experiments import listing
from lodeflow.experiments.plugins import kinds

FRESH = """
import sys
from lodeflow.experiments import listing
print(sorted((line.kind, line.policy, line.text) for line in listing.lines()), "lodeflow.environment" in sys.modules)
"""


def _fresh() -> str:
    """What a process of its own lists, and whether it loaded the kinds for it."""
    done = subprocess.run([sys.executable, "-c", FRESH], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that lists are kept in."""
    monkeypatch.setenv(kept.FOLDER, str(tmp_path / "kept"))
    monkeypatch.delenv("LODEFLOW_PLUGINS", raising=False)
    return tmp_path / "kept"


def test_what_was_kept_is_what_the_kinds_say_and_loads_none_of_them(place: Path) -> None:
    truth = sorted((line.kind, line.policy, line.text) for line in listing._loaded())
    assert [kind for kind, _, _ in truth] == sorted(kinds())
    assert len(truth) > 40
    assert all(text for _, _, text in truth)
    assert _fresh() == f"{truth} True"
    assert _fresh() == f"{truth} False"
    (path,) = place.glob("kinds-*.json")
    path.write_bytes(path.read_bytes()[:-2])
    assert _fresh() == f"{truth} True", "a damaged list is made again"
    assert _fresh() == f"{truth} False"


def test_changed_code_of_the_kinds_is_another_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = listing._key()
    copy = tmp_path / "shocks"
    shutil.copytree(listing.KINDS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(listing, "KINDS", copy)
    assert listing._key() == before, "where the code stands does not matter"
    (copy / "taxes.py").write_text((copy / "taxes.py").read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert listing._key() != before


def test_kinds_of_a_plug_in_are_listed_and_never_kept(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugin = tmp_path / "mine.py"
    plugin.write_text(
        "from lodeflow.environment.shocks.shock import Shock\n\n\nclass Mine(Shock):\n"
        '    """A kind of my own."""\n\n    kind: str = "mine_of_mine"\n\n    def act(self, world, effects, month): ...\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("LODEFLOW_PLUGINS", str(plugin))
    assert "('mine_of_mine', False, 'A kind of my own.')" in _fresh()
    monkeypatch.delenv("LODEFLOW_PLUGINS")
    assert "mine_of_mine" not in _fresh()
