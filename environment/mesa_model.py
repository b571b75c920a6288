"""The world as a Mesa model: agents, data collector and space, each made when somebody asks for it."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import mesa
from mesa.agent import AgentSet

from lodeflow.environment.mesa_agents import KINDS, Everyone, Handle, shipped
from lodeflow.environment.state import State

if TYPE_CHECKING:
    from pathlib import Path

    from mesa.space import ContinuousSpace

    from lodeflow.environment.ledger import Ledger
    from lodeflow.environment.records.recorder import Recorder

SCENARIOS = "lodeflow.experiments.run.mesa_world"
"""Where worlds are made from scenarios. Scenarios are read in a later room than this one, so the module is only named."""


class MesaModel(State):
    """What a Mesa model has besides its state.

    Attributes:
        agents, agents_by_type, agent_types: one agent for each row of the kinds in :data:`~lodeflow.environment.mesa_agents.KINDS`,
            and those that you add.
        datacollector: the main series of the world; set your own if you want others.
        space: where agents are drawn, in degrees of longitude and latitude.
    """

    recorder: Recorder
    ledger: Ledger
    _seats: dict[tuple[str, int], Handle] | None = None
    _own: tuple[Handle, ...] = ()
    _collector: Any = None
    _space: ContinuousSpace | None = None

    @classmethod
    def from_scenario(
        cls, name: str = "baseline", rng: int | None = None, data_folder: str | Path | None = None, **kwargs: Any
    ) -> Any:
        """The world of a scenario before its first month: ``World.from_scenario("drc-cobalt-export-ban", seed=3, end="2027-12")``.

        ``mesa.batch_run`` takes it as the model class. Arguments and errors are those of
        :class:`lodeflow.experiments.run.mesa_world.ScenarioWorld`.
        """
        made = importlib.import_module(SCENARIOS).ScenarioWorld
        kind: Any = cls if issubclass(cls, made) else made
        return kind(name=name, rng=rng, data_folder=data_folder, **kwargs)

    # ---- agents -----------------------------------------------------------------------------------------------------
    def _populate(self) -> None:
        """Make an agent for every row, unless that was done before."""
        if self._seats is None:
            self._seats = {}
            for kind in KINDS:
                for name in getattr(self, kind.rows).ids:
                    kind(self, name)

    @property
    def agents(self) -> AgentSet:
        """All agents."""
        self._populate()
        return Everyone(super().agents, random=self.random)

    @property
    def agents_by_type(self) -> dict[type[mesa.Agent], AgentSet]:
        """All agents by their class."""
        self._populate()
        by_type: dict[type[mesa.Agent], AgentSet] = super().agents_by_type
        return by_type

    @property
    def agent_types(self) -> list[type]:
        """Classes of agents."""
        return list(self.agents_by_type)

    def register_agent(self, agent: mesa.Agent) -> None:
        """Take in a new agent; one of a kind of your own takes the seat of the agent of the same row.

        Raises:
            ValueError: where the seat is taken by an agent of your own, or the new one is of a shipped kind.
        """
        self._populate()
        if isinstance(agent, Handle):
            self._seat(agent)
        super().register_agent(agent)

    def _seat(self, agent: Handle) -> None:
        """Give an agent the seat of its row."""
        assert self._seats is not None
        seat = agent.rows, agent.row
        before = self._seats.get(seat)
        if before is not None:
            if type(agent) in KINDS or type(before) not in KINDS:
                raise ValueError(f"{before!r} is in the world already; derive a kind of your own to take its place")
            super().deregister_agent(before)
        self._seats[seat] = agent
        if type(agent).step is not Handle.step:
            self._own = (*self._own, agent)

    def deregister_agent(self, agent: mesa.Agent) -> None:
        """Let an agent go: one of your own kind gives its seat back to the shipped kind.

        Raises:
            NotImplementedError: for an agent of a shipped kind: mines, plants and desks are rows of columns and stay.
        """
        if isinstance(agent, Handle):
            self._free(agent)
        super().deregister_agent(agent)
        if isinstance(agent, Handle):
            shipped(type(agent))(self, agent.id)

    def _free(self, agent: Handle) -> None:
        """Take an agent of a user's own kind off its seat."""
        assert self._seats is not None
        if type(agent) in KINDS:
            raise NotImplementedError(
                f"{agent!r} cannot be removed: agents are rows of columns, and contracts lead to them. To close a plant set its "
                "expansion to 0, or use a shock such as outage"
            )
        if self._seats.get((agent.rows, agent.row)) is agent:
            del self._seats[agent.rows, agent.row]
        self._own = tuple(other for other in self._own if other is not agent)

    def remove_all_agents(self) -> None:
        """Refuse, as :meth:`deregister_agent` does."""
        self._populate()
        super().remove_all_agents()

    def ask_own(self) -> None:
        """Call the step of the agents of a user's own kinds, in the order in which they came, unless it was called this month."""
        for agent in self._own:
            if agent.stepped != self.t:
                agent.step()

    # ---- data and space ---------------------------------------------------------------------------------------------
    @property
    def datacollector(self) -> Any:
        """The main series of the world (:class:`lodeflow.environment.mesa_series.Series`), or the collector that you set."""
        if self._collector is None:
            from lodeflow.environment.mesa_series import Series

            self._collector = Series(self.recorder)
        return self._collector

    @datacollector.setter
    def datacollector(self, collector: Any) -> None:
        self._collector = collector

    @property
    def space(self) -> ContinuousSpace:
        """Mesa's continuous space with every agent at its country, x: degrees east, y: degrees north."""
        if self._space is None:
            from mesa.space import ContinuousSpace

            self._space = ContinuousSpace(180.0, 90.0, torus=False, x_min=-180.0, y_min=-90.0)
            for agent in self.agents:
                at, agent.pos = agent.pos, None
                if at is not None:
                    self._space.place_agent(agent, at)
        return self._space
