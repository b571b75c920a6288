"""Ensembles of worlds in which governments decide with tempers drawn from their ranges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lodeflow.environment.calendar import parse_month
from lodeflow.environment.governments.governments import Governments
from lodeflow.environment.governments.settings import GovernmentSettings
from lodeflow.environment.randomness import stream
from lodeflow.environment.settings import WorldSettings

if TYPE_CHECKING:
    from lodeflow.data import Tables
    from lodeflow.environment.governments.decision import Decision
    from lodeflow.environment.world import World

RESTRICTING = ("restrict", "retaliate")
"""Kinds of decisions that are restrictions."""
ENDING = "lift"
"""Kind of decision that ends one."""
SET = "restrict_base"
"""Temper that is set on the number of restrictions; the others keep their ranges."""


@dataclass(frozen=True)
class Period:
    """Years that are run: first, last, and the year that the world starts from."""

    first: int
    last: int
    base_year: int

    @property
    def name(self) -> str:
        """The years in words."""
        return f"{self.first}-{self.last}"

    def settings(self) -> WorldSettings:
        """The world of the period, all metals, without the noise of firms; who makes how much is what happened.

        Governments are judged, and not the mines that opened: Zimbabwe made 1 % of the world's lithium in 2019 and 9 % in 2024.
        """
        years = {"start": f"{self.first}-01", "end": f"{self.last}-12", "base_year": self.base_year}
        return WorldSettings.model_validate(years | {"producers": "known", "noise": 0.0})


def drawn_tempers(tables: Tables, run: int, base: float | None = None) -> dict[str, float]:
    """Tempers of a run, each drawn evenly from its range.

    Args:
        run: number of the run, which the draws belong to.
        base: middle of the range of :data:`SET`, which keeps its width; None: as in the table.
    """
    found = {}
    for name, low, high in tables["tempers"][["temper", "low", "high"]].itertuples(index=False):
        share = float(stream(run, "temper", str(name)).random())
        found[str(name)] = low + share * (high - low)
        if name == SET and base is not None:
            found[str(name)] += base - (low + high) / 2.0
    return found


def decisions(world: World, tables: Tables, tempers: Mapping[str, float], run: int) -> list[Decision]:
    """What governments decide in a twin of a world before its first month, with some tempers and a seed of their own."""
    twin = world.twin()
    governments = Governments(tables, GovernmentSettings(mode="on", temper=dict(tempers)), twin)
    governments.seed = run
    twin.let_decide(governments)
    twin.reasons = False
    return twin.run().decisions


def ensemble(world: World, tables: Tables, runs: int, base: float | None = None) -> Iterator[list[Decision]]:
    """Decisions of each run of an ensemble, vetoes left out."""
    for run in range(runs):
        taken = decisions(world, tables, drawn_tempers(tables, run, base), run)
        yield [one for one in taken if one.status != "vetoed"]


def restricting(taken: Sequence[Decision]) -> list[Decision]:
    """Restrictions among decisions."""
    return [one for one in taken if one.kind in RESTRICTING]


def lasted(taken: Sequence[Decision], until: int) -> tuple[int, int]:
    """How many restrictions to all of a run ended, and the months that all of them were in force, up to a month (number)."""
    ended, months, standing = 0, 0, {}
    for one in taken:
        what = one.who, one.instrument, one.metal, one.form
        if one.kind in RESTRICTING and one.target == "all" and one.measure is not None:
            standing[what] = parse_month(one.measure.start)
        elif one.kind == ENDING and what in standing:
            stood = one.month - standing.pop(what)
            ended, months = ended + (stood > 0), months + max(stood, 0)
    return ended, months + sum(max(until - start, 0) for start in standing.values())
