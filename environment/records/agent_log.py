"""The state of every agent in every month, kept on request."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lodeflow.agents.population import AGENT, Population
from lodeflow.environment.calendar import format_month

if TYPE_CHECKING:
    from lodeflow.environment.state import State

KINDS = ("miners", "refiners", "manufacturers", "inputs", "recyclers", "ore_desks", "desks", "secondary", "pools")


class AgentLog:
    """Copies the changing attributes of all agents whenever :meth:`record` is called, after a step.

    Args:
        world: the world to watch; it is only read.
    """

    def __init__(self, world: State) -> None:
        self.world = world
        self.months: list[int] = []
        self.values: list[np.ndarray] = []

    def _populations(self) -> list[Population]:
        return [getattr(self.world, name) for name in KINDS]

    def record(self) -> None:
        """Copy the state after the month that was simulated last."""
        self.months.append(self.world.month - 1)
        columns = [
            population.column(name)
            for population in self._populations()
            for name, attribute in population.attributes.items()
            if not attribute.fixed and attribute.shape == (AGENT,)
        ]
        self.values.append(np.concatenate(columns))

    def frame(self) -> pd.DataFrame:
        """Tidy table: ``date, kind, id, attribute, value, unit``; attributes as in the vocabulary of the agents."""
        rows = [
            (population.kind, name, attribute.unit, identity)
            for population in self._populations()
            for name, attribute in population.attributes.items()
            if not attribute.fixed and attribute.shape == (AGENT,)
            for identity in population.ids
        ]
        dates = pd.to_datetime([f"{format_month(month)}-01" for month in self.months])
        table = pd.DataFrame({"date": np.repeat(dates.to_numpy(), len(rows))})
        for name, column in zip(("kind", "attribute", "unit", "id"), zip(*rows, strict=True), strict=True):
            codes, names = pd.factorize(np.array(column, object))
            table[name] = pd.Categorical.from_codes(np.tile(codes, len(dates)).tolist(), pd.Index(names))
        table["value"] = np.concatenate(self.values) if self.values else np.zeros(0)
        return table[["date", "kind", "id", "attribute", "value", "unit"]]
