"""What every test may use: the shipped tables, read once, and property tests that draw the same examples every time."""

from __future__ import annotations

from collections.abc import Iterator

import hypothesis
import pytest

from lodeflow import data
from lodeflow.data import Tables
from lodeflow.environment.start import kept

hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis.settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def tables() -> Tables:
    """The shipped tables; read only (``tables.replace`` makes changed copies)."""
    return data.load()


@pytest.fixture(scope="session", autouse=True)
def many_starts() -> Iterator[None]:
    """More starts are kept than a program keeps: the same are asked for again and again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept, "MOST", 24)
        yield
