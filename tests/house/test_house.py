"""The house keeps its order: imports run one way and never in a circle, files and functions stay small."""

from __future__ import annotations

from pathlib import Path
from statistics import median

import networkx as nx
import pytest

from tests.conftest import LONG
from tests.house.modules import ROOT, backwards, circles, functions, graph, modules

LONGEST_FILE, LONGEST_FUNCTION, TYPICAL_FUNCTION = 400, 60, 10
"""Lines; those of functions without their docstrings."""


@pytest.fixture(scope="module")
def links() -> nx.DiGraph:
    """Who imports whom."""
    return graph()


def test_the_modules_are_found(links: nx.DiGraph) -> None:
    assert {"lodeflow", "lodeflow.environment.world", "lodeflow.agents.miner", "lodeflow.cli.main"} <= set(links)
    assert links.has_edge("lodeflow.environment.world", "lodeflow.environment.month.order")


def test_no_module_imports_one_that_imports_it(links: nx.DiGraph) -> None:
    assert circles(links) == []


def test_imports_run_one_way_through_the_rooms(links: nx.DiGraph) -> None:
    assert backwards(links) == []


def test_no_file_is_long() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in _files()}
    assert {name for name, length in lengths.items() if length > LONGEST_FILE} == set()


def test_functions_are_short() -> None:
    lengths = [(name, lines) for path in modules().values() for name, lines in functions(path)]
    assert {name for name, lines in lengths if lines > LONGEST_FUNCTION} == set()
    assert median(lines for _, lines in lengths) < TYPICAL_FUNCTION


def _files() -> list[Path]:
    """Files of the program and of its tests."""
    return [*modules().values(), *(ROOT / "tests").rglob("*.py"), *(ROOT / "docs").glob("*.py")]


def test_the_files_that_are_tested_first_are_there() -> None:
    assert [name for name in LONG if not (ROOT / name).is_file()] == []
    assert len(set(LONG)) == len(LONG)


# ---- the readers see what is wrong -----------------------------------------------------------------------------------------------
def test_circles_and_wrong_ways_are_seen_wherever_the_import_stands(tmp_path: Path) -> None:
    texts = {
        "data/a.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from lodeflow.data.b import B\n",
        "data/b.py": "def late():\n    from lodeflow.data import a\n",
        "data/c.py": "import lodeflow.agents.d\n",
        "agents/d.py": "import lodeflow.data.c\nfrom lodeflow.data.e.f import g\n",
        "data/e/__init__.py": "from lodeflow.data.e.f import g\n",
        "data/e/f.py": "g = 1\n",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    found = graph(tmp_path)
    assert circles(found) == ["lodeflow.agents.d <-> lodeflow.data.c", "lodeflow.data.a <-> lodeflow.data.b"]
    assert backwards(found) == ["lodeflow.data.c imports lodeflow.agents.d"]


def test_lines_of_a_function_leave_out_its_docstring(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text('def f():\n    """One.\n\n    Two.\n    """\n    x = 1\n    return x\n', encoding="utf-8")
    assert list(functions(path)) == [("f", 3)]
