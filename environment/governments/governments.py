"""The governments of a world: their columns, what they know, and what they have decided."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from lodeflow.agents import government, guards
from lodeflow.agents.population import Population
from lodeflow.data.problems import DataError, Problem, did_you_mean
from lodeflow.environment import alert
from lodeflow.environment.calendar import DAYS_PER_MONTH, DAYS_PER_YEAR, format_month, parse_month
from lodeflow.environment.governments import register
from lodeflow.environment.governments.decision import KINDS, Decision
from lodeflow.environment.governments.kinds import Kind
from lodeflow.environment.governments.known import FORMS, REFINED, Known, figures
from lodeflow.environment.governments.office import Office
from lodeflow.environment.governments.public import Seen, public
from lodeflow.environment.governments.seats import Seats, seats
from lodeflow.environment.governments.settings import QUARTER, Forced, GovernmentSettings, Veto
from lodeflow.environment.governments.tempers import climate, tempers
from lodeflow.environment.randomness import Streams
from lodeflow.environment.shocks.contract import Acting

if TYPE_CHECKING:
    from lodeflow.data import Tables
    from lodeflow.environment.state import State


@dataclass
class Promise:
    """Money that a measure costs every year: whose (row), how much (USD/year), and the number of the measure."""

    row: int
    yearly: float
    number: int


class Governments:
    """Governments that decide once a quarter.

    Args:
        tables: the loaded tables.
        settings: who decides what, and what is vetoed or forced.
        world: the world before its first month.

    Attributes:
        books: state of each government as columns (:mod:`lodeflow.agents.government`).
        office: the statistical office.
        decisions: what was decided, in order; vetoed ones too.
        seed: of their draws, that of the world.
        decided: number of the world's measure by number of answers that led to it.

    Raises:
        DataError: for names that this world does not have.
    """

    def __init__(self, tables: Tables, settings: GovernmentSettings, world: State) -> None:
        self.settings, self.temper = settings, tempers(tables, settings.temper)
        self.seed = world.settings.seed
        self.seats: Seats = seats(tables, world.layout)
        self.vetoes: list[Veto] = list(settings.vetoes)
        self.forces: list[Forced] = list(settings.forced)
        self._check(world)
        self.classes: list[dict[str, Any]] = tables["measure_classes"].to_dict("records")  # type: ignore[assignment]
        self.climate = {
            year: climate(tables, year) for year in range(world.first_month // 12 - 1, world.first_month // 12 + 200)
        }
        self.books = _books(self.seats, world, self.temper)
        self.office = Office(world, self.seats, _known_past(world))
        self.mines, self.recyclers = self._mines(world), self._recyclers(world)
        self.friends: dict[int, np.ndarray] = {}
        self.asked: dict[str, np.ndarray] = {}
        self.decisions: list[Decision] = []
        self.decided: dict[int, int] = {}
        self.originals: dict[int, Acting] = {}
        self.answered: set[tuple[int, int]] = set()
        self.promises: list[Promise] = []
        self.waiting: dict[int, tuple[int, int]] = {}
        self.seen: Seen = {}
        self.streams = Streams()

    def __repr__(self) -> str:
        """Say what is inside, in one line."""
        return f"<Governments: {len(self.seats.names)}, {len(self.decisions)} decisions>"

    # ---- doors for users ------------------------------------------------------------------------------------------------
    def pending(self, world: State) -> list[Decision]:
        """What governments would decide in the coming month, if nobody vetoes it; nothing is changed. Empty between quarters."""
        ahead = copy.deepcopy(self)
        return ahead._round(world)

    def veto(self, who: str, kind: str = "", metal: str = "", start: str | None = None, end: str | None = None) -> None:
        """Forbid decisions from now on, or in some months ("YYYY-MM"); arguments as of :class:`Veto`.

        Raises:
            DataError: for unknown names.
        """
        self.vetoes.append(Veto(who=who, kind=kind, metal=metal, start=start, end=end))
        try:
            self._check(None)
        except DataError:
            self.vetoes.pop()
            raise

    def force(self, month: str, who: str, kind: str, metal: str, **what: object) -> None:
        """Have a decision taken in a month ("YYYY-MM") to come; ``what``: form, target, size as of :class:`Forced`.

        Raises:
            DataError: for unknown names.
        """
        self.forces.append(Forced.model_validate({"month": month, "who": who, "kind": kind, "metal": metal} | what))
        try:
            self._check(None)
        except DataError:
            self.forces.pop()
            raise

    # ---- the month ------------------------------------------------------------------------------------------------------
    def meet(self, world: State) -> None:
        """Before a month: count the last one, and once a quarter decide. ODD 7.17."""
        for decision in self._round(world):
            self.decisions.append(decision)
            if decision.status != "vetoed":
                self._enact(world, decision)

    def _round(self, world: State) -> list[Decision]:
        """Decisions of the coming month, with what is forced and vetoed."""
        if world.t > 0:
            self.office.count(world)
        forced = [asked for asked in self.forces if parse_month(asked.month) == world.month]
        due = world.month % QUARTER == 0
        if not due and not forced:
            return []
        if due and world.t > 0:
            self.office.close()
        known = self.know(world)
        decisions = []
        if forced:
            by = known or self.know(world, first=True)
            assert by is not None, "the first month stands in where nothing is published"
            taken = [self._kind(asked.kind).forced(by, self.seats.row(asked.who), asked) for asked in forced]
            decisions = [replace(one, status="forced") for some in taken for one in some]
        return decisions + self._decide(known) if due and known is not None else decisions

    def _decide(self, known: Known) -> list[Decision]:
        """What governments decide by themselves, kind by kind; all see the same."""
        taken: list[Decision] = []
        for name, kind in KINDS.items():
            if self.settings.kinds and name not in self.settings.kinds:
                continue
            for row in np.flatnonzero(self._asked(name) & kind.concerned(known)).tolist():
                taken += kind.decide(known, row)
        return [self._judged(decision) for decision in taken]

    def _asked(self, kind: str) -> np.ndarray:
        """Rows whose own decision a kind is, among those that decide in this world, boolean, shape (G,)."""
        if kind not in self.asked:
            who = self.settings.who
            own = [self.seats.may(row, kind) and (not who or name in who) for row, name in enumerate(self.seats.names)]
            self.asked[kind] = np.array(own, bool)
        return self.asked[kind]

    def _judged(self, decision: Decision) -> Decision:
        """A decision as it is, or as vetoed."""
        metals = decision.metal.split(", ")
        vetoed = any(
            veto.forbids(decision.who, decision.kind, metal, decision.month) for veto in self.vetoes for metal in metals
        )
        return replace(decision, status="vetoed") if vetoed else decision

    def _kind(self, name: str) -> Kind:
        return KINDS[name]

    # ---- what they know -------------------------------------------------------------------------------------------------
    def know(self, world: State, first: bool = False) -> Known | None:
        """What is known before a month, with the columns brought up to date once a quarter; None before any figures are published.

        Args:
            world: the world.
            first: whether a year like the first month stands in where nothing is published, for what is decided in any case.
        """
        if world.t > 0:
            self.office.look(world)
        made, moved = (round(self.temper[name]) for name in ("production_quarters", "customs_quarters"))
        seen = figures(self.office, self.seats, made, moved, first)
        if seen is None:
            return None
        exports = seen.output * (1.0 - seen.home)
        measures = public(world, self.seats, world.month, self.decided, exports, self.seen, 3 * moved)
        days = _reserves(self.seats, world, seen.supply[REFINED])
        known = Known(
            month=world.month,
            seed=self.seed,
            seats=self.seats,
            metals=tuple(world.layout.metals),
            figures=seen,
            public=measures,
            books=self.books,
            friends=self._friends(world.month // 12),
            reserve_days=days,
            mines=self.mines,
            recyclers=self.recyclers,
            usd=world.rates.price * np.exp(world.anchor),
            climate=self.climate[world.month // 12],
            temper=self.temper,
            parameters=world.parameters,
            classes=self.classes,
            answered=self.answered,
            budget=self.books.budget.copy(),
            warned=alert.warned(world) if self.settings.trigger == "warning" else None,
            streams=self.streams,
        )
        if world.month % QUARTER == 0 and not first:
            self._keep_books(world, known)
            known.budget = self.books.budget.copy()
        return known

    def _friends(self, year: int) -> np.ndarray:
        """Who counts whom as a friend in a year, shape (G, G)."""
        if year not in self.friends:
            self.friends[year] = self.seats.friends(year)
        return self.friends[year]

    def _keep_books(self, world: State, known: Known) -> None:
        """Bring the governments' columns up to date."""
        books, seen, temper = self.books, known.figures, self.temper
        fresh = np.zeros_like(books.grievance)
        for measure in (one for one in known.public if one.hits):
            harms = known.harms(measure)
            for row in measure.rows:
                np.maximum(fresh[:, row], harms, out=fresh[:, row])
        books.grievance = government.faded(books.grievance, fresh, temper)
        rows = [row for one in known.public if one.restricts for row in one.rows]
        books.in_force = np.bincount(np.array(rows, int), minlength=len(books)).astype(float)
        lifted = [one for one in self.decisions if one.kind == "lift" and known.month - one.month <= 4 * QUARTER]
        own = Counter(one.who for one in lifted)
        ended = np.array([own[who] for who in self.seats.names], float)
        books.stance = books.in_force - ended
        books.share, books.kept_home = seen.share, seen.home
        books.largest, books.reliance = seen.bought.largest, seen.bought.abroad
        books.concentration = seen.bought.concentration
        books.reserve = known.reserve_days / DAYS_PER_MONTH
        books.reserve_target = self._targets(world, known)
        self._settle(known)

    def _settle(self, known: Known) -> None:
        """Budgets of a quarter, announcements that came into force, and what is believed of the next ones."""
        books, temper = self.books, self.temper
        there = {one.number for one in known.public}
        self.promises = [one for one in self.promises if one.number in there]
        books.budget = government.refilled(books.budget, books.gdp, temper, 1.0)
        paid = np.bincount([p.row for p in self.promises], [p.yearly / 4.0 for p in self.promises], len(books))
        books.budget = np.maximum(books.budget - paid, 0.0)
        for number, (row, start) in list(self.waiting.items()):
            if known.month >= start:
                books.kept[row] += 1.0
                del self.waiting[number]
        usual = known.parameters["credibility_announced"]
        books.credibility = government.credibility(books.kept, books.broken, usual, temper["credibility_weight"])

    def _targets(self, world: State, known: Known) -> np.ndarray:
        """Reserves wanted by table and by own decision, months of use, shape (G, M)."""
        desks, row_of = world.desks, np.maximum(self.seats.single, 0)
        wanted = np.zeros((len(self.books), len(known.metals)))
        np.maximum.at(wanted, (row_of[desks.country], desks.metal), desks.reserve_target)
        for one in known.public:
            if one.kind == "strategic_reserve":
                days = getattr(world.shocks[one.number], "target_days", 0.0)
                cells = np.ix_(one.actors, one.metals)
                wanted[cells] = np.maximum(wanted[cells], days / DAYS_PER_MONTH)
        return wanted

    def _mines(self, world: State) -> np.ndarray:
        """Where there is ore to open, boolean, shape (G, M)."""
        found = np.zeros((len(world.layout.countries), len(world.layout.metals)), bool)
        found[world.miners.country, world.miners.metal] = True
        mines: np.ndarray = (self.seats.members.astype(float) @ found) > 0.0
        return mines

    def _recyclers(self, world: State) -> np.ndarray:
        """Where plants that pay taxes recover a metal, boolean, shape (G, M)."""
        plants = world.recyclers
        found = np.zeros((len(world.layout.countries), len(world.layout.metals)))
        np.add.at(found, plants.country[plants.formal == 1], plants.value_weight[plants.formal == 1] > 0.0)
        there: np.ndarray = (self.seats.members.astype(float) @ found) > 0.0
        return there

    # ---- what follows ---------------------------------------------------------------------------------------------------
    def _enact(self, world: State, decision: Decision) -> None:
        """Let a decision come into force."""
        row, books = self.seats.row(decision.who), self.books
        for number in decision.ends:
            if number not in self.decided:
                self.originals.setdefault(number, world.shocks[number])
            if number in self.waiting:
                books.broken[self.waiting.pop(number)[0]] += 1.0
            register.end(world, number, world.month)
        if decision.measure is not None:
            number = register.take(world, decision.measure)
            self.decided[number] = 0 if decision.answers < 0 else self.decided.get(decision.answers, 0) + 1
            start = parse_month(decision.measure.start)
            if start > world.month:
                self.waiting[number] = row, start
            if decision.yearly:
                self.promises.append(Promise(row, decision.yearly, number))
        if decision.answers >= 0:
            self.answered.add((row, decision.answers))
        spent = decision.usd + decision.pays
        books.budget[row] = max(books.budget[row] - spent, 0.0)
        if decision.pays:
            books.budget[self.seats.row(decision.target)] += decision.pays

    def woven(self, shocks: Sequence[Acting], world: State) -> tuple[Acting, ...]:
        """Shocks of a scenario with the decided measures in their places, and ended ones as they ended."""
        given, result = list(shocks), []
        for number in range(len(world.shocks)):
            if number in self.decided:
                result.append(world.shocks[number])
            elif given:
                own = given.pop(0)
                result.append(world.shocks[number] if own == self.originals.get(number) else own)
        return (*result, *given)

    # ---- checks ---------------------------------------------------------------------------------------------------------
    def _check(self, world: State | None) -> None:
        """Refuse governments, kinds and metals that are not there."""
        if world is not None:
            self._metals = tuple(world.layout.metals)
        problems: list[Problem] = []

        def known(key: str, names: Sequence[str], there: Sequence[str], what: str) -> None:
            for name in names:
                if name and name not in there:
                    problems.append(
                        Problem(
                            "scenario", key, "", f"there is no {what} {name!r} in this world", did_you_mean(name, there)
                        )
                    )

        known("governments.who", self.settings.who, self.seats.names, "government")
        known("governments.kinds", self.settings.kinds, list(KINDS), "kind of decision")
        told: tuple[tuple[str, Sequence[Veto | Forced]], ...] = (("vetoes", self.vetoes), ("forced", self.forces))
        for key, items in told:
            for number, item in enumerate(items):
                place = f"governments.{key}[{number}]"
                known(f"{place}.who", [item.who], self.seats.names, "government")
                known(f"{place}.kind", [item.kind], list(KINDS), "kind of decision")
                known(f"{place}.metal", [item.metal], self._metals, "metal")
                if isinstance(item, Forced):
                    known(f"{place}.target", [item.target], self.seats.names, "government")
        if problems:
            raise DataError(problems)


