"""Governments in the worlds of a scenario: they decide where it says so, and what they decided is a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lodeflow.environment.governments.decision import COLUMNS
from lodeflow.environment.governments.governments import Governments

if TYPE_CHECKING:
    import pandas as pd

    from lodeflow.data import Tables
    from lodeflow.environment.world import World
    from lodeflow.experiments.scenario.scenario import Scenario


def let_decide(world: World, scenario: Scenario, tables: Tables) -> World:
    """Let governments decide in a world before its first month, where the scenario says so; returns the world.

    Raises:
        DataError: for governments, kinds, metals and tempers that this world does not have.
    """
    return world.let_decide(Governments(tables, scenario.governments, world)) if scenario.governments.on else world


def decisions_of(world: World) -> pd.DataFrame:
    """What governments decided, in order: columns of :data:`~lodeflow.environment.governments.decision.COLUMNS`."""
    import pandas as pd

    return pd.DataFrame([decision.row() for decision in world.decisions], columns=list(COLUMNS))
