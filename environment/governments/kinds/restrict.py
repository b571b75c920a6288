"""Restrict exports: who holds much of world output, could keep more at home, was hit or sees prices far from normal."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from lodeflow.environment.governments.decision import Decision, Kind
from lodeflow.environment.governments.kinds.instruments import choose, restriction
from lodeflow.environment.governments.known import FEED, FORMS, Known
from lodeflow.environment.governments.public import Public
from lodeflow.environment.governments.settings import Forced


class Restrict(Kind):
    """A country restricts its exports of a metal to all."""

    name: ClassVar[str] = "restrict"
    about: ClassVar[str] = "restricts its exports of ore or metal to all, where it has leverage"

    def concerned(self, known: Known) -> np.ndarray:
        """Whose draw falls, of those with leverage in anything that they sell abroad."""
        return np.asarray(known.restricting.any(axis=(0, 2)))

    def decide(self, known: Known, row: int) -> list[Decision]:
        """One draw for every form and metal in which it has leverage; what is restricted already may be restricted more."""
        taken = []
        for form, metal in np.argwhere(known.restricting[:, row]):
            what = ("restrict", FORMS[form], known.metals[metal])
            of_class, size, notice = choose(known, row, FORMS[form], what)
            if self._adds(known.to_all(row, form, metal), of_class["instrument"], size):
                taken.append(self._taken(known, row, form, metal, of_class["instrument"], size, notice))
        return taken

    def _adds(self, standing: list[Public], instrument: str, size: float) -> bool:
        """Whether a restriction is another instrument than those that stand, and holds back more than each of them."""
        return all(one.kind != instrument and size > one.size for one in standing)

    def forced(self, known: Known, row: int, asked: Forced) -> list[Decision]:
        """The restriction that was asked for, at once where nothing else is said."""
        form, metal = FORMS.index(asked.form), known.metals.index(asked.metal)
        of_class, size, notice = choose(known, row, asked.form, ("forced", asked.metal))
        size = size if asked.size is None else min(asked.size, 1.0)
        return [self._taken(known, row, form, metal, of_class["instrument"], size, notice, asked.target)]

    def _taken(
        self,
        known: Known,
        row: int,
        form: int,
        metal: int,
        instrument: str,
        size: float,
        notice: int,
        partner: str = "",
    ) -> Decision:
        figures, who, name = known.figures, known.seats.names[row], known.metals[metal]
        what = "mines" if form == FEED else "refines"
        kept = "is processed at home" if form == FEED else "is used at home"
        hit = known.names(known.books.grievance[row] > known.temper["least_share"])
        reason = (
            f"{who} {what} {figures.share[form, row, metal]:.0%} of the world's {name}, {figures.home[form, row, metal]:.0%} of it "
            f"{kept}; others buy {known.relied_on[form, row, metal]:.0%} of theirs from it; "
            f"price {figures.world_price[metal]:.2f} times its anchor; "
            + (f"hit by {', '.join(hit)}" if hit else "hit by nobody")
            + f"; own measures: {known.books.in_force[row]:.0f}"
        )
        measure = restriction(known, row, instrument, metal, form, size, notice, partner)
        unit = "share of the price" if instrument == "export_tax" else "share of exports"
        return Decision(
            known.month,
            who,
            self.name,
            instrument,
            name,
            FORMS[form],
            partner or "all",
            size,
            unit,
            reason,
            measure,
            share=float(figures.share[form, row, metal]),
        )
