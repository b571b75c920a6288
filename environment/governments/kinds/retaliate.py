"""Retaliate: who was hit answers where the other side depends most and oneself loses least."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from lodeflow.agents import government
from lodeflow.environment.governments.decision import Decision, Kind
from lodeflow.environment.governments.kinds.instruments import choose, restriction
from lodeflow.environment.governments.known import FORMS, Known
from lodeflow.environment.governments.public import Public
from lodeflow.environment.governments.settings import Forced


class Retaliate(Kind):
    """A country answers a measure with a measure against the country that took it."""

    name: ClassVar[str] = "retaliate"
    about: ClassVar[str] = "answers a measure that hits it, in the metal in which the other side relies most on it"

    def concerned(self, known: Known) -> np.ndarray:
        """Who has leverage in anything and is hit by a fresh measure."""
        return np.asarray(known.harmed & known.leverage.any(axis=(0, 2)))

    def decide(self, known: Known, row: int) -> list[Decision]:
        """One draw for each measure of the last quarters that hurts it and was not answered."""
        for measure in known.fresh:
            if (row, measure.number) in known.answered:
                continue
            harm = known.harm(row, measure)
            if harm < known.temper["retaliate_least"]:
                continue
            odds = government.retaliate_odds(harm, measure.depth, float(known.books.market_economy[row]), known.temper)
            if known.chance(row, "retaliate", measure.key) < government.chance(odds):
                other = measure.rows[0]
                answer = self._answer(known, row, other, harm, measure)
                if answer:
                    return answer  # one a quarter
        return []

    def forced(self, known: Known, row: int, asked: Forced) -> list[Decision]:
        """An answer to a government, in the metal that was asked for."""
        other = known.seats.row(asked.target)
        form, metal = FORMS.index(asked.form), known.metals.index(asked.metal)
        return [self._taken(known, row, other, form, metal, asked.size, f"forced against {asked.target}", -1)]

    def ranking(self, known: Known, row: int, other: int) -> np.ndarray:
        """How well each form and metal serves against another government, -inf where it cannot be used, shape (F, M).

        It serves where the other side uses the metal, and where no measure against that side alone stands yet; one to all may.
        """
        figures = known.figures
        allowed = known.leverage[:, row] & known.interest[:, other]
        for form, metal in np.argwhere(allowed):
            allowed[form, metal] = not known.names_it(row, form, metal, other)
        return government.answer_worth(
            figures.depends[:, other, row], figures.sells[:, row, other], allowed, known.temper
        )

    def _answer(self, known: Known, row: int, other: int, harm: float, measure: Public) -> list[Decision]:
        worth = self.ranking(known, row, other)
        if not np.isfinite(worth).any():
            return []
        form, metal = np.unravel_index(int(np.argmax(worth)), worth.shape)
        why = f"{measure.label} holds back {harm:.0%} of its supply"
        return [self._taken(known, row, other, int(form), int(metal), None, why, measure.number)]

    def _taken(
        self, known: Known, row: int, other: int, form: int, metal: int, size: float | None, why: str, answers: int
    ) -> Decision:
        figures, names = known.figures, known.seats.names
        name = known.metals[metal]
        of_class, usual, notice = choose(known, row, "answer", ("retaliate", names[other], name))
        size = usual if size is None else min(size, 1.0)
        reason = (
            f"{why}; {names[other]} gets {figures.depends[form, other, row, metal]:.0%} of its {name} from {names[row]}, which "
            f"sells it {figures.sells[form, row, other, metal]:.0%} of what it makes"
        )
        measure = restriction(known, row, of_class["instrument"], metal, form, size, notice, names[other])
        return Decision(
            known.month,
            names[row],
            self.name,
            of_class["instrument"],
            name,
            FORMS[form],
            names[other],
            size,
            "share of exports",
            reason,
            measure,
            answers=answers,
            share=float(figures.share[form, row, metal]),
        )
