"""Scenario files: a question to the world, in TOML, checked as a whole before anything runs."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeflow.data import FOLDER
from lodeflow.data.guard import MOST_BYTES, parse_toml, read_file
from lodeflow.data.problems import DataError, Problem, did_you_mean
from lodeflow.experiments.scenario.scenario import Scenario

if TYPE_CHECKING:
    from lodeflow.data import Tables
    from lodeflow.experiments.scenario.names import Names

LIBRARY = FOLDER / "scenarios"


def shipped() -> list[str]:
    """Return the names of the scenarios in the library, sorted."""
    return sorted(path.stem for path in LIBRARY.glob("*.toml"))


def load_scenario(
    source: str | Path | Scenario, overrides: Iterable[str] = (), tables: Tables | None = None
) -> Scenario:
    """Read and check a scenario.

    source: a shipped name ("drc-cobalt-export-ban"), a TOML file, or a scenario made in Python, which is checked like a
    file; overrides: "key=value" (see `overrides.py`); tables: what names are checked against, the shipped tables if
    left out. Raises DataError with every problem of the scenario and of the overrides.
    """
    from lodeflow.experiments.scenario.overrides import apply_overrides

    if isinstance(source, Scenario):
        name, raw = source.name, source.model_dump(mode="json", exclude_none=True)
    else:
        path = find_scenario(source)
        name, raw = path.name, read_toml(path)
    problems: list[Problem] = []
    raw = apply_overrides(raw, overrides, problems)
    return check_scenario(raw, name, problems, tables)


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


def check_scenario(
    raw: dict[str, Any], file: str, problems: list[Problem] | None = None, tables: Tables | None = None
) -> Scenario:
    """Turn the contents of a scenario file into a Scenario.

    raw: as read from TOML; file: its name in reports; problems: those already found. Raises DataError with all of them.
    """
    from lodeflow import data
    from lodeflow.experiments.scenario.names import names_in

    tables = data.load() if tables is None else tables
    names = tables.remember(names_in) if isinstance(tables, data.Tables) else names_in(tables)
    return check_names(raw, file, names, problems)


def check_names(raw: dict[str, Any], file: str, names: Names, problems: list[Problem] | None = None) -> Scenario:
    """Check as `check_scenario` does, against names that were read from the tables before."""
    from lodeflow.experiments.scenario.check import Checker

    found = list(problems or [])
    scenario = Checker(file, names, found).scenario(raw)
    if found or scenario is None:
        raise DataError(found)
    return scenario
