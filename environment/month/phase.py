"""What a phase declares: the columns that it reads and writes, as data beside its function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lodeflow.environment.month.state import Month
from lodeflow.environment.state import State

Phase = Callable[[State, Month], None]
Columns = Mapping[str, str]
"""Names of columns by where they stand: ``{"desks": "price use", "markets.feed": "weight", "world": "anchor"}``."""
WORLD = "world"
"""Where columns of the world itself stand; their names have no place before them."""


@dataclass(frozen=True)
class Declared:
    """What a phase reads and writes, by names such as ``desks.price``, ``markets.feed.weight`` or ``effects.demand_now``.

    Columns that no phase changes are left out, and so is what a phase reads only after it has written it itself.

    Attributes:
        reads: read after an earlier phase of the month has written them.
        last: read as last month's value: only this phase or a later one writes them.
        writes: written, wholly or in part.
    """

    reads: frozenset[str]
    last: frozenset[str]
    writes: frozenset[str]


_DECLARED: dict[Phase, Declared] = {}


def phase(
    reads: Columns | None = None, last: Columns | None = None, writes: Columns | None = None
) -> Callable[[Phase], Phase]:
    """Declare what a phase reads and writes; the function stays as it is. ``tests/environment/month`` checks it."""

    def declare(act: Phase) -> Phase:
        _DECLARED[act] = Declared(*(_names(columns or {}) for columns in (reads, last, writes)))
        return act

    return declare


def declared(act: Phase) -> Declared:
    """What a phase reads and writes.

    Raises:
        LookupError: when it does not say.
    """
    if act not in _DECLARED:
        raise LookupError(f"{act.__module__}.{act.__name__} does not declare what it reads and writes: use @phase")
    return _DECLARED[act]


def _names(columns: Columns) -> frozenset[str]:
    return frozenset(
        name if place == WORLD else f"{place}.{name}" for place, names in columns.items() for name in names.split()
    )
