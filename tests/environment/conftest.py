"""Worlds that several tests read. They are run once; no test may change them."""

from __future__ import annotations

import pytest

from lodeflow.data import Tables
from lodeflow.environment import World
from tests.environment.helpers import ban, world_of


@pytest.fixture(scope="session")
def quiet_world(tables: Tables) -> World:
    """All metals, ten stationary years without noise and shocks."""
    return world_of(tables, [], end="2033-12").run()


@pytest.fixture(scope="session")
def noisy_world(tables: Tables) -> World:
    """Cobalt and nickel from the real past with the noise of the data, three years."""
    return world_of(tables, ["cobalt", "nickel"], mode="historical", noise=1.0, end="2026-12").run()


@pytest.fixture(scope="session")
def banned_world(tables: Tables) -> World:
    """The DR Congo forbids exports of cobalt intermediates for nine months from February 2025; recovery to 2030."""
    return world_of(tables, ["cobalt"], [ban()], end="2030-12").run()
