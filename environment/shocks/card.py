"""What a kind says of itself beside its fields: where the idea comes from, an example, and what it promises to do.

:mod:`lodeflow.experiments.promises` measures the promises; tests hold every kind to its own, and the pages draw them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Card:
    """What a kind promises.

    Attributes:
        source: where the idea comes from: a document of the tables ``events`` or ``policies``, or a named assumption.
        strength: field that says how strong it is.
        unit: of that field.
        steps: values of it from weak to strong, for the example.
        example: the other fields of a shock that runs as it stands, without kind and dates.
        metals: metals of the world of the example.
        writes: effects that it writes (:class:`~lodeflow.environment.shocks.written.Written`), the state it touches.
        quantity: what grows with its strength, a name of :data:`lodeflow.experiments.promises.QUANTITIES`.
        signs: direction, 1 or -1, in which quantities must move, by the same names.
        months: months in force in the example.
        notice: months from the announcement to the start in the example.
        mode: of the example's world, a value of ``[world] mode``.
        beside: other shocks of the example's world, with their kinds, in force as long.
    """

    source: str
    strength: str
    unit: str
    steps: tuple[float, ...]
    example: Mapping[str, Any]
    metals: tuple[str, ...]
    writes: tuple[str, ...]
    quantity: str
    signs: Mapping[str, int]
    months: int = 12
    notice: int = 0
    mode: Literal["historical", "stationary", "growth"] = "stationary"
    beside: tuple[Mapping[str, Any], ...] = ()
