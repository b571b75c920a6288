"""One world that the tests beside each other look at: cobalt and nickel, and a ban on cobalt fired in its fourth month."""

import pytest

from lodeflow.experiments.scenario.model import load_scenario
from lodeflow.viz.app.world import worlds
from lodeflow.viz.app.world.session import Session

WORLD = ['world.metals=["cobalt", "nickel"]', "world.end=2025-06"]
BAN = {"kind": "export_ban", "actor": "COD", "metals": ["cobalt"], "form": "feed", "end": "2025-03"}


@pytest.fixture(scope="package")
def session(tables):
    """The world at its end. Read only."""
    own = Session(tables, load_scenario("baseline", WORLD, tables))
    own.step(3)
    own.fire(BAN)
    own.step(100)
    yield own
    worlds.forget()
