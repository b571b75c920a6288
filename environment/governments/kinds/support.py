"""Support: a state pays for mines, refineries and recyclers at home, or for mines and refineries of friends."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from lodeflow.agents import government
from lodeflow.environment.calendar import format_month
from lodeflow.environment.governments.decision import Decision, Kind
from lodeflow.environment.governments.known import FEED, FORMS, REFINED, Known
from lodeflow.environment.governments.settings import RECYCLED, Forced
from lodeflow.environment.shocks.policy_supply import DomesticShare, FriendShoring
from lodeflow.environment.shocks.shock import Shock, Step

SUPPORTS = ("friend_shoring", "domestic_share")
STAGE = {FORMS[FEED]: "mine", FORMS[REFINED]: "refinery", RECYCLED: "recycler"}
PAID = {FORMS[FEED]: "mines", FORMS[REFINED]: "refineries", RECYCLED: "recyclers"}
"""Who is paid for more of each form, as policies and as reasons call them."""


class Support(Kind):
    """A country pays investors for supply that does not come from its largest supplier."""

    name: ClassVar[str] = "support"
    about: ClassVar[str] = (
        "pays for mines or refineries at home and among friends, or for recyclers at home, when one supplier passes a threshold"
    )

    def concerned(self, known: Known) -> np.ndarray:
        """Whose draw falls, of those who rely on one foreign country for anything."""
        return np.asarray(known.supporting.any(axis=(0, 2)) | known.supporting_recyclers.any(axis=1))

    def decide(self, known: Known, row: int) -> list[Decision]:
        """One draw for each form and metal of which one foreign country sells it more than the threshold, and one for recyclers."""
        asked = [
            (FORMS[form], metal)
            for form, metal in np.argwhere(known.supporting[:, row])
            if self._lacks(known, row, form, metal)
        ]
        asked += [(RECYCLED, metal) for metal in np.flatnonzero(known.supporting_recyclers[row])]
        taken = []
        for form, metal in asked:
            found = (
                None
                if self._standing(known, row, form, int(metal))
                else self._taken(known, row, form, int(metal), None)
            )
            taken += [found] if found is not None else []
        return taken

    def forced(self, known: Known, row: int, asked: Forced) -> list[Decision]:
        """Support of the size that was asked for, whatever the budget."""
        found = self._taken(known, row, asked.form, known.metals.index(asked.metal), asked.size)
        return [found] if found is not None else []

    def _lacks(self, known: Known, row: int, form: int, metal: int) -> bool:
        """Whether less is made at home than is to be."""
        made = known.figures.output[form, row, metal] / max(known.figures.supply[form, row, metal], 1.0)
        return bool(made < known.temper["support_share"])

    def _taken(self, known: Known, row: int, form: str, metal: int, size: float | None) -> Decision | None:
        friends = self._friends(known, row, form, metal)
        worth = self._worth(known, row, form, metal, friends)
        points = size or government.support_points(float(known.budget[row]), worth, known.temper["support_most"])
        if worth <= 0.0 or points < known.temper["support_least"]:
            return None
        yearly = worth * float(np.expm1(points))
        known.budget[row] -= yearly
        measure = self._measure(known, row, form, metal, points, friends)
        who = known.seats.names[row]
        return Decision(
            known.month,
            who,
            self.name,
            measure.kind,
            known.metals[metal],
            form,
            ", ".join(known.names(friends)) or who,
            points,
            "ln points",
            self._reason(known, row, form, metal, friends)
            + f" with {points:.2f} ln points, about {yearly / 1e6:,.0f} m USD a year",
            measure,
            yearly=yearly,
        )

    def _reason(self, known: Known, row: int, form: str, metal: int, friends: np.ndarray) -> str:
        """On whom it relies, and whom it supports."""
        traded = FORMS[_row(form)]
        depends = known.figures.depends[_row(form), row, :, metal]
        largest = int(np.argmax(depends))
        where = f"among {', '.join(known.names(friends))}" if friends.any() else "at home"
        return (
            f"{depends[largest]:.0%} of its {known.metals[metal]} ({traded}) from {known.seats.names[largest]}, above "
            f"{known.temper['support_threshold']:.0%}: supports {PAID[form]} {where}"
        )

    def _worth(self, known: Known, row: int, form: str, metal: int, friends: np.ndarray) -> float:
        """What the supported output is worth in a year, USD: all there is, or what is to be built, whichever is more; 0: nobody."""
        figures, payees = known.figures, friends.copy()
        payees[row] = True
        made = figures.output[_row(form), payees, metal]
        there = known.recyclers[row, metal] if form == RECYCLED else bool((made > 0.0).any())
        if not there or (form == FORMS[FEED] and not (known.mines[row, metal] or friends.any())):
            return 0.0
        share = known.temper["support_recycled" if form == RECYCLED else "support_share"]
        wanted = float(share * figures.supply[_row(form), row, metal])
        tonnes = wanted if form == RECYCLED else max(float(made.sum()), wanted)
        return float(tonnes * known.usd[metal] * figures.world_price[metal])

    def _measure(self, known: Known, row: int, form: str, metal: int, points: float, friends: np.ndarray) -> Shock:
        who, name = known.seats.names[row], known.metals[metal]
        until = format_month(known.month + int(12 * round(known.temper["support_years"])) - 1)
        stage: Any = STAGE[form]
        own: dict[str, Any] = {
            "actor": who,
            "metals": [name],
            "label": self._label(known, row, form, metal),
            "stage": stage,
            "support": points,
            "start": known.date,
            "end": until,
            "permanent": True,
        }
        if friends.any():
            return FriendShoring(friends=known.names(friends), shift=0.0, **own)
        share = known.temper["support_recycled" if form == RECYCLED else "support_share"]
        return DomesticShare(target=[Step(date=known.date, value=share)], **own)

    def _friends(self, known: Known, row: int, form: str, metal: int) -> np.ndarray:
        """Friends that mine or refine the metal and are not its largest supplier, boolean, shape (G,); of recyclers none."""
        if form == RECYCLED:
            return np.zeros(len(known.seats.names), bool)
        largest = int(np.argmax(known.figures.depends[_row(form), row, :, metal]))
        found = known.friends[row] & (known.figures.output[_row(form), :, metal] > 0.0)
        found[largest] = False
        return found

    def _label(self, known: Known, row: int, form: str, metal: int) -> str:
        return f"{known.seats.names[row]} supports {PAID[form]}: {known.metals[metal]}"

    def _standing(self, known: Known, row: int, form: str, metal: int) -> bool:
        """Whether it pays for the same already, or a scenario has it pay for any supply of the metal."""
        label = self._label(known, row, form, metal)
        return any(
            one.metals[metal] and (one.label == label or (one.kind in SUPPORTS and not one.decided))
            for one in known.own(row)
        )


def _row(form: str) -> int:
    """Traded form that a state looks at: what is recycled takes the place of refined metal."""
    return FEED if form == FORMS[FEED] else REFINED
