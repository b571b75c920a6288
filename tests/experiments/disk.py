"""In which order files reach the disk and folders take their names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest


def disk_watched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that grows: the name of every file and folder that is flushed, and "named NAME" for a new name."""
    order: list[str] = []
    fsync, replace, opened = os.fsync, os.replace, os.readlink

    def flushed(number: int) -> None:
        order.append(Path(opened(f"/proc/self/fd/{number}")).name)
        fsync(number)

    def renamed(source: Any, target: Any) -> None:
        replace(source, target)
        order.append(f"named {Path(target).name}")

    if not Path("/proc/self/fd").is_dir():
        pytest.skip("names of open files are known on Linux only")
    monkeypatch.setattr(os, "fsync", flushed)
    monkeypatch.setattr(os, "replace", renamed)
    return order
