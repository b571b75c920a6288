"""A decision as it is written down, and the registry of kinds of decisions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from lodeflow.environment.calendar import format_month
from lodeflow.environment.governments.settings import Forced
from lodeflow.environment.shocks.shock import Shock

if TYPE_CHECKING:
    from lodeflow.environment.governments.known import Known

COLUMNS = (
    *("month", "start", "who", "kind", "instrument", "metal", "form", "target", "size", "unit", "status", "reason"),
)
"""Columns of the table of decisions."""
KINDS: dict[str, Kind] = {}
"""Kinds of decisions by name, in the order in which they are taken."""


@dataclass(frozen=True)
class Decision:
    """What a government decides.

    Attributes:
        month: number of the month in which it is decided and announced.
        who: government.
        kind, instrument: kind of decision, and kind of measure that it takes or ends.
        metal, form, target: what it concerns; target: the other side, "all" where there is none.
        size: how much, in ``unit``.
        reason: why, in words with numbers.
        measure: what comes into force; None where something ends.
        ends: numbers of the measures of the world that it ends.
        answers: number of the measure that it answers, -1 for none.
        usd: set aside of the budget now; ``yearly``: in each year of the measure, USD/year.
        pays: what the target gets from the budget in a deal, USD; below 0: what it pays.
        share: of the world's output of what it restricts; 1 where it restricts nothing.
        status: ``decided``, ``forced`` or ``vetoed``.
    """

    month: int
    who: str
    kind: str
    instrument: str
    metal: str
    form: str
    target: str
    size: float
    unit: str
    reason: str
    measure: Shock | None = None
    ends: tuple[int, ...] = ()
    answers: int = -1
    usd: float = 0.0
    yearly: float = 0.0
    pays: float = 0.0
    share: float = 1.0
    status: str = "decided"

    def row(self) -> dict[str, Any]:
        """The decision as a row of the table ``decisions``."""
        start = self.measure.start if self.measure is not None else format_month(self.month)
        return {"month": format_month(self.month), "start": start} | {name: getattr(self, name) for name in COLUMNS[2:]}


@dataclass
class Kind:
    """A kind of decision: one class with a name. It sees what is :class:`~.known.Known`, and nothing of the world.

    Attributes:
        name: under which scenario files know it.
        about: what is decided, one line.
    """

    name: ClassVar[str] = ""
    about: ClassVar[str] = ""
    order: int = field(default=0, init=False)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.name:
            KINDS[cls.name] = cls()

    def concerned(self, known: Known) -> np.ndarray:
        """Rows that may decide anything this quarter, boolean, shape (G,); the others are not asked. Left out: all."""
        return np.ones(len(known.seats.names), bool)

    def decide(self, known: Known, row: int) -> list[Decision]:
        """What a government (its row) decides this quarter."""
        raise NotImplementedError(f"the kind {self.name!r} does not say what it decides")

    def forced(self, known: Known, row: int, asked: Forced) -> list[Decision]:
        """The decision that somebody wants it to take."""
        raise NotImplementedError(f"the kind {self.name!r} does not say how it is forced")
