"""What governments know when they decide: published figures, public measures, each one's own books. Nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from lodeflow.agents import government, guards
from lodeflow.environment.calendar import DAYS_PER_YEAR, format_month
from lodeflow.environment.governments.office import FORMS, Office
from lodeflow.environment.governments.partners import Traded
from lodeflow.environment.governments.public import Public
from lodeflow.environment.governments.seats import Seats
from lodeflow.environment.randomness import Streams

if TYPE_CHECKING:
    from lodeflow.agents.population import Population

FEED, REFINED = range(len(FORMS))


@dataclass(frozen=True)
class Figures:
    """Published figures by government, of a year, in dimensions forms x G x (partners x) metals.

    Attributes:
        output: mined and refined, t/year, shape (F, G, M).
        share: of the world's output, (F, G, M).
        bought, sold: with whom, at home and abroad (:class:`~lodeflow.environment.governments.partners.Traded`).
        price: of refined metal over its anchor, own market, the world's where there is none, (G, M).
        world_price: (M,).
    """

    output: np.ndarray
    share: np.ndarray
    bought: Traded
    sold: Traded
    price: np.ndarray
    world_price: np.ndarray

    @property
    def supply(self) -> np.ndarray:
        """Bought at home and abroad, t/year, shape (F, G, M)."""
        return self.bought.total

    @property
    def depends(self) -> np.ndarray:
        """Share of supply that comes from each foreign partner, shape (F, G, P, M)."""
        return self.bought.share

    @property
    def sells(self) -> np.ndarray:
        """Share of output sold to each foreign partner, shape (F, G, P, M)."""
        return self.sold.share

    @property
    def home(self) -> np.ndarray:
        """Share of output sold at home, shape (F, G, M)."""
        return self.sold.home


def figures(
    office: Office, seats: Seats, production_delay: int, customs_delay: int, first: bool = False
) -> Figures | None:
    """Published figures by government; None before any are published.

    Args:
        production_delay, customs_delay: quarters that have ended and are not published yet, of output and of trade.
        first: whether a year like the first month stands in where nothing is published.
    """
    made, moved = office.output(production_delay, first), office.traded(customs_delay, first)
    if made is None or moved is None:
        return None
    world = np.maximum(made.sum(axis=1, keepdims=True), guards.NOTHING)
    output = np.stack([seats.summed(form) for form in made])
    bought, sold = (side.traded(moved, guards.NOTHING) for side in office.pairs.sides)
    return Figures(
        output,
        output / world,
        bought,
        sold,
        _prices(office, seats, office.pairs.bought(moved, REFINED)),
        office.world_price,
    )


def _prices(office: Office, seats: Seats, bought: np.ndarray) -> np.ndarray:
    """Price in the markets of each government, weighted by what was bought (by country, shape (C, M)), shape (G, M)."""
    known = np.isfinite(office.price)
    weight, price = np.where(known, bought, 0.0), np.where(known, office.price, 0.0)
    total, paid = (seats.summed(values) for values in (weight, weight * price))
    return np.where(total > 0.0, paid / np.maximum(total, guards.NOTHING), office.world_price)


@dataclass
class Known:
    """The view of one quarter.

    Attributes:
        month: number of the month.
        figures: published figures.
        public: measures that are announced or in force.
        books: the governments' columns (:mod:`lodeflow.agents.government`): each reads its own row.
        friends: shape (G, G).
        reserve_days: own reserves, days of use, shape (G, M).
        mines: where there is ore to open, boolean, shape (G, M): geology is published.
        recyclers: where plants recover a metal, boolean, shape (G, M): who has a licence is published.
        usd: base price of each metal, USD/t, shape (M,).
        climate: the world's stock of restrictions over that of 2009, as published.
        warned: where the early warning is on, boolean, shape (M,); None: nobody listens to it.
        answered: (government's row, number of the measure) that was answered.
        budget: what each has left this quarter, USD, shape (G,).
        streams: of their draws.
    """

    month: int
    seed: int
    seats: Seats
    metals: tuple[str, ...]
    figures: Figures
    public: list[Public]
    books: Population
    friends: np.ndarray
    reserve_days: np.ndarray
    mines: np.ndarray
    recyclers: np.ndarray
    usd: np.ndarray
    climate: float
    temper: Mapping[str, float]
    parameters: Mapping[str, float]
    classes: list[dict[str, Any]]
    answered: set[tuple[int, int]]
    budget: np.ndarray
    warned: np.ndarray | None = None
    deals: set[tuple[int, int]] = field(default_factory=set)
    streams: Streams = field(default_factory=Streams)

    @property
    def date(self) -> str:
        """The month, ``"YYYY-MM"``."""
        return format_month(self.month)

    def chance(self, row: int, *what: object) -> float:
        """A draw between 0 and 1 that belongs to a government, the quarter and what is decided, whatever else is drawn."""
        name = "/".join(map(str, (self.seats.names[row], self.month, *what)))
        return float(self.streams.at(self.seed, "government", name).random())

    def chances(self, row: int, kind: str) -> np.ndarray:
        """The same for every form and metal at once, shape (F, M)."""
        name = f"{self.seats.names[row]}/{self.month}/{kind}"
        return self.streams.at(self.seed, "government", name).random((len(self.metals), len(FORMS))).T

    def drawn(self, kind: str, chances: np.ndarray) -> np.ndarray:
        """Where the draw of a kind of decision falls below its chance, boolean, shape (F, G, M); drawn where there is any.

        Args:
            chances: 0 to 1, shape (F, G, M).
        """
        found = chances > 0.0
        rows = np.flatnonzero(found.any(axis=(0, 2)))
        if rows.size:
            found[:, rows] &= np.stack([self.chances(row, kind) for row in rows.tolist()], axis=1) < chances[:, rows]
        return found

    @cached_property
    def _harms(self) -> dict[int, np.ndarray]:
        return {}

    @cached_property
    def _sells(self) -> dict[tuple[int, bytes], np.ndarray]:
        return {}

    @cached_property
    def _tariffs(self) -> dict[int, np.ndarray]:
        return {}

    @cached_property
    def _own(self) -> list[list[Public]]:
        own: list[list[Public]] = [[] for _ in self.seats.names]
        for one in self.public:
            for row in one.rows:
                own[row].append(one)
        return own

    @cached_property
    def partial(self) -> list[int]:
        """Governments with a restriction that names whom it is against, in order."""
        return sorted({row for one in self.public if one.restricts and not one.to_all for row in one.rows})

    def own(self, row: int) -> list[Public]:
        """Measures of a government that are announced or in force."""
        return self._own[row]

    def to_all(self, row: int, form: int, metal: int) -> list[Public]:
        """A government's restrictions of exports of a form of a metal to all."""
        return [one for one in self._restricting(row, form, metal) if one.to_all]

    def names_it(self, row: int, form: int, metal: int, target: int) -> bool:
        """Whether a government restricts exports of a form of a metal to some, a partner among them."""
        return any(not one.to_all and one.targets[target] for one in self._restricting(row, form, metal))

    def _restricting(self, row: int, form: int, metal: int) -> Iterator[Public]:
        return (one for one in self.own(row) if one.restricts and one.metals[metal] and one.forms[form])

    def harms(self, measure: Public) -> np.ndarray:
        """Share of each government's supply that a measure holds back, of what it hits most of what each has an interest in, (G,).

        Who buys next to none of what the world buys of a metal is not hurt, whoever sells it to him. ODD 7.17.
        """
        if measure.number not in self._harms:
            rows, hit = measure.rows, np.zeros(len(self.seats.names))
            for form, metal in measure.cells:
                bought = self.figures.depends[form, :, :, metal]
                bought = bought[:, rows[0]] if len(rows) == 1 else bought[:, rows].sum(axis=1)
                np.maximum(hit, bought * self.interest[form, :, metal], out=hit)
            self._harms[measure.number] = np.where(measure.targets & ~measure.actors, hit * measure.size, 0.0)
        return self._harms[measure.number]

    def bought_of(self, measure: Public) -> np.ndarray:
        """Share of each government's supply that comes from those who take a measure, shape (F, G, M)."""
        rows, depends = measure.rows, self.figures.depends
        return depends[:, :, rows[0]] if len(rows) == 1 else depends[:, :, rows].sum(axis=2)

    def sells_to(self, row: int, targets: np.ndarray) -> np.ndarray:
        """Share of a government's output that is sold to some (boolean, shape (G,)), shape (F, M); most measures hit the same."""
        key = row, targets.tobytes()
        if key not in self._sells:
            self._sells[key] = self.figures.sold.with_some(row, targets)
        return self._sells[key]

    def harm(self, row: int, measure: Public) -> float:
        """The same for one government."""
        return float(self.harms(measure)[row])

    @cached_property
    def fresh(self) -> list[Public]:
        """Measures against others that are new enough to be answered."""
        least = self.month - 3.0 * self.temper["retaliate_quarters"]
        return [one for one in self.public if one.announced >= least and one.hits]

    @cached_property
    def against_friends(self) -> list[tuple[Public, np.ndarray]]:
        """Fresh restrictions, each with whom it hits, or a friend of theirs, and of whom none took it, boolean, shape (G,)."""
        close = self.friends | np.eye(len(self.friends), dtype=bool)
        own = [one for one in self.fresh if one.restricts]
        return [(one, (close & one.targets).any(axis=1) & ~(close & one.actors).any(axis=1)) for one in own]

    @cached_property
    def harmed(self) -> np.ndarray:
        """Governments whose supply one of them holds back, boolean, shape (G,)."""
        hit = np.zeros(len(self.seats.names), bool)
        for measure in self.fresh:
            hit |= self.harms(measure) > 0.0
        return hit

    @cached_property
    def leverage(self) -> np.ndarray:
        """Where a government makes enough of the world's output to hold it back, boolean, shape (F, G, M)."""
        return government.at_least(self.figures.share, self.temper["least_share"])

    @cached_property
    def relied_on(self) -> np.ndarray:
        """Share of what all others buy that comes from a government, shape (F, G, M)."""
        figures = self.figures
        sold, others = figures.bought.others, self.world_supply - figures.supply
        return np.divide(sold, others, out=np.zeros_like(sold), where=others > guards.NOTHING)

    @cached_property
    def restrict_chances(self) -> np.ndarray:
        """Chance that a government restricts its exports this quarter, 0 where others buy next to none of it, shape (F, G, M)."""
        figures, books, temper = self.figures, self.books, self.temper
        able = government.at_least(1.0 - figures.home, temper["least_exports"])
        able &= government.at_least(self.relied_on, temper["least_share"])
        form, row, metal = where = np.nonzero(able)
        home, found = figures.home[where], np.zeros(able.shape)
        found[where] = government.chance(
            government.restrict_odds(
                figures.share[where],
                np.where(form == FEED, 1.0 - home, home),
                figures.world_price[metal],
                books.grievance.sum(axis=1)[row],
                books.market_economy[row],
                books.in_force[row],
                self.climate,
                temper,
            )
        )
        return found

    @cached_property
    def restricting(self) -> np.ndarray:
        """Where the draw of a government with leverage falls so that it restricts its exports, boolean, shape (F, G, M)."""
        return self.drawn("restrict", np.where(self.leverage, self.restrict_chances, 0.0))

    @cached_property
    def supporting(self) -> np.ndarray:
        """Where the draw of a government that relies on one country falls so that it pays for others, boolean, shape (F, G, M)."""
        return self.drawn("support", self.reliant * government.chance(self.temper["support_base"]))

    @cached_property
    def supporting_recyclers(self) -> np.ndarray:
        """The same for own recyclers of what it uses refined, boolean, shape (G, M)."""
        chances = np.zeros(self.reliant.shape)
        chances[REFINED] = (self.reliant[REFINED] & self.recyclers) * government.chance(self.temper["support_base"])
        return self.drawn("support/recycled", chances)[REFINED]

    @cached_property
    def reliant(self) -> np.ndarray:
        """Where one foreign country sells a government more than the threshold of what it uses, boolean, shape (F, G, M)."""
        return self.interest & government.at_least(self.books.largest, self.temper["support_threshold"])

    @cached_property
    def reserve_wanted(self) -> np.ndarray:
        """Strategic reserve of refined metal that risk asks for, days of use, shape (G, M)."""
        risk = government.risk(self.books.reliance[REFINED], self.books.concentration[REFINED])
        return government.wanted_days(risk, self.temper)

    @cached_property
    def reserve_held(self) -> np.ndarray:
        """Strategic reserve that there is or is being filled, days of use, shape (G, M)."""
        return np.maximum(self.books.reserve_target * DAYS_PER_YEAR / 12.0, self.reserve_days)

    @cached_property
    def interest(self) -> np.ndarray:
        """Where a government's share of what the world buys is worth a state's money, boolean, shape (F, G, M)."""
        share = self.figures.supply / np.maximum(self.world_supply, guards.NOTHING)
        return government.at_least(share, self.temper["least_use"])

    @cached_property
    def world_supply(self) -> np.ndarray:
        """What all buy at home and abroad, unions for their members, t/year, shape (F, 1, M)."""
        supply = self.figures.supply
        total: np.ndarray = supply[:, self.seats.union == np.arange(supply.shape[1])].sum(axis=1, keepdims=True)
        return total

    @cached_property
    def industry(self) -> np.ndarray:
        """Share of its supply that a government's own industry makes, 0 to 1, shape (F, G, M)."""
        made, supply = self.figures.output, self.figures.supply
        return np.minimum(np.divide(made, supply, out=np.zeros_like(made), where=supply > 0.0), 1.0)

    def tariff_odds(self, other: int) -> np.ndarray:
        """Ln odds of a tariff on what comes from a government, -inf where nobody would put one, shape (F, G, M)."""
        if other not in self._tariffs:
            figures = self.figures
            odds = government.tariff_odds(figures.depends[:, :, other], self.industry, figures.price, self.temper)
            self._tariffs[other] = np.where(self.interest, odds, -np.inf)
        return self._tariffs[other]

    def warns(self, metal: int) -> bool:
        """Whether the early warning of a metal is on, for those who listen to it."""
        return self.warned is not None and bool(self.warned[metal])

    def names(self, rows: np.ndarray) -> list[str]:
        """Names of governments, by a boolean mask."""
        return [self.seats.names[row] for row in np.flatnonzero(rows)]
