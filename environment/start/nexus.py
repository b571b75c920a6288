"""Drawing up a world: factories of energy technologies, from the table ``technologies``; none where the nexus is off."""

from __future__ import annotations

import numpy as np

from lodeflow.agents.population import Population
from lodeflow.environment.market.nexus import Nexus
from lodeflow.environment.start.draft import Draft


def build_nexus(draft: Draft, manufacturers: Population) -> Nexus | None:
    """Find the factories whose goods are put up by plan, and those that make power plants."""
    if not draft.settings.nexus:
        return None
    table = draft.tables.technologies
    made = {
        part: _products(draft, table[table["deploys"] == part]["products"].fillna("").tolist())
        for part in ("power", "use")
    }
    power = np.isin(manufacturers.product, made["power"])
    return Nexus(planned=power | np.isin(manufacturers.product, made["use"]), power=power)


def _products(draft: Draft, cells: list[str]) -> list[int]:
    index = draft.layout.product_index
    return [index[name] for cell in cells for name in str(cell).split() if name in index]
