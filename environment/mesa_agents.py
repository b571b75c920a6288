"""Mesa agents as light handles on the rows of the populations, made when somebody asks for them."""

from __future__ import annotations

import functools
import itertools
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

import mesa
import numpy as np
from mesa.agent import AgentSet

from lodeflow.data.problems import did_you_mean
from lodeflow.environment.month.order import MONTH, Phase
from lodeflow.environment.month.phase import declared

if TYPE_CHECKING:
    from lodeflow.agents.population import Population
    from lodeflow.environment.state import State


class Numbers(weakref.WeakKeyDictionary["State", "itertools.count[int]"]):
    """Running numbers of the agents of each world, as Mesa wants them; a world that nobody holds is let go."""

    def __getitem__(self, world: State) -> itertools.count[int]:
        return self.setdefault(world, itertools.count(1))


class Handle(mesa.Agent):
    """One agent of the world. Reading or setting an attribute of its vocabulary reads or writes the population's column.

    A kind of your own takes the seat of the agent whose row it names, and its ``step`` is called once a month, before the month
    begins: by you, or else by ``world.step()``.

    >>> world.miners["COD-cobalt-1"].stock       # the row
    >>> world.agents.select(lambda agent: agent.id == "COD-cobalt-1", agent_type=Miner)[0].stock   # the same number

    Args:
        model: the world.
        id: name of a row of its kind, such as ``"COD-cobalt-1"``.

    Raises:
        ValueError: for a row that the world does not have, or whose seat is taken.
    """

    model: Any
    rows: ClassVar[str] = ""
    """Name of the population in the world."""
    unread: ClassVar[tuple[str, ...]] = ()
    """Attributes that no rule of the month reads."""
    stepped: int = -1
    """Month of the run in which a step of its own was last called."""

    _ids = Numbers()
    """Stands before Mesa's own table, which holds every model that ever had an agent for as long as the program runs."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "step" in vars(cls):
            cls.step = _noted(cls.step)  # type: ignore[method-assign]

    def __init__(self, model: State, id: str) -> None:
        population: Population = getattr(model, self.rows)
        if id not in population.row_of:
            raise ValueError(f"there is no {population.kind} {id!r}. {did_you_mean(id, population.ids)}")
        object.__setattr__(self, "_population", population)
        object.__setattr__(self, "row", population.row_of[id])
        super().__init__(model)
        self.pos = _place(model, self)

    @property
    def id(self) -> str:
        """Readable name, unique among the agents of its kind."""
        return str(self._population.ids[self.row])

    def step(self) -> None:
        """Refuse: the agents of a kind act together, one phase of the month after the other."""
        raise NotImplementedError(
            f"a {type(self).__name__} has no step of its own: agents act together, and world.step() simulates their month. "
            "Give a kind of your own a step: it is called once a month"
        )

    advance = step

    def __getattr__(self, name: str) -> Any:
        population = object.__getattribute__(self, "_population")
        if name not in population.attributes:
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        return population.entry(name, self.row)

    def __setattr__(self, name: str, value: Any) -> None:
        attribute = self._population.attributes.get(name)
        if attribute is None:
            object.__setattr__(self, name, value)
            return
        if name not in settable(self.model, type(self)):
            raise AttributeError(self._refusal(name))
        self._population.set_entry(name, self.row, value)
        self.model.ledger.open(self.model)

    def _refusal(self, name: str) -> str:
        """Why an attribute cannot be set from outside, and which can."""
        attribute, kind = self._population.attributes[name], type(self).__name__
        why = "is worked out anew every month: a value that you set would be lost"
        if attribute.fixed:
            why = "says who it is" if attribute.unit == "index" else "is read by no rule of the month"
        right = ", ".join(settable(self.model, type(self))) or "nothing"
        return f"{kind}.{name} {why}. What can be set: {right}"

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._population.attributes]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id}>"


def _noted(step: Callable[..., Any]) -> Callable[..., Any]:
    """A step that notes in which month it was called, so that the world does not call it again."""

    @functools.wraps(step)
    def noted(self: Handle, *args: Any, **kwargs: Any) -> Any:
        object.__setattr__(self, "stepped", self.model.t)
        return step(self, *args, **kwargs)

    return noted


class Country(Handle):
    """A country: government, households, customs."""

    rows, unread = "countries", ("latitude", "longitude", "population", "gdp")

    @property
    def country(self) -> str:
        """Itself, so that agents of all kinds can be asked for their country."""
        return self.id


class Miner(Handle):
    """A mine: one country, metal and cost tier."""

    rows = "miners"


class Refiner(Handle):
    """A refiner of one metal in one country."""

    rows = "refiners"


class Manufacturer(Handle):
    """A maker of one product in one country."""

    rows = "manufacturers"


class Recycler(Handle):
    """A recycler of one product group in one country, formal or informal."""

    rows, unread = "recyclers", ("base", "way")


class OreDesk(Handle):
    """Where the mines of one metal in one country sell; it has their ask."""

    rows = "ore_desks"


class MetalDesk(Handle):
    """Where the manufacturers and the government of a country buy one metal; it has their bid and the posted price."""

    rows = "desks"


class SecondarySeller(Handle):
    """Where the recyclers of a country sell one metal; it has their ask."""

    rows = "secondary"


class ScrapPool(Handle):
    """Where the collectors of a country sell the scrap of one product group; it has their ask."""

    rows = "pools"


KINDS: tuple[type[Handle], ...] = (
    Country,
    Miner,
    Refiner,
    Manufacturer,
    Recycler,
    OreDesk,
    MetalDesk,
    SecondarySeller,
    ScrapPool,
)
"""The five kinds that decide, and the desks and pools where their members meet."""
RING = 1.5
"""Distance at which kinds are drawn around the centre of their country, degrees: for pictures only."""


class Agents(AgentSet):
    """Agents of a world; ``select`` asks for the type before it asks the filter, so a filter sees only what it is made for."""

    def select(
        self,
        filter_func: Callable[[Any], bool] | None = None,
        at_most: float = float("inf"),
        inplace: bool = False,
        agent_type: type[mesa.Agent] | None = None,
    ) -> AgentSet:
        """Choose agents as Mesa's own ``select`` does."""
        first = filter_func
        if agent_type is not None and filter_func is not None:
            right, fits = agent_type, filter_func
            first = lambda agent: isinstance(agent, right) and fits(agent)  # noqa: E731
        found = super().select(first, at_most, inplace, agent_type)
        return self if inplace else Agents(found, random=self.random)


