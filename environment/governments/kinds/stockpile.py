"""Stockpile: a state buys while prices are calm where supply is risky, and opens its reserve when metal is dear."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from lodeflow.agents import government, guards
from lodeflow.environment.calendar import DAYS_PER_YEAR, format_month
from lodeflow.environment.governments.decision import Decision, Kind
from lodeflow.environment.governments.known import REFINED, Known
from lodeflow.environment.governments.settings import Forced
from lodeflow.environment.shocks.policy_reserve import ANY_COVER, ANY_PRICE, NO_PRICE, StrategicReserve


class Stockpile(Kind):
    """A country builds a reserve by its supply risk, or opens it."""

    name: ClassVar[str] = "stockpile"
    about: ClassVar[str] = "builds a strategic reserve by supply risk while calm, opens it when metal is dear"

    def concerned(self, known: Known) -> np.ndarray:
        """Who uses enough of a metal that is dear, or of which it holds less than it wants."""
        return np.asarray(self._stirs(known).any(axis=1))

    def decide(self, known: Known, row: int) -> list[Decision]:
        """For each metal that it uses: open what it has, or add to it."""
        taken = []
        for metal in np.flatnonzero(self._stirs(known)[row]).tolist():
            dear = known.figures.price[row, metal] >= known.temper["release_price"]
            found = self._open(known, row, metal) if dear else self._build(known, row, metal)
            taken += [found] if found is not None else []
        return taken

    def forced(self, known: Known, row: int, asked: Forced) -> list[Decision]:
        """A reserve of so many days; 0 opens the reserve."""
        metal = known.metals.index(asked.metal)
        if asked.size == 0.0:
            return [self._opened(known, row, metal)]
        days = asked.size or known.temper["stockpile_days"]
        return [self._built(known, row, metal, days, "forced")]

    def _stirs(self, known: Known) -> np.ndarray:
        """Where there is something to open or to build, boolean, shape (G, M)."""
        dear = known.figures.price >= known.temper["release_price"]
        return known.interest[REFINED] & (dear | (known.reserve_wanted > known.reserve_held))

    def _build(self, known: Known, row: int, metal: int) -> Decision | None:
        books, temper = known.books, known.temper
        days, warned = float(known.reserve_wanted[row, metal]), known.warns(metal)
        calm = known.figures.price[row, metal] <= temper["release_price" if warned else "stockpile_calm"]
        more = days - float(known.reserve_held[row, metal])
        if not calm or more <= 0.0 or self._standing(known, row, metal):
            return None
        odds = government.stockpile_odds(warned, temper)
        if known.chances(row, self.name)[REFINED, metal] >= government.chance(odds):
            return None
        paid = government.affordable(more, self._cost(known, row, metal, more), float(known.budget[row]))
        if paid < min(more, temper["release_least"]):
            return None
        spread = float(books.concentration[REFINED, row, metal])
        why = f"{books.reliance[REFINED, row, metal]:.0%} of its {known.metals[metal]} from abroad, HHI of suppliers {spread:.2f}"
        why += "; the early warning is on" if warned else ""
        return self._built(known, row, metal, days - more + paid, why)

    def _built(self, known: Known, row: int, metal: int, days: float, why: str) -> Decision:
        who, name, temper = known.seats.names[row], known.metals[metal], known.temper
        held = float(known.reserve_days[row, metal])
        cost = self._cost(known, row, metal, max(days - float(known.reserve_held[row, metal]), 0.0))
        known.budget[row] -= cost
        measure = StrategicReserve(
            actor=who,
            metals=[name],
            start=known.date,
            target_days=days,
            fill_months=temper["fill_months"],
            buy_below=temper["release_price" if known.warns(metal) else "stockpile_calm"],
            release_above=NO_PRICE,
            release_below_cover=ANY_COVER,
        )
        reason = (
            f"{why}; holds {held:.0f} days; price {known.figures.price[row, metal]:.2f} times its anchor: builds a reserve of "
            f"{days:.0f} days for {cost / 1e6:,.0f} m USD"
        )
        ends = tuple(one.number for one in self._standing(known, row, metal))
        return Decision(
            known.month,
            who,
            self.name,
            "strategic_reserve",
            name,
            "refined",
            "all",
            days,
            "days of use",
            reason,
            measure,
            ends,
            usd=cost,
        )

    def _open(self, known: Known, row: int, metal: int) -> Decision | None:
        opened = any(one.label == self._label(known, row, metal) for one in known.own(row))
        if opened or not government.at_least(known.reserve_days[row, metal], known.temper["release_least"]):
            return None
        return self._opened(known, row, metal)

    def _opened(self, known: Known, row: int, metal: int) -> Decision:
        who, name, figures = known.seats.names[row], known.metals[metal], known.figures
        months = int(3 * round(known.temper["release_quarters"]))
        share = government.released_share(months, known.parameters["reserve_release_months"])
        held = float(known.reserve_days[row, metal])
        measure = StrategicReserve(
            actor=who,
            metals=[name],
            label=self._label(known, row, metal),
            start=known.date,
            end=format_month(known.month + months - 1),
            permanent=False,
            target_days=max(held * (1.0 - share), guards.NOTHING),
            buy_below=ANY_PRICE,
            release_above=ANY_PRICE,
            release_below_cover=ANY_COVER,
        )
        suppliers = figures.depends[REFINED, row, :, metal]
        main = int(np.argmax(suppliers))
        reason = (
            f"{suppliers[main]:.0%} of its {name} from {known.seats.names[main]}; reserve {held:.0f} days; price "
            f"{figures.price[row, metal]:.2f} times its anchor: releases {share * held:.0f} days in {months} months"
        )
        ends = tuple(one.number for one in self._standing(known, row, metal))
        return Decision(
            known.month,
            who,
            self.name,
            "release",
            name,
            "refined",
            "all",
            share * held,
            "days of use",
            reason,
            measure,
            ends,
        )

    def _label(self, known: Known, row: int, metal: int) -> str:
        return f"{known.seats.names[row]} opens its reserve of {known.metals[metal]}"

    def _standing(self, known: Known, row: int, metal: int) -> list[Any]:
        """Its own reserve policies for a metal that it decided and that are in force."""
        return [one for one in known.own(row) if one.kind == "strategic_reserve" and one.metals[metal] and one.decided]

    def _cost(self, known: Known, row: int, metal: int, days: float) -> float:
        """USD that some days of use cost at today's price."""
        used = known.figures.supply[REFINED, row, metal]
        return float(days / DAYS_PER_YEAR * used * known.usd[metal] * known.figures.price[row, metal])
