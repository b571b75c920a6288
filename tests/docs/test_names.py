"""Whatever is named in words exists: modules, functions and files, in the documents and in the texts of the program."""

from __future__ import annotations

import importlib
import io
import re
import tokenize
from pathlib import Path
from typing import Any

import pytest

from lodeflow.experiments.plugin_names import GROUP

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("agents", "data", "environment", "experiments", "viz", "lodeflow")
PAGES = [ROOT / "README.md", ROOT / "data" / "SOURCES.md", *sorted((ROOT / "docs").glob("*.md"))]
DOTTED = re.compile(rf"(?<![\w./\"'-])(?:lodeflow\.)?(?:{'|'.join(ROOMS)})(?:\.[A-Za-z_]\w*)+(?![\w*/-])")
FILE = re.compile(
    rf"(?<![\w./-])(?:{'|'.join((*ROOMS, 'tests', 'docs', 'benchmarks'))})/[\w./*-]*\.(?:py|md|toml|csv|json)\b"
)
MODULE = re.compile(r"(?<![\w./-])lodeflow(?:\.[A-Za-z_]\w*)+(?![\w/-])")
SUFFIXES = ("parquet", "csv", "toml", "json", "html", "py", "md", "egg", "xml")


def exists(name: str) -> bool:
    """Whether a dotted name leads to a module, or to something inside one; rooms may be named without `lodeflow.`."""
    parts = name.split(".")
    parts = parts if parts[0] == "lodeflow" else ["lodeflow", *parts]
    for depth in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:depth]))
        except ModuleNotFoundError:
            continue
        for part in parts[depth:]:
            fields = getattr(found, "__annotations__", {})
            if not hasattr(found, part):
                return part in fields
            found = getattr(found, part)
        return True
    return False


def words_of(path: Path) -> str:
    """The strings and comments of a Python file, one a line."""
    tokens = tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline)
    wanted = (tokenize.STRING, tokenize.COMMENT)
    return "\n".join(token.string.strip("\"'") for token in tokens if token.type in wanted)


def missing_files(text: str) -> list[str]:
    """Paths of the program that a text names and that are not there; `*` stands for anything."""
    return sorted({name for name in FILE.findall(text) if not list(ROOT.glob(name))})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_names_in_the_documents_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    names = {name for name in DOTTED.findall(text) if name.rpartition(".")[2] not in SUFFIXES}
    assert sorted(name for name in names if not exists(name)) == []
    assert missing_files(text) == []


@pytest.mark.parametrize("room", [*ROOMS, "tests", "benchmarks", "docs"])
def test_names_in_the_texts_of_the_program_exist(room: str) -> None:
    """Modules that are started, preloaded, looked up or explained by name: a typo would only be seen when it is too late."""
    made_up = (Path(__file__), ROOT / "tests" / "house" / "test_house.py")
    files = [path for path in sorted((ROOT / room).rglob("*.py")) if path not in made_up]
    assert files
    wrong = []
    for path in files:
        text = words_of(path)
        names = {name for name in MODULE.findall(text) if name.rpartition(".")[2] not in SUFFIXES} - {GROUP}
        wrong += [f"{path.relative_to(ROOT)}: {name}" for name in [*filter(lambda n: not exists(n), names)]]
        wrong += [f"{path.relative_to(ROOT)}: {name}" for name in missing_files(text)]
    assert wrong == []


def test_the_tests_that_the_decisions_name_exist() -> None:
    """A point of a table is held by what is named there: a test, or a file of tests."""
    table = [
        line for line in (ROOT / "docs" / "decisions.md").read_text(encoding="utf-8").split("\n") if line[:1] == "|"
    ]
    named = set(re.findall(r"\btest_\w+", "\n".join(table)))
    files = list((ROOT / "tests").rglob("test_*.py"))
    written = {name for path in files for name in re.findall(r"def (test_\w+)", path.read_text(encoding="utf-8"))}
    assert len(named) > 100
    assert sorted(named - written - {path.stem for path in files}) == []
