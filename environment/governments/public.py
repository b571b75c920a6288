"""Measures as everybody knows them: who, what, against whom, since when. What is not announced yet is not among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial

import numpy as np

from lodeflow.agents import guards
from lodeflow.environment.calendar import parse_month
from lodeflow.environment.governments.office import FORMS
from lodeflow.environment.governments.seats import Seats
from lodeflow.environment.shocks.kept import kept
from lodeflow.environment.shocks.shock import Shock
from lodeflow.environment.state import State

APPROVED = "approved_share"
"""Field of a licence that nobody announces: which share is let through."""
TONNES = "tonnes_per_year"
"""Field of a quota, which holds back what is exported beyond it."""
ORE = ("ore", "intermediate", "feed")


@dataclass(frozen=True)
class Public:
    """A measure that is announced or in force.

    Attributes:
        number: of the world's shocks.
        kind, label: kind of measure and its words.
        actors: rows that take it, boolean, (G,); targets: rows whose supply it holds back, (G,); concerns: rows whose trade it
            concerns, also where it holds back none of their supply (tariffs), (G,); to_all: whether it names nobody.
        metals, forms: what it concerns, boolean, (M,), (F,).
        restricts: whether it restricts exports.
        size: share of normal trade that is held back, 0 to 1, as announced; of licences as usual, until customs show it.
        announced, start: month numbers.
        depth: answers that lead to it; decided: whether a government of this world decided it.
        open: whether no end is known.
    """

    number: int
    kind: str
    label: str
    actors: np.ndarray
    targets: np.ndarray
    concerns: np.ndarray
    to_all: bool
    metals: np.ndarray
    forms: np.ndarray
    restricts: bool
    size: float
    announced: int
    start: int
    depth: int
    decided: bool
    open: bool

    @cached_property
    def rows(self) -> list[int]:
        """Rows that take it, in order."""
        rows: list[int] = np.flatnonzero(self.actors).tolist()
        return rows

    @cached_property
    def cells(self) -> list[tuple[int, int]]:
        """Forms and metals that it concerns, indices, in order."""
        return [(form, metal) for form, metal in np.argwhere(self.forms[:, None] & self.metals).tolist()]

    @cached_property
    def hits(self) -> bool:
        """Whether it holds back anybody's supply."""
        return bool(self.targets.any())

    @cached_property
    def key(self) -> str:
        """What tells it from other measures, whatever its number."""
        return f"{self.label}/{self.announced}/{np.flatnonzero(self.metals).tolist()}"


Seen = dict[int, tuple[Shock, Public]]
"""Measures that were public before, by number, each with the shock that it is."""


def public(
    world: State, seats: Seats, month: int, depths: Mapping[int, int], exports: np.ndarray | None, seen: Seen, late: int
) -> list[Public]:
    """Measures of states that everybody knows of in a month.

    Args:
        depths: answers that lead to each measure that a government decided, by its number.
        exports: t/year, shape (F, G, M), to say how much a quota holds back; None where nothing is published.
        seen: measures that were public before, which is brought up to date: most stay as they are.
        late: months after its start in which customs show what a licence holds back.
    """
    found = []
    for number, shock in enumerate(world.shocks):
        if not isinstance(shock, Shock) or not shock.known(month):
            continue
        before, one = seen.get(number, (None, None))
        if one is None or before is not shock or one.open != (shock.known_end(month) is None):
            one = _public(world, seats, month, number, shock, depths, exports, late)
        elif _is_counted(shock):
            one = _counted(one, _size(world, shock, one.actors, (one.forms, one.metals), month, exports, late))
        if one is not None:
            seen[number] = shock, one
            found.append(one)
    return found


def _is_counted(shock: Shock) -> bool:
    """Whether what a measure holds back goes with what is published: of quotas and licences."""
    return any(getattr(shock, name) is not None for name in _counted_fields(type(shock)))


