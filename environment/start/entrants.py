"""Drawing up a world: places where a stage of a metal may begin that the base year does not have."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lodeflow.data import Tables
from lodeflow.environment.parameters import Parameters
from lodeflow.environment.start.base_year import POOL, BaseYear


def with_entrants(base: BaseYear, tables: Tables, parameters: Parameters) -> BaseYear:
    """The base year with a trace of refining in every country that mines a metal, has no refinery of it and is no pool.

    Next to no metal (``entrant_trace`` of the world's), but a row and edges that can grow: investors may build there from the first
    month on. Metals whose feed is not traded are refined where their host is, so nobody else can enter. ODD 5.

    Args:
        base: the figures; not changed.
        tables: ``metals``.
        parameters: ``entrant_trace``.
    """
    forms = tables.metals.set_index("metal")["feed_form"].reindex(base.metals).fillna("")
    traded = (forms != "").to_numpy()[:, None]
    named = np.array([country != POOL for country in base.countries])[None, :]
    new = traded & named & (base.mined > 0.0) & (base.refined == 0.0)
    trace = parameters["entrant_trace"] * base.refined.sum(axis=1, keepdims=True)
    return replace(base, refined=np.where(new, trace, base.refined))