class Everyone(Agents):
    """All agents of a world, in a set that is made when it is asked for: to change it would change nothing."""

    def _refuse(self, *args: Any) -> Any:
        raise NotImplementedError(
            "these are all agents of a world: they come by being made and go by agent.remove(). What world.agents.select() gives "
            "is yours to change"
        )

    add = discard = remove = pop = clear = _refuse


@functools.cache
def _kept(month: tuple[tuple[str, Phase], ...]) -> frozenset[str]:
    """Columns whose value of last month is read: what is written into them between two months acts."""
    return frozenset().union(*(declared(act).last for _, act in month))


def settable(world: State, kind: type[Handle]) -> list[str]:
    """Attributes of a kind of agent that act when they are set between two months, by the declarations of the phases."""
    population: Population = getattr(world, kind.rows)
    kept = _kept(getattr(type(world), "MONTH", MONTH))
    return [
        name
        for name, attribute in population.attributes.items()
        if attribute.unit != "index" and name not in kind.unread and (attribute.fixed or f"{kind.rows}.{name}" in kept)
    ]


def shipped(kind: type[Handle]) -> type[Handle]:
    """The kind of :data:`KINDS` that a kind is or derives from."""
    return next(known for known in kind.__mro__ if known in KINDS)


def _place(world: State, agent: Handle) -> tuple[float, float]:
    """Where an agent is drawn: (longitude, latitude), degrees; kinds of one country stand around its centre."""
    countries = world.countries
    row = agent.row if agent.rows == "countries" else int(agent._population.country[agent.row])
    number = KINDS.index(shipped(type(agent)))
    radius, angle = RING * (number > 0), 2.0 * np.pi * number / len(KINDS)
    at = countries.longitude[row] + radius * np.cos(angle), countries.latitude[row] + radius * np.sin(angle)
    return float(np.clip(at[0], -179.9, 179.9)), float(np.clip(at[1], -89.9, 89.9))
