"""What every test may use: the shipped tables, read once, and property tests that draw the same examples every time."""

from __future__ import annotations

import hypothesis
import pytest

from lodeflow import data
from lodeflow.data import Tables

hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis.settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def tables() -> Tables:
    """The shipped tables; read only (``tables.replace`` makes changed copies)."""
    return data.load()
