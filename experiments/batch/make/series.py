"""Which monthly series a batch keeps, and how they are read from a world that has run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lodeflow.data import catalogue
from lodeflow.environment.records import indicators

if TYPE_CHECKING:
    from lodeflow.data import Tables
    from lodeflow.environment.world import World
    from lodeflow.experiments.scenario.model import Scenario

WORLD, UNION = indicators.WORLD, indicators.UNION
PLACES = ("CHN", "USA", "EU27", "JPN", "KOR", "IND")
"""Countries whose series are always kept, besides those that a shock or the scenario names."""
OF_GROUPS = (catalogue.SUM, catalogue.BY_USE)
"""How series are summed that the European Union has as well."""
Key = tuple[str, str, str]
"""variable, metal, region"""


@dataclass(frozen=True)
class Column:
    """One column of the paths; see lodeflow.experiments.batch.layout."""

    case: str
    variable: str
    metal: str
    region: str
    unit: str

    @property
    def key(self) -> Key:
        """variable, metal, region."""
        return self.variable, self.metal, self.region

    @property
    def name(self) -> str:
        """Name of the column: ``case.variable.metal.region``."""
        return ".".join((self.case, *self.key))

    def describe(self) -> dict[str, Any]:
        """Return the column as it stands in a manifest."""
        return {"name": self.name, **asdict(self), "form": catalogue.in_batches()[self.variable].form}


def columns_of(scenario: Scenario, tables: Tables) -> list[Column]:
    """Return the columns that a batch of this scenario keeps, the shock first, then the baseline."""
    from lodeflow.environment.start.base_year import choose_metals

    cases = ("shock", "baseline") if scenario.compared else ("baseline",)
    metals = choose_metals(tables, scenario.world)
    places = _places(scenario, tables)
    return [
        Column(case, variable, metal, region, unit)
        for case in cases
        for metal in metals
        for variable, region, unit in _wanted(metal, places, scenario)
    ]


def _wanted(metal: str, places: dict[str, bool], scenario: Scenario) -> Iterator[tuple[str, str, str]]:
    """Variable, region and unit of every series of a metal: what goes by place, then the world's, then what a shock parts."""
    kept = catalogue.in_batches()
    for name, one in kept.items():
        if one.batches == catalogue.PLACES:
            if one.summed != catalogue.NONE:
                yield name, WORLD, one.unit
            for place, group in places.items():
                if not group or (place == UNION and one.summed in OF_GROUPS):
                    yield name, place, one.unit
    for name, one in kept.items():
        if one.batches in (catalogue.WORLD, catalogue.UNION):
            yield name, WORLD, one.unit
        if one.batches == catalogue.UNION:
            yield name, UNION, one.unit
    actor = next((actor for actor, metals in _restricting(scenario) if metal in metals), "")
    for name, one in kept.items() if actor else ():
        if one.batches == catalogue.PARTED:
            yield name, WORLD if name == "price_outside" else actor, one.unit


def _places(scenario: Scenario, tables: Tables) -> dict[str, bool]:
    """Places whose series are kept; True for a group of countries."""
    named = [shock.acting_place or "" for shock in scenario.shocks]
    extra = scenario.monte_carlo.regions if scenario.monte_carlo else []
    groups = set(tables["groups"]["group"].astype(str))
    return {place: place in groups for place in dict.fromkeys([*named, *extra, *PLACES]) if place}


def _restricting(scenario: Scenario) -> Iterator[tuple[str, set[str]]]:
    """Country and metals of every shock that can part the market."""
    for shock in scenario.shocks:
        if shock.parts_market:
            yield shock.acting_place or "", set(shock.touched_metals)


def read_series(world: World, trade: bool = False) -> dict[Key, np.ndarray]:
    """Return what a world recorded, by variable, metal and region, each of shape (months,).

    trade: with imports, exports and net import reliance, which batches do not keep.

    Units as in the table `series` of a run folder; variables of ore and intermediates begin with ``feed_``.
    """
    recorder = world.recorder
    countries = indicators.country_rows(recorder)
    parts = [
        *countries,
        *indicators.group_rows(recorder, countries),
        *indicators.indicator_rows(recorder, trade),
    ]
    found: dict[Key, np.ndarray] = {}
    for rows in parts:
        for number, (form, metal, region) in enumerate(zip(rows.form, rows.metal, rows.region, strict=True)):
            found[catalogue.named(rows.variable, form), metal, region] = rows.values[:, number]
    return found
