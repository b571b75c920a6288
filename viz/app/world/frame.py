"""What the page draws at one moment: a frame never changes, so that any thread may read it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from lodeflow.environment.calendar import parse_month
from lodeflow.environment.governments.settings import QUARTER
from lodeflow.viz.observed import Observed

if TYPE_CHECKING:
    from lodeflow.environment.governments.decision import Decision
    from lodeflow.environment.world import World
    from lodeflow.experiments.scenario.model import Scenario
    from lodeflow.viz.app.world.track import View


@dataclass(frozen=True)
class Fired:
    """A shock of the run and the month in which the visitor fired it.

    Attributes:
        number: place among the scenario's shocks.
        at: months simulated when it was fired; 0 for those that came with the scenario.
        event: kind, label, actor, metals, announced, start, end, no_effect (:meth:`lodeflow.environment.world.World.events`).
        state: "known" (announced, not yet in force), "active", "over" or "ahead".
    """

    number: int
    at: int
    event: dict[str, Any]
    state: str


@dataclass(frozen=True)
class Council:
    """Governments of a world that decide.

    Attributes:
        names: who they are.
        playing: who decides by the model; the others are left to the visitor.
        decided: what was decided so far, in order.
        pending: what will be decided in the month that comes next, unless somebody forbids it.
    """

    names: tuple[str, ...]
    playing: tuple[str, ...]
    decided: tuple[Decision, ...]
    pending: tuple[Decision, ...]


@dataclass(frozen=True)
class Frame:
    """What the page draws: the run with shocks and the one without, up to the same month. It never changes.

    Attributes:
        number: counts the frames of a session.
        t: months simulated.
        scenario: what is run, with every shock fired so far.
        live, base: the world with the shocks and the one without.
        fired: the shocks, in the order of the scenario.
        can_undo, can_redo: whether the last thing done can be taken back, and the last thing taken back be done again.
        loads: counts the scenarios that were loaded.
        observed: prices observed, to stand beside the simulated ones.
        council: governments and what they decide; None where they decide nothing.
    """

    number: int
    t: int
    scenario: Scenario
    live: View
    base: View
    fired: tuple[Fired, ...]
    can_undo: bool
    can_redo: bool = False
    loads: int = 0
    observed: Observed = field(default_factory=Observed)
    council: Council | None = None

    def of_product(self, metal: str, product: str) -> Frame:
        """The same with use of a metal in one product alone (:meth:`~lodeflow.viz.app.world.track.View.of_product`); "" for all."""
        if not product:
            return self
        live, base = (view.of_product(metal, product) for view in (self.live, self.base))
        return replace(self, live=live, base=base)

    @property
    def months(self) -> int:
        """Length of the run, months."""
        return self.scenario.world.months

    @property
    def first_month(self) -> int:
        """Month number of the first month of the run."""
        return parse_month(self.scenario.world.start)

    @property
    def over(self) -> bool:
        """Whether the run has reached its end."""
        return self.t >= self.months


def council(world: World) -> Council | None:
    """Governments of a world, what they decided, and what comes next."""
    own = world.governments
    if own is None:
        return None
    due = world.month % QUARTER == 0 or any(parse_month(asked.month) == world.month for asked in own.forces)
    pending = own.pending(world) if due and world.t < world.settings.months else []
    playing = tuple(own.settings.who) or own.seats.names
    return Council(own.seats.names, playing, tuple(own.decisions), tuple(pending))


def state_of(shock: Any, month: int) -> str:
    """Where a shock stands after `month` was simulated."""
    if month < shock.announced_at:
        return "ahead"
    if month < parse_month(shock.start):
        return "known"
    return "active" if shock.intensity(month) > 0 else "over"
