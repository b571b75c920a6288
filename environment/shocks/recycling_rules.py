"""Rules for the end of life of products: collection, recovery, recycled content."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field, field_validator

from lodeflow.environment.calendar import parse_month
from lodeflow.environment.shocks.card import Card
from lodeflow.environment.shocks.shock import Shock, Step, all_in_order, steps_in_order

if TYPE_CHECKING:
    from lodeflow.environment.shocks.effects import Effects
    from lodeflow.environment.state import State


class ExtendedProducerResponsibility(Shock):
    """Producers answer for the end of life of their products (EPR): collection, recovery, recycled content."""

    policy: ClassVar[bool] = True
    card: ClassVar[Card | None] = Card(
        source="event E43; policies P001 to P029: Regulation (EU) 2023/1542 on batteries",
        strength="collection",
        unit="collection rate to reach",
        steps=(0.5, 0.7, 0.95),
        example={"actor": "EU27", "products": ["portable-battery", "ev-battery-nickel"]},
        metals=("cobalt",),
        writes=("collection",),
        quantity="scrap collected",
        signs={"recycled at home": 1},
        months=36,
    )
    kind: Literal["epr"] = "epr"
    actor: str = Field(description="country or group where the rule holds")
    products: list[str] = Field(min_length=1, description="products under the rule")
    collection: list[Step] = Field(default_factory=list, description="collection rate of end-of-life products to reach")
    recovery: dict[str, list[Step]] = Field(default_factory=dict, description="recovery yield to reach, by metal")
    recycled_content: dict[str, list[Step]] = Field(
        default_factory=dict, description="least share of recycled metal in new products, by metal"
    )
    fee: float = Field(
        0.0,
        ge=0,
        le=1e6,
        description="what producers pay collectors for what is collected of the products, whatever the law makes of it",
        json_schema_extra={"unit": "USD/t metal"},
    )
    permanent: bool = Field(
        True, description="true for a law nobody expects to end; false for a measure seen as passing"
    )
    _in_order = field_validator("collection")(steps_in_order)
    _each_in_order = field_validator("recovery", "recycled_content")(all_in_order)

    @property
    def touched_metals(self) -> list[str]:
        """Metals that the rule names; none where it asks for collection alone."""
        return sorted({*self.recovery, *self.recycled_content})

    def touches(self, metal: str) -> bool:
        """Collection concerns every metal in the products, the other demands the metals that are named."""
        return bool(self.collection) or metal in self.touched_metals

    def powerless(self, world: State) -> str:
        """A rule that asks for no more than is done, or of products that nobody makes or discards."""
        return "what it asks for is done already, or none of its products holds its metals there"

    def act(self, world: State, effects: Effects, month: int) -> None:
        """Ask for collection and recovery on their way to the next step, and for recycled content from its date on."""
        if self.intensity(month) == 0.0:
            return
        since = parse_month(self.start)
        countries = self.actors(world)
        if self.collection:
            effects.require_collection(
                world.layout.in_use_rows(countries, self.products), ramp(self.collection, since, month)
            )
        effects.charge_collection(world.layout.in_use_rows(countries, self.products), self.fee)
        for metal, steps in self.recovery.items():
            effects.require_recovery(
                world.layout.recycler_rows(countries, self.products), metal, ramp(steps, since, month)
            )
        for metal, steps in self.recycled_content.items():
            effects.require_content(
                world.layout.line_rows(self.products, [metal], countries), (level(steps, month), 1.0)
            )


def level(steps: list[Step], month: int) -> float:
    """The value of steps in ``month``: 0 before the first date, then that of the date reached, linear between two dates.

    Args:
        steps: in the order of their dates.
        month: month number.
    """
    dates = np.array([parse_month(step.date) for step in steps], float)
    return 0.0 if month < dates[0] else float(np.interp(month, dates, [step.value for step in steps]))


def ramp(steps: list[Step], since: int, month: int) -> tuple[float, float]:
    """Where a policy stands between its steps.

    Args:
        steps: values with dates, in order.
        since: month number at which the first ramp begins.
        month: month number asked for.

    Returns:
        (target, progress): the value of the step being approached, and how far the way from what was there before
        ``since`` (0) to the target has been gone (1). Between two steps the target itself moves linearly.
    """
    first = parse_month(steps[0].date)
    if month < first:
        return steps[0].value, (month - since + 1) / max(first - since + 1, 1)
    dates = np.array([parse_month(step.date) for step in steps], float)
    return float(np.interp(month, dates, [step.value for step in steps])), 1.0
