"""Charges at the border: over which edges a country imports, and what every such charge promises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from pydantic import Field

from lodeflow.environment.shocks.shock import Form, Shock
from lodeflow.environment.shocks.written import TRADE_MARKETS

if TYPE_CHECKING:
    from lodeflow.environment.state import State


IMPORT_PROMISES: dict[str, Any] = {
    "example": {"actor": "USA", "metals": ["copper"], "form": "refined"},
    "metals": ("copper",),
    "writes": ("duty", "reach_ahead"),
    "quantity": "tariff paid",
    "signs": {"price at home": 1, "imports": -1},
}
"""What the card of a charge on imports promises: the metal gets dearer at home, and less is imported."""


class OnImports(Shock):
    """What a country charges on its imports of some metals, from all or from named partners."""

    parts_market: ClassVar[bool] = True
    actor: str = Field(description="country (ISO 3166 alpha-3) or group that charges its imports")
    metals: list[str] = Field(min_length=1, description="metals whose imports are charged")
    form: Form = Field(
        "all",
        description="form that is charged; 'feed' means ore or intermediate, as the metal has it; left out: every form",
    )
    partners: list[str] = Field(default_factory=list, description="countries or groups of origin; empty: all")

    @property
    def markets(self) -> tuple[str, ...]:
        """Markets of the form that is charged."""
        return TRADE_MARKETS if self.form == "all" else ("refined",) if self.form == "refined" else ("feed",)

    def edges(self, world: State, market: str, metals: list[str]) -> np.ndarray:
        """Edges of a market over which the actor imports the metals from those concerned, boolean, shape (E,)."""
        table, layout = world.markets[market], world.layout
        here = layout.marked(self.actors(world))
        known = [layout.metal_index[name] for name in metals if name in layout.metal_index]
        mask: np.ndarray = np.isin(table.metal, known) & here[table.buyer_country] & ~here[table.seller_country]
        if self.form in ("ore", "intermediate"):
            mask &= table.intermediate == (self.form == "intermediate")
        if self.partners:
            named = np.concatenate([layout.country_indices(name) for name in self.partners])
            mask &= layout.marked(named)[table.seller_country]
        return mask
