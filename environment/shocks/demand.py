"""Demand that rises or falls against the expected path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import Field

from lodeflow.environment.calendar import parse_month
from lodeflow.environment.shocks.shock import Shock

if TYPE_CHECKING:
    from lodeflow.environment.shocks.effects import Effects
    from lodeflow.environment.state import State


class DemandSurge(Shock):
    """Demand for some products rises (or falls) against the expected path."""

    kind: Literal["demand_surge"] = "demand_surge"
    products: list[str] = Field(default_factory=list, description="products; empty: all")
    metals: list[str] = Field(default_factory=list, description="metals concerned in these products; empty: all")
    strength: float = Field(
        ge=-0.95, le=20, description="change of demand against the expected path", json_schema_extra={"unit": "1"}
    )
    ramp_months: int = Field(
        0, ge=0, le=120, description="time over which the change builds up", json_schema_extra={"unit": "months"}
    )

    def level(self, month: int) -> float:
        """Relative change of demand in ``month``."""
        since = month - parse_month(self.start)
        built = 1.0 if self.ramp_months == 0 else min(max((since + 1) / self.ramp_months, 0.0), 1.0)
        return self.strength * built * self.intensity(month)

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Change demand now and, as far as believed, ahead."""
        lines = world.layout.line_rows(self.products, self.metals)
        credibility = self.belief(month, world).credibility
        ahead = [np.mean([self.level(month + k) for k in range(int(h))]) for h in effects.horizons]
        now = self.level(month)
        effects.change_demand(lines, now, np.array([now + credibility * (level - now) for level in ahead]))

    def powerless(self, world: State) -> str:
        """A change of nothing, or of products that hold none of the metals."""
        return "none of its products holds its metals" if self.strength else "its strength is 0"
