"""Assumptions that a visitor moves: elasticities, stocks, noise and the demand scenario, each within its range in the tables."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lodeflow.data import Tables
    from lodeflow.experiments.scenario.model import Scenario

MOVED = (
    "eta",
    "short_run_share",
    "supply_elasticity",
    "precaution",
    "exposure",
    "collection_elasticity",
    "recycler_response",
)
"""Parameters on the panel, in its order: elasticities of price, use and mines, stocks wanted, and recycling."""
CLASS, PRICE_CLASS = "class", "price_class"
NOISE = "noise"
MOST_NOISE = 2.0
"""Largest multiple of the noise of the data on the panel."""
STEPS = 20
"""Steps of a slider between its ends."""


@dataclass(frozen=True)
class Switch:
    """A part of the model that a world may have: the key under ``[world]``, and its values without it and with it."""

    name: str
    off: bool | str = False
    on: bool | str = True

    def is_on(self, scenario: Scenario) -> bool:
        """Whether the world of a scenario has it."""
        return bool(getattr(scenario.world, self.name) == self.on)


SWITCHES = (Switch("footprint"), Switch("cell_choice", "fixed", "logit"), Switch("nexus"))
"""Technology, energy and carbon on the panel."""


@dataclass(frozen=True)
class Knob:
    """One assumption.

    Attributes:
        name: of the parameter.
        key: under ``[parameters]`` of a scenario file, such as ``eta.cobalt``.
        value: as the run has it. shipped: as the table has it. low, high: range of the table; all in `unit` ("1": a ratio).
        reason: one line of the table on what it is.
    """

    name: str
    key: str
    value: float
    shipped: float
    low: float
    high: float
    unit: str
    reason: str

    @property
    def step(self) -> float:
        """Step of a slider."""
        return (self.high - self.low) / STEPS


def noise(scenario: Scenario) -> Knob:
    """The noise of a world as a multiple of that of the data."""
    return Knob(NOISE, NOISE, scenario.world.noise, 1.0, 0.0, MOST_NOISE, "1", "")


def knobs(metal: str, scenario: Scenario, tables: Tables) -> list[Knob]:
    """The assumptions that matter for a metal, as they stand in a scenario."""
    found = tables.remember(shipped_knobs, metal)
    return [replace(knob, value=scenario.parameters.get(knob.key, knob.shipped)) for knob in found]


def shipped_knobs(tables: Tables, metal: str) -> tuple[Knob, ...]:
    """The assumptions that matter for a metal, as the tables have them."""
    scope = str(tables["metals"].set_index("metal").loc[metal, PRICE_CLASS])
    rows = tables["parameters"]
    found: list[Knob] = []
    for name in MOVED:
        own = rows[rows["parameter"] == name]
        mine = own[(own["scope_kind"] != CLASS) | (own["scope"] == scope)]
        found += [_knob(row) for row in mine.to_dict("records")]
    return tuple(found)


def _knob(row: dict[Any, Any]) -> Knob:
    name = str(row["parameter"])
    key = f"{name}.{row['scope']}" if row["scope_kind"] == CLASS else name
    shipped = float(row["value"])
    return Knob(
        name, key, shipped, shipped, float(row["low"]), float(row["high"]), str(row["unit"]), str(row["reason"])
    )


def demands(tables: Tables) -> list[str]:
    """Names of the demand scenarios."""
    return tables.remember(_demands)


def _demands(tables: Tables) -> list[str]:
    return sorted(set(tables["demand_index"]["scenario"].astype(str)))


def moved(scenario: Scenario, tables: Tables) -> bool:
    """Whether any assumption is another than the shipped one."""
    from lodeflow.environment.settings import WorldSettings

    usual, world = WorldSettings(), scenario.world
    metals = [str(metal) for metal in world.metals or tables["metals"]["metal"]]
    keys = {knob.key for metal in metals for knob in tables.remember(shipped_knobs, metal)}
    other = any(switch.is_on(scenario) for switch in SWITCHES)
    return other or (world.noise, world.demand) != (usual.noise, usual.demand) or bool(keys & set(scenario.parameters))
