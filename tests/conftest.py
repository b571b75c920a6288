"""What every test may use: the shipped tables, read once, and property tests that draw the same examples every time."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from lodeflow import data
from lodeflow.__main__ import OBJECTS
from lodeflow.data import Tables
from lodeflow.environment.start import kept, stored

hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis.settings.load_profile("repeatable")
gc.set_threshold(OBJECTS, *gc.get_threshold()[1:])  # as the command does
LONG = (
    *("tests/lodeflow/print/test_screen.py", "tests/viz/app/test_app_browser.py", "tests/docs/test_example_batch.py"),
    *(
        "tests/viz/app/server/test_visitors_browser.py",
        "tests/environment/test_behaviour.py",
        "tests/viz/app/test_app_browser_first.py",
    ),
    *(
        "tests/frozen/test_parameters.py",
        "tests/viz/app/beside/test_beside_browser.py",
        "tests/lodeflow/test_importable.py",
    ),
    *(
        "tests/viz/app/test_app_browser_signs.py",
        "tests/lodeflow/cli/test_plugin.py",
        "tests/viz/app/test_app_browser_map.py",
    ),
    *("tests/viz/app/desk/test_forms.py", "tests/lodeflow/cli/test_main.py", "tests/lodeflow/print/test_terminal.py"),
    *("tests/experiments/batch/test_monte_carlo_batch.py", "tests/experiments/batch/test_monte_carlo_kills.py"),
    *("tests/experiments/batch/test_monte_carlo_cluster.py", "tests/experiments/batch/test_monte_carlo_sound.py"),
)
"""Files that take longest come first, so that none is left to one processor alone at the end; browsers in turn with others."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of the longest files first; in a file, and among the others, the order stays."""
    root = Path(__file__).parent.parent
    turn = {root / name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: turn.get(item.path, len(LONG)))


@pytest.fixture(scope="session")
def tables() -> Tables:
    """The shipped tables; read only (``tables.replace`` makes changed copies)."""
    return data.load()


@pytest.fixture(scope="session", autouse=True)
def many_starts() -> Iterator[None]:
    """More starts are kept than a program keeps, none on disk: a test may exchange a rule of which their names know nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept, "MOST", 24)
        patch.setattr(stored, "name_of", lambda *_: None)
        yield
