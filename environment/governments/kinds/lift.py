"""Lift: a measure ends after its cost, a ruling or a deal; one that was only announced may be withdrawn."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import numpy as np

from lodeflow.agents import government
from lodeflow.environment.governments.decision import Decision, Kind
from lodeflow.environment.governments.kinds.instruments import TARIFF
from lodeflow.environment.governments.known import FORMS, Known
from lodeflow.environment.governments.public import Public
from lodeflow.environment.governments.settings import Forced


class Lift(Kind):
    """A country ends a measure of its own whose end is open."""

    name: ClassVar[str] = "lift"
    about: ClassVar[str] = "ends an own measure after its cost, a ruling or a deal, or withdraws an announcement"

    def concerned(self, known: Known) -> np.ndarray:
        """Who has a measure whose end is open."""
        found = np.zeros(len(known.seats.names), bool)
        for one in known.public:
            if one.open:
                found |= one.actors
        return found

    def decide(self, known: Known, row: int) -> list[Decision]:
        """One draw for each own measure without an end; what answered others ends when they restrict nothing any more."""
        taken = []
        for measure in known.own(row):
            if not measure.open:
                continue
            why = self._siding(known, row, measure) if not measure.restricts else self._why(known, row, measure)
            if why:
                taken.append(self._taken(known, row, [measure], why))
        return taken + self._deals(known, row)

    def forced(self, known: Known, row: int, asked: Forced) -> list[Decision]:
        """Every own measure on a metal ends."""
        metal = known.metals.index(asked.metal)
        own = [one for one in known.own(row) if one.metals[metal]]
        return [self._taken(known, row, own, "forced")] if own else []

    def _why(self, known: Known, row: int, measure: Public) -> str:
        """Why a restriction ends this quarter; "" where it stays."""
        draw = known.chance(row, "lift", measure.key)
        if measure.start > known.month:
            bluffed = measure.decided and draw < known.temper["bluff"]
            return "withdrawn before it came into force" if bluffed else ""
        quarters = (known.month - measure.start) / 3.0
        lost, ruled = self.lost(known, row, measure), quarters >= known.temper["ruling_quarters"] and measure.to_all
        odds = government.lift_odds(quarters, self._usual(known, measure) / 3.0, lost, float(ruled), known.temper)
        if draw >= government.chance(odds):
            return ""
        after = f"after {known.month - measure.start} months, {lost:.0%} of its output kept back"
        return after + (", a ruling against it" if ruled else "")

    def lost(self, known: Known, row: int, measure: Public) -> float:
        """Share of own output that a measure keeps from being sold, of the form and metal of which it is most."""
        sells = known.sells_to(row, measure.targets)
        return float(max((sells[cell] for cell in measure.cells), default=0.0) * measure.size)

    def _usual(self, known: Known, measure: Public) -> float:
        """Mean months in force of its class."""
        form = "answer" if not measure.to_all else FORMS[int(np.argmax(measure.forms))]
        alike = [one for one in known.classes if one["instrument"] == measure.kind]
        own = [one for one in alike if one["form"] == form] or alike or known.classes
        return float(sum(one["months"] for one in own) / len(own))

    def _siding(self, known: Known, row: int, measure: Public) -> str:
        """Why what answers others comes back: purchases moved to friends, and tariffs; "" where it stays."""
        if measure.kind == TARIFF and measure.decided:
            return self._untaxed(known, row, measure)
        if measure.kind != "friend_shoring" or not measure.decided:
            return ""
        hits = [
            one for one in known.public if one.restricts and (one.metals & measure.metals).any() and not one.actors[row]
        ]
        return "" if hits else "nobody restricts the metal any more"

    def _untaxed(self, known: Known, row: int, measure: Public) -> str:
        """Why a tariff ends: nobody whom it concerns restricts exports to it any more, or its time is over."""
        if not any((one.actors & measure.concerns).any() and one.targets[row] for one in known.public if one.restricts):
            return "who pays it restricts nothing to it any more"
        quarters = (known.month - measure.start) / 3.0
        odds = government.lift_odds(quarters, self._usual(known, measure) / 3.0, 0.0, 0.0, known.temper)
        gone = known.chance(row, "lift", measure.key) < government.chance(odds)
        return f"after {known.month - measure.start} months" if gone else ""

    def _deals(self, known: Known, row: int) -> list[Decision]:
        """Deals with others who restrict exports to it, and to whom it restricts: one draw for a pair."""
        taken = []
        for other in known.partial if row in known.partial else ():
            if other <= row:
                continue
            mine, theirs = self._between(known, row, other), self._between(known, other, row)
            if not mine or not theirs:
                continue
            lost = max(self.lost(known, row, one) for one in mine)
            gained = max(known.harm(row, one) for one in theirs)
            odds = government.deal_odds(lost, gained, known.temper)
            if known.chance(row, "deal", known.seats.names[other]) < government.chance(odds):
                taken.append(self._deal(known, row, other, mine, theirs))
        return taken

    def _between(self, known: Known, row: int, other: int) -> list[Public]:
        """Own restrictions without an end that name another government."""
        return [one for one in known.own(row) if one.restricts and one.open and not one.to_all and one.targets[other]]

    def _deal(self, known: Known, row: int, other: int, mine: list[Public], theirs: list[Public]) -> Decision:
        hurt, hurts = (max(known.harm(a, one) for one in set_) for a, set_ in ((row, theirs), (other, mine)))
        payer, payee = (row, other) if hurt >= hurts else (other, row)
        usd = known.temper["deal_payment"] * float(known.budget[payer])
        names = known.seats.names
        why = (
            f"deal of {names[row]} and {names[other]}: {hurt:.0%} and {hurts:.0%} of their supply is set free; "
            f"{names[payer]} pays {names[payee]} {usd / 1e6:,.0f} m USD"
        )
        known.budget[payer] -= usd
        known.budget[payee] += usd
        pays = usd if payer == row else -usd
        return replace(self._taken(known, row, [*mine, *theirs], why, names[other]), pays=pays)

    def _taken(self, known: Known, row: int, own: list[Public], why: str, target: str = "") -> Decision:
        metals = np.any([one.metals for one in own], axis=0)
        forms = np.any([one.forms for one in own], axis=0)
        partners = known.names(own[0].targets) if not own[0].to_all else []
        return Decision(
            known.month,
            known.seats.names[row],
            self.name,
            own[0].kind,
            ", ".join(known.metals[metal] for metal in np.flatnonzero(metals)),
            ", ".join(FORMS[form] for form in np.flatnonzero(forms)),
            target or ", ".join(partners) or "all",
            0.0,
            "share of exports",
            why,
            ends=tuple(one.number for one in own),
        )
