"""An option that several commands have is declared once."""

from __future__ import annotations

import re
from pathlib import Path

CLI = Path(__file__).parent.parent.parent.parent / "lodeflow" / "cli"
DECLARED = re.compile(r'(?:typer\.Option|_worded)\(\s*"(--[a-z-]+)')
TWO_MEANINGS = {"--out": "a folder or a file", "--runs": "a number, or the folder of the dashboard"}


def test_every_option_is_declared_once() -> None:
    found = [
        (name, path.name) for path in sorted(CLI.glob("*.py")) for name in DECLARED.findall(path.read_text("utf-8"))
    ]
    assert ("--seed", "options.py") in found
    names = [name for name, _ in found]
    assert {name for name in names if names.count(name) > 1} == set(TWO_MEANINGS)
    assert {path for name, path in found if name in TWO_MEANINGS} == {"options.py"}
