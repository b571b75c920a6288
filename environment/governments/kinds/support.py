"""Support: a state pays for mines or refineries at home or among friends where one supplier passes a threshold."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from lodeflow.agents import government
from lodeflow.environment.calendar import format_month
from lodeflow.environment.governments.decision import Decision, Kind
from lodeflow.environment.governments.known import FEED, FORMS, REFINED, Known
from lodeflow.environment.governments.settings import Forced
from lodeflow.environment.shocks.policy_supply import DomesticShare, FriendShoring
from lodeflow.environment.shocks.shock import Shock, Step

SUPPORTS = ("friend_shoring", "domestic_share")


class Support(Kind):
    """A country pays investors for supply that does not come from its largest supplier."""

    name: ClassVar[str] = "support"
    about: ClassVar[str] = "pays for mines or refineries at home and among friends when one supplier passes a threshold"

    def concerned(self, known: Known) -> np.ndarray:
        """Whose draw falls, of those who rely on one foreign country for anything."""
        return np.asarray(known.supporting.any(axis=(0, 2)))

    def decide(self, known: Known, row: int) -> list[Decision]:
        """One draw for each form and metal of which one foreign country sells it more than the threshold."""
        taken = []
        for form, metal in np.argwhere(known.supporting[:, row]):
            made = known.figures.output[form, row, metal] / max(known.figures.supply[form, row, metal], 1.0)
            if made >= known.temper["support_share"] or self._standing(known, row, form, metal):
                continue
            found = self._taken(known, row, int(form), int(metal), None)
            taken += [found] if found is not None else []
        return taken

    def forced(self, known: Known, row: int, asked: Forced) -> list[Decision]:
        """Support of the size that was asked for, whatever the budget."""
        found = self._taken(known, row, FORMS.index(asked.form), known.metals.index(asked.metal), asked.size)
        return [found] if found is not None else []

    def _taken(self, known: Known, row: int, form: int, metal: int, size: float | None) -> Decision | None:
        figures, temper, who, name = known.figures, known.temper, known.seats.names[row], known.metals[metal]
        friends = np.zeros(len(known.seats.names), bool) if form == FEED else self._friends(known, row, metal)
        payees = friends.copy()
        payees[row] = True
        if form == FEED and not known.mines[row, metal]:
            return None
        if not (figures.output[form, payees, metal] > 0.0).any():
            return None
        worth = self._worth(known, row, form, metal, payees)
        points = size or government.support_points(float(known.budget[row]), worth, temper["support_most"])
        if points < temper["support_least"]:
            return None
        yearly = worth * float(np.expm1(points))
        known.budget[row] -= yearly
        largest = int(np.argmax(figures.depends[form, row, :, metal]))
        where = f"among {', '.join(known.names(friends))}" if friends.any() else "at home"
        reason = (
            f"{figures.depends[form, row, largest, metal]:.0%} of its {name} ({FORMS[form]}) from "
            f"{known.seats.names[largest]}, above "
            f"{temper['support_threshold']:.0%}: supports {'mines' if form == FEED else 'refineries'} {where} with "
            f"{points:.2f} ln points, about {yearly / 1e6:,.0f} m USD a year"
        )
        measure = self._measure(known, row, form, metal, points, friends)
        target = ", ".join(known.names(friends)) or who
        return Decision(
            known.month,
            who,
            self.name,
            measure.kind,
            name,
            FORMS[form],
            target,
            points,
            "ln points",
            reason,
            measure,
            yearly=yearly,
        )

    def _worth(self, known: Known, row: int, form: int, metal: int, payees: np.ndarray) -> float:
        """What the supported output is worth in a year, USD: all there is, or what is to be built, whichever is more."""
        figures = known.figures
        wanted = known.temper["support_share"] * figures.supply[form, row, metal]
        tonnes = max(float(figures.output[form, payees, metal].sum()), float(wanted))
        return float(tonnes * known.usd[metal] * figures.world_price[metal])

    def _measure(self, known: Known, row: int, form: int, metal: int, points: float, friends: np.ndarray) -> Shock:
        who, name = known.seats.names[row], known.metals[metal]
        until = format_month(known.month + int(12 * round(known.temper["support_years"])) - 1)
        when: dict[str, Any] = {"start": known.date, "end": until, "permanent": True}
        if friends.any():
            return FriendShoring(
                actor=who, metals=[name], friends=known.names(friends), shift=0.0, support=points, **when
            )
        target = [Step(date=known.date, value=known.temper["support_share"])]
        stage: Any = "mine" if form == FEED else "refinery"
        return DomesticShare(actor=who, metals=[name], stage=stage, target=target, support=points, **when)

    def _friends(self, known: Known, row: int, metal: int) -> np.ndarray:
        """Friends that refine the metal and are not its largest supplier, boolean, shape (G,)."""
        largest = int(np.argmax(known.figures.depends[REFINED, row, :, metal]))
        found = known.friends[row] & (known.figures.output[REFINED, :, metal] > 0.0)
        found[largest] = False
        return found

    def _standing(self, known: Known, row: int, form: int, metal: int) -> bool:
        kind = "domestic_share" if form == FEED else ""
        return any(one.metals[metal] and one.kind in SUPPORTS and kind in ("", one.kind) for one in known.own(row))