def _books(seats: Seats, world: State, temper: dict[str, float]) -> Population:
    """The governments' columns before the first month."""
    own = seats.members.astype(float)
    income = world.countries.gdp
    gdp = own @ income
    oecd = world.layout.marked(world.layout.country_indices("OECD")).astype(float)
    plain = own.sum(axis=1)
    market = np.where(gdp > 0.0, own @ (income * oecd) / np.maximum(gdp, guards.NOTHING), own @ oecd / plain)
    books = Population(
        "government",
        seats.names,
        sizes={"metal": len(world.layout.metals), "partner": len(seats.names), "form": len(FORMS)},
        union=seats.union,
        gdp=gdp,
        market_economy=market,
    )
    books.budget = temper["budget_share"] * gdp
    return books


def _known_past(world: State) -> bool:
    """Whether what the first month was made from lies in the past, or the past was like it."""
    settings = world.settings
    return settings.mode != "historical" or settings.data_year < int(format_month(world.first_month)[:4])


def _reserves(seats: Seats, world: State, supply: np.ndarray) -> np.ndarray:
    """Own reserves in days of use, shape (G, M); supply: t/year, likewise."""
    desks = world.desks
    shape = len(world.layout.countries), supply.shape[1]
    held = np.bincount(desks.country * shape[1] + desks.metal, desks.reserve, shape[0] * shape[1]).reshape(shape)
    own = seats.summed(held)
    return np.where(supply > 0.0, DAYS_PER_YEAR * own / np.maximum(supply, guards.NOTHING), 0.0)