@cache
def _counted_fields(kind: type[Shock]) -> tuple[str, ...]:
    """Fields of a kind of shock that say what is held back by what is counted."""
    return tuple(name for name in (TONNES, APPROVED) if name in kind.model_fields)


def _counted(one: Public, size: float) -> Public:
    """A measure as it was, of the size that is known now."""
    return one if size == one.size else replace(one, size=size)


def _acting(world: State, seats: Seats, shock: Shock) -> np.ndarray:
    """Rows that take a measure, boolean, shape (G,): the government that it names, else who speaks for its countries."""
    row = seats.row(shock.acting_place)
    return seats.rows_of(shock.actors(world)) if row < 0 else np.arange(len(seats.names)) == row


def _against(world: State, seats: Seats, partners: list[str], actors: np.ndarray) -> np.ndarray:
    """Rows against which a measure is, boolean, shape (G,): its partners, else all but those who take it."""
    named = [world.layout.country_indices(place) for place in partners]
    rows = seats.rows_of(np.concatenate(named)) if named else np.ones(len(actors), bool)
    return np.asarray(rows & ~actors)


def _public(
    world: State,
    seats: Seats,
    month: int,
    number: int,
    shock: Shock,
    depths: Mapping[int, int],
    exports: np.ndarray | None,
    late: int,
) -> Public | None:
    """A measure as it is known; None where no government takes it."""
    place = shock.acting_place
    if not place:
        return None
    actors = kept(world, ("governs", place), partial(_acting, world, seats, shock))
    if not actors.any():
        return None
    partners = [place for place in shock.places if place != shock.acting_place]
    key = ("against", shock.acting_place, *partners)
    concerns = kept(world, key, lambda: _against(world, seats, partners, actors))
    form = shock.restricted_form or "all"
    metals, forms = kept(world, ("touched", form, *shock.touched_metals), lambda: _touched(world, shock, form))
    restricts = shock.against_trade and getattr(shock, "restricts", "exports") != "imports"
    return Public(
        number,
        shock.kind,
        shock.words,
        actors,
        concerns & shock.against_trade,
        concerns,
        not partners,
        metals,
        forms,
        restricts,
        _size(world, shock, actors, (forms, metals), month, exports, late),
        shock.announced_at,
        parse_month(shock.start),
        depths.get(number, 0),
        number in depths,
        shock.known_end(month) is None,
    )


def _touched(world: State, shock: Shock, form: str) -> tuple[np.ndarray, np.ndarray]:
    """Metals and traded forms that a measure concerns, boolean, shapes (M,) and (F,)."""
    forms = np.array([form == "all" or form == name or (name == "feed" and form in ORE) for name in FORMS])
    return np.array([shock.touches(metal) for metal in world.layout.metals]), forms


def _size(
    world: State,
    shock: Shock,
    actors: np.ndarray,
    touched: tuple[np.ndarray, np.ndarray],
    month: int,
    exports: np.ndarray | None,
    late: int,
) -> float:
    """Share of normal trade that a measure holds back, as announced; of a tax its rate.

    What licences usually approve stands for a licence until customs have counted what it lets through (arguments as of
    :func:`public`; ``touched``: forms and metals).
    """
    fields = type(shock).model_fields
    for name in ("strength", "rate"):
        if name in fields and getattr(shock, name) is not None:
            return min(float(getattr(shock, name)), 1.0)
    if APPROVED in fields:
        approved, counted = getattr(shock, APPROVED), month >= parse_month(shock.start) + late
        usual = world.parameters["licence_approval"]
        return 1.0 - float(usual if approved is None or not counted else approved)
    quota = getattr(shock, TONNES, None)
    if quota is not None and exports is not None:
        forms, metals = touched
        sold = float((exports[:, actors].sum(axis=1) * forms[:, None] * metals).max())
        return max(1.0 - float(quota) / max(sold, guards.NOTHING), 0.0)
    return 1.0
