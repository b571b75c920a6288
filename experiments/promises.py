"""What kinds of shocks promise, measured: a world with the shock beside the same world without it.

The card of a kind (:class:`lodeflow.environment.shocks.card.Card`) names the quantities; here is how each is measured.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_origin

import numpy as np

from lodeflow.environment.accounts import FLOWS, STOCKS
from lodeflow.environment.calendar import format_month, parse_month
from lodeflow.environment.records.indicators import edge_prices, price_index
from lodeflow.environment.records.money import levied
from lodeflow.environment.settings import WorldSettings
from lodeflow.environment.shocks.kinds import REGISTRY, Shock

if TYPE_CHECKING:
    from lodeflow.environment import World

FIRST, BEFORE, AFTER = "2024-01", 6, 6
"""First month of an example's world, and months before and after its shock."""


def dates(card_months: int, notice: int) -> dict[str, str]:
    """Dates of an example: announced ``notice`` months before the start, in force for some months."""
    start = parse_month(FIRST) + BEFORE + notice
    return {
        "announce": format_month(start - notice),
        "start": format_month(start),
        "end": format_month(start + card_months - 1),
    }


def example(kind: str, strength: float | None = None, **changes: Any) -> Shock:
    """The example of a kind, at its middle strength or at one that is given.

    Raises:
        LookupError: for a kind without a card.
    """
    model = REGISTRY[kind]
    if model.card is None:
        raise LookupError(f"{kind} has no card")
    card = model.card
    own: Any = card.steps[len(card.steps) // 2] if strength is None else strength
    if get_origin(model.model_fields[card.strength].annotation) is list:
        own = [{"date": FIRST, "value": own}]
    fields = {**card.example, card.strength: own, **dates(card.months, card.notice), **changes}
    return model.model_validate(fields)


def beside(kind: str) -> list[Shock]:
    """Shocks that stand in the world of the example with and without it."""
    card = REGISTRY[kind].card
    given = card.beside if card else ()
    when = {key: value for key, value in dates(card.months, 0).items() if key != "announce"} if card else {}
    return [REGISTRY[str(fields["kind"])].model_validate({**fields, **when}) for fields in given]


def settings(kind: str) -> WorldSettings:
    """The quiet world of an example."""
    card = REGISTRY[kind].card
    assert card is not None
    months = BEFORE + card.notice + card.months + AFTER
    end = format_month(parse_month(FIRST) + months - 1)
    return WorldSettings(metals=list(card.metals), start=FIRST, end=end, mode=card.mode, noise=0.0)


@dataclass(frozen=True)
class Sides:
    """A shock's world and the same without it, after their last months.

    Attributes:
        shaken, calm: the worlds.
        shock: the shock, in force within the run.
        metal: index of the metal that is looked at.
    """

    shaken: World
    calm: World
    shock: Shock
    metal: int

    @property
    def months(self) -> slice:
        """Months of the run in which the shock is in force."""
        first = parse_month(self.shock.start) - self.shaken.first_month
        last = self.shock.final_end
        assert last is not None
        return slice(first, last + 1 - self.shaken.first_month)

    @property
    def own(self) -> np.ndarray:
        """Countries of the actor (indices); all where none acts."""
        countries = self.shock.actors(self.shaken)
        return countries if len(countries) else np.arange(len(self.shaken.countries))

    def mean(self, read: Callable[[World], np.ndarray]) -> float:
        """Mean over the months in force with the shock, less that without; ``read`` gives a value a month."""
        return float(read(self.shaken)[self.months].mean() - read(self.calm)[self.months].mean())

    def column(self, channel: str, world: World, countries: np.ndarray | None = None) -> np.ndarray:
        """Sum of a recorded channel of the metal by month, of some countries or all."""
        from lodeflow.environment.records.channels import CHANNELS

        metal, country = world.recorder.places[CHANNELS[channel].place]
        here = metal == self.metal
        if countries is not None:
            here &= np.isin(country, countries)
        total: np.ndarray = world.recorder.block(channel)[:, here].sum(axis=1)
        return total

    def asks(self, world: World) -> np.ndarray:
        """Mean ask of the mines of the actor relative to base, by month."""
        metal, country = world.recorder.places["ore desk"]
        here = (metal == self.metal) & np.isin(country, self.own)
        weight = self.calm.recorder.block("mined")[0, here]
        asks: np.ndarray = world.recorder.block("feed_ask")[:, here] @ (weight / max(weight.sum(), 1e-300))
        return asks

    def price(self, world: World, outside: np.ndarray | None = None, form: str = "refined") -> np.ndarray:
        """Price of the metal relative to base by month; ``outside``: countries (indices) whose purchases are left out."""
        index: np.ndarray = price_index(world.recorder, form, outside)[:, self.metal]
        return index

    def trade(self, world: World, into: bool) -> np.ndarray:
        """What the actor exports of the metal in all forms, or imports, t by month."""
        total = np.zeros(world.recorder.written)
        partners = self.partners(world)
        for form in ("feed", "refined"):
            market = world.markets[form]
            own, other = (market.buyer_country, market.seller_country)[:: 1 if into else -1]
            here = (market.metal == self.metal) & np.isin(own, self.own) & ~np.isin(other, self.own)
            here &= np.isin(other, partners)
            total += world.recorder.block(f"{form}_flow")[:, here].sum(axis=1)
        return total

    def partners(self, world: World) -> np.ndarray:
        """Countries that the shock names beside the actor (indices); all where it names none."""
        named = [world.layout.country_indices(name) for name in getattr(self.shock, "partners", [])]
        return np.concatenate(named) if named else np.arange(len(world.countries))

    def levied(self, name: str, world: World) -> np.ndarray:
        """A levy on trade in the metal by month: ``tax`` or ``duty`` at base prices over that price, or ``freight``, USD."""
        total = np.zeros(world.recorder.written)
        for form in ("feed", "refined"):
            market = world.markets[form]
            paid = world.recorder.block(f"{form}_flow") * levied(world.recorder, name, form)
            paid = paid if name == "freight" else paid * edge_prices(world.recorder, form)
            total += paid[:, market.metal == self.metal].sum(axis=1)
        return total

    def under_way(self, world: World) -> np.ndarray:
        """Feed and metal under way, t by month."""
        rows = [list(STOCKS).index(name) for name in ("feed under way", "refined under way")]
        total: np.ndarray = world.ledger.stocks[:, rows, self.metal].sum(axis=1)
        return total

    def scrap(self, world: World, inside: bool) -> np.ndarray:
        """Recycled metal that the actor, or everybody else, brings out, t by month."""
        others = np.setdiff1d(np.arange(len(world.countries)), self.own)
        return self.column("recycling", world, self.own if inside else others)

    def flow(self, name: str, world: World) -> np.ndarray:
        """A flow of the ledger of the metal, t by month."""
        total: np.ndarray = world.ledger.flows[:, list(FLOWS).index(name), self.metal]
        return total

    def recycled_bought(self, world: World) -> np.ndarray:
        """Recycled metal that the actor's makers buy, t by month."""
        market = world.markets["refined"]
        here = (market.metal == self.metal) & np.isin(market.buyer_country, self.own)
        here &= market.seller >= len(world.refiners)
        total: np.ndarray = world.recorder.block("refined_flow")[:, here].sum(axis=1)
        return total

    def plants(self, world: World) -> float:
        """Recycling plants of the actor for scrap with the metal in the last month, USD of scrap a month."""
        recyclers = world.recyclers
        here = (recyclers.value_weight[:, self.metal] > 0.0) & np.isin(recyclers.country, self.own)
        return float((recyclers.planned * recyclers.expansion)[here].sum())

    def before(self) -> float:
        """World price between the announcement and the start, highest difference in size, relative to base."""
        first = self.shock.announced_at - self.shaken.first_month
        gap = self.price(self.shaken)[first : self.months.start] - self.price(self.calm)[first : self.months.start]
        return float(gap[np.abs(gap).argmax()]) if len(gap) else 0.0

    def at_home(self, world: World) -> np.ndarray:
        """Price in the actor's country relative to base, by month."""
        others = np.setdiff1d(np.arange(len(world.countries)), self.own)
        return self.price(world, others)


QUANTITIES: dict[str, Callable[[Sides], float]] = {
    "world price": lambda s: s.mean(s.price),
    "price abroad": lambda s: s.mean(lambda w: s.price(w, s.own)),
    "price at home": lambda s: s.mean(s.at_home),
    "price among partners": lambda s: s.mean(
        lambda w: s.price(w, np.setdiff1d(np.arange(len(w.countries)), s.partners(w)))
    ),
    "price before it starts": lambda s: s.before(),
    "what mines ask": lambda s: s.mean(s.asks),
    "ore price": lambda s: s.mean(lambda w: s.price(w, None, "feed")),
    "exports": lambda s: s.mean(lambda w: s.trade(w, into=False)),
    "exports blocked": lambda s: -s.mean(lambda w: s.trade(w, into=False)),
    "imports": lambda s: s.mean(lambda w: s.trade(w, into=True)),
    "imports blocked": lambda s: -s.mean(lambda w: s.trade(w, into=True)),
    "mine output": lambda s: s.mean(lambda w: s.column("mined", w, s.own)),
    "mine output lost": lambda s: -s.mean(lambda w: s.column("mined", w, s.own)),
    "mine output gained": lambda s: s.mean(lambda w: s.column("mined", w, s.own)),
    "refined output lost": lambda s: -s.mean(lambda w: s.column("refining", w, s.own)),
    "refining capacity": lambda s: s.mean(lambda w: s.column("refinery_capacity", w, s.own)),
    "refining capacity lost": lambda s: -s.mean(lambda w: s.column("refinery_capacity", w, s.own)),
    "reserve": lambda s: float(
        sum(
            (w.miners.reserve[s.shaken.miners.rows(s.metal, s.own)].sum() * way)
            for w, way in ((s.shaken, 1), (s.calm, -1))
        )
    ),
    "use": lambda s: s.mean(lambda w: s.column("use", w)),
    "use gained": lambda s: s.mean(lambda w: s.column("use", w)),
    "use lost": lambda s: -s.mean(lambda w: s.column("use", w)),
    "metal bought": lambda s: s.mean(lambda w: s.column("investors", w)),
    "duty paid": lambda s: s.mean(lambda w: s.levied("tax", w)),
    "tariff paid": lambda s: s.mean(lambda w: s.levied("duty", w)),
    "freight paid": lambda s: s.mean(lambda w: s.levied("freight", w)),
    "freight spared": lambda s: -s.mean(lambda w: s.levied("freight", w)),
    "metal under way": lambda s: s.mean(s.under_way),
    "recycled at home": lambda s: s.mean(lambda w: s.scrap(w, inside=True)),
    "recycled abroad": lambda s: s.mean(lambda w: s.scrap(w, inside=False)),
    "scrap imports blocked": lambda s: -s.mean(lambda w: s.scrap(w, inside=True)),
    "scrap exports blocked": lambda s: -s.mean(lambda w: s.scrap(w, inside=False)),
    "metal recovered": lambda s: s.mean(lambda w: s.flow("secondary supply", w)),
    "used goods sent abroad": lambda s: s.mean(lambda w: s.flow("exported used", w)),
    "recycled metal bought": lambda s: s.mean(s.recycled_bought),
    "recycling capacity": lambda s: s.plants(s.shaken) - s.plants(s.calm),
    "reserve held": lambda s: s.mean(lambda w: s.column("reserve", w, s.own)),
    "scrap collected": lambda s: s.mean(lambda w: s.column("collected", w, s.own)),
}
"""How each quantity is measured: the mean over the months in force with the shock, less that without."""
