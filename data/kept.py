"""Files that are kept on disk between two commands, because making their contents takes long.

A kept file is named by what it is and by a key, a hash of everything that it was made from. It has the hash of its contents in
front, so what is damaged is made again. A file appears whole or not at all: two processes at once and one that is killed do no
harm. Where nothing can be written, nothing is kept. Nothing depends on a kept file: whatever is wrong with one is no error.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path

FOLDER = "LODEFLOW_CACHE_DIR"
"""Environment variable that names the folder to keep files in; left out: the user's own folder for such files."""
STALE = 3600.0
"""Age after which a file that was never finished is removed, seconds."""
HASHED = 32
"""Length of the hash in front of a file, bytes."""


def folder() -> Path:
    """Where files are kept."""
    if os.environ.get(FOLDER):
        return Path(os.environ[FOLDER])
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "lodeflow" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "lodeflow"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lodeflow"


def key_of(parts: Iterable[tuple[str, Path]]) -> str:
    """Key of these files, each under a name, and of this Python. Raises OSError where one cannot be read."""
    digest = hashlib.sha256(f"{sys.version}\n".encode())
    for name, path in parts:
        content = path.read_bytes()
        digest.update(f"{name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def recall(name: str) -> memoryview | None:
    """Contents of a kept file; None where there is none, or it is damaged."""
    try:
        content = memoryview((folder() / name).read_bytes())
    except (OSError, RuntimeError):  # no file, no home
        return None
    return content[HASHED:] if hashlib.sha256(content[HASHED:]).digest() == content[:HASHED] else None


def keep(name: str, content: bytes, most: int) -> None:
    """Keep contents under a name (`KIND-KEY.ENDING`), if there is a place for them.

    most: files of this kind that are kept; the oldest go first.
    """
    with contextlib.suppress(OSError, RuntimeError):  # no home, no place, no right to write
        path = folder() / name
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f"{name}.{os.getpid()}-{time.monotonic_ns()}.tmp")
        try:
            temporary.write_bytes(hashlib.sha256(content).digest() + content)
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
        _tidy(path, most)


def _tidy(path: Path, most: int) -> None:
    """Remove the oldest files of a kind beyond those that are kept, and those that a killed process left behind."""
    ages: list[tuple[float, Path]] = []
    for other in path.parent.glob(f"{path.name.partition('-')[0]}-*"):
        with contextlib.suppress(OSError):  # another process was first
            ages.append((other.stat().st_mtime, other))
    ages.sort(reverse=True)
    whole = [other for _, other in ages if other.suffix == path.suffix]
    left = [other for age, other in ages if other.suffix == ".tmp" and time.time() - age > STALE]
    for other in [*whole[most:], *left]:
        with contextlib.suppress(OSError):
            other.unlink()
