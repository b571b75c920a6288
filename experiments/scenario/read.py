"""Where scenario files lie, and what is in one of them, before anything is checked."""

from __future__ import annotations

import tomllib
from codecs import BOM_UTF8
from pathlib import Path
from typing import Any

from lodeflow.data import FOLDER
from lodeflow.data.guard import MOST_BYTES, parse_toml, read_file
from lodeflow.data.problems import DataError, Problem, did_you_mean

LIBRARY = FOLDER / "scenarios"


def shipped() -> list[str]:
    """Return the names of the scenarios in the library, sorted."""
    return sorted(path.stem for path in LIBRARY.glob("*.toml"))


def titles() -> dict[str, str]:
    """Return the titles of the scenarios in the library by name, sorted; only what stands above a file's first table is read."""
    heads = {name: (LIBRARY / f"{name}.toml").read_text(encoding="utf-8").partition("\n[")[0] for name in shipped()}
    return {name: tomllib.loads(head).get("title", "") for name, head in heads.items()}


def find_scenario(name_or_path: str | Path) -> Path:
    """Return the file of a shipped name or of a path. Raises DataError, naming the nearest one, if there is none."""
    if not isinstance(name_or_path, str | Path):
        wrong = f"{type(name_or_path).__name__} is no scenario"
        raise DataError([Problem("scenario", None, "", wrong, "Give a name, the path of a TOML file, or a Scenario")])
    text = str(name_or_path)
    if text in shipped():
        return LIBRARY / f"{text}.toml"
    path = Path(name_or_path)
    if text and (path.exists() or path.suffix == ".toml" or len(path.parts) > 1):
        return path
    right = did_you_mean(text, shipped()) if text else f"Name one of: {', '.join(shipped())}"
    raise DataError([Problem(text, None, "", "there is no such scenario", right)])


def read_toml(path: Path) -> dict[str, Any]:
    """Return the contents of a TOML file. Raises DataError for what is no file, empty, too large or deep, or bad TOML."""
    name = str(path)
    if path.is_dir():
        raise DataError([Problem(name, None, "", "is a folder, not a scenario file", "Name a TOML file in it")])
    return parse_scenario(read_file(path), name)


def parse_scenario(content: bytes, name: str, most: int = MOST_BYTES) -> dict[str, Any]:
    """Return the contents of a scenario file, at most `most` bytes. Raises DataError as `read_toml` does."""
    if len(content) <= most and not content.removeprefix(BOM_UTF8).strip():
        right = 'A scenario needs at least a name: name = "my-scenario"'
        raise DataError([Problem(name, None, "", "the file is empty", right)])
    return parse_toml(content, name, most)
