"""What changes in the ground and what is built: new deposits and projects, reserves and grades revised."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from lodeflow.environment.calendar import parse_month
from lodeflow.environment.fields import LARGEST_TONNES
from lodeflow.environment.shocks.card import Card
from lodeflow.environment.shocks.kept import means_ahead
from lodeflow.environment.shocks.shock import Shock

if TYPE_CHECKING:
    from lodeflow.environment.shocks.effects import Effects
    from lodeflow.environment.state import State


class NewProject(Shock):
    """A mine or a refinery comes on stream beyond what was planned, with its ore in the ground; it leaves at the end, if any."""

    card: ClassVar[Card | None] = Card(
        source="events E15, E16: mines called in by the lithium boom; sizes are assumptions",
        strength="tonnes_per_year",
        unit="t metal/year",
        steps=(5_000.0, 15_000.0, 40_000.0),
        example={"actor": "IDN", "metals": ["cobalt"], "reserve_tonnes": 500_000.0},
        metals=("cobalt",),
        writes=("added", "added_ahead", "found"),
        quantity="mine output gained",
        signs={"world price": -1, "mine output": 1, "price before it starts": -1, "reserve": 1},
        months=24,
        notice=6,
    )
    kind: Literal["new_project"] = "new_project"
    actor: str = Field(
        description="country or group where it stands; where there is none of that stage, nothing can be added"
    )
    metals: list[str] = Field(min_length=1, description="metals concerned; each has the tonnage for itself")
    stage: Literal["mine", "refinery"] = Field("mine", description="what is built")
    tonnes_per_year: float = Field(
        ge=0, le=LARGEST_TONNES, description="new capacity", json_schema_extra={"unit": "t metal/year"}
    )
    ramp_months: int = Field(
        12, ge=1, le=120, description="time over which it comes on stream", json_schema_extra={"unit": "months"}
    )
    reserve_tonnes: float = Field(
        0.0,
        ge=0,
        le=LARGEST_TONNES,
        description="ore that comes with it, metal content",
        json_schema_extra={"unit": "t metal"},
    )

    def level(self, month: int) -> float:
        """Capacity that stands in ``month``, t/month."""
        since = month - parse_month(self.start) + 1
        return self.tonnes_per_year / 12.0 * min(max(since / self.ramp_months, 0.0), 1.0) * self.intensity(month)

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Bring capacity on stream month by month; others count on it as far as it is believed."""
        stands, credibility = self.level(month - 1), self.belief(month, world).credibility
        ahead = means_ahead(self.level, month, effects.horizons)
        coming = credibility * np.maximum(ahead - stands, 0.0)
        firms, kind = (world.miners, "miner") if self.stage == "mine" else (world.refiners, "refiner")
        for metal in self.metals:
            rows = firms.rows(metal=world.layout.metal_index.get(metal, -1), countries=self.actors(world))
            effects.add_capacity(kind, rows, self.level(month) - stands, coming)
            if month == parse_month(self.start):
                mines = world.miners.rows(metal=world.layout.metal_index.get(metal, -1), countries=self.actors(world))
                effects.find_ore(mines, self.reserve_tonnes)

    def known(self, month: int) -> bool:
        """Also in the month after its end, in which its capacity leaves."""
        return super().known(month) or self.level(month - 1) > 0.0

    def powerless(self, world: State) -> str:
        """A project of nothing, or where that stage does not exist."""
        return (
            f"{self.actor} has no {self.stage} of its metals" if self.tonnes_per_year else "its tonnes_per_year are 0"
        )


class ReserveRevision(Shock):
    """Ore in the ground turns out less, or poorer, than was thought."""

    card: ClassVar[Card | None] = Card(
        source="causes of supply risk in the literature: poor endowment, grade falling; sizes are assumptions",
        strength="grade_loss",
        unit="share of the metal in the ore",
        steps=(0.1, 0.3, 0.6),
        example={"actor": "COD", "metals": ["cobalt"], "reserve_loss": 0.2},
        metals=("cobalt",),
        writes=("found", "output_kept", "output_kept_ahead"),
        quantity="mine output lost",
        signs={"world price": 1, "mine output": -1, "reserve": -1},
    )
    kind: Literal["reserve_revision"] = "reserve_revision"
    permanent: bool = Field(
        True, description="true for a law nobody expects to end; false for a measure seen as passing"
    )
    actor: str = Field(description="country or group where the ore lies")
    metals: list[str] = Field(min_length=1, description="metals concerned")
    reserve_loss: float = Field(
        0.0,
        ge=0,
        le=1,
        description="share of the ore in the ground that is written off",
        json_schema_extra={"unit": "1"},
    )
    grade_loss: float = Field(
        0.0,
        ge=0,
        le=1,
        description="share of the metal that the ore no longer gives: the mills grind as much as before",
        json_schema_extra={"unit": "1"},
    )

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Write ore off in the first month; lose output for as long as it holds."""
        belief, force = self.belief(month, world), self.intensity(month)
        for metal in self.metals:
            rows = world.miners.rows(metal=world.layout.metal_index.get(metal, -1), countries=self.actors(world))
            if month == parse_month(self.start):
                effects.revise_reserve(rows, -self.reserve_loss)
            effects.lose_output(rows, self.grade_loss * force, self.grade_loss, belief)

    def powerless(self, world: State) -> str:
        """A revision of nothing, or where nothing is mined."""
        if not (self.reserve_loss or self.grade_loss):
            return "its reserve_loss and grade_loss are 0"
        return f"{self.actor} mines none of its metals in this world"
