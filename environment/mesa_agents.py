"""Mesa agents as light handles on the rows of the populations."""

from __future__ import annotations

import itertools
import weakref
from typing import TYPE_CHECKING, Any

import mesa

from lodeflow.agents.population import Population

if TYPE_CHECKING:
    from lodeflow.environment.state import State


class Numbers(weakref.WeakKeyDictionary["State", "itertools.count[int]"]):
    """Running numbers of the agents of each world, as Mesa wants them; a world that nobody holds is let go."""

    def __getitem__(self, world: State) -> itertools.count[int]:
        return self.setdefault(world, itertools.count(1))


class Handle(mesa.Agent):
    """One agent of the world. Reading or setting an attribute of its vocabulary reads or writes the population's column.

    >>> world.miners["COD-cobalt-1"].stock       # the row
    >>> world.agents.select(lambda agent: agent.id == "COD-cobalt-1")[0].stock   # the same number, through Mesa
    """

    _ids = Numbers()
    """Stands before Mesa's own table, which holds every model that ever had an agent for as long as the program runs."""

    def __init__(self, model: State, population: Population, row: int) -> None:
        object.__setattr__(self, "population", population)
        object.__setattr__(self, "row", row)
        super().__init__(model)

    @property
    def id(self) -> str:
        """Readable name."""
        return str(self.population.ids[self.row])

    def __getattr__(self, name: str) -> Any:
        population = object.__getattribute__(self, "population")
        if name not in population.attributes:
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        return population.entry(name, self.row)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self.population.attributes:
            self.population.set_entry(name, self.row, value)
        else:
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id}>"


class Country(Handle):
    """A country: government, households, customs."""


class Miner(Handle):
    """A mine: one country, metal and cost tier."""


class Refiner(Handle):
    """A refiner of one metal in one country."""


class Manufacturer(Handle):
    """A maker of one product in one country."""


class Recycler(Handle):
    """A recycler of one product group in one country, formal or informal."""


class OreDesk(Handle):
    """Where the mines of one metal in one country sell; it has their ask."""


class MetalDesk(Handle):
    """Where the manufacturers and the government of a country buy one metal; it has their bid and the posted price."""


class SecondarySeller(Handle):
    """Where the recyclers of a country sell one metal; it has their ask."""


class ScrapPool(Handle):
    """Where the collectors of a country sell the scrap of one product group; it has their ask."""


def add_handles(world: State) -> None:
    """Make a Mesa agent for every row of the five kinds, and for the desks and pools where their members meet."""
    kinds = (
        (Country, world.countries),
        (Miner, world.miners),
        (Refiner, world.refiners),
        (Manufacturer, world.manufacturers),
        (Recycler, world.recyclers),
        (OreDesk, world.ore_desks),
        (MetalDesk, world.desks),
        (SecondarySeller, world.secondary),
        (ScrapPool, world.pools),
    )
    for kind, population in kinds:
        for row in range(len(population)):
            kind(world, population, row)
