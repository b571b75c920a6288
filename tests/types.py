"""Links that show every room under its installed name, for the type checker: `python -m tests.types`."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("agents", "data", "environment", "experiments", "viz")


def link(root: Path = ROOT) -> Path:
    """Make `build/types/lodeflow` below `root`, in which the rooms lie as they are installed, and return it."""
    package = root / "build" / "types" / "lodeflow"
    package.mkdir(parents=True, exist_ok=True)
    wanted = {path.name: path for path in (root / "lodeflow").iterdir() if path.name != "__pycache__"}
    wanted |= {room: root / room for room in ROOMS}
    for stale in package.iterdir():
        if stale.name not in wanted or not stale.exists():
            stale.unlink()
    for name, place in wanted.items():
        if not (package / name).is_symlink():
            (package / name).symlink_to(place)
    return package


if __name__ == "__main__":
    link()
