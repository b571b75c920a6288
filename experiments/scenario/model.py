"""Scenario files: a question to the world, in TOML, checked as a whole before anything runs."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeflow.data import FOLDER
from lodeflow.data.problems import DataError, Problem, did_you_mean
from lodeflow.experiments.scenario.scenario import Scenario

if TYPE_CHECKING:
    from lodeflow.data import Tables

LIBRARY = FOLDER / "scenarios"


def shipped() -> list[str]:
    """Return the names of the scenarios in the library, sorted."""
    return sorted(path.stem for path in LIBRARY.glob("*.toml"))


def load_scenario(name_or_path: str | Path, overrides: Iterable[str] = (), tables: Tables | None = None) -> Scenario:
    """Read and check a scenario.

    name_or_path: a shipped name ("drc-cobalt-export-ban") or a TOML file; overrides: "key=value" (see
    lodeflow.experiments.scenario.overrides); tables: what names are checked against, the shipped tables if left out.
    Raises DataError with every problem of the file and of the overrides.
    """
    from lodeflow.experiments.scenario.overrides import apply_overrides

    path = find_scenario(name_or_path)
    problems: list[Problem] = []
    raw = apply_overrides(read_toml(path), overrides, problems)
    return check_scenario(raw, path.name, problems, tables)


def find_scenario(name_or_path: str | Path) -> Path:
    """Return the file of a shipped name or of a path. Raises DataError, naming the nearest one, if there is none."""
    text = str(name_or_path)
    if text in shipped():
        return LIBRARY / f"{text}.toml"
    path = Path(name_or_path)
    if text and (path.exists() or path.suffix == ".toml" or len(path.parts) > 1):
        return path
    right = did_you_mean(text, shipped()) if text else f"Name one of: {', '.join(shipped())}"
    raise DataError([Problem(text, None, "", "there is no such scenario", right)])


def read_toml(path: Path) -> dict[str, Any]:
    """Return the contents of a TOML file. Raises DataError for a folder, an empty or unreadable file, or bad TOML."""
    name = str(path)
    if path.is_dir():
        raise DataError([Problem(name, None, "", "is a folder, not a scenario file", "Name a TOML file in it")])
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = Problem(name, None, "", f"is not UTF-8 text (byte {error.start})", "Save the file as UTF-8")
        raise DataError([problem]) from error
    except OSError as error:
        problem = Problem(name, None, "", f"cannot be read ({error.strerror})", "Check its name and permissions")
        raise DataError([problem]) from error
    if not text.strip():
        right = 'A scenario needs at least a name: name = "my-scenario"'
        raise DataError([Problem(name, None, "", "the file is empty", right)])
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        right = 'Put text and months in quotes: start = "2025-02"'
        raise DataError([Problem(name, None, "", f"is not valid TOML: {error}", right)]) from error


def check_scenario(
    raw: dict[str, Any], file: str, problems: list[Problem] | None = None, tables: Tables | None = None
) -> Scenario:
    """Turn the contents of a scenario file into a Scenario.

    raw: as read from TOML; file: its name in reports; problems: those already found. Raises DataError with all of them.
    """
    from lodeflow import data
    from lodeflow.experiments.scenario.check import Checker
    from lodeflow.experiments.scenario.names import names_in

    found = list(problems or [])
    names = names_in(tables if tables is not None else data.load())
    scenario = Checker(file, names, found).scenario(raw)
    if found or scenario is None:
        raise DataError(found)
    return scenario
