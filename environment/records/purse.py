"""What is written down beside the recorded channels, for trade and the account of money: levies, ways, scrap, unit costs."""

from __future__ import annotations

import numpy as np

from lodeflow.agents import recycler
from lodeflow.agents.arrays import anything
from lodeflow.environment.market.contracts import half_way, taxes
from lodeflow.environment.records.weighing import weighed
from lodeflow.environment.shocks.bills import Bill, Weighed
from lodeflow.environment.state import State

LEVIES = ("tax", "duty", "freight", "late")
"""By edge: export tax and added import duty (share of the price), added freight (USD/t metal), share that takes a month more."""
AT_DESKS = ("premium", "missed")
"""By desk: premium for recycled metal (ln points), and the share of recycled metal that a rule asks for and is not met."""
FORMS = ("feed", "refined")
WHOLE = ("mine_cost", "refining_cost", "recycling_cost")
"""What is written down only where the whole account is wanted."""
SCRAP = ("scrap", "scrap_price", "scrap_mix", "scrap_old")
"""What is written down of the trade in scrap."""
Sparse = dict[int, np.ndarray]
"""Rows of the months in which there was anything, by month of the run."""


class Purse:
    """Rows by month.

    Attributes:
        whole: whether running costs are written down too, which the whole account needs; at first as reasons of bids are.
        levies: by name (:data:`LEVIES`) and market, shape (E,) in each month in which there was any.
        desks: by name (:data:`AT_DESKS`), shape (B,) likewise.
        content: recycled share asked for and held, and use, t, of each maker's input, shape (L,), in months with a content rule.
        bills: of policies, with (country, metal, tonnes, USD) each, in each month in which there was any.
        fees: metal collected for which producers pay, "tonnes", and what they pay, "usd", shape (metals x countries,) likewise.
        scrap: metal content of the scrap sold over each edge, USD at base prices, shape (months, E).
        scrap_price: what is paid for it, over that value, shape (months, E).
        scrap_mix: metal in a dollar of the scrap of each pool, t/USD, shape (months, Q, metals).
        scrap_old: share of it that is old, from products at the end of their life, shape (months, Q, metals).
        mine_cost: cost of what the mines of a desk bring out, t at the base price of the feed, shape (months, desks).
        refining_cost: the same of each refiner, t at the base price of the metal, shape (months, R).
        recycling_cost: the same of the recyclers of each seller of recycled metal, shape (months, Z).
    """

    def __init__(self, world: State, months: int) -> None:
        self.levies: dict[str, dict[str, Sparse]] = {name: {form: {} for form in FORMS} for name in LEVIES}
        self.desks: dict[str, Sparse] = {name: {} for name in AT_DESKS}
        self.fees: dict[str, Sparse] = {"tonnes": {}, "usd": {}}
        self.content: dict[int, tuple[np.ndarray, np.ndarray, np.ndarray]] = {}
        self.bills: dict[int, list[tuple[Bill, list[Weighed]]]] = {}
        self.whole = world.reasons
        self._months = months
        edges, pools, metals = len(world.markets["scrap"]), len(world.pools), len(world.layout.metals)
        self.scrap, self.scrap_price = (np.zeros((months, edges), np.float32) for _ in range(2))
        self.scrap_mix, self.scrap_old = (np.zeros((months, pools, metals), np.float32) for _ in range(2))

    def _open(self, world: State) -> None:
        """Make room for costs, in the first month of a run whose account is wanted."""
        self.mine_cost = np.zeros((self._months, len(world.ore_desks)))
        self.refining_cost = np.zeros((self._months, len(world.refiners)))
        self.recycling_cost = np.zeros((self._months, len(world.secondary)))

    def record(self, world: State) -> None:
        """Write down the month."""
        t, effects, desks = world.t, world.now.effects, world.desks
        for form in FORMS:
            market = world.markets[form]
            tax = taxes(world, form)
            rows = {"tax": tax} if anything(tax) else {}
            rows |= {name: getattr(effects, name)[form] for name in ("duty", "freight") if effects.touched(name, form)}
            if effects.touched("delay_months", form):
                rows["late"] = market.split_way(effects.longer(form))[1]
            for name, row in rows.items():
                if anything(row):
                    self.levies[name][form][t] = row.copy()
        minimum = world.inputs.content_minimum
        if anything(minimum):
            self.content[t] = minimum, world.inputs.recycled.copy(), world.inputs.use.copy()
            missed = np.maximum(minimum - world.inputs.recycled, 0.0) * world.inputs.structural
            share = np.bincount(world.inputs.desk, missed, len(desks)) / desks.use
            billed = effects.levers.get("content_penalty", np.zeros(len(desks))) > 0.0
            self.desks["missed"][t] = np.where(billed, 0.0, share)
        if anything(desks.green_premium):
            self.desks["premium"][t] = desks.green_premium.copy()
        if effects.bills:
            self.bills[t] = [(bill, weighed(world, bill)) for bill in effects.bills]
        if effects.fees:
            self._fees(world)
        self._scrap(world)
        if self.whole:
            if not hasattr(self, "mine_cost"):
                self._open(world)
            self._costs(world)

    def _fees(self, world: State) -> None:
        """Metal collected from products whose producers pay for it, and what they pay."""
        in_use, places = world.in_use, world.places
        cell, size = places.cell_in_use, places.countries * places.metals
        for rows, fee in world.now.effects.fees:
            tonnes = np.bincount(cell, in_use.collected * rows, size)
            for name, values in (("tonnes", tonnes), ("usd", fee * tonnes)):
                self.fees[name][world.t] = self.fees[name].get(world.t, 0.0) + values

    def _scrap(self, world: State) -> None:
        """What recyclers bought and what they pay for it: by outturn, half-way between bid and ask."""
        scrap, recyclers, t = world.markets["scrap"], world.recyclers, world.t
        value = recycler.outturn(recyclers.recovered, recyclers.throughput, world.rates.price)
        kept = 1.0 - recyclers.cost
        price = half_way(recyclers.bid, world.pools.ask, scrap)
        self.scrap[t], self.scrap_price[t] = scrap.flow, (kept * value)[scrap.buyer] * price
        self.scrap_mix[t], self.scrap_old[t] = world.pools.mix, world.pools.old_share

    def _costs(self, world: State) -> None:
        """Running costs at base prices: unit cost of mines by tier, running cost of refineries over their charge, separation."""
        miners, refiners, t = world.miners, world.refiners, world.t
        anchor, running = np.exp(world.anchor), world.parameters["running_cost"]
        cost = miners.output * miners.cost * anchor[miners.metal]
        self.mine_cost[t] = np.bincount(miners.desk, cost, len(world.ore_desks))
        recyclers, sellers = world.recyclers, len(world.secondary)
        separated = (recyclers.recovered * recyclers.cost[:, None]).ravel()
        self.recycling_cost[t] = np.bincount(recyclers.seller.ravel(), separated, sellers + 1)[:sellers]
        self.refining_cost[t] = running * refiners.charge * refiners.output * anchor[refiners.metal]

    def take_over(self, other: Purse, written: int) -> None:
        """Take over the months that a world with the same past has written."""
        self.levies = {name: {form: dict(rows) for form, rows in forms.items()} for name, forms in other.levies.items()}
        self.desks = {name: dict(rows) for name, rows in other.desks.items()}
        self.fees = {name: dict(rows) for name, rows in other.fees.items()}
        self.bills, self.content = dict(other.bills), dict(other.content)
        self.whole = other.whole
        for name in SCRAP:
            getattr(self, name)[:written] = getattr(other, name)[:written]
        for name in WHOLE if hasattr(other, "mine_cost") else ():
            setattr(self, name, getattr(other, name).copy())

    def months(self, name: str, form: str) -> set[int]:
        """Months of the run in which there was a levy of that name."""
        return set(self.levies[name][form])

    def levied(self, name: str, form: str, t: int) -> np.ndarray | float:
        """The levy of a month, shape (E,); 0 where there was none."""
        return self.levies[name][form].get(t, 0.0)

    def window(self, name: str, form: str, first: int, months: int) -> np.ndarray | None:
        """The levy in some months, shape (months, E); None where there was none in any."""
        rows = {t: row for t, row in self.levies[name][form].items() if first <= t < first + months}
        if not rows:
            return None
        found = np.zeros((months, len(next(iter(rows.values())))))
        for t, row in rows.items():
            found[t - first] = row
        return found
