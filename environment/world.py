"""The world: who is there, and its month."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lodeflow.environment.alert import quoted
from lodeflow.environment.blueprint import Blueprint
from lodeflow.environment.expectation import Expectation
from lodeflow.environment.governments.decision import Decision
from lodeflow.environment.governments.governments import Governments
from lodeflow.environment.ledger import Ledger
from lodeflow.environment.mesa_model import MesaModel
from lodeflow.environment.month.order import MONTH, Phase
from lodeflow.environment.month.state import Month
from lodeflow.environment.noise import draw, licence_noise
from lodeflow.environment.records.movements import Movements
from lodeflow.environment.records.recorder import Recorder
from lodeflow.environment.shocks.effects import nothing
from lodeflow.environment.shocks.plugged import blaming
from lodeflow.environment.shocks.shock import Shock

if TYPE_CHECKING:
    import networkx as nx


class World(MesaModel):
    """Countries, miners, refiners, manufacturers and recyclers that trade month by month.

    Args:
        blueprint: where everything stands at the start; copied.
        shocks: shocks and policies.
        expectation: the expected path, from :func:`lodeflow.environment.start.rehearsal.rehearse`.
        watched: shocks whose prices inside and outside are recorded; left out: ``shocks``.
        reasons: whether to write down every month why bids stand where they stand (a batch does not need it).
        tables: whether to write down what only tables of a run folder are made from (nor does it need that).

    Attributes:
        governments: governments that decide, None where only what is given happens (:meth:`let_decide`).
        recorder: what was recorded.
        ledger: the mass balance.
        phase: number of the phase of the month that comes next.
    """

    MONTH: tuple[tuple[str, Phase], ...] = MONTH
    """The phases of a month, in order."""
    governments: Governments | None = None

    def __init__(
        self,
        blueprint: Blueprint,
        shocks: Sequence[Shock],
        expectation: Expectation,
        watched: Sequence[Shock] | None = None,
        reasons: bool = True,
        tables: bool = True,
    ) -> None:
        super().__init__(blueprint, expectation)
        self.shocks: tuple[Shock, ...] = tuple(shocks)
        self.watched = tuple(watched) if watched is not None else self.shocks
        self.reasons, self._for_tables, self.phase = reasons, tables, 0
        self.now = Month(self.month, self.t, nothing(self))
        self.draws = self._draw_noise()
        self._keep_books()

    def __repr__(self) -> str:
        """Say what is inside, in one line."""
        metals, settings = ", ".join(self.layout.metals), self.settings
        return f"<{type(self).__name__} of {metals}: {settings.start} to {settings.end}, {self.t} of {settings.months} months>"

    def _keep_books(self) -> None:
        self.ledger = Ledger(self)
        self.recorder = Recorder(self, bool(self.watched), self._for_tables)

    def _draw_noise(self) -> dict[str, np.ndarray]:
        """Draw the noise of all months, by kind, shape (T, n)."""
        names: dict[str, Sequence[str]] = {
            "miner": self.miners.ids,
            "refiner": self.refiners.ids,
            "demand": self.manufacturers.ids,
            "exploration": self.miners.ids,
        }
        own = {kind: draw(self, kind, those) for kind, those in names.items()}
        return own | {"licence": licence_noise(self, self.shocks)}

    def step(self) -> None:
        """Simulate one month.

        Raises:
            RuntimeError: when the run is over.
            lodeflow.environment.ledger.MassBalanceError: when metal is not conserved.
        """
        if self.t >= self.settings.months:
            raise RuntimeError(f"the run ended in {self.settings.end}")
        self.ask_own()
        if self.governments is not None:
            self.governments.meet(self)
        month = self.now = Month(self.month, self.t, self.now.effects)
        for number, (_, act) in enumerate(self.MONTH):
            assert self.phase == number, "the phases of a month stand in a fixed order"
            act(self, month)
            self.phase = number + 1
        self._close()
        self.phase = 0
        self.t += 1
        self.running = self.running and self.t < self.settings.months

    def _close(self) -> None:
        """Check the mass balance, publish the price, and write the month down."""
        self.ledger.close(self)
        self.quotes = quoted(self)
        self.recorder.record(self)

    def run(self) -> World:
        """Simulate to the end and return the world."""
        while self.t < self.settings.months:
            self.step()
        return self

    def let_decide(self, governments: Governments) -> World:
        """Let governments decide from now on; returns the world."""
        self.governments = governments
        return self

    @property
    def decisions(self) -> list[Decision]:
        """What governments have decided so far, in order; empty where none decide."""
        return [] if self.governments is None else self.governments.decisions

    def twin(self, shocks: Sequence[Shock] = ()) -> World:
        """A world with the same start, expectations and random draws, and other shocks."""
        return World(self.blueprint, shocks, self.expectation, watched=self.watched)

    def fork(self, shocks: Sequence[Shock] = (), decide: bool = False) -> World:
        """A world that stands where this one stands and goes on with other shocks; its past is this one's, to the digit.

        Args:
            shocks: shocks of the new world: those that were known so far, in the same places, and others of which nothing is
                known yet; or none, where none of this world's was known yet. What governments decided is not named.
            decide: whether this world's governments go on deciding in the other, with what they have decided so far.

        Raises:
            ValueError: for shocks with which the past would have been another.
        """
        watched = tuple(shocks) or self.watched
        acting: Sequence[Any] = shocks
        if decide and self.governments is not None:
            acting = self.governments.woven(shocks, self)
        if not self.may_fork(acting):
            raise ValueError("with these shocks the months so far would have been others")
        other = World(self.blueprint, acting, self.expectation, watched, self.reasons, self._for_tables)
        if decide and self.governments is not None:
            other.governments = copy.deepcopy(self.governments)
            taken = list(self.governments.decided)
            licence = other.draws["licence"].copy()
            licence[:, taken] = self.draws["licence"][:, taken]  # a measure that was ended keeps its noise
            other.draws = other.draws | {"licence": licence}
        other.recorder.purse.whole = self.recorder.purse.whole
        if self.t == 0:
            return other
        other.stand_like(self)
        other.minds.news = {n: shock.news_key(self.month - 1) for n, shock in enumerate(acting)}
        other.recorder.take_over(self.recorder)
        other.ledger.take_over(self.ledger)
        return other

    def may_fork(self, shocks: Sequence[Shock]) -> bool:
        """Whether the months so far would have been the same with other shocks: none that was known so far is another."""
        kept = [n for n, (old, new) in enumerate(zip(self.shocks, shocks, strict=False)) if old == new]
        changed = [shock for side in (self.shocks, shocks) for n, shock in enumerate(side) if n not in kept]
        return self.phase == 0 and (self.t == 0 or all(shock.announced_at >= self.month for shock in changed))

    def graph(self) -> nx.MultiDiGraph:
        """The whole chain in its last month as one networkx graph; see :func:`lodeflow.environment.chain.chain`."""
        from lodeflow.environment.chain import chain

        return chain(self)

    def movements(self) -> Movements:
        """A log of what moves in this world by calendar year, from now on; its ``record()`` follows every step."""
        return Movements(self)

    def events(self) -> list[dict[str, Any]]:
        """Shocks that were given: kind, label, actor, metals, dates, whether and why they changed nothing, findings, who pays."""
        events = []
        decided = () if self.governments is None else self.governments.decided
        with blaming():
            for number, shock in enumerate(self.shocks):
                if number in decided:
                    continue
                idle = number not in self.minds.had_effect
                found = shock.found(self.recorder.purse, self.first_month, self)
                told = {"no_effect": idle, "reason": shock.idle(self) if idle else "", "found": found}
                paid = dict(zip(("paid_by", "paid_for"), self.recorder.paid(number), strict=True))
                events.append(shock.describe(self) | told | (paid if any(paid.values()) else {}))
        return events

    def unreached(self) -> list[str]:
        """What shocks name but cannot touch in this world, one line each; known before the first month."""
        with blaming():
            return [f"shocks[{i}]: {line}" for i, shock in enumerate(self.shocks) for line in shock.unreached(self)]
