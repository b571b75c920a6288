"""A metal in the world with the shocks and in the one without them: what indicators are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

WORLD, UNION = "WLD", "EU27"
YEAR = 12
"""Months."""
RECOVERED = 0.05
"""A price is back when it stays within this share of the world without the shock: an assumption."""
ROUNDING = 1e-9
"""Share of a flow below which the difference of two runs is rounding: both add up the same numbers in the same order, and
differ by no more than that where nothing differs."""
NEVER = float("nan")

Series = Mapping[tuple[str, str, str], np.ndarray]
"""Values by month of the series of a world: (name as in batches, metal, region) -> shape (months,)."""


@dataclass(frozen=True)
class Effect:
    """A metal with the shocks and without them: what indicators are made from.

    metal; shock, baseline: series of the two worlds, the same twice without shocks; price, reference: USD/t with the shocks and
    without, shape (months,), outside the country that restricts the metal's trade where there is one (without shocks the
    reference is the price of the first month); first: months from the start of the run to the first news of a shock, None
    without shocks; delivered: by country, t that it delivers abroad in the year after the first news beyond what it delivers
    without the shocks, None where no trade is known; money: by country (carriers as "WLD"), USD that it gets for metal less what
    it pays, from the first news on, beyond that without the shocks, None where no account was made.
    """

    metal: str
    shock: Series
    baseline: Series
    price: np.ndarray
    reference: np.ndarray
    first: int | None
    delivered: Mapping[str, float] | None = field(default=None)
    money: Mapping[str, float] | None = field(default=None)

    @classmethod
    def of(
        cls,
        metal: str,
        shock: Series,
        baseline: Series | None,
        first: int | None,
        delivered: Mapping[str, float] | None = None,
        money: Mapping[str, float] | None = None,
    ) -> Effect:
        """Return a metal in two worlds, or in one; baseline: None without shocks."""
        outside = baseline is not None and ("price_outside", metal, WORLD) in shock
        variable = "price_outside" if outside else "price"
        price = shock[variable, metal, WORLD]
        if baseline is None:
            reference = np.full(len(price), price[0])
        else:
            reference = baseline.get((variable, metal, WORLD), baseline["price", metal, WORLD])
        return cls(metal, shock, shock if baseline is None else baseline, price, reference, first, delivered, money)

    @property
    def ratio(self) -> np.ndarray:
        """Price over reference, shape (months,)."""
        return self.price / self.reference

    @property
    def has_footprint(self) -> bool:
        """Whether the run recorded energy and greenhouse gases."""
        return ("co2_refining", self.metal, WORLD) in self.shock

    @property
    def news(self) -> int:
        """Month of the run from which is counted: that of the first news, the first without shocks."""
        return max(self.first or 0, 0)

    def path(self, case: Series, variable: str, region: str = WORLD) -> np.ndarray:
        """A series from the first news on; zeros where the world has none."""
        return case.get((variable, self.metal, region), np.zeros(len(self.price)))[self.news :]

    def total(self, case: Series, variable: str) -> float:
        """Sum of a flow of the world from the first news on, t."""
        return float(self.path(case, variable).sum())

    def beyond(self, variable: str, scale: float | None = None) -> float:
        """A flow of the world with the shocks less that without, t; rounding beside `scale` (its own size) is 0."""
        normal = self.total(self.baseline, variable)
        return settled(self.total(self.shock, variable) - normal, normal if scale is None else scale)

    def late(self, case: Series, variable: str, region: str = WORLD) -> float:
        """Mean of the last 12 months; nan where the world has no such series."""
        values = case.get((variable, self.metal, region))
        return NEVER if values is None else float(values[-YEAR:].mean())

    def change(self, variable: str, region: str = WORLD) -> float:
        """Mean of the last 12 months less that of the world without the shocks."""
        return self.late(self.shock, variable, region) - self.late(self.baseline, variable, region)

    def of_demand(self, amount: float) -> float:
        """An amount (t) as a share of the demand without the shocks from the first news on."""
        demand = self.total(self.baseline, "demand")
        return amount / demand if demand > 0 else 0.0

    def calm(self) -> Effect:
        """The world without the shocks alone."""
        return Effect(self.metal, self.baseline, self.baseline, self.reference, self.reference, self.first)


def settled(difference: float, scale: float) -> float:
    """Return a difference of two sums, 0 where it is no more than rounding beside their `scale`."""
    return difference if abs(difference) > ROUNDING * scale else 0.0


def recovery(ratio: np.ndarray, first: int | None) -> float:
    """Return the months from the first news until a price ratio stays within 5 % of 1 to the end of the run.

    ratio: shape (months,); first: month of the first news. 0 if it never left that band, nan if it is still outside in the
    last month, or if there is no shock.
    """
    if first is None:
        return NEVER
    outside = np.flatnonzero(np.abs(ratio - 1.0) > RECOVERED)
    if not len(outside):
        return 0.0
    return NEVER if outside[-1] == len(ratio) - 1 else float(outside[-1] - first + 1)
