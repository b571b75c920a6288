"""What the program wrote into a folder, so that nothing of anybody else's is replaced; and how files reach the disk."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

DROPPINGS = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
"""Files that file managers leave behind: nobody misses them."""
FILES, INPUTS = "files", "inputs"
"""Keys of a manifest: sha256 by name of every file that was written, and the question that the results answer."""


def fingerprints(folder: Path) -> dict[str, str]:
    """Return the sha256 of every file below a folder, by its name from there ("charts/01-price.png")."""
    return {name: _sha256(folder / name) for name in sorted(_names(folder)) if not (folder / name).is_symlink()}


def not_ours(folder: Path, files: Mapping[str, str]) -> list[str]:
    """Return what lies in a folder and is not as the program left it: files that it did not write, or that were changed.

    files: sha256 by name, from the manifest of the folder, which is not looked at itself.
    """
    now = fingerprints(folder)
    return [name for name in sorted(_names(folder)) if name != "manifest.json" and now.get(name) != files.get(name, "")]


def other_question(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return the keys in which the inputs of two results differ."""
    return sorted(key for key in {*old, *new} if old.get(key) != new.get(key))


def sha256(text: str) -> str:
    """Return the sha256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def flush(folder: Path) -> None:
    """Bring everything below a folder to the disk. Raises OSError if a file does not get there."""
    for place, _, names in os.walk(folder):
        for name in names:
            with (Path(place) / name).open("rb+") as file:
                os.fsync(file.fileno())
        flush_names(Path(place))


def flush_names(folder: Path) -> None:
    """Bring the names in a folder to the disk, where the system can do that."""
    with suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def _names(folder: Path) -> Iterator[str]:
    """Names of all files and links below a folder."""
    for place, folders, files in os.walk(folder):
        links = [name for name in folders if (Path(place) / name).is_symlink()]
        for name in (*files, *links):
            if name not in DROPPINGS:
                yield (Path(place) / name).relative_to(folder).as_posix()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def program_version() -> str:
    """Return the version of the installed program; "not installed" when it runs from a bare folder."""
    from importlib.metadata import PackageNotFoundError

    try:
        return version_of("lodeflow")
    except PackageNotFoundError:
        return "not installed"


@cache
def version_of(package: str) -> str:
    """Return the version of an installed package; raises PackageNotFoundError. Read once: each means parsing its metadata."""
    from importlib.metadata import version

    return version(package)
