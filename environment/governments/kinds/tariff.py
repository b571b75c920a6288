"""Tariff: who is hit and buys other metal of the same country, which its own industry makes too, taxes it at the border."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from lodeflow.agents import government
from lodeflow.environment.calendar import format_month
from lodeflow.environment.governments.decision import Decision, Kind
from lodeflow.environment.governments.kinds.instruments import TARIFF, choose
from lodeflow.environment.governments.known import FORMS, Known
from lodeflow.environment.governments.public import Public
from lodeflow.environment.governments.settings import Forced
from lodeflow.environment.shocks.tariffs import LARGEST_RATE, ImportTariff


class Tariff(Kind):
    """An importer answers a measure with a tariff on what it buys of the country that took it."""

    name: ClassVar[str] = "tariff"
    about: ClassVar[str] = (
        "answers a measure that hits it with a tariff on imports of which it has an industry of its own"
    )

    def concerned(self, known: Known) -> np.ndarray:
        """Who is hit by somebody on whose metal it could put a tariff."""
        able = np.zeros(len(known.seats.names), bool)
        for measure in known.fresh:
            able |= self._hurt(known, measure) & np.isfinite(known.tariff_odds(self._other(measure))).any(axis=(0, 2))
        return able

    def decide(self, known: Known, row: int) -> list[Decision]:
        """One draw for each measure of the last quarters that hits it and was not answered."""
        for measure in known.fresh:
            if (row, measure.number) in known.answered or not self._hurt(known, measure)[row]:
                continue
            other = self._other(measure)
            odds = self.odds(known, row, other)
            form, metal = np.unravel_index(int(np.argmax(odds)), odds.shape)
            best = float(odds[form, metal])
            if np.isfinite(best) and known.chance(row, self.name, measure.key) < government.chance(best):
                why = f"{measure.label} holds back {known.harm(row, measure):.0%} of its supply"
                return [
                    self._taken(known, row, other, int(form), int(metal), None, why, measure.number)
                ]  # one a quarter
        return []

    def forced(self, known: Known, row: int, asked: Forced) -> list[Decision]:
        """A tariff on the metal that was asked for, from a government or, where none is named, from all."""
        form, metal = FORMS.index(asked.form), known.metals.index(asked.metal)
        against = f"against {asked.target}" if asked.target else "against all"
        other = known.seats.row(asked.target)
        return [self._taken(known, row, other, form, metal, asked.size, f"forced {against}", -1)]

    def odds(self, known: Known, row: int, other: int) -> np.ndarray:
        """Ln odds of a tariff on what comes from another government, -inf where there is none to put, shape (F, M).

        Not on what that one holds back itself, which is dear already, and not twice.
        """
        held = [one for one in known.own(other) if one.restricts and one.targets[row]]
        taxed = [one for one in known.own(row) if one.kind == TARIFF and one.concerns[other]]
        return np.where(_touched(known, [*held, *taxed]), -np.inf, known.tariff_odds(other)[:, row])

    def _hurt(self, known: Known, measure: Public) -> np.ndarray:
        """Whose supply a measure holds back enough for it to be answered, boolean, shape (G,)."""
        return government.at_least(known.harms(measure), known.temper["retaliate_least"])

    def _other(self, measure: Public) -> int:
        """Who took a measure: the first of several."""
        return measure.rows[0]

    def _taken(
        self, known: Known, row: int, other: int, form: int, metal: int, size: float | None, why: str, answers: int
    ) -> Decision:
        names, name, figures = known.seats.names, known.metals[metal], known.figures
        partner = names[other] if other >= 0 else ""
        _, usual, notice = choose(known, row, "import", (self.name, partner, name))
        rate, made = usual if size is None else min(size, LARGEST_RATE), known.industry[form, row, metal]
        bought = figures.depends[form, row, other, metal] if partner else figures.depends[form, row, :, metal].sum()
        taxed: Any = FORMS[form]
        measure = ImportTariff(
            label=f"{names[row]} import tariff: {name}, {FORMS[form]}" + (f", from {partner}" if partner else ""),
            actor=names[row],
            metals=[name],
            form=taxed,
            partners=[partner] if partner else [],
            rate=rate,
            announce=known.date,
            start=format_month(known.month + notice),
            credibility=float(known.books.credibility[row]),
        )
        reason = (
            f"{why}; {names[row]} buys {bought:.0%} of its {name} ({FORMS[form]}) from {partner or 'abroad'} and "
            f"makes {made:.0%} of what it needs; price {figures.price[row, metal]:.2f} times its anchor: "
            f"a tariff of {rate:.0%}"
        )
        return Decision(
            known.month,
            names[row],
            self.name,
            TARIFF,
            name,
            FORMS[form],
            partner or "all",
            rate,
            "share of the price",
            reason,
            measure,
            answers=answers,
        )


def _touched(known: Known, measures: list[Public]) -> np.ndarray:
    """Forms and metals that some of these measures concern, boolean, shape (F, M)."""
    touched = np.zeros((len(FORMS), len(known.metals)), bool)
    for one in measures:
        touched |= one.forms[:, None] & one.metals
    return touched
