"""What a reserve bought, sold, gained and holds, from what was written down of its bills."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lodeflow.agents import guards

if TYPE_CHECKING:
    from lodeflow.environment.shocks.policy import MetalPolicy
    from lodeflow.environment.state import State

BOUGHT, SOLD, INTEREST = "reserve bought", "reserve sold", "reserve interest"
"""Entries of the account of money."""
MILLION = 1e6
"""USD in a million."""


@dataclass
class Reckoning:
    """A reserve of one metal over a run; t and USD.

    Attributes:
        metal: its name.
        bought, paid: metal bought, and what it cost.
        sold, received: metal sold, and what it brought.
        gain: what sales brought beyond what the metal sold had cost, at the mean cost of what was held.
        interest: paid for the money that lies in it.
        held, worth: metal at the end, and what it is worth at the last price.
        began, first_worth: metal before the first month, and what that would be worth at the last price.
        value: what the metal in it has cost.
    """

    metal: str
    bought: float = 0.0
    paid: float = 0.0
    sold: float = 0.0
    received: float = 0.0
    gain: float = 0.0
    interest: float = 0.0
    held: float = 0.0
    worth: float = 0.0
    began: float = 0.0
    first_worth: float = 0.0
    value: float = 0.0

    def book(self, entry: str, tonnes: float, usd: float) -> None:
        """Take in a month's bill; what is sold leaves at the mean cost of what was held."""
        stock = self.began + self.bought - self.sold
        if entry == BOUGHT:
            self.bought += tonnes
            self.paid += usd
            self.value += usd
        elif entry == SOLD:
            cost = self.value * min(tonnes / max(stock, guards.NOTHING), 1.0)
            self.sold += tonnes
            self.received += usd
            self.gain += usd - cost
            self.value -= cost
        elif entry == INTEREST:
            self.interest += usd

    @property
    def net(self) -> float:
        """What it costs in all, USD: paid and interest, less what sales brought and what more (or less) is held than at first."""
        return self.paid + self.interest - self.received - (self.worth - self.first_worth)

    @property
    def words(self) -> str:
        """One line."""
        result = "gain" if self.gain >= 0.0 else "loss"
        sales = f"sold {self.sold:,.0f} t for {self.received / MILLION:,.1f} m USD"
        sales += f" ({result} on sales {abs(self.gain) / MILLION:,.1f} m USD)" if self.sold else ""
        money = f", interest {self.interest / MILLION:,.1f} m USD" if self.interest else ""
        return (
            f"{self.metal}: bought {self.bought:,.0f} t for {self.paid / MILLION:,.1f} m USD, {sales}{money}; "
            f"holds {self.held:,.0f} t worth {self.worth / MILLION:,.1f} m USD at the end ({self.began:,.0f} t at the start)"
        )


def reckoned(policy: MetalPolicy, purse: Any, world: State) -> list[Reckoning]:
    """What a reserve came to, by metal in the order of the policy; metals of which it never held anything are left out.

    What was held before the run counts at the price of the base year.

    Args:
        policy: the reserve, one of the world's shocks or a measure of a bundle of them.
        purse: what was written down of bills (:class:`~lodeflow.environment.records.purse.Purse`).
        world: the world after its last month.
    """
    number = next(
        (n for n, shock in enumerate(world.shocks) if any(one is policy for one in getattr(shock, "parts", ()))), -1
    )
    metals, desks = world.layout.metals, policy.desks(world)
    price, found = world.rates.price, {}
    first, last = world.blueprint.agents["desks"].reserve, world.desks.reserve
    today = world.desks.price * np.exp(world.anchor[world.desks.metal]) * price[world.desks.metal]
    for name in policy.metals:
        if name in world.layout.metal_index:
            metal = world.layout.metal_index[name]
            rows = desks & (world.desks.metal == metal)
            (began, first_worth), (held, worth) = (
                (float(stock[rows].sum()), float((stock * today)[rows].sum())) for stock in (first, last)
            )
            value = began * float(price[metal])
            found[name] = Reckoning(name, held=held, worth=worth, began=began, first_worth=first_worth, value=value)
    for month in sorted(purse.bills):
        for bill, entries in purse.bills[month]:
            for _, metal, tonnes, usd in entries if bill.shock == number else ():
                if metals[metal] in found:
                    found[metals[metal]].book(bill.entry, tonnes, usd)
    return [one for one in found.values() if one.began or one.bought]
